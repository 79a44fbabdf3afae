import { readFileSync } from 'node:fs';
import { beforeAll } from 'vitest';
import { createHttpClient } from '../../adapters/http/client.js';
import { createKubernetesReader } from '../../adapters/kubernetes/read.js';
import { createKubernetesWriter } from '../../adapters/kubernetes/write.js';
import { holdTo } from '../contract/contract.js';
import { kubernetesContract } from '../contract/expectations/kubernetes.js';
import type { KubernetesGiven } from '../contract/expectations/kubernetes-given.js';
import { kubernetesUser } from './kubernetes/admin.js';
import { POD, prepareIncident, QUOTA } from './kubernetes/incident.js';
import { addressOf } from './up.js';

let given: KubernetesGiven;
let version: string;

beforeAll(async () => {
  const address = await addressOf('kubernetes');
  const { url = '', ca = '', namespace = '', readerToken = '', repairerToken = '', adminToken = '' } = address;
  version = address.version;
  const admin = kubernetesUser(url, ca, adminToken);
  const incident = await prepareIncident(admin, namespace);
  const client = (token: string) =>
    createHttpClient({
      system: 'Kubernetes',
      baseUrl: url,
      ca: readFileSync(ca, 'utf8'),
      headers: { authorization: `Bearer ${token}` },
    });
  const readerOf = (token: string) => createKubernetesReader({ http: client(token), namespaces: [namespace] });
  const users = { read: kubernetesUser(url, ca, readerToken), write: kubernetesUser(url, ca, repairerToken) };
  given = {
    reader: readerOf(readerToken),
    writer: createKubernetesWriter({ http: client(repairerToken) }),
    intruder: createKubernetesWriter({ http: client(readerToken) }),
    stranger: readerOf('nobody-gave-this-out'),
    wire: (who, method, path, body, contentType) => users[who](method, path, body, contentType),
    namespace,
    elsewhere: 'elsewhere',
    ...incident,
    pod: { name: POD.name, selector: 'spark-app-selector=spark-old,spark-role in (executor)', node: POD.node },
    events: { newest: 'OOMKilling', older: 'FailedScheduling' },
    quota: { name: 'compute', ...QUOTA },
    limit: { name: 'sane', maxMemory: '64Gi' },
  };
}, 60_000);

holdTo(kubernetesContract, { name: 'kubernetes', version: () => version }, () => given);
