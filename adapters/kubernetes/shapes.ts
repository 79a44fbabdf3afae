import { z } from 'zod';
import type { PodLimit, SparkApplicationResource } from '../../src/domain/platform-ports.js';

/** Only the fields in use; Kubernetes adds fields all the time. */
const text = z.string().nullish();
const labels = z.record(z.string(), z.string()).nullish();

const Metadata = z.looseObject({
  name: z.string(),
  namespace: z.string().default(''),
  resourceVersion: z.string().default(''),
  uid: z.string().default(''),
  generation: z.number().int().nullish(),
  labels,
  annotations: labels,
  managedFields: z.array(z.looseObject({ manager: text })).nullish(),
});

export const SparkApplication = z.looseObject({
  metadata: Metadata,
  spec: z.record(z.string(), z.unknown()).default({}),
  status: z
    .looseObject({
      applicationState: z.looseObject({ state: text, errorMessage: text }).nullish(),
      driverInfo: z.looseObject({ podName: text }).nullish(),
    })
    .nullish(),
});
type SparkApplication = z.infer<typeof SparkApplication>;

export const ScheduledSparkApplication = z.looseObject({
  metadata: Metadata,
  spec: z.looseObject({
    schedule: z.string().default(''),
    suspend: z.boolean().nullish(),
    template: z.record(z.string(), z.unknown()).default({}),
  }),
  status: z.looseObject({ scheduleState: text, reason: text }).nullish(),
});
type ScheduledSparkApplication = z.infer<typeof ScheduledSparkApplication>;

/** One page of a list. `continue` leads to the next; empty on the last. */
export function pageOf<S extends z.ZodType>(schema: S) {
  return z.looseObject({ metadata: z.looseObject({ continue: text }).nullish(), items: z.array(schema) });
}

const ContainerState = z
  .looseObject({
    terminated: z.looseObject({ exitCode: z.number().int(), reason: text, finishedAt: text }).nullish(),
    waiting: z.looseObject({ reason: text }).nullish(),
  })
  .nullish();
const ContainerStatus = z.looseObject({ name: z.string(), state: ContainerState, lastState: ContainerState });

export const Pod = z.looseObject({
  metadata: Metadata,
  spec: z
    .looseObject({ nodeName: text, containers: z.array(z.looseObject({ name: z.string() })).default([]) })
    .nullish(),
  status: z.looseObject({ phase: text, reason: text, containerStatuses: z.array(ContainerStatus).nullish() }).nullish(),
});
export type Pod = z.infer<typeof Pod>;

export const Event = z.looseObject({
  type: text,
  reason: text,
  message: text,
  lastTimestamp: text,
  eventTime: text,
  metadata: z.looseObject({ creationTimestamp: text }).nullish(),
});

export const Quota = z.looseObject({
  metadata: Metadata,
  status: z.looseObject({ hard: labels, used: labels }).nullish(),
});

export const LimitRange = z.looseObject({
  metadata: Metadata,
  spec: z
    .looseObject({
      limits: z.array(z.looseObject({ type: z.string(), max: labels, min: labels, default: labels })).default([]),
    })
    .nullish(),
});

export const SPARK_API = '/apis/sparkoperator.k8s.io/v1beta2';

export function resourceOf(found: SparkApplication): SparkApplicationResource {
  const state = found.status?.applicationState;
  return {
    namespace: found.metadata.namespace,
    name: found.metadata.name,
    resourceVersion: found.metadata.resourceVersion,
    specVersion: specVersionOf(found.metadata),
    // The operator writes an empty string before its first look.
    state: state?.state || 'NEW',
    errorMessage: state?.errorMessage || undefined,
    spec: found.spec,
    driverPod: found.status?.driverInfo?.podName || undefined,
    managedBy: managerOf(found.metadata),
  };
}

/** A scheduled application as its template: fields have the same paths as in the applications that are made from it. */
export function scheduledResourceOf(found: ScheduledSparkApplication): SparkApplicationResource {
  return {
    namespace: found.metadata.namespace,
    name: found.metadata.name,
    resourceVersion: found.metadata.resourceVersion,
    specVersion: specVersionOf(found.metadata),
    state: found.status?.scheduleState || 'NEW',
    errorMessage: found.status?.reason || undefined,
    spec: found.spec.template,
    driverPod: undefined,
    managedBy: managerOf(found.metadata),
    scheduled: { schedule: found.spec.schedule, suspended: found.spec.suspend ?? false },
  };
}

/** The API server counts the changes of `spec`; a resource that was deleted and made again counts anew, under another uid. */
function specVersionOf({ uid, generation, resourceVersion }: z.infer<typeof Metadata>): string {
  return generation === null || generation === undefined ? resourceVersion : `${generation} of ${uid}`;
}

export function limitsOf(range: z.infer<typeof LimitRange>): PodLimit[] {
  return (range.spec?.limits ?? []).map((limit) => ({
    name: range.metadata.name,
    type: limit.type,
    max: limit.max ?? {},
    min: limit.min ?? {},
    defaults: limit.default ?? {},
  }));
}

const CONTROLLERS: Record<string, string> = {
  'argocd-controller': 'argocd',
  'argocd-application-controller': 'argocd',
  'kustomize-controller': 'flux',
  'helm-controller': 'flux',
};

/** The GitOps controller that would put a live patch back. Plain Helm does not watch, so it does not count. */
function managerOf(metadata: SparkApplication['metadata']): string | undefined {
  const { annotations, labels: marks } = metadata;
  if (annotations?.['argocd.argoproj.io/tracking-id']) return 'argocd';
  if (marks?.['kustomize.toolkit.fluxcd.io/name'] || marks?.['helm.toolkit.fluxcd.io/name']) return 'flux';
  const manager = metadata.managedFields?.map((entry) => CONTROLLERS[entry.manager ?? '']).find(Boolean);
  if (manager !== undefined) return manager;
  const byLabel = marks?.['app.kubernetes.io/instance'] && marks['app.kubernetes.io/managed-by'] !== 'Helm';
  return byLabel ? 'argocd' : undefined;
}
