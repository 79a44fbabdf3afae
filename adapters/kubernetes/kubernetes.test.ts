import { afterEach, describe, expect, it } from 'vitest';
import {
  type ScriptedAnswer,
  type ScriptedRequest,
  type ScriptedServer,
  startScriptedServer,
} from '../../test/support/scripted-http.js';
import { createKubernetesReader } from './read.js';
import { createKubernetesWriter } from './write.js';

let server: ScriptedServer;
afterEach(() => server.close());
async function cluster(script: (request: ScriptedRequest) => ScriptedAnswer) {
  server = await startScriptedServer(script);
  const http = server.client({ headers: { authorization: 'Bearer t' } });
  return {
    reader: createKubernetesReader({ http, namespaces: ['etl', 'ml'] }),
    writer: createKubernetesWriter({ http }),
  };
}
const asked = (): string[] => server.requests.map(({ method, path }) => `${method} ${path}`);
const SPARK = '/apis/sparkoperator.k8s.io/v1beta2/namespaces';

const resource = (metadata: Record<string, unknown> = {}, status?: unknown) => ({
  apiVersion: 'sparkoperator.k8s.io/v1beta2',
  metadata: { name: 'orders', namespace: 'etl', resourceVersion: '42', uid: 'u-1', generation: 3, ...metadata },
  spec: { executor: { memory: '2g' } },
  ...(status === undefined ? {} : { status }),
});

