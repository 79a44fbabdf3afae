import type { KubernetesGiven } from '../../contract/expectations/kubernetes-given.js';
import { type Admin, create } from './admin.js';

export const POD = { name: 'usage-rollup-old-exec-1', node: 'node-77' };
export const QUOTA = {
  hard: { 'limits.memory': '400Gi', 'limits.cpu': '120' },
  used: { 'limits.memory': '96Gi', 'limits.cpu': '31' },
};

const GROUP = '/apis/sparkoperator.k8s.io/v1beta2';
const SPEC = {
  type: 'Scala',
  mode: 'cluster',
  sparkVersion: '4.0.1',
  image: 'spark-runtime:4.0.1',
  mainClass: 'org.example.Rollup',
  mainApplicationFile: 'local:///opt/jobs/rollup.jar',
  driver: { cores: 1, memory: '2g' },
  executor: { instances: 6, cores: 2, memory: '12g', memoryOverhead: '1g' },
};

/**
 * What a cluster looks like after an executor was killed for its memory: written by hand, because no kubelet and no operator is here
 * to bring it about. Made anew at each call.
 */
export async function prepareIncident(
  admin: Admin,
  namespace: string,
): Promise<Pick<KubernetesGiven, 'app' | 'owned' | 'scheduled' | 'noteState'>> {
  const spark = `${GROUP}/namespaces/${namespace}`;
  const core = `/api/v1/namespaces/${namespace}`;
  const gone = ['sparkapplications', 'scheduledsparkapplications'].map((kind) => `${spark}/${kind}`);
  for (const path of [...gone, `${core}/pods?gracePeriodSeconds=0`, `${core}/events`, `${core}/resourcequotas`])
    await admin('DELETE', path);
  await admin('DELETE', `${core}/limitranges`);
  await pods(admin, core);
  await create(admin, `${core}/resourcequotas`, { metadata: { name: 'compute' }, spec: { hard: QUOTA.hard } });
  await status(admin, `${core}/resourcequotas/compute`, QUOTA);
  const limit = { type: 'Container', max: { memory: '64Gi' } };
  await create(admin, `${core}/limitranges`, { metadata: { name: 'sane' }, spec: { limits: [limit] } });
  await events(admin, core, namespace);

  const application = (metadata: object): object => ({
    apiVersion: 'sparkoperator.k8s.io/v1beta2',
    kind: 'SparkApplication',
    metadata,
    spec: SPEC,
  });
  const app = 'usage-rollup-build';
  await create(admin, `${spark}/sparkapplications`, application({ name: app }));
  const tracked = {
    'argocd.argoproj.io/tracking-id': `lake:sparkoperator.k8s.io/SparkApplication:${namespace}/catalog-sync`,
  };
  await create(admin, `${spark}/sparkapplications`, application({ name: 'catalog-sync', annotations: tracked }));
  let notes = 0;
  const noteState = async (): Promise<void> => {
    notes += 1;
    await status(admin, `${spark}/sparkapplications/${app}`, {
      applicationState: { state: 'FAILED', errorMessage: 'driver container failed with ExitCode: 1, Reason: Error' },
      driverInfo: { podName: `${app}-driver` },
      executionAttempts: notes,
      lastSubmissionAttemptTime: null,
      terminationTime: null,
    });
  };
  await noteState();
  await create(admin, `${spark}/scheduledsparkapplications`, {
    apiVersion: 'sparkoperator.k8s.io/v1beta2',
    kind: 'ScheduledSparkApplication',
    metadata: { name: 'nightly-export' },
    spec: { schedule: '0 3 * * *', template: { ...SPEC, executor: { ...SPEC.executor, memory: '2g' } } },
  });
  await status(admin, `${spark}/scheduledsparkapplications/nightly-export`, { scheduleState: 'Scheduled' });
  return { app, owned: 'catalog-sync', scheduled: 'nightly-export', noteState };
}

async function pods(admin: Admin, core: string): Promise<void> {
  const labels = { 'spark-app-selector': 'spark-old', 'spark-role': 'executor' };
  const container = (name: string) => ({
    name,
    image: 'spark-runtime:4.0.1',
    resources: { limits: { cpu: '1', memory: '1Gi' } },
  });
  for (const [metadata, nodeName] of [
    [{ name: POD.name, labels }, POD.node],
    [{ name: 'side-1' }, undefined],
    [{ name: 'side-2' }, undefined],
  ] as const) {
    const spec = { nodeName, containers: [container('spark-kubernetes-executor')], restartPolicy: 'Never' };
    await create(admin, `${core}/pods`, { metadata, spec });
  }
  const ended = { exitCode: 137, reason: 'OOMKilled', finishedAt: new Date(Date.now() - 240_000).toISOString() };
  await status(admin, `${core}/pods/${POD.name}`, {
    phase: 'Failed',
    containerStatuses: [
      {
        name: 'spark-kubernetes-executor',
        image: 'spark-runtime:4.0.1',
        imageID: '',
        ready: false,
        restartCount: 0,
        state: { terminated: ended },
      },
    ],
  });
}

async function events(admin: Admin, core: string, namespace: string): Promise<void> {
  for (const [reason, minutes] of [
    ['FailedScheduling', 20],
    ['OOMKilling', 4],
  ] as const) {
    const at = new Date(Date.now() - minutes * 60_000).toISOString().replace(/\.\d+Z$/, 'Z');
    await create(admin, `${core}/events`, {
      metadata: { name: `${POD.name}.${reason.toLowerCase()}` },
      involvedObject: { kind: 'Pod', namespace, name: POD.name },
      type: 'Warning',
      reason,
      message: `${reason} of ${POD.name}`,
      firstTimestamp: at,
      lastTimestamp: at,
      count: 1,
    });
  }
}

async function status(admin: Admin, path: string, value: object): Promise<void> {
  const answer = await admin('PATCH', `${path}/status`, { status: value }, 'application/merge-patch+json');
  if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${JSON.stringify(answer.body).slice(0, 400)}`);
}
