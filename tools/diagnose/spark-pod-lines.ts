import type { PodStatus, SparkApplicationResource } from '../../src/domain/platform-ports.js';
import type { ToolContext } from '../../src/domain/tool.js';
import { ageOf, outside, record, withDetail } from '../text.js';

const MOST = { pods: 12, events: 12, podsAsked: 6 };
const LOG_BYTES = 3_000;
const FIELDS = [
  'image',
  'sparkVersion',
  'driver.cores',
  'driver.memory',
  'driver.memoryOverhead',
  'executor.cores',
  'executor.instances',
  'executor.memory',
  'executor.memoryOverhead',
  'memoryOverheadFactor',
  'restartPolicy.type',
  'dynamicAllocation.enabled',
  'dynamicAllocation.maxExecutors',
];

/** The SparkApplication with its pods, events, quota and driver log; empty when Kubernetes knows none of that name. */
export async function podLines(prefix: string, tail: number, context: ToolContext): Promise<string[]> {
  const { readers, signal } = context;
  const found = await readers.kubernetes.sparkApplications(prefix, signal);
  const app = found.find((item) => /FAIL/.test(item.state)) ?? found[0];
  if (!app) return [];
  const pods = await readers.kubernetes.pods(app.namespace, `sparkoperator.k8s.io/app-name=${app.name}`, signal);
  // Pods of the newest try first: an earlier try's pods may still be there.
  const newest = app.driverPod?.replace(/-driver$/, '');
  const isNewest = (pod: PodStatus): boolean => newest !== undefined && pod.name.startsWith(newest);
  const troubled = pods.filter(inTrouble).sort((a, b) => Number(isNewest(b)) - Number(isNewest(a)));
  const asked = [...new Set([app.name, ...(app.driverPod ? [app.driverPod] : []), ...troubled.map((pod) => pod.name)])];
  return [
    ...resourceLines(app),
    ...[...troubled, ...pods.filter((pod) => !inTrouble(pod))].slice(0, MOST.pods).map(podLine),
    ...(await eventLines(app.namespace, asked.slice(0, MOST.podsAsked), context)),
    ...(await quotaLines(app.namespace, context)),
    ...(app.driverPod ? await logLines(app.namespace, app.driverPod, tail, context) : []),
  ];
}

const inTrouble = (pod: PodStatus): boolean =>
  pod.phase === 'Failed' || pod.reason !== undefined || (pod.terminated !== undefined && pod.terminated.exitCode !== 0);

/** A value inside a spec by dotted path; undefined where there is none. */
function at(spec: Record<string, unknown>, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (node, key) => (typeof node === 'object' && node !== null ? (node as Record<string, unknown>)[key] : undefined),
      spec,
    );
}

function resourceLines(app: SparkApplicationResource): string[] {
  const fields = { namespace: app.namespace, name: app.name, state: app.state, managed_by: app.managedBy };
  return [
    ...withDetail('resource', fields, 'error', app.errorMessage, 1_500),
    ...FIELDS.flatMap((key) => {
      const value = at(app.spec, key);
      return value === undefined || typeof value === 'object' ? [] : [record('field', { key, value: String(value) })];
    }),
  ];
}

function podLine(pod: PodStatus): string {
  return record('pod', {
    name: pod.name,
    phase: pod.phase,
    reason: pod.reason,
    node: pod.node,
    exit_code: pod.terminated?.exitCode,
    terminated_reason: pod.terminated?.reason,
  });
}

async function eventLines(
  namespace: string,
  objects: readonly string[],
  { readers, now, signal }: ToolContext,
): Promise<string[]> {
  const lists = await Promise.all(objects.map((name) => readers.kubernetes.events(namespace, name, signal)));
  return lists
    .flat()
    .sort((a, b) => Number(b.type === 'Warning') - Number(a.type === 'Warning') || b.at.localeCompare(a.at))
    .slice(0, MOST.events)
    .map((event) =>
      record('event', {
        at: event.at,
        age: ageOf(event.at, now()),
        type: event.type,
        reason: event.reason,
        message: event.message,
      }),
    );
}

async function quotaLines(namespace: string, { readers, signal }: ToolContext): Promise<string[]> {
  const quotas = await readers.kubernetes.quotas(namespace, signal);
  return quotas.flatMap((quota) =>
    Object.entries(quota.hard).map(([resource, hard]) =>
      record('quota', { name: quota.name, resource, hard, used: quota.used[resource] }),
    ),
  );
}

/** A restarted driver's own log is empty: then the one before it tells. */
async function logLines(
  namespace: string,
  pod: string,
  tail: number,
  { readers, signal }: ToolContext,
): Promise<string[]> {
  const current = await readers.kubernetes.podLog(namespace, pod, tail, false, signal);
  const text = current?.trim() ? current : await readers.kubernetes.podLog(namespace, pod, tail, true, signal);
  return text?.trim() ? [record('log', { pod }), ...outside(text, LOG_BYTES)] : [];
}
