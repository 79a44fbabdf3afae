import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startPlatform, type TestPlatform } from '../support/platform.js';

// Servers, git and tables start for real; a busy machine takes its time.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform('s05');
});
afterAll(() => platform.stop());

// biome-ignore lint/suspicious/noExplicitAny: bodies of a foreign API are looked into freely here
type Body = any;
async function spark(path: string): Promise<{ status: number; type: string | null; body: Body }> {
  const response = await fetch(`${platform.addresses.spark}/api/v1${path}`);
  const type = response.headers.get('content-type');
  return {
    status: response.status,
    type,
    body: type?.includes('json') ? await response.json() : await response.text(),
  };
}

describe('the simulated History Server', () => {
  it('lists applications newest first, by status and limit', async () => {
    const { body } = await spark('/applications?status=completed&limit=3');
    expect(body).toHaveLength(3);
    expect(body[0].attempts[0]).toMatchObject({ completed: true });
    expect(body[0].attempts[0].startTime).toMatch(/GMT$/);
    expect(body[0].attempts[0].attemptId).toBeUndefined();
    expect(body[0].attempts[0].startTimeEpoch).toBeGreaterThan(body[1].attempts[0].startTimeEpoch);
    expect((await spark('/applications?status=running')).body).toEqual([]);
    // The real server calls this text JSON, so that it can not be read by its type.
    expect((await fetch(`${platform.addresses.spark}/api/v1/applications?minDate=soon`)).status).toBe(400);
  });

  it('says 404 with a text for an application it does not know', async () => {
    const unknown = await spark('/applications/spark-nope/stages');
    expect(unknown).toMatchObject({ status: 404, body: 'no such app: spark-nope' });
    expect(unknown.type).toContain('text/plain');
  });

  it('tells why a stage failed, which tasks, and how unevenly they were loaded', async () => {
    const failed = platform.engine.sparkRuns().findLast((run) => run.state === 'FAILED');
    const base = `/applications/${failed?.id}`;
    const { body: stages } = await spark(`${base}/stages?status=failed`);
    expect(stages).toHaveLength(1);
    expect(stages[0].failureReason).toBe(failed?.stages.at(-1)?.reason);
    const at = `${base}/stages/${stages[0].stageId}/${stages[0].attemptId}`;
    const { body: tasks } = await spark(`${at}/taskList?status=failed`);
    expect(tasks).toHaveLength(failed?.taskErrors.length ?? -1);
    const { body: summary } = await spark(`${at}/taskSummary?quantiles=0.5,1.0`);
    expect(summary.quantiles).toEqual([0.5, 1]);
    const duration = failed?.taskSummary.find((item) => item.metric === 'duration');
    expect(summary.duration).toEqual([duration?.median, duration?.max]);
    expect((await spark(`${base}/stages/99/0`)).status).toBe(404);
    expect((await spark(`${at}/taskSummary?quantiles=many`)).status).toBe(400);
  });

  it('lists executors that are gone, and the settings of the submission', async () => {
    const failed = platform.engine.sparkRuns().findLast((run) => run.state === 'FAILED');
    const { body: all } = await spark(`/applications/${failed?.id}/allexecutors`);
    expect(all.map((item: Body) => item.id)).toContain('driver');
    expect(all.filter((item: Body) => !item.isActive)).toHaveLength(
      failed?.executors.filter((item) => !item.active).length ?? -1,
    );
    const { body: environment } = await spark(`/applications/${failed?.id}/environment`);
    expect(Object.fromEntries(environment.sparkProperties)).toMatchObject(failed?.settings ?? {});
    expect((await spark('/version')).body.spark).toBeTypeOf('string');
  });
});

