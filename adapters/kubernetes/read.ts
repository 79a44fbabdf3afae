import type { z } from 'zod';
import { AppError } from '../../src/domain/errors.js';
import { readJson } from '../../src/domain/http-json.js';
import type {
  HttpAnswer,
  HttpClient,
  KubernetesReader,
  PodStatus,
  SparkApplicationResource,
} from '../../src/domain/platform-ports.js';
import { checkedName } from './names.js';
import {
  Event,
  LimitRange,
  limitsOf,
  Pod,
  pageOf,
  Quota,
  resourceOf,
  ScheduledSparkApplication,
  SPARK_API,
  SparkApplication,
  scheduledResourceOf,
} from './shapes.js';

export interface KubernetesReaderDeps {
  /** Carries the bearer token of a role that may get and list, and nothing else. */
  http: HttpClient;
  namespaces: string[];
}

const PAGE = 200;
const MOST_PAGES = 20;
const LOG_BYTES = 4_000_000;
const SPARK_CONTAINERS = ['spark-kubernetes-driver', 'spark-kubernetes-executor'];

/**
 * Reads a Kubernetes API server with a service-account token. Plain HTTP and not the vendor's client: a handful of GETs, and every one
 * stays under this project's byte cap, time-out and one-address rule; kubeconfig files and exec plug-ins are not supported.
 */
export function createKubernetesReader(deps: KubernetesReaderDeps): KubernetesReader {
  const get = (path: string, signal?: AbortSignal, accept: number[] = []): Promise<HttpAnswer> =>
    deps.http.request({ method: 'GET', path, signal, accept });
  const inNamespace = (namespace: string): string => `/api/v1/namespaces/${checkedName(namespace)}`;

  /** Everything of a list, page by page. A list that changes for long while it is read expires (410) and is begun again, once. */
  async function list<S extends z.ZodType>(path: string, schema: S, signal?: AbortSignal): Promise<z.infer<S>[]> {
    const first = `${path}${path.includes('?') ? '&' : '?'}limit=${PAGE}`;
    for (let begun = 0; begun < 2; begun += 1) {
      const found: z.infer<S>[] = [];
      let next = '';
      for (let page = 0; page < MOST_PAGES; page += 1) {
        const at = next === '' ? first : `${first}&continue=${encodeURIComponent(next)}`;
        const answer = await get(at, signal, next === '' ? [] : [410]);
        if (answer.status === 410) break;
        const { items, metadata } = readJson('Kubernetes', answer, pageOf(schema));
        found.push(...items);
        next = metadata?.continue ?? '';
        if (next === '') return found;
        if (page === MOST_PAGES - 1) return found;
      }
    }
    throw new AppError('unavailable', { safeText: 'Kubernetes forgets its list while it is read.' });
  }

  /** Which container's log: asked only when Kubernetes would not choose by itself. */
  async function sparkContainer(podPath: string, signal?: AbortSignal): Promise<string | undefined> {
    const answer = await get(podPath, signal, [404]);
    if (answer.status === 404) return undefined;
    const names = (readJson('Kubernetes', answer, Pod).spec?.containers ?? []).map((container) => container.name);
    return names.length > 1 ? (names.find((name) => SPARK_CONTAINERS.includes(name)) ?? names[0]) : undefined;
  }

  return {
    async sparkApplication(namespace, name, signal) {
      const path = (kind: string): string =>
        `${SPARK_API}/namespaces/${checkedName(namespace)}/${kind}/${checkedName(name)}`;
      const answer = await get(path('sparkapplications'), signal, [404]);
      if (answer.status !== 404) return resourceOf(readJson('Kubernetes', answer, SparkApplication));
      // A cluster without scheduled applications, or a token that may not see them, has none as far as we know.
      const scheduled = await get(path('scheduledsparkapplications'), signal, [403, 404]);
      return scheduled.status === 200
        ? scheduledResourceOf(readJson('Kubernetes', scheduled, ScheduledSparkApplication))
        : undefined;
    },

    async sparkApplications(prefix, signal) {
      const all: SparkApplicationResource[] = [];
      for (const namespace of deps.namespaces) {
        const path = `${SPARK_API}/namespaces/${checkedName(namespace)}/sparkapplications`;
        all.push(...(await list(path, SparkApplication, signal)).map(resourceOf));
      }
      return all.filter((found) => found.name.startsWith(prefix));
    },

    async pods(namespace, selector, signal) {
      const path = `${inNamespace(namespace)}/pods?labelSelector=${encodeURIComponent(selector)}`;
      return (await list(path, Pod, signal)).map(podStatusOf);
    },

    async podLog(namespace, pod, tailLines, previous, signal) {
      const podPath = `${inNamespace(namespace)}/pods/${checkedName(pod)}`;
      const log = `${podPath}/log?tailLines=${tailLines}&limitBytes=${LOG_BYTES}&previous=${previous}`;
      // 400: there is no previous container, it has not started, or the pod has several containers.
      const answer = await get(log, signal, [400, 404]);
      if (answer.status === 200) return answer.text;
      const container = answer.status === 400 ? await sparkContainer(podPath, signal) : undefined;
      if (container === undefined) return undefined;
      const second = await get(`${log}&container=${encodeURIComponent(container)}`, signal, [400, 404]);
      return second.status === 200 ? second.text : undefined;
    },

    async events(namespace, involved, signal) {
      const selector = encodeURIComponent(`involvedObject.name=${checkedName(involved)}`);
      return (await list(`${inNamespace(namespace)}/events?fieldSelector=${selector}`, Event, signal))
        .map((event) => ({
          at: event.lastTimestamp ?? event.eventTime ?? event.metadata?.creationTimestamp ?? '',
          type: event.type ?? '',
          reason: event.reason ?? '',
          message: event.message ?? '',
        }))
        .sort((a, b) => b.at.localeCompare(a.at));
    },

    async quotas(namespace, signal) {
      return (await list(`${inNamespace(namespace)}/resourcequotas`, Quota, signal)).map((quota) => ({
        name: quota.metadata.name,
        hard: quota.status?.hard ?? {},
        used: quota.status?.used ?? {},
      }));
    },

    async limits(namespace, signal) {
      return (await list(`${inNamespace(namespace)}/limitranges`, LimitRange, signal)).flatMap(limitsOf);
    },
  };
}

function podStatusOf(pod: Pod): PodStatus {
  const statuses = pod.status?.containerStatuses ?? [];
  const ends = statuses.flatMap(({ state, lastState }) => [state?.terminated, lastState?.terminated]);
  // A container that failed says more than a sidecar that ended well.
  const end = ends.find((terminated) => terminated && terminated.exitCode !== 0) ?? ends.find(Boolean);
  const waiting = statuses.map(({ state }) => state?.waiting?.reason).find(Boolean);
  return {
    name: pod.metadata.name,
    phase: pod.status?.phase ?? 'Unknown',
    reason: pod.status?.reason ?? waiting ?? undefined,
    node: pod.spec?.nodeName ?? undefined,
    terminated: end
      ? { exitCode: end.exitCode, reason: end.reason ?? undefined, at: end.finishedAt ?? undefined }
      : undefined,
  };
}
