import type {
  KubernetesReader,
  KubernetesWriter,
  SparkApplicationResource,
} from '../../../src/domain/platform-ports.js';

/** What the world must hold, and the logins to it. Every name is of `namespace`. */
export interface KubernetesGiven {
  /** With the read login, as production has it. */
  reader: KubernetesReader;
  /** With the repairer's. */
  writer: KubernetesWriter;
  /** The writing adapter with the read login. */
  intruder: KubernetesWriter;
  /** The reading adapter with a token nobody gave out. */
  stranger: KubernetesReader;
  /** A bare request with one of the logins. */
  wire(
    who: 'read' | 'write',
    method: string,
    path: string,
    body?: unknown,
    contentType?: string,
  ): Promise<{ status: number; body: Record<string, unknown> }>;
  namespace: string;
  /** A namespace in which neither login has any right. */
  elsewhere: string;
  /** FAILED, of nobody but us, with `spec.executor.memory` of 12g and another SparkApplication `owned` beside it that argocd follows. */
  app: string;
  owned: string;
  /** A ScheduledSparkApplication with `template.executor.memory` of 2g. */
  scheduled: string;
  /** Has the operator write down a state of `app`: its spec stays as it is. */
  noteState(): Promise<void>;
  /** A pod that was OOMKilled with 137, chosen among three or more by this selector alone. */
  pod: { name: string; selector: string; node: string };
  /** The newest and an older warning about it. */
  events: { newest: string; older: string };
  quota: { name: string; hard: Record<string, string>; used: Record<string, string> };
  limit: { name: string; maxMemory: string };
}

export const API = '/apis/sparkoperator.k8s.io/v1beta2/namespaces';
export const MERGE = 'application/merge-patch+json';

export async function held({ reader, namespace, app }: KubernetesGiven): Promise<SparkApplicationResource> {
  const found = await reader.sparkApplication(namespace, app);
  if (found === undefined) throw new Error(`there is no ${app}`);
  return found;
}
export const memory = (amount: string) => ({ executor: { memory: amount } });
export const at = (given: KubernetesGiven, query = ''): string =>
  `${API}/${given.namespace}/sparkapplications/${given.app}${query}`;
export const patchOn = (
  given: KubernetesGiven,
  body: unknown,
  query = '?fieldValidation=Strict&dryRun=All',
  type = MERGE,
) => given.wire('write', 'PATCH', at(given, query), body, type);
