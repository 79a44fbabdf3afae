import { afterEach, describe, expect, it } from 'vitest';
import {
  type ScriptedAnswer,
  type ScriptedRequest,
  type ScriptedServer,
  startScriptedServer,
} from '../../test/support/scripted-http.js';
import { createAirflowReader } from './read.js';
import { createAirflowWriter } from './write.js';

const RUN = 'scheduled__2026-11-23T02:00:00+00:00';
const RUN_PATH = `/api/v2/dags/d/dagRuns/${encodeURIComponent(RUN)}`;
let server: ScriptedServer;
afterEach(() => server.close());

function token(exp: number): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'HS256' })}.${part({ exp })}.sig-${exp}`;
}

/** Airflow 3 with a login; `routes` answers what comes after it. */
async function airflow3(routes: (request: ScriptedRequest) => ScriptedAnswer, logins = [token(4_000_000_000)]) {
  let login = 0;
  server = await startScriptedServer((request) => {
    if (request.path !== '/auth/token') return routes(request);
    const { username, password } = JSON.parse(request.body) as Record<string, string>;
    if (username !== 'bot' || password !== 'pw') return { status: 401, json: { detail: 'bad' } };
    const access_token = logins[Math.min(login, logins.length - 1)];
    login += 1;
    return { status: 201, json: { access_token } };
  });
  return { http: server.client(), user: 'bot', password: 'pw', version: '3' as const };
}
const asked = (): string[] => server.requests.map(({ method, path }) => `${method} ${path}`);

const task = (fields: Record<string, unknown>) => ({
  task_id: 'load',
  map_index: -1,
  state: 'failed',
  try_number: 1,
  max_tries: 0,
  operator: 'PythonOperator',
  hostname: 'w1',
  a_field_of_tomorrow: {},
  ...fields,
});
const tasks = (...list: Record<string, unknown>[]): ScriptedAnswer => ({
  json: { task_instances: list.map(task), total_entries: list.length },
});

describe('createAirflowReader', () => {
  it('logs in once for calls made together, and describes a DAG with its own import errors', async () => {
    const deps = await airflow3(({ path }) =>
      path.startsWith('/api/v2/importErrors')
        ? {
            json: {
              import_errors: [
                { filename: 'pipelines/d.py', stack_trace: "ModuleNotFoundError: No module named 'x'" },
                { filename: 'other_d.py', stack_trace: 'not ours' },
              ],
            },
          }
        : {
            json: {
              dag_id: 'd',
              is_paused: true,
              owners: ['core'],
              fileloc: '/opt/dags/pipelines/d.py',
              relative_fileloc: 'pipelines/d.py',
              timetable_summary: '0 2 * * *',
              has_import_errors: true,
            },
          },
    );
    const reader = createAirflowReader(deps);
    const [one, two] = await Promise.all([reader.dag('d'), reader.dag('d')]);
    expect(one).toEqual({
      dag: 'd',
      paused: true,
      owners: ['core'],
      file: 'pipelines/d.py',
      schedule: '0 2 * * *',
      importErrors: ["ModuleNotFoundError: No module named 'x'"],
    });
    expect(two).toEqual(one);
    expect(asked().filter((line) => line.includes('/auth/token'))).toHaveLength(1);
  });

  it('logs in again when the token nears its expiry', async () => {
    let now = 1_000_000_000_000;
    const deps = await airflow3(() => ({ json: { dag_runs: [] } }), [token(1_000_000_300), token(4_000_000_000)]);
    const reader = createAirflowReader({ ...deps, now: () => now });
    await reader.runs('d', 1);
    await reader.runs('d', 1);
    now += 250_000;
    await reader.runs('d', 1);
    expect(asked().filter((line) => line.includes('/auth/token'))).toHaveLength(2);
    expect(server.requests.at(-1)?.headers['authorization']).toContain('sig-4000000000');
  });

  it('answers one 401 with one new login, and a second 401 with an error', async () => {
    let refuse = 1;
    const deps = await airflow3(() => (refuse-- > 0 ? { status: 401 } : { json: { dag_runs: [] } }));
    expect(await createAirflowReader(deps).runs('d', 5)).toEqual([]);
    expect(asked().filter((line) => line.includes('/auth/token'))).toHaveLength(2);
    refuse = 100;
    await expect(createAirflowReader(deps).runs('d', 5)).rejects.toMatchObject({ kind: 'unauthenticated' });
    expect(asked().filter((line) => line.includes('/auth/token'))).toHaveLength(4);
  });

  it('renews a token whose signature is refused, and tells that from a missing right', async () => {
    let spoilt = 1;
    const deps = await airflow3(({ path }) => {
      if (path.includes('/dags/secret')) return { status: 403, json: { detail: 'Forbidden' } };
      return spoilt-- > 0 ? { status: 403, json: { detail: 'Invalid JWT token' } } : { json: { dag_runs: [] } };
    });
    const reader = createAirflowReader(deps);
    expect(await reader.runs('d', 1)).toEqual([]);
    expect(asked().filter((line) => line.includes('/auth/token'))).toHaveLength(2);
    await expect(reader.dag('secret')).rejects.toMatchObject({ kind: 'forbidden' });
    expect(asked().filter((line) => line.includes('/auth/token'))).toHaveLength(2);
  });

  it('says so when the password is wrong, and tries again later', async () => {
    const deps = await airflow3(() => ({ json: {} }));
    const reader = createAirflowReader({ ...deps, password: 'other' });
    await expect(reader.dag('d')).rejects.toMatchObject({ kind: 'unauthenticated' });
    await expect(reader.dag('d')).rejects.toMatchObject({ kind: 'unauthenticated' });
    expect(asked()).toEqual(['POST /auth/token', 'POST /auth/token']);
  });

  it('tells what does not exist from what is broken', async () => {
    const deps = await airflow3(({ path }) =>
      path.includes('/dags/none') ? { status: 404, json: { detail: 'no' } } : { text: '<html>gateway</html>' },
    );
    const reader = createAirflowReader(deps);
    expect(await reader.dag('none')).toBeUndefined();
    expect(await reader.runs('none', 3)).toEqual([]);
    expect(await reader.tasks('none', RUN)).toEqual([]);
    await expect(reader.dag('d')).rejects.toMatchObject({ kind: 'unexpected_answer' });
  });

  it('reads runs with null dates and unknown states', async () => {
    const deps = await airflow3(() => ({
      json: {
        dag_runs: [{ dag_run_id: 'manual__1', state: 'on_the_moon', run_type: 'asset_triggered', logical_date: null }],
      },
    }));
    expect(await createAirflowReader(deps).runs('d', 3)).toEqual([
      {
        run: 'manual__1',
        state: 'on_the_moon',
        type: 'asset_triggered',
        logicalDate: undefined,
        startedAt: undefined,
        endedAt: undefined,
        note: undefined,
      },
    ]);
    expect(asked().at(-1)).toBe('GET /api/v2/dags/d/dagRuns?order_by=-run_after&limit=3');
  });

  it('reads all pages of tasks, with an encoded run id', async () => {
    const deps = await airflow3(({ path }) => {
      const offset = Number(new URL(path, 'http://x').searchParams.get('offset'));
      const size = offset === 200 ? 5 : 100;
      const list = Array.from({ length: size }, (_, index) => task({ task_id: `t${offset + index}`, state: null }));
      return { json: { task_instances: list, total_entries: 205 } };
    });
    const found = await createAirflowReader(deps).tasks('d', RUN);
    expect(found).toHaveLength(205);
    expect(found[0]?.state).toBe('none');
    expect(asked()[1]).toBe(`GET ${RUN_PATH}/taskInstances?limit=100&offset=0`);
  });

  it('joins the pages of a log and shows exceptions by type and value', async () => {
    const deps = await airflow3(({ path }) => {
      if (!path.includes('/logs/')) return tasks({ try_number: 3 });
      if (!path.includes('token=next'))
        return {
          json: {
            content: [
              { event: '::group::Log message source details', sources: ['/secret/path'] },
              { event: '::endgroup::' },
              {
                timestamp: '2026-11-23T02:14:00Z',
                event: '\u001b[31mTask failed with exception\u001b[0m',
                level: 'error',
                logger: 'task',
                error_detail: [
                  {
                    exc_type: 'AnalysisException',
                    exc_value: '[UNRESOLVED_COLUMN] no\nsuch column',
                    is_cause: false,
                    frames: [],
                  },
                  { exc_type: 'Py4JError', exc_value: 'inner', is_cause: true },
                ],
              },
            ],
            continuation_token: 'next',
          },
        };
      return {
        json: {
          content: [
            { event: 'Process terminated by signal.', level: 'critical', signal: -9, signal_name: 'SIGKILL' },
            'plain',
          ],
          continuation_token: null,
        },
      };
    });
    const log = await createAirflowReader(deps).taskLog('d', RUN, 'load', undefined, 10_000);
    expect(log?.split('\n')).toEqual([
      '2026-11-23T02:14:00Z ERROR Task failed with exception',
      'AnalysisException: [UNRESOLVED_COLUMN] no',
      'such column',
      'Caused by: Py4JError: inner',
      'CRITICAL Process terminated by signal. signal=-9 signal_name=SIGKILL',
      'plain',
    ]);
    expect(asked().filter((line) => line.includes('/logs/3?'))).toHaveLength(2);
  });

  it('ends although a running task gives the same token for ever', async () => {
    const deps = await airflow3(({ path }) =>
      path.includes('/logs/')
        ? { json: { content: ['a line'], continuation_token: 'same' } }
        : tasks({ state: 'running' }),
    );
    expect(await createAirflowReader(deps).taskLog('d', RUN, 'load', 1, 1000)).toBe('a line\na line');
  });

  it('takes the failed instance of a mapped task, and the try before one that has not begun', async () => {
    const deps = await airflow3(({ path }) => {
      if (!path.includes('/logs/')) return tasks({ map_index: 0, state: 'success' }, { map_index: 3, try_number: 2 });
      return path.includes('/logs/2?') ? { status: 404 } : { json: { content: [{ event: path }] } };
    });
    const log = await createAirflowReader(deps).taskLog('d', RUN, 'load', undefined, 1000);
    expect(log).toContain('/logs/1?map_index=3');
  });

  it('gives undefined for a task that never ran, an unknown task and an empty log', async () => {
    const deps = await airflow3(({ path }) => {
      if (path.includes('/eventLogs')) return { json: { event_logs: [] } };
      return path.includes('/logs/') ? { json: { content: [] } } : tasks({ try_number: 0 }, { task_id: 'empty' });
    });
    const reader = createAirflowReader(deps);
    for (const name of ['load', 'unknown', 'empty']) {
      expect(await reader.taskLog('d', RUN, name, undefined, 1000)).toBeUndefined();
    }
  });

  it('speaks to Airflow 2: basic authentication, old names, plain-text logs', async () => {
    server = await startScriptedServer(({ path, headers }) => {
      if (headers['authorization'] !== `Basic ${Buffer.from('bot:pw').toString('base64')}`) return { status: 401 };
      if (path.includes('/eventLogs')) return { status: 403 };
      if (path.includes('/logs/'))
        return { text: '*** Found local files:\n***   * /x/attempt=1.log\n[2026] ERROR - boom\nend' };
      if (path.includes('/taskInstances')) return { json: { task_instances: [task({})], total_entries: 1 } };
      if (path.includes('/dagRuns'))
        return { json: { dag_runs: [{ dag_run_id: 'r', execution_date: '2026-11-23', state: 'failed' }] } };
      if (path.includes('/importErrors')) return { json: { import_errors: [] } };
      return {
        json: {
          dag_id: 'd',
          fileloc: '/d.py',
          owners: [],
          schedule_interval: { __type: 'CronExpression', value: '@daily' },
        },
      };
    });
    const reader = createAirflowReader({ http: server.client(), user: 'bot', password: 'pw', version: '2' });
    expect(await reader.dag('d')).toMatchObject({ schedule: '@daily', file: '/d.py' });
    expect(await reader.runs('d', 2)).toMatchObject([{ logicalDate: '2026-11-23' }]);
    expect(await reader.taskLog('d', 'r', 'load', undefined, 1000)).toBe('[2026] ERROR - boom\nend');
    expect(asked()).toContain('GET /api/v1/dags/d/dagRuns?order_by=-execution_date&limit=2');
    const log = server.requests.find(({ path }) => path.includes('/logs/'));
    expect(log?.headers['accept']).toBe('text/plain');
  });
});

describe('createAirflowWriter', () => {
  const sent = (): Record<string, unknown> =>
    JSON.parse(server.requests.at(-1)?.body ?? '{}') as Record<string, unknown>;
  const withTasks = (version: string, ...list: Record<string, unknown>[]) =>
    airflow3(({ method, path }) => {
      if (path.endsWith('/version')) return { json: { version } };
      return method === 'GET' ? tasks(...list) : { json: { task_instances: [task({})], total_entries: 1 } };
    });

  it('clears exactly what was named on the newest code, and says dry_run in every call', async () => {
    const writer = createAirflowWriter(await withTasks('3.2.1', {}, { task_id: 'publish', state: 'upstream_failed' }));
    expect(await writer.clear('d', RUN, ['load'], true)).toEqual([{ task: 'load', state: 'failed' }]);
    const body = {
      dag_run_id: RUN,
      task_ids: ['load'],
      only_failed: false,
      only_running: false,
      include_upstream: false,
      include_downstream: false,
      include_future: false,
      include_past: false,
      reset_dag_runs: true,
      run_on_latest_version: true,
      prevent_running_task: true,
    };
    expect(sent()).toEqual({ ...body, dry_run: true });
    await writer.clear('d', RUN, ['load'], false);
    expect(sent()).toEqual({ ...body, dry_run: false });
  });

  it.each([
    ['3.0.4', undefined, undefined],
    ['3.1.0', true, undefined],
    ['3.2.0', true, true],
    ['4.0.0', true, true],
  ])('sends Airflow %s only what it knows', async (version, latest, guard) => {
    await createAirflowWriter(await withTasks(version, {})).clear('d', RUN, ['load'], false);
    expect(sent()['run_on_latest_version']).toBe(latest);
    expect(sent()['prevent_running_task']).toBe(guard);
  });

  it('names the failed instances of a mapped task, and the task when all of it failed', async () => {
    const mapped = [0, 1, 2].map((map_index) => ({ task_id: 'part', map_index, state: 'success' }));
    const deps = await withTasks(
      '3.3.2',
      ...mapped,
      { task_id: 'part', map_index: 3 },
      { task_id: 'all', map_index: 0 },
    );
    await createAirflowWriter(deps).clear('d', RUN, ['part', 'all'], false);
    expect(sent()).toMatchObject({ task_ids: [['part', 3], 'all'], only_failed: false });
  });

  it('clears a task that succeeded without anything that hangs on it', async () => {
    const deps = await withTasks(
      '3.2.1',
      { task_id: 'extract', state: 'success' },
      { task_id: 'load', state: 'failed' },
      { task_id: 'audit', state: 'success' },
      { task_id: 'publish', state: 'upstream_failed' },
    );
    await createAirflowWriter(deps).clear('d', RUN, ['extract', 'load'], false);
    expect(sent()).toMatchObject({
      task_ids: ['extract', 'load'],
      only_failed: false,
      include_downstream: false,
    });
  });

  it('clears nothing while a task runs, or when a task is unknown', async () => {
    const writer = createAirflowWriter(await withTasks('3.0.0', { state: 'running' }));
    await expect(writer.clear('d', RUN, ['load'], false)).rejects.toMatchObject({ kind: 'conflict', retryable: false });
    await expect(writer.clear('d', RUN, ['nope'], false)).rejects.toMatchObject({ kind: 'not_found' });
    await expect(writer.clear('d', RUN, [], false)).rejects.toMatchObject({ kind: 'not_found' });
    expect(asked().filter((line) => line.includes('clearTaskInstances'))).toEqual([]);
  });

  it.each([[{ hang: true }], [{ cut: true }], [{ status: 504 }], [{ text: 'garbage' }]])(
    'sends the clear once and reports %o as unknown',
    async (answer) => {
      const deps = await airflow3(({ method, path }) =>
        path.endsWith('/version') ? { json: { version: '3.0.0' } } : method === 'GET' ? tasks({}) : answer,
      );
      const http = server.client({ timeoutMs: 300 });
      const error = await createAirflowWriter({ ...deps, http })
        .clear('d', RUN, ['load'], false)
        .catch((thrown) => thrown);
      expect(error).toMatchObject({ kind: 'timeout', retryable: true });
      expect(asked().filter((line) => line.startsWith('POST /api'))).toHaveLength(1);
    },
  );

  it('reports a viewer as forbidden', async () => {
    const deps = await airflow3(({ method }) => (method === 'GET' ? tasks({}) : { status: 403 }));
    await expect(createAirflowWriter(deps).clear('d', RUN, ['load'], false)).rejects.toMatchObject({
      kind: 'forbidden',
    });
  });

  it('marks success, and adds a note below the one that is there', async () => {
    const deps = await airflow3(({ method }) =>
      method === 'GET' ? { json: { dag_run_id: RUN, note: 'on it, Ana' } } : { json: {} },
    );
    const writer = createAirflowWriter(deps);
    await writer.markSuccess('d', RUN, 'load');
    expect(asked().at(-1)).toBe(`PATCH ${RUN_PATH}/taskInstances/load`);
    expect(sent()).toEqual({ new_state: 'success' });
    await writer.annotate('d', RUN, 'countersign k:1');
    expect(asked().at(-1)).toBe(`PATCH ${RUN_PATH}?update_mask=note`);
    expect(sent()).toEqual({ note: 'on it, Ana\ncountersign k:1' });
    const before = asked().length;
    await writer.annotate('d', RUN, 'on it');
    expect(asked().slice(before)).toEqual([`GET ${RUN_PATH}`]);
  });
});
