import { generateKeyPairSync } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { debianPackages } from '../debian.js';
import { type Admin, kubernetesUser } from '../kubernetes/admin.js';
import { apiserverProgram, buildApiserver, sparkDefinitions } from '../kubernetes/build.js';
import { NAMESPACE, prepareCluster, USERS } from '../kubernetes/objects.js';
import { startProcess } from '../processes.js';
import { secretIn } from '../secret.js';
import type { Place, RealSystem } from '../system.js';

const URL = 'https://127.0.0.1:18191';
const ETCD = 'http://127.0.0.1:18192';
const ETCD_PEER = 'http://127.0.0.1:18193';

/**
 * A Kubernetes API server on etcd with the Spark operator's resource definitions, and RBAC for both logins. There is no node, no
 * controller and no operator: resources are what somebody wrote, nothing runs them. Not on every change, because it is compiled.
 */
export const kubernetes: RealSystem = {
  name: 'kubernetes',
  title: 'Kubernetes API server',
  truth: 'real',
  ci: false,
  needs: [],
  startsWithinMs: 90_000,

  async install(place) {
    await debianPackages({ etcd: 'etcd-server' });
    await buildApiserver(place);
    await sparkDefinitions();
  },

  async start(place) {
    startProcess(place, {
      name: 'etcd',
      program: 'etcd',
      args: [
        `--data-dir=${join(place.state, 'etcd')}`,
        `--listen-client-urls=${ETCD}`,
        `--advertise-client-urls=${ETCD}`,
        `--listen-peer-urls=${ETCD_PEER}`,
        `--initial-advertise-peer-urls=${ETCD_PEER}`,
        `--initial-cluster=default=${ETCD_PEER}`,
      ],
    });
    startProcess(place, { name: 'apiserver', program: apiserverProgram(place), args: apiserverArguments(place) });
    const admin = adminOf(place);
    for (const deadline = Date.now() + 60_000; Date.now() < deadline; await sleep(300)) {
      const ready = await admin('GET', '/readyz').catch(() => undefined);
      if (ready?.status === 200) break;
    }
    await prepareCluster(admin, await sparkDefinitions());
  },

  async version(place) {
    const reader = kubernetesUser(URL, certificate(place), secretIn(place.state, 'reader-token'));
    const spark = `/apis/sparkoperator.k8s.io/v1beta2/namespaces/${NAMESPACE}`;
    for (const kind of ['sparkapplications', 'scheduledsparkapplications'])
      if ((await reader('GET', `${spark}/${kind}`)).status !== 200) return undefined;
    return ((await reader('GET', '/version')).body as { gitVersion: string }).gitVersion;
  },

  address: (place) => ({
    url: URL,
    ca: certificate(place),
    namespace: NAMESPACE,
    readerToken: secretIn(place.state, 'reader-token'),
    repairerToken: secretIn(place.state, 'repairer-token'),
    adminToken: secretIn(place.state, 'admin-token'),
  }),
};

/** The server makes its certificate itself; the file holds its authority too. */
const certificate = (place: Place): string => join(place.state, 'certificates/apiserver.crt');

const adminOf = (place: Place): Admin => {
  // Read anew at every call: the certificate is there only some time after the start.
  return (...request) => kubernetesUser(URL, certificate(place), secretIn(place.state, 'admin-token'))(...request);
};

function apiserverArguments(place: Place): string[] {
  const file = (name: string): string => join(place.state, name);
  if (!existsSync(file('accounts.key'))) {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    writeFileSync(file('accounts.key'), privateKey.export({ type: 'pkcs1', format: 'pem' }), { mode: 0o600 });
    writeFileSync(file('accounts.pub'), publicKey.export({ type: 'spki', format: 'pem' }));
  }
  const tokens = [
    `${secretIn(place.state, 'admin-token')},admin,1,"system:masters"`,
    `${secretIn(place.state, 'reader-token')},${USERS.reader},2`,
    `${secretIn(place.state, 'repairer-token')},${USERS.repairer},3`,
  ];
  writeFileSync(file('tokens.csv'), `${tokens.join('\n')}\n`, { mode: 0o600 });
  return [
    `--etcd-servers=${ETCD}`,
    '--secure-port=18191',
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    `--cert-dir=${file('certificates')}`,
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${file('accounts.pub')}`,
    `--service-account-signing-key-file=${file('accounts.key')}`,
    `--token-auth-file=${file('tokens.csv')}`,
    '--authorization-mode=RBAC',
    '--anonymous-auth=false',
    '--service-cluster-ip-range=10.0.0.0/24',
    // Nothing here makes the default account that pods would be given.
    '--disable-admission-plugins=ServiceAccount',
  ];
}
