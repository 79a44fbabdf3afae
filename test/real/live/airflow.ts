import { setTimeout as sleep } from 'node:timers/promises';
import { addressOf } from '../up.js';

/** Airflow as the platform's own people use it, with the administrator's login: not through Countersign's adapter, which is under test. */
export interface AirflowOperator {
  /** Waits until the DAG's file was read without an error. */
  untilKnown(dag: string): Promise<void>;
  /** Ends and removes every run of a DAG. */
  forget(dag: string): Promise<void>;
  /** Starts a run; `dueAt` is its logical date, none when undefined. */
  trigger(dag: string, run: string, dueAt?: Date): Promise<void>;
  /** Waits until the run has one of these states. @throws Error naming the state it has when the time is over. */
  until(dag: string, run: string, states: readonly string[], withinMs?: number): Promise<string>;
  task(dag: string, run: string, task: string): Promise<{ state: string; try_number: number; pid: number | null }>;
}

const WITHIN_MS = 180_000;

export async function airflowOperator(): Promise<AirflowOperator> {
  const { url, adminUser, adminPassword } = await addressOf('airflow3');
  const login = await fetch(`${url}/auth/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: adminUser, password: adminPassword }),
  });
  const { access_token: token } = (await login.json()) as { access_token: string };

  async function call<T>(method: string, path: string, body?: unknown): Promise<T | undefined> {
    const response = await fetch(`${url}/api/v2${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (response.status === 404 || response.status === 204) return undefined;
    if (!response.ok)
      throw new Error(`Airflow answered ${response.status} to ${method} ${path}: ${await response.text()}`);
    return (await response.json()) as T;
  }
  const runsOf = async (dag: string): Promise<{ dag_run_id: string; state: string }[]> =>
    (await call<{ dag_runs: { dag_run_id: string; state: string }[] }>('GET', `/dags/${dag}/dagRuns?limit=100`))
      ?.dag_runs ?? [];
  const pathOf = (dag: string, run: string): string => `/dags/${dag}/dagRuns/${encodeURIComponent(run)}`;

  return {
    async untilKnown(dag) {
      const deadline = Date.now() + WITHIN_MS;
      while ((await call('GET', `/dags/${dag}`)) === undefined) {
        const broken = await call<{ import_errors: { filename: string; stack_trace: string }[] }>(
          'GET',
          '/importErrors',
        );
        const error = broken?.import_errors.find(({ filename }) => filename.includes(`${dag}.py`));
        if (error) throw new Error(`${error.filename} can not be imported:\n${error.stack_trace}`);
        if (Date.now() > deadline) throw new Error(`Airflow never found the DAG ${dag}`);
        await sleep(500);
      }
      await call('PATCH', `/dags/${dag}?update_mask=is_paused`, { is_paused: false });
    },
    async forget(dag) {
      for (const { dag_run_id: run } of await runsOf(dag)) await call('DELETE', pathOf(dag, run));
    },
    async trigger(dag, run, dueAt) {
      const date = dueAt === undefined ? null : dueAt.toISOString();
      await call('POST', `/dags/${dag}/dagRuns`, { dag_run_id: run, logical_date: date });
    },
    async until(dag, run, states, withinMs = WITHIN_MS) {
      const deadline = Date.now() + withinMs;
      for (;;) {
        const found = (await runsOf(dag)).find(({ dag_run_id: id }) => id === run);
        if (found && states.includes(found.state)) return found.state;
        if (Date.now() > deadline)
          throw new Error(`${dag} ${run} is ${found?.state ?? 'not there'}, not ${states.join(' or ')}`);
        await sleep(300);
      }
    },
    async task(dag, run, task) {
      const found = await call<{ state: string; try_number: number; pid: number | null }>(
        'GET',
        `${pathOf(dag, run)}/taskInstances/${task}`,
      );
      if (found === undefined) throw new Error(`${dag} ${run} has no task ${task}`);
      return found;
    },
  };
}
