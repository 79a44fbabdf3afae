import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createAirflowReader } from '../../../adapters/airflow/read.js';
import { createAirflowWriter } from '../../../adapters/airflow/write.js';
import { createHttpClient } from '../../../adapters/http/client.js';
import type { AirflowGiven } from '../../contract/expectations/airflow-given.js';
import { spoiltTokens } from '../../contract/expectations/spoilt-tokens.js';

const POLL_MS = 500;
const PATIENCE_MS = 480_000;

/** A running Airflow of either version, with what a test must do that the product never does: pausing, triggering, ending. */
export interface AirflowServer {
  version: '2' | '3';
  address: Record<string, string>;
  ask<T>(method: 'GET' | 'POST' | 'PATCH', path: string, body?: unknown): Promise<T>;
  /** Triggers a run and gives its id; Airflow 3 without a logical date. */
  trigger(dag: string, name: string): Promise<string>;
  untilTask(dag: string, run: string, task: string, state: string): Promise<void>;
  untilRun(dag: string, run: string): Promise<string>;
  /** Lets go what waits for it: the tasks of this run find that what they need is there. */
  flag(run: string): void;
}

export function airflowServer(version: '2' | '3', address: Record<string, string>): AirflowServer {
  const at = (key: string): string => address[key] ?? '';
  const root = `${at('url')}/api/v${version === '3' ? 2 : 1}`;
  let bearer: Promise<string> | undefined;

  async function logIn(): Promise<string> {
    const [username, password] = [at('adminUser'), at('adminPassword')];
    if (version === '2') return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ username, password });
    const response = await fetch(`${at('url')}/auth/token`, { method: 'POST', headers, body });
    return `Bearer ${((await response.json()) as { access_token: string }).access_token}`;
  }

  async function ask<T>(method: string, path: string, body?: unknown, attempts = 4): Promise<T> {
    bearer ??= logIn();
    const headers = { authorization: await bearer, 'content-type': 'application/json' };
    const init = body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) };
    const response = await fetch(root + path, init);
    const text = await response.text();
    // Two writes at once can lock SQLite; Airflow then undoes the one it refuses.
    if (response.status === 500 && text.includes('Database error') && attempts > 1)
      return ask<T>(method, path, body, attempts - 1);
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text.slice(0, 300)}`);
    return JSON.parse(text) as T;
  }

  const runPath = (dag: string, run: string): string => `/dags/${dag}/dagRuns/${encodeURIComponent(run)}`;
  return {
    version,
    address,
    ask: (method, path, body) => ask(method, path, body),
    async trigger(dag, name) {
      await ask('PATCH', `/dags/${dag}`, { is_paused: false });
      // The name keeps ids of one moment apart where the logical date must be unique, too.
      const moment = new Date(Date.now() - name.length * 1000).toISOString().replace('Z', '000+00:00');
      const body = { dag_run_id: `manual__${moment}`, logical_date: version === '3' ? null : moment };
      return (await ask<{ dag_run_id: string }>('POST', `/dags/${dag}/dagRuns`, body)).dag_run_id;
    },
    untilTask: (dag, run, task, state) =>
      until(`${dag}.${task} is ${state}`, async () => {
        const path = `${runPath(dag, run)}/taskInstances/${task}`;
        return (await ask<{ state: string }>('GET', path)).state === state || undefined;
      }).then(() => undefined),
    untilRun: (dag, run) =>
      until(`${dag} ${run} has ended`, async () => {
        const { state } = await ask<{ state: string }>('GET', runPath(dag, run));
        return ['success', 'failed'].includes(state) ? state : undefined;
      }),
    flag(run) {
      mkdirSync(join(at('home'), 'flags'), { recursive: true });
      writeFileSync(join(at('home'), 'flags', run), '');
    },
  };
}

/** Polls until there is an answer. @throws Error naming what did not come. */
export async function until<T>(what: string, look: () => Promise<T | undefined>, withinMs = PATIENCE_MS): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    // A DAG that is not parsed yet is a 404.
    const found = await look().catch(() => undefined);
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`It did not come to it that ${what}.`);
    await sleep(POLL_MS);
  }
}

/** Brings the DAGs of this folder to a running Airflow and waits until it knows them. */
export async function deployDags(server: AirflowServer): Promise<void> {
  cpSync(join(import.meta.dirname, 'dags'), server.address['dags'] ?? '', { recursive: true });
  for (const dag of ['cs_orders', 'cs_deaths', 'cs_sleeper', 'cs_chatter', 'cs_callback'])
    await until(`${dag} is parsed`, async () => server.ask('GET', `/dags/${dag}`));
}

/** A file that was a DAG and then no longer imports. @returns the DAG's name. */
export async function breakDag(server: AirflowServer): Promise<string> {
  const dag = 'cs_unreadable';
  const file = join(server.address['dags'] ?? '', 'live', `${dag}.py`);
  const imports = `import pendulum\ntry:\n    from airflow.sdk import DAG\nexcept ImportError:\n    from airflow import DAG\n`;
  const body = `with DAG("${dag}", schedule=None, start_date=pendulum.datetime(2026, 1, 1, tz="UTC")):\n    pass\n`;
  mkdirSync(join(server.address['dags'] ?? '', 'live'), { recursive: true });
  writeFileSync(file, imports + body);
  await until(`${dag} is parsed`, async () => server.ask('GET', `/dags/${dag}`));
  writeFileSync(file, `import rio_stac\n${imports}${body}`);
  await until(`${dag} is broken`, async () => {
    const { import_errors: errors } = await server.ask<{ import_errors: { stack_trace: string }[] }>(
      'GET',
      '/importErrors',
    );
    return errors.some(({ stack_trace: trace }) => trace.includes('rio_stac')) || undefined;
  });
  return dag;
}

/** The product's own readers and writers on this server, and what both versions have of the contract's world. */
export function connectionsTo(
  server: AirflowServer,
): Pick<AirflowGiven, 'reader' | 'writer' | 'viewer' | 'stranger' | 'spoilt'> {
  const http = createHttpClient({ system: 'Airflow', baseUrl: server.address['url'] ?? '' });
  const login = (role: 'viewer' | 'op') => ({
    http,
    user: server.address[`${role}User`] ?? '',
    password: server.address[`${role}Password`] ?? '',
    version: server.version,
  });
  return {
    reader: createAirflowReader(login('viewer')),
    writer: createAirflowWriter(login('op')),
    viewer: createAirflowWriter(login('viewer')),
    stranger: createAirflowReader({ ...login('viewer'), password: 'wrong' }),
    spoilt(times) {
      const { http: spoiling, logins } = spoiltTokens(http, times);
      return { reader: createAirflowReader({ ...login('viewer'), http: spoiling }), logins };
    },
  };
}

/** The facts about the DAGs of this folder that the contract asks for. */
export const ORDERS = {
  pausedDag: 'cs_paused',
  tasks: { done: 'extract', failed: 'load', waiting: 'publish', skipped: 'audit', mapped: 'part' },
  retries: 1,
  failingIndex: 1,
  mappedCount: 3,
  exception: 'ValueError: column merchant_subcategory is not in the file',
} as const;

/** The run that the schedule made once the DAG was unpaused. */
export async function scheduledRun(server: AirflowServer): Promise<string> {
  await server.ask('PATCH', '/dags/cs_orders', { is_paused: false });
  const run = await until('a scheduled run is there', async () => {
    const { dag_runs: runs } = await server.ask<{ dag_runs: { dag_run_id: string; run_type: string }[] }>(
      'GET',
      '/dags/cs_orders/dagRuns?limit=100',
    );
    return runs.find(({ run_type: type }) => type === 'scheduled')?.dag_run_id;
  });
  await server.untilRun('cs_orders', run);
  return run;
}
