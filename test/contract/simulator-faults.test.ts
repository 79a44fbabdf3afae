import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { parse, stringify } from 'yaml';
import { createDeltaReader } from '../../adapters/delta/read.js';
import { createObjectStore } from '../../adapters/object-store/open.js';
import { startPlatform, startPlatformOf, type TestPlatform } from '../support/platform.js';

// Servers, git and tables start for real; a busy machine takes its time.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

// biome-ignore lint/suspicious/noExplicitAny: bodies of a foreign API are looked into freely here
type Body = any;
const DAG = 'daily_transactions';
const RUN = encodeURIComponent('scheduled__2026-05-14T02:00:00+00:00');

let platform: TestPlatform | undefined;
afterEach(async () => {
  await platform?.stop();
  platform = undefined;
});

/** The sample world with these faults in place of its own. */
async function withFaults(...faults: Record<string, unknown>[]): Promise<TestPlatform> {
  const yaml = readFileSync(resolve(import.meta.dirname, '../../fixtures/scenarios/s01.yaml'), 'utf8');
  platform = await startPlatformOf(stringify({ ...parse(yaml), tool_faults: faults }));
  return platform;
}

async function airflow(
  running: TestPlatform,
  rights: 'read' | 'write',
  path: string,
): Promise<{ status: number; body: Body }> {
  const { airflowUser, airflowPassword } = running.credentials[rights];
  const login = await fetch(`${running.addresses.airflow}/auth/token`, {
    method: 'POST',
    body: JSON.stringify({ username: airflowUser, password: airflowPassword }),
  });
  const { access_token: token } = (await login.json()) as Body;
  const response = await fetch(running.addresses.airflow + path, { headers: { Authorization: `Bearer ${token}` } });
  return { status: response.status, body: await response.json() };
}

describe('faults of a tool strike its system, for the reader alone', () => {
  it('denied: the reader gets 403, the repairer an answer', async () => {
    const running = await withFaults(
      { tool: 'airflow_dag_status', mode: 'denied' },
      { tool: 'kyuubi_query_plan', mode: 'denied' },
    );
    expect(await airflow(running, 'read', `/api/v2/dags/${DAG}`)).toEqual({
      status: 403,
      body: { detail: 'Forbidden' },
    });
    expect((await airflow(running, 'write', `/api/v2/dags/${DAG}`)).status).toBe(200);
    const query = (user: string) => fetch(`${running.addresses.trino}/v1/query`, { headers: { 'X-Trino-User': user } });
    expect((await query(running.credentials.read.trinoUser)).status).toBe(403);
    expect((await query(running.credentials.write.trinoUser)).status).toBe(200);
  });

  it('timeout: nothing is ever answered', async () => {
    const running = await withFaults({ tool: 'metric_query', mode: 'timeout' }, { tool: 'git_blame', mode: 'timeout' });
    const hang = (url: string, headers: Record<string, string> = {}) =>
      fetch(url, { headers, signal: AbortSignal.timeout(300) });
    await expect(hang(`${running.addresses.prometheus}/api/v1/query?query=up`)).rejects.toThrow(/timeout|aborted/i);
    const { gitUser, gitToken } = running.credentials.read;
    const basic = { Authorization: `Basic ${Buffer.from(`${gitUser}:${gitToken}`).toString('base64')}` };
    await expect(hang(`${running.addresses.git}/code.git/info/refs?service=git-upload-pack`, basic)).rejects.toThrow(
      /timeout|aborted/i,
    );
    // Other tools are not touched.
    expect((await fetch(`${running.addresses.registry}/subjects`)).status).toBe(200);
  });

  it('stale: the world as it was, without what came later', async () => {
    const running = await withFaults(
      { tool: 'schema_registry_diff', mode: 'stale', lag: '8h' },
      { tool: 'airflow_dag_status', mode: 'stale', lag: '8h' },
      { tool: 'delta_history', mode: 'stale', lag: '8h' },
    );
    const versions = (await (
      await fetch(`${running.addresses.registry}/subjects/core_banking.transactions/versions`)
    ).json()) as number[];
    const all = running.engine.subjectVersions('core_banking.transactions');
    expect(versions).toEqual(
      all.filter((item) => item.at <= running.engine.now() - 8 * 3_600_000).map((item) => item.version),
    );
    expect(versions.length).toBeLessThan(all.length);
    expect((await airflow(running, 'read', `/api/v2/dags/${DAG}/dagRuns/${RUN}`)).status).toBe(404);
    expect((await airflow(running, 'write', `/api/v2/dags/${DAG}/dagRuns/${RUN}`)).status).toBe(200);
    const [seen, true_] = await Promise.all(
      [running.credentials.read.deltaRoot, running.credentials.write.deltaRoot].map((root) =>
        createDeltaReader({ store: createObjectStore(root, { purpose: 'Delta lake' }) }).table(
          'bronze.transactions',
          99,
        ),
      ),
    );
    expect(seen?.version).toBeLessThan(true_?.version ?? -1);
  });

  it('truncated: lists end early, old commits of a table are cleaned away', async () => {
    const running = await withFaults(
      { tool: 'airflow_dag_status', mode: 'truncated' },
      { tool: 'delta_history', mode: 'truncated' },
    );
    const { body } = await airflow(
      running,
      'read',
      `/api/v2/dags/${DAG}/dagRuns/${RUN}/taskInstances/transform/logs/2`,
    );
    expect(body.content).toHaveLength(3);
    const seen = await createDeltaReader({
      store: createObjectStore(running.credentials.read.deltaRoot, { purpose: 'Delta lake' }),
    }).table('bronze.transactions', 99);
    expect(seen).toMatchObject({
      historyComplete: false,
      version: running.engine.world().delta['bronze.transactions']?.version,
    });
    expect(seen?.commits).toHaveLength(3);
  });

  it('wrong: the value of the scenario in place of the true one', async () => {
    const running = await withFaults(
      { tool: 'metric_query', mode: 'wrong', value: '0' },
      { tool: 'schema_registry_diff', mode: 'wrong', value: '3' },
      { tool: 'airflow_dag_status', mode: 'wrong', value: 'success' },
    );
    const metric = (await (
      await fetch(`${running.addresses.prometheus}/api/v1/query?query=spark_executor_memory_ratio`)
    ).json()) as Body;
    expect(metric.data.result[0].value[1]).toBe('0');
    const latest = (await (
      await fetch(`${running.addresses.registry}/subjects/core_banking.transactions/versions/latest`)
    ).json()) as Body;
    expect(latest.version).toBe(3);
    const { body } = await airflow(running, 'read', `/api/v2/dags/${DAG}/dagRuns?order_by=-run_after&limit=1`);
    expect(body.dag_runs[0].state).toBe('success');
  });

  it('a fault with args strikes only what names them', async () => {
    const running = await withFaults({ tool: 'metric_query', mode: 'denied', args: 'transactions_landed_rows' });
    expect((await fetch(`${running.addresses.prometheus}/api/v1/query?query=transactions_landed_rows`)).status).toBe(
      403,
    );
    expect((await fetch(`${running.addresses.prometheus}/api/v1/query?query=up`)).status).toBe(200);
  });
});

