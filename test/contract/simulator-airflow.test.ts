import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startPlatform, type TestPlatform } from '../support/platform.js';

// Servers, git and tables start for real; a busy machine takes its time.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

const DAG = 'daily_transactions';
const RUN = 'scheduled__2026-05-14T02:00:00+00:00';
const run = encodeURIComponent(RUN);

interface Answer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: bodies of a foreign API are looked into freely here
  body: any;
}
let platform: TestPlatform;
const tokens: Record<'read' | 'write', string> = { read: '', write: '' };

async function call(who: 'read' | 'write' | string, method: string, path: string, body?: unknown): Promise<Answer> {
  const token = who === 'read' || who === 'write' ? tokens[who] : who;
  const response = await fetch(platform.addresses.airflow + path, {
    method,
    headers: { ...(token === '' ? {} : { Authorization: `Bearer ${token}` }), 'Content-Type': 'application/json' },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
}

async function logIn(login: { airflowUser: string; airflowPassword: string }): Promise<Answer> {
  return call('', 'POST', '/auth/token', { username: login.airflowUser, password: login.airflowPassword });
}

beforeAll(async () => {
  platform = await startPlatform('s01');
  for (const rights of ['read', 'write'] as const)
    tokens[rights] = (await logIn(platform.credentials[rights])).body.access_token;
});
afterAll(() => platform.stop());

describe('the simulated Airflow: logging in', () => {
  it('gives a token with 201, 401 for a bad password, 422 for a body that is none', async () => {
    expect((await logIn(platform.credentials.read)).status).toBe(201);
    expect(await logIn({ airflowUser: 'countersign-reader', airflowPassword: 'no' })).toEqual({
      status: 401,
      body: { detail: 'Invalid credentials' },
    });
    expect((await call('', 'POST', '/auth/token', { username: 'x' })).body.detail[0]).toMatchObject({
      type: 'missing',
      loc: ['body', 'password'],
    });
    expect((await call('', 'POST', '/auth/token', '{')).status).toBe(422);
  });

  it('answers version and health to everybody, the rest only to a good token', async () => {
    expect((await call('', 'GET', '/api/v2/version')).body.version).toMatch(/^3\./);
    expect((await call('', 'GET', '/api/v2/monitor/health')).body.scheduler.status).toBe('healthy');
    expect(await call('', 'GET', '/api/v2/dags')).toEqual({ status: 401, body: { detail: 'Not authenticated' } });
    expect(await call('a.b.c', 'GET', '/api/v2/dags')).toEqual({ status: 403, body: { detail: 'Invalid JWT token' } });
    const [header, claims, signature] = tokens.read.split('.');
    const raised = Buffer.from(
      JSON.stringify({ ...JSON.parse(Buffer.from(claims ?? '', 'base64url').toString()), role: 'op' }),
    ).toString('base64url');
    expect((await call(`${header}.${raised}.${signature}`, 'GET', '/api/v2/dags')).status).toBe(403);
  });

  it('lets a viewer read and refuses every change with 403', async () => {
    const before = platform.engine.revision();
    for (const [method, path] of [
      ['POST', `/api/v2/dags/${DAG}/clearTaskInstances`],
      ['POST', `/api/v2/dags/${DAG}/dagRuns`],
      ['PATCH', `/api/v2/dags/${DAG}/dagRuns/${run}`],
      ['PATCH', `/api/v2/dags/${DAG}/dagRuns/${run}/taskInstances/transform`],
    ] as const) {
      expect(await call('read', method, path, { dry_run: true })).toEqual({
        status: 403,
        body: { detail: 'Forbidden' },
      });
    }
    expect(platform.engine.revision()).toBe(before);
  });
});

describe('the simulated Airflow: reading', () => {
  it('finds DAGs by an SQL pattern and says 404 for others', async () => {
    expect((await call('read', 'GET', '/api/v2/dags?dag_id_pattern=daily%25')).body).toMatchObject({
      total_entries: 1,
      dags: [{ dag_id: DAG, is_paused: false }],
    });
    expect((await call('read', 'GET', '/api/v2/dags?dag_id_pattern=daily')).body.total_entries).toBe(0);
    expect((await call('read', 'GET', '/api/v2/dags/nope')).status).toBe(404);
    expect((await call('read', 'GET', `/api/v1/dags/${DAG}`)).status).toBe(404);
  });

  it('lists runs with filters, order and limit; refuses states and orders it does not know', async () => {
    const newest = await call('read', 'GET', `/api/v2/dags/${DAG}/dagRuns?order_by=-run_after&limit=2`);
    expect(newest.body.dag_runs).toHaveLength(2);
    expect(newest.body.dag_runs[0]).toMatchObject({ dag_run_id: RUN, state: 'failed', run_type: 'scheduled' });
    expect(newest.body.total_entries).toBeGreaterThan(2);
    const failed = await call('read', 'GET', '/api/v2/dags/~/dagRuns?state=failed');
    expect(failed.body.dag_runs.map((item: { dag_run_id: string }) => item.dag_run_id)).toEqual([RUN]);
    const later = await call('read', 'GET', `/api/v2/dags/${DAG}/dagRuns?run_after_gte=2026-05-14T00:00:00Z`);
    expect(later.body.total_entries).toBe(1);
    expect((await call('read', 'GET', `/api/v2/dags/${DAG}/dagRuns?state=broken`)).status).toBe(422);
    expect((await call('read', 'GET', `/api/v2/dags/${DAG}/dagRuns?order_by=colour`)).status).toBe(400);
    expect((await call('read', 'GET', `/api/v2/dags/${DAG}/dagRuns?limit=ten`)).body.detail[0].loc).toEqual([
      'query',
      'limit',
    ]);
  });

  it('lists task instances by state, with tries', async () => {
    const failed = await call(
      'read',
      'GET',
      `/api/v2/dags/${DAG}/dagRuns/${run}/taskInstances?state=failed&state=upstream_failed`,
    );
    expect(
      failed.body.task_instances.map((item: { task_id: string; state: string }) => [item.task_id, item.state]),
    ).toEqual([
      ['transform', 'failed'],
      ['publish', 'upstream_failed'],
    ]);
    const tries = await call('read', 'GET', `/api/v2/dags/${DAG}/dagRuns/${run}/taskInstances/transform/tries`);
    expect(
      tries.body.task_instances.map((item: { try_number: number; state: string }) => [item.try_number, item.state]),
    ).toEqual([
      [1, 'failed'],
      [2, 'failed'],
    ]);
  });

  it('gives a structured log whose exception is in error_detail, and ndjson when asked', async () => {
    const path = `/api/v2/dags/${DAG}/dagRuns/${run}/taskInstances/transform/logs/2`;
    const { body } = await call('read', 'GET', path);
    expect(body.continuation_token).toBeNull();
    expect(body.content[0].event).toBe('::group::Log message source details');
    const last = body.content.at(-1);
    expect(last).toMatchObject({ event: 'Task failed with exception', level: 'error' });
    expect(last.error_detail[0].exc_value).toContain('merchant_subcategory_v2');
    const stream = await fetch(platform.addresses.airflow + path, {
      headers: { Authorization: `Bearer ${tokens.read}`, Accept: 'application/x-ndjson' },
    });
    expect((await stream.text()).trim().split('\n')).toHaveLength(body.content.length);
    expect((await call('read', 'GET', path.replace(/2$/, '7'))).status).toBe(404);
    expect((await call('read', 'GET', `${path}?token=rubbish`)).status).toBe(400);
  });

  it('sends the time of its own world in the Date header', async () => {
    const response = await fetch(`${platform.addresses.airflow}/api/v2/version`);
    expect(new Date(response.headers.get('date') ?? '').toISOString()).toBe('2026-05-14T02:14:00.000Z');
  });
});

describe('the simulated Airflow: clearing', () => {
  const clear = (body: unknown): Promise<Answer> =>
    call('write', 'POST', `/api/v2/dags/${DAG}/clearTaskInstances`, body);

  it('refuses a key it does not know with 422, naming it', async () => {
    const { status, body } = await clear({ dag_run_id: RUN, dry_run: false, include_subdags: false });
    expect(status).toBe(422);
    expect(body.detail[0]).toMatchObject({ type: 'extra_forbidden', loc: ['body', 'include_subdags'] });
  });

  it('is a dry run unless told otherwise: 200, and nothing has changed', async () => {
    const before = platform.engine.revision();
    const { status, body } = await clear({ dag_run_id: RUN, task_ids: ['transform'] });
    expect(status).toBe(200);
    expect(body).toMatchObject({ total_entries: 1, task_instances: [{ task_id: 'transform', state: 'failed' }] });
    expect(platform.engine.revision()).toBe(before);
  });

  it('takes only failed tasks by default, and what hangs on them when asked', async () => {
    expect((await clear({ dag_run_id: RUN, task_ids: ['ingest'] })).body.total_entries).toBe(0);
    expect((await clear({ dag_run_id: RUN, task_ids: ['ingest'], only_failed: false })).body.total_entries).toBe(1);
    const below = await clear({ dag_run_id: RUN, task_ids: ['transform'], include_downstream: true });
    expect(below.body.task_instances.map((item: { task_id: string }) => item.task_id)).toEqual([
      'transform',
      'publish',
    ]);
    expect((await clear({ dag_run_id: 'nope' })).status).toBe(404);
  });

  it('clears for real, and refuses to clear what runs', async () => {
    const body = { dag_run_id: RUN, task_ids: ['transform'], include_downstream: true, dry_run: false };
    const { status, body: cleared } = await clear(body);
    expect(status).toBe(200);
    expect(cleared.task_instances.map((item: { state: string | null }) => item.state)).toEqual(['running', 'queued']);
    expect((await clear({ ...body, only_failed: false })).status).toBe(409);
    await platform.control('POST', '/control/settle');
    const after = await call('read', 'GET', `/api/v2/dags/${DAG}/dagRuns/${run}/taskInstances/transform`);
    // Nothing was repaired: it fails again, with one more try on its record.
    expect(after.body).toMatchObject({ state: 'failed' });
    expect(after.body.try_number).toBeGreaterThan(2);
  });

  it('notes a run, marks a task done once, triggers a run and refuses its twin', async () => {
    const noted = await call('write', 'PATCH', `/api/v2/dags/${DAG}/dagRuns/${run}`, { note: 'key-1' });
    expect(noted.body.note).toBe('key-1');
    const task = `/api/v2/dags/${DAG}/dagRuns/${run}/taskInstances/transform`;
    expect((await call('write', 'PATCH', task, { new_state: 'success' })).body.task_instances[0].state).toBe('success');
    expect((await call('write', 'PATCH', task, { new_state: 'success' })).status).toBe(409);
    expect((await call('write', 'PATCH', task, { new_state: 'done' })).status).toBe(422);
    const runs = `/api/v2/dags/${DAG}/dagRuns`;
    expect((await call('write', 'POST', runs, { dag_run_id: 'manual__x' })).body.detail[0].loc).toEqual([
      'body',
      'logical_date',
    ]);
    const made = await call('write', 'POST', runs, { dag_run_id: 'manual__x', logical_date: null });
    expect(made).toMatchObject({
      status: 200,
      body: { dag_run_id: 'manual__x', run_type: 'manual', logical_date: null },
    });
    expect((await call('write', 'POST', runs, { dag_run_id: 'manual__x', logical_date: null })).status).toBe(409);
  });
});