describe('createKubernetesReader', () => {
  it('reads a SparkApplication; unknown is undefined', async () => {
    const { reader } = await cluster(({ path }) =>
      path.endsWith('/orders')
        ? {
            json: resource(
              {},
              {
                applicationState: { state: 'FAILED', errorMessage: 'driver OOMKilled' },
                driverInfo: { podName: 'orders-driver' },
              },
            ),
          }
        : { status: 404, json: { kind: 'Status', code: 404 } },
    );
    expect(await reader.sparkApplication('etl', 'orders')).toEqual({
      namespace: 'etl',
      name: 'orders',
      resourceVersion: '42',
      specVersion: '3 of u-1',
      state: 'FAILED',
      errorMessage: 'driver OOMKilled',
      spec: { executor: { memory: '2g' } },
      driverPod: 'orders-driver',
      managedBy: undefined,
    });
    expect(await reader.sparkApplication('etl', 'none')).toBeUndefined();
    expect(server.requests[0]?.headers['authorization']).toBe('Bearer t');
  });

  it.each([
    [{}, undefined],
    [{ annotations: { 'argocd.argoproj.io/tracking-id': 'x' } }, 'argocd'],
    [{ labels: { 'kustomize.toolkit.fluxcd.io/name': 'x' } }, 'flux'],
    [{ managedFields: [{ manager: 'kubectl' }, { manager: 'argocd-controller' }] }, 'argocd'],
    [{ labels: { 'app.kubernetes.io/instance': 'x' } }, 'argocd'],
    [{ labels: { 'app.kubernetes.io/instance': 'x', 'app.kubernetes.io/managed-by': 'Helm' } }, undefined],
    [{ managedFields: [{ manager: 'spark-operator' }] }, undefined],
  ])('tells who would put a live patch back: %o', async (metadata, managedBy) => {
    const { reader } = await cluster(() => ({ json: resource(metadata) }));
    expect(await reader.sparkApplication('etl', 'orders')).toMatchObject({ managedBy, state: 'NEW' });
  });

  it('lists all pages of all namespaces', async () => {
    const { reader } = await cluster(({ path }) => {
      if (path.includes('/ml/'))
        return { json: { metadata: {}, items: [resource({ name: 'other', namespace: 'ml' })] } };
      return path.includes('continue=more%3D')
        ? { json: { metadata: { continue: '' }, items: [resource({ name: 'orders-2' })] } }
        : { json: { metadata: { continue: 'more=' }, items: [resource()] } };
    });
    expect((await reader.sparkApplications('orders')).map((found) => found.name)).toEqual(['orders', 'orders-2']);
    expect(asked()).toHaveLength(3);
  });

  it('begins a list again that expired while it was read, and gives up when it does so again', async () => {
    let expired = 1;
    const { reader } = await cluster(({ path }) => {
      if (!path.includes('continue='))
        return { json: { metadata: { continue: 'c' }, items: [{ metadata: { name: 'a' } }] } };
      if (expired-- > 0) return { status: 410, json: { kind: 'Status', reason: 'Expired', code: 410 } };
      return { json: { metadata: {}, items: [{ metadata: { name: 'b' } }] } };
    });
    expect((await reader.pods('etl', 'x=y')).map(({ name }) => name)).toEqual(['a', 'b']);
    expect(asked()).toHaveLength(4);
    expired = 9;
    await expect(reader.pods('etl', 'x=y')).rejects.toMatchObject({ kind: 'unavailable' });
  });

  it('reads a scheduled application as the template of its runs, where there is no application of that name', async () => {
    const { reader } = await cluster(({ path }) => {
      if (path.includes('/scheduledsparkapplications/forbidden')) return { status: 403 };
      if (!path.includes('/scheduledsparkapplications/nightly')) return { status: 404 };
      const spec = { schedule: '0 2 * * *', suspend: true, template: { executor: { memory: '2g' } } };
      return { json: { ...resource({ name: 'nightly' }), spec, status: { scheduleState: 'Scheduled' } } };
    });
    expect(await reader.sparkApplication('etl', 'nightly')).toMatchObject({
      name: 'nightly',
      specVersion: '3 of u-1',
      state: 'Scheduled',
      spec: { executor: { memory: '2g' } },
      driverPod: undefined,
      scheduled: { schedule: '0 2 * * *', suspended: true },
    });
    expect(await reader.sparkApplication('etl', 'none')).toBeUndefined();
    expect(await reader.sparkApplication('etl', 'forbidden')).toBeUndefined();
  });

  it('reads limit ranges', async () => {
    const limit = { type: 'Container', max: { memory: '32Gi' }, default: { memory: '1Gi' } };
    const { reader } = await cluster(() => ({
      json: { items: [{ metadata: { name: 'sane' }, spec: { limits: [limit] } }] },
    }));
    expect(await reader.limits('etl')).toEqual([
      { name: 'sane', type: 'Container', max: { memory: '32Gi' }, min: {}, defaults: { memory: '1Gi' } },
    ]);
    expect(asked()).toEqual(['GET /api/v1/namespaces/etl/limitranges?limit=200']);
  });

  it('shows the container that failed, not the sidecar that ended well', async () => {
    const status = (name: string, exitCode: number, reason: string) => ({
      name,
      state: { terminated: { exitCode, reason, finishedAt: '2026-11-23T02:00:00Z' } },
    });
    const { reader } = await cluster(() => ({
      json: {
        items: [
          {
            metadata: { name: 'p' },
            spec: { nodeName: 'n1' },
            status: {
              phase: 'Failed',
              reason: 'Evicted',
              containerStatuses: [status('proxy', 0, 'Completed'), status('spark', 137, 'OOMKilled')],
            },
          },
          {
            metadata: { name: 'q' },
            status: {
              phase: 'Pending',
              containerStatuses: [{ name: 'c', state: { waiting: { reason: 'ImagePullBackOff' } }, lastState: {} }],
            },
          },
        ],
      },
    }));
    expect(await reader.pods('etl', 'spark-app-name=orders')).toEqual([
      {
        name: 'p',
        phase: 'Failed',
        reason: 'Evicted',
        node: 'n1',
        terminated: { exitCode: 137, reason: 'OOMKilled', at: '2026-11-23T02:00:00Z' },
      },
      { name: 'q', phase: 'Pending', reason: 'ImagePullBackOff', node: undefined, terminated: undefined },
    ]);
    expect(asked()[0]).toContain('labelSelector=spark-app-name%3Dorders');
  });

  it('reads a pod log, of the Spark container where there are several', async () => {
    const { reader } = await cluster(({ path }) => {
      if (path.includes('container=spark-kubernetes-driver')) return { text: 'driver says' };
      if (path.includes('/log?'))
        return path.includes('/gone/')
          ? { status: 404 }
          : { status: 400, json: { message: 'a container name must be specified' } };
      return {
        json: {
          metadata: { name: 'p' },
          spec: {
            containers: path.includes('/single')
              ? [{ name: 'only' }]
              : [{ name: 'proxy' }, { name: 'spark-kubernetes-driver' }],
          },
        },
      };
    });
    expect(await reader.podLog('etl', 'p', 500, true)).toBe('driver says');
    expect(asked()[0]).toContain('tailLines=500&limitBytes=4000000&previous=true');
    expect(await reader.podLog('etl', 'single', 5, false)).toBeUndefined();
    expect(await reader.podLog('etl', 'gone', 5, false)).toBeUndefined();
  });

  it('reads events newest first and quotas', async () => {
    const { reader } = await cluster(({ path }) =>
      path.includes('/events')
        ? {
            json: {
              items: [
                { type: 'Warning', reason: 'OOM', message: 'm', lastTimestamp: '2026-11-23T02:00:00Z' },
                { reason: 'New', lastTimestamp: null, eventTime: '2026-11-23T03:00:00Z' },
              ],
            },
          }
        : {
            json: {
              items: [
                {
                  metadata: { name: 'q' },
                  status: { hard: { 'limits.memory': '64Gi' }, used: { 'limits.memory': '62Gi' } },
                },
              ],
            },
          },
    );
    expect((await reader.events('etl', 'orders')).map((event) => event.reason)).toEqual(['New', 'OOM']);
    expect(asked()[0]).toContain('fieldSelector=involvedObject.name%3Dorders');
    expect(await reader.quotas('etl')).toEqual([
      { name: 'q', hard: { 'limits.memory': '64Gi' }, used: { 'limits.memory': '62Gi' } },
    ]);
  });

  it('lets no name through that could change the address or the selector', async () => {
    const { reader } = await cluster(() => ({ json: {} }));
    for (const name of ['../secrets/x', 'a/b', 'x,metadata.name!=y', '', 'UPPER', 'a%2f']) {
      await expect(reader.sparkApplication('etl', name)).rejects.toMatchObject({ kind: 'invalid_input' });
      await expect(reader.events(name, 'orders')).rejects.toMatchObject({ kind: 'invalid_input' });
      await expect(reader.events('etl', name)).rejects.toMatchObject({ kind: 'invalid_input' });
    }
    expect(asked()).toEqual([]);
  });
});

