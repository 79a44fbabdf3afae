import { z } from 'zod';
import type { SparkApplicationResource } from '../../src/domain/platform-ports.js';

/** Only the fields in use; Kubernetes adds fields all the time. */
const text = z.string().nullish();
const labels = z.record(z.string(), z.string()).nullish();

const Metadata = z.looseObject({
  name: z.string(),
  namespace: z.string().default(''),
  resourceVersion: z.string().default(''),
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

const ListMetadata = z.looseObject({ continue: text }).nullish();
export const SparkApplicationList = z.looseObject({ metadata: ListMetadata, items: z.array(SparkApplication) });

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
export const PodList = z.looseObject({ items: z.array(Pod) });

export const EventList = z.looseObject({
  items: z.array(
    z.looseObject({
      type: text,
      reason: text,
      message: text,
      lastTimestamp: text,
      eventTime: text,
      metadata: z.looseObject({ creationTimestamp: text }).nullish(),
    }),
  ),
});

export const QuotaList = z.looseObject({
  items: z.array(
    z.looseObject({ metadata: Metadata, status: z.looseObject({ hard: labels, used: labels }).nullish() }),
  ),
});

export const SPARK_API = '/apis/sparkoperator.k8s.io/v1beta2';

export function resourceOf(found: SparkApplication): SparkApplicationResource {
  const state = found.status?.applicationState;
  return {
    namespace: found.metadata.namespace,
    name: found.metadata.name,
    resourceVersion: found.metadata.resourceVersion,
    // The operator writes an empty string before its first look.
    state: state?.state || 'NEW',
    errorMessage: state?.errorMessage || undefined,
    spec: found.spec,
    driverPod: found.status?.driverInfo?.podName || undefined,
    managedBy: managerOf(found.metadata),
  };
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
