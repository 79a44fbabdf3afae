import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, vi } from 'vitest';
import { parse, stringify } from 'yaml';
import { createHttpClient } from '../../adapters/http/client.js';
import { createKubernetesReader } from '../../adapters/kubernetes/read.js';
import { createKubernetesWriter } from '../../adapters/kubernetes/write.js';
import { startPlatformOf, type TestPlatform } from '../support/platform.js';
import { holdTo } from './contract.js';
import { kubernetesContract } from './expectations/kubernetes.js';
import type { KubernetesGiven } from './expectations/kubernetes-given.js';

// Servers, git and tables start for real; a busy machine takes its time.
vi.setConfig({ hookTimeout: 60_000 });

const NAMESPACE = 'spark-jobs';
const APP = 'usage-rollup-build';
const POD = 'usage-rollup-old-exec-1';
const LABELS = { 'spark-app-selector': 'spark-old', 'spark-role': 'executor' };

/** The scenario with a live resource, and beside it what the contract asks about. */
function scenario(): string {
  const world = parse(readFileSync(resolve(import.meta.dirname, '../../fixtures/scenarios/s05.yaml'), 'utf8'));
  world.world.spark['catalog-sync'] = { managed_by: 'data-platform' };
  const { k8s } = world.world;
  k8s.pods = {
    [`${NAMESPACE}/${POD}`]: {
      phase: 'Failed',
      node: 'ip-10-61-2-77',
      exit_code: 137,
      terminated_reason: 'OOMKilled',
      labels: LABELS,
    },
    [`${NAMESPACE}/side-1`]: { phase: 'Running' },
    [`${NAMESPACE}/side-2`]: { phase: 'Pending' },
  };
  k8s.events.push(
    { at: '-20m', object: POD, type: 'Warning', reason: 'FailedScheduling', message: '0/2 nodes are available' },
    { at: '-4m', object: POD, type: 'Warning', reason: 'OOMKilling', message: 'Memory cgroup out of memory' },
  );
  k8s.limits = { [`${NAMESPACE}/sane`]: { max: { memory: '64Gi' } } };
  const template = { type: 'Scala', executor: { memory: '2g' } };
  k8s.scheduled = { [`${NAMESPACE}/nightly-export`]: { schedule: '0 3 * * *', template } };
  return stringify(world);
}

let platform: TestPlatform;
let given: KubernetesGiven;

/** A new run of the pipeline makes the operator note a new state. */
async function noteState(): Promise<void> {
  const version = (): string | undefined =>
    platform.engine.sparkApplications().find(({ name }) => name === APP)?.resourceVersion;
  const before = version();
  platform.engine.triggerRun('usage_rollup', `manual__${platform.engine.now()}`);
  for (let step = 0; step < 400 && version() === before; step += 1) platform.engine.advance(0.25);
}

function givenOf(running: TestPlatform): KubernetesGiven {
  const base = running.addresses.kubernetes;
  const tokens = { read: running.credentials.read.kubernetesToken, write: running.credentials.write.kubernetesToken };
  const client = (token: string) =>
    createHttpClient({ system: 'Kubernetes', baseUrl: base, headers: { authorization: `Bearer ${token}` } });
  const readerOf = (token: string) => createKubernetesReader({ http: client(token), namespaces: [NAMESPACE] });
  return {
    reader: readerOf(tokens.read),
    writer: createKubernetesWriter({ http: client(tokens.write) }),
    intruder: createKubernetesWriter({ http: client(tokens.read) }),
    stranger: readerOf('nobody-gave-this-out'),
    async wire(who, method, path, body, contentType = 'application/json') {
      const response = await fetch(base + path, {
        method,
        headers: { authorization: `Bearer ${tokens[who]}`, 'content-type': contentType },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    },
    namespace: NAMESPACE,
    elsewhere: 'elsewhere',
    app: APP,
    owned: 'catalog-sync',
    scheduled: 'nightly-export',
    noteState,
    pod: { name: POD, selector: 'spark-app-selector=spark-old,spark-role in (executor)', node: 'ip-10-61-2-77' },
    events: { newest: 'OOMKilling', older: 'FailedScheduling' },
    quota: {
      name: 'compute',
      hard: { 'limits.memory': '400Gi', 'limits.cpu': '120' },
      used: { 'limits.memory': '96Gi', 'limits.cpu': '31' },
    },
    limit: { name: 'sane', maxMemory: '64Gi' },
  };
}

beforeAll(async () => {
  platform = await startPlatformOf(scenario());
  given = givenOf(platform);
});
afterAll(() => platform.stop());

holdTo(kubernetesContract, { name: 'simulator', version: () => 'fake' }, () => given);