const APPS = '/apis/sparkoperator.k8s.io/v1beta2/namespaces/spark-jobs/sparkapplications';
async function kubernetes(
  who: 'read' | 'write' | 'none',
  method: string,
  path: string,
  body?: unknown,
  type = 'application/merge-patch+json',
) {
  const token = who === 'none' ? 'wrong' : platform.credentials[who].kubernetesToken;
  const response = await fetch(platform.addresses.kubernetes + path, {
    method,
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': type },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const json = response.headers.get('content-type')?.includes('json');
  return { status: response.status, body: (json ? JSON.parse(text) : text) as Body };
}

describe('the fake Kubernetes API', () => {
  const patch = (body: unknown, query = '?fieldValidation=Strict') =>
    kubernetes('write', 'PATCH', `${APPS}/usage-rollup-build${query}`, body);
  const read = async (): Promise<Body> => (await kubernetes('read', 'GET', `${APPS}/usage-rollup-build`)).body;

  it('knows its callers: 401 for a wrong token, 403 with the sentence of RBAC for a reader who patches', async () => {
    expect((await kubernetes('none', 'GET', APPS)).body).toMatchObject({
      kind: 'Status',
      status: 'Failure',
      reason: 'Unauthorized',
      code: 401,
    });
    const refused = await kubernetes('read', 'PATCH', `${APPS}/usage-rollup-build`, { spec: {} });
    expect(refused.status).toBe(403);
    expect(refused.body.message).toContain(
      'cannot patch resource "sparkapplications" in API group "sparkoperator.k8s.io" in the namespace "spark-jobs"',
    );
    expect((await kubernetes('write', 'DELETE', `${APPS}/usage-rollup-build`)).body).toMatchObject({
      reason: 'Forbidden',
      code: 403,
    });
  });

  it('lists and gets the resource, and 404s as a Status', async () => {
    const { body: list } = await kubernetes('read', 'GET', APPS);
    expect(list.items.map((item: Body) => item.metadata.name)).toContain('usage-rollup-build');
    expect((await read()).metadata.resourceVersion).toBeTypeOf('string');
    const missing = await kubernetes('read', 'GET', `${APPS}/nope`);
    expect(missing.body).toMatchObject({
      code: 404,
      reason: 'NotFound',
      message: 'sparkapplications.sparkoperator.k8s.io "nope" not found',
    });
  });

  it('stores nothing on a dry run, and shows what would be', async () => {
    const before = await read();
    const dry = await patch(
      { metadata: { resourceVersion: before.metadata.resourceVersion }, spec: { executor: { memory: '16g' } } },
      '?dryRun=All&fieldValidation=Strict',
    );
    expect(dry).toMatchObject({ status: 200, body: { spec: { executor: { memory: '16g' } } } });
    expect(await read()).toEqual(before);
    expect((await patch({ spec: {} }, '?dryRun=Some')).status).toBe(422);
  });

  it('refuses unknown fields, wrong types, wrong media types and rubbish', async () => {
    expect((await patch({ spec: { executor: { memoree: '1g' } } })).body).toMatchObject({
      code: 422,
      reason: 'Invalid',
    });
    expect((await patch({ spec: { executor: { memory: 16 } } })).body.message).toContain(
      'must be of type string: "integer"',
    );
    expect((await patch({ spec: { executor: { instances: 0 } } })).body.message).toContain(
      'greater than or equal to 1',
    );
    // As the real one: a memory string is any string to the API server. The adapter refuses what Spark could not read.
    expect((await patch({ spec: { executor: { memory: 'lots' } } }, '?dryRun=All&fieldValidation=Strict')).status).toBe(
      200,
    );
    expect((await kubernetes('write', 'PATCH', `${APPS}/usage-rollup-build`, {}, 'application/json')).status).toBe(415);
    expect((await patch([])).status).toBe(400);
  });

  it('patches with the version it was read at, and answers 409 to the second patch with the same', async () => {
    const before = await read();
    const body = {
      metadata: { resourceVersion: before.metadata.resourceVersion },
      spec: { executor: { memory: '16g' } },
    };
    const done = await patch(body);
    expect(done).toMatchObject({ status: 200, body: { spec: { executor: { memory: '16g' } } } });
    expect(done.body.metadata.resourceVersion).not.toBe(before.metadata.resourceVersion);
    expect((await patch(body)).body).toMatchObject({ code: 409, reason: 'Conflict' });
    expect(platform.engine.world().config['usage_rollup.executor_memory_gi']?.value).toBe(16);
  });

  it('selects pods by label, gives their logs and their end', async () => {
    const run = platform.engine.sparkRuns().findLast((item) => item.state === 'FAILED');
    const selector = encodeURIComponent(`spark-app-selector=${run?.id},spark-role=driver`);
    const { body } = await kubernetes('read', 'GET', `/api/v1/namespaces/spark-jobs/pods?labelSelector=${selector}`);
    expect(body.items).toHaveLength(1);
    expect(body.items[0].status.containerStatuses[0].state.terminated.exitCode).toBeTypeOf('number');
    const log = `/api/v1/namespaces/spark-jobs/pods/${body.items[0].metadata.name}/log`;
    const { body: tail } = await kubernetes('read', 'GET', `${log}?tailLines=2`);
    expect(tail.trim().split('\n')).toHaveLength(2);
    expect((await kubernetes('read', 'GET', `${log}?limitBytes=10`)).body).toHaveLength(10);
    expect((await kubernetes('read', 'GET', `${log}?previous=true`)).body).toMatchObject({
      reason: 'BadRequest',
      code: 400,
    });
    expect((await kubernetes('read', 'GET', '/api/v1/namespaces/spark-jobs/pods/nope/log')).status).toBe(404);
    expect((await kubernetes('read', 'GET', '/api/v1/namespaces/spark-jobs/pods?labelSelector=%3D%3D')).status).toBe(
      400,
    );
  });

  it('lists events of one object and quotas of one namespace', async () => {
    const [event] = platform.engine.podEvents();
    const selector = encodeURIComponent(`involvedObject.name=${event?.object}`);
    const { body } = await kubernetes(
      'read',
      'GET',
      `/api/v1/namespaces/${event?.namespace}/events?fieldSelector=${selector}`,
    );
    expect(body.items.length).toBeGreaterThan(0);
    expect(new Set(body.items.map((item: Body) => item.involvedObject.name))).toEqual(new Set([event?.object]));
    expect((await kubernetes('read', 'GET', '/api/v1/namespaces/nowhere/resourcequotas')).status).toBe(403);
  });
});