describe('the control server', () => {
  it('delivers the alert, tells the time and moves it', async () => {
    platform = await startPlatform('s01');
    const alert = await platform.control<Body>('GET', '/control/alert');
    expect(alert).toMatchObject({
      source: 'airflow',
      payload: { dag_id: DAG, task_id: 'transform', state: 'failed', try_number: 2, max_tries: 2 },
    });
    expect(alert.alertmanager).toMatchObject({ version: '4', alerts: [{ status: 'firing', labels: { dag: DAG } }] });
    const { now } = await platform.control<{ now: string }>('GET', '/control/clock');
    const later = await platform.control<{ now: string }>('POST', '/control/advance', { minutes: 30 });
    expect(Date.parse(later.now) - Date.parse(now)).toBe(30 * 60_000);
    await expect(platform.control('POST', '/control/advance', { minutes: -1 })).rejects.toThrow('400');
  });

  it('judges what was done over HTTP by execution, and keeps every request', async () => {
    platform = await startPlatform('s01');
    expect(await platform.control('POST', '/control/judge', { ending: 'silent' })).toMatchObject({
      passed: false,
      runGreen: false,
    });
    const { trinoUser } = platform.credentials.write;
    const headers = { 'X-Trino-User': trinoUser };
    const sql = 'ALTER TABLE delta.bronze.transactions ADD COLUMN merchant_subcategory_v2 varchar';
    let page = (await (
      await fetch(`${platform.addresses.trino}/v1/statement`, { method: 'POST', headers, body: sql })
    ).json()) as Body;
    while (page.nextUri) page = (await (await fetch(page.nextUri, { headers })).json()) as Body;
    expect(page.error).toBeUndefined();
    const repairs = [
      {
        do: 'schema_evolution',
        table: 'bronze.transactions',
        op: 'add_column',
        arg: { name: 'merchant_subcategory_v2', type: 'string' },
      },
      { do: 'retry', dag: DAG, run: decodeURIComponent(RUN) },
    ];
    platform.engine.clearTasks(DAG, decodeURIComponent(RUN), ['transform']);
    await platform.control('POST', '/control/settle');
    expect(await platform.control('POST', '/control/judge', { ending: 'repair', repairs })).toMatchObject({
      passed: true,
      unsafe: false,
      runGreen: true,
      failures: [],
    });
    const { requests } = await platform.control<{ requests: Body[] }>('GET', '/control/requests');
    expect(requests[0]).toMatchObject({
      system: 'trino',
      method: 'POST',
      path: '/v1/statement',
      user: trinoUser,
      status: 200,
    });
  });

  it('hurries only while a repair’s tasks run: seconds of ours for minutes of theirs', async () => {
    platform = await startPlatform('s01', { timeFactor: 600 });
    const { engine } = platform;
    const started = engine.now();
    await new Promise((done) => setTimeout(done, 250));
    expect(engine.now() - started).toBeLessThan(5_000);
    const { airflowUser, airflowPassword } = platform.credentials.write;
    const login = await fetch(`${platform.addresses.airflow}/auth/token`, {
      method: 'POST',
      body: JSON.stringify({ username: airflowUser, password: airflowPassword }),
    });
    const { access_token: token } = (await login.json()) as Body;
    await fetch(`${platform.addresses.airflow}/api/v2/dags/${DAG}/clearTaskInstances`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${token}` },
      body: JSON.stringify({ dag_run_id: decodeURIComponent(RUN), dry_run: false, include_downstream: true }),
    });
    const state = (): string | undefined => engine.world().airflow[DAG]?.runs[decodeURIComponent(RUN)]?.state;
    expect(state()).toBe('running');
    await expect.poll(state, { timeout: 5_000 }).toBe('failed');
    await new Promise((done) => setTimeout(done, 150));
    const settled = engine.now();
    await new Promise((done) => setTimeout(done, 250));
    expect(engine.now() - settled).toBeLessThan(5_000);
  });
});