describe('createKubernetesWriter', () => {
  const patch = { spec: { executor: { memory: '4g' } }, resourceVersion: '42' };

  it('patches with the version it was made for, strictly, and dry when told', async () => {
    const { writer } = await cluster(() => ({ json: resource({ resourceVersion: '43' }) }));
    expect((await writer.patchSparkApplication('etl', 'orders', patch, true)).resourceVersion).toBe('43');
    await writer.patchSparkApplication('etl', 'orders', patch, false);
    expect(asked()).toEqual([
      `PATCH ${SPARK}/etl/sparkapplications/orders?dryRun=All&fieldValidation=Strict&fieldManager=countersign`,
      `PATCH ${SPARK}/etl/sparkapplications/orders?fieldValidation=Strict&fieldManager=countersign`,
    ]);
    expect(server.requests[1]?.headers['content-type']).toBe('application/merge-patch+json');
    expect(JSON.parse(server.requests[1]?.body ?? '')).toEqual({
      metadata: { resourceVersion: '42' },
      spec: patch.spec,
    });
  });

  it.each([
    [{ status: 409 }, 'conflict', false],
    [{ status: 422 }, 'invalid_input', false],
    [{ status: 403 }, 'forbidden', false],
    [{ status: 404 }, 'not_found', false],
    [{ cut: true }, 'timeout', true],
    [{ status: 500 }, 'unavailable', true],
    [{ text: 'garbage' }, 'timeout', true],
  ])('sends the patch once; %o is %s', async (answer, kind, retryable) => {
    const { writer } = await cluster(() => answer);
    await expect(writer.patchSparkApplication('etl', 'orders', patch, false)).rejects.toMatchObject({
      kind,
      retryable,
    });
    expect(asked()).toHaveLength(1);
  });

  it('is sent again when only the state was noted meanwhile, and not when the spec was changed', async () => {
    let version = 42;
    let generation = 3;
    const { writer } = await cluster(({ method, body }) => {
      if (method === 'GET') return { json: resource({ resourceVersion: String(version), generation }) };
      const sent = JSON.parse(body) as { metadata: { resourceVersion: string } };
      if (sent.metadata.resourceVersion === '44') return { json: resource({ resourceVersion: '45', generation: 4 }) };
      version += 1;
      return { status: 409 };
    });
    const bound = { ...patch, specVersion: '3 of u-1' };
    expect((await writer.patchSparkApplication('etl', 'orders', bound, false)).specVersion).toBe('4 of u-1');
    expect(asked().map((line) => line.split(' ')[0])).toEqual(['PATCH', 'GET', 'PATCH', 'GET', 'PATCH']);
    generation = 4;
    const late = writer.patchSparkApplication('etl', 'orders', { ...bound, resourceVersion: '1' }, false);
    await expect(late).rejects.toMatchObject({ kind: 'conflict', retryable: false });
  });

  it('gives up on a resource whose state never stands still', async () => {
    const { writer } = await cluster(({ method }) => (method === 'GET' ? { json: resource() } : { status: 409 }));
    const bound = writer.patchSparkApplication('etl', 'orders', { ...patch, specVersion: '3 of u-1' }, false);
    await expect(bound).rejects.toMatchObject({ kind: 'conflict', retryable: true });
    expect(asked().filter((line) => line.startsWith('PATCH'))).toHaveLength(4);
  });

  it('patches the template of a scheduled application', async () => {
    const spec = { schedule: '@daily', template: { executor: { memory: '4g' } } };
    const { writer } = await cluster(() => ({ json: { ...resource(), spec } }));
    const done = await writer.patchSparkApplication('etl', 'orders', { ...patch, scheduled: true }, false);
    expect(done).toMatchObject({ spec: { executor: { memory: '4g' } }, scheduled: { schedule: '@daily' } });
    expect(asked()[0]).toContain('/scheduledsparkapplications/orders?');
    expect(JSON.parse(server.requests[0]?.body ?? '')).toMatchObject({ spec: { template: patch.spec } });
  });

  it.each([
    [{ executor: { memory: '16Gi' } }, 'spec.executor.memory'],
    [{ driver: { memoryOverhead: 'lots' } }, 'spec.driver.memoryOverhead'],
    [{ executor: { memory: 16 } }, 'spec.executor.memory'],
    [{ driver: { memory: '0g' } }, 'spec.driver.memory'],
    [{ executor: { coreLimit: '2 cores' } }, 'spec.executor.coreLimit'],
  ])('refuses %o, which the API server would take and Spark would not', async (spec, field) => {
    const { writer } = await cluster(() => ({ json: resource() }));
    const sent = writer.patchSparkApplication('etl', 'orders', { ...patch, spec }, true);
    await expect(sent).rejects.toMatchObject({ kind: 'invalid_input', field });
    expect(asked()).toEqual([]);
    const good = {
      executor: { memory: '16G', memoryOverhead: '512m', memoryLimit: '18Gi', coreLimit: '1500m', cores: 3 },
    };
    await writer.patchSparkApplication('etl', 'orders', { ...patch, spec: good }, true);
  });

  it('refuses a patch that would win over any change', async () => {
    const { writer } = await cluster(() => ({ json: resource() }));
    const blind = writer.patchSparkApplication('etl', 'orders', { ...patch, resourceVersion: '' }, false);
    await expect(blind).rejects.toMatchObject({ kind: 'precondition' });
    expect(asked()).toEqual([]);
  });
});
