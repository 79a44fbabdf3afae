import { cpSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runToEnd, startProcess } from '../processes.js';
import { pythonEnvironment } from '../python.js';
import type { Place, RealSystem } from '../system.js';
import { airflowAddress, airflowSecrets, askOpenly, commonSettings, prepareDags } from './airflow.js';

const PORT = 18180;
const URL = `http://127.0.0.1:${PORT}`;
/** Where tasks report to. */
const EXECUTION_PORT = 18280;
const EXECUTION_URL = `http://127.0.0.1:${EXECUTION_PORT}`;

/**
 * Airflow 3 over SQLite with the simple auth manager and three logins: what `airflow standalone` starts, but without a triggerer and
 * with two API servers. In one, a person's request that waits for SQLite blocks the loop in which the task's request that holds
 * the lock would end, and both fail.
 */
export const airflow3: RealSystem = {
  name: 'airflow3',
  title: 'Apache Airflow 3',
  truth: 'real',
  ci: true,
  needs: [],
  startsWithinMs: 240_000,
  async install(place) {
    await pythonEnvironment(place, 'airflow3');
  },
  async start(place) {
    const bin = await pythonEnvironment(place, 'airflow3');
    const { viewer, op, admin } = airflowSecrets(place);
    prepareDags(place);
    await prepareRepository(place);
    writeFileSync(passwordsFile(place), JSON.stringify({ viewer, op, admin }), { mode: 0o600 });
    const env = settings(place, bin);
    await runToEnd({ program: join(bin, 'airflow'), args: ['db', 'migrate'], env });
    const begin = (name: string, ...args: string[]): void =>
      startProcess(place, { name, program: join(bin, 'airflow'), args, env });
    begin('api', 'api-server', '--apps', 'core', '--port', String(PORT));
    begin('execution', 'api-server', '--apps', 'execution', '--port', String(EXECUTION_PORT));
    begin('dag-processor', 'dag-processor');
    // A task that begins before it can report is lost before its first line.
    await answering(`${EXECUTION_URL}/execution/health`);
    begin('scheduler', 'scheduler');
  },
  async version() {
    const health = await askOpenly<Record<string, { status: string | null }>>(`${URL}/api/v2/monitor/health`);
    const ready = ['metadatabase', 'scheduler', 'dag_processor'].every((part) => health?.[part]?.status === 'healthy');
    return ready ? (await askOpenly<{ version: string }>(`${URL}/api/v2/version`))?.version : undefined;
  },
  address: (place) => ({ ...airflowAddress(place, PORT), repository: repositoryOf(place) }),
};

async function answering(url: string): Promise<void> {
  const deadline = Date.now() + 120_000;
  while (
    Date.now() < deadline &&
    !(await fetch(url).then(
      ({ ok }) => ok,
      () => false,
    ))
  )
    await sleep(500);
}

/** A clone whose commits Airflow takes as they come: `git commit` in it is a deployment. */
const repositoryOf = (place: Place): string => join(place.state, 'repository');

async function prepareRepository(place: Place): Promise<void> {
  const cwd = repositoryOf(place);
  if (existsSync(cwd)) return;
  cpSync(join(place.root, 'test/real/airflow/versioned'), cwd, { recursive: true });
  const identity = ['-c', 'user.name=Data Platform', '-c', 'user.email=platform@example.com'];
  for (const args of [
    ['init', '-q', '-b', 'main'],
    ['add', '.'],
    [...identity, 'commit', '-q', '-m', 'Load cards'],
  ])
    await runToEnd({ program: 'git', args, cwd });
}

const passwordsFile = (place: Place): string => join(place.state, 'passwords.json');

function settings(place: Place, bin: string): Record<string, string> {
  const { key } = airflowSecrets(place);
  return {
    ...commonSettings(place, bin),
    AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS: 'viewer:viewer,op:op,admin:admin',
    AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE: passwordsFile(place),
    AIRFLOW__API__HOST: '127.0.0.1',
    AIRFLOW__API__BASE_URL: URL,
    AIRFLOW__CORE__EXECUTION_API_SERVER_URL: `${EXECUTION_URL}/execution/`,
    AIRFLOW__API__WORKERS: '1',
    AIRFLOW__API__SECRET_KEY: key,
    AIRFLOW__API_AUTH__JWT_SECRET: key,
    AIRFLOW__DATABASE__SQL_ALCHEMY_CONN: `sqlite:///${join(place.state, 'airflow.db')}?timeout=10`,
    AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST: JSON.stringify(bundles(place)),
    AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_STORAGE_PATH: join(place.state, 'bundles'),
    AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL: '2',
    AIRFLOW__DAG_PROCESSOR__BUNDLE_REFRESH_CHECK_INTERVAL: '1',
    // A changed file is parsed at once; parsing the others all the time only keeps SQLite busy.
    AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL: '30',
    AIRFLOW__DAG_PROCESSOR__PARSING_PROCESSES: '1',
    AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL: '2',
    AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_SEC: '3',
    AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT: '20',
    AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL: '5',
    AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT: '18281',
  };
}

/** The folder of files, whose newest content always runs, and a git repository, whose runs are bound to a commit. */
function bundles(place: Place): unknown[] {
  const git = { repo_url: repositoryOf(place), tracking_ref: 'main', refresh_interval: 2 };
  return [
    { name: 'dags-folder', classpath: 'airflow.dag_processing.bundles.local.LocalDagBundle', kwargs: {} },
    { name: 'versioned', classpath: 'airflow.providers.git.bundles.git.GitDagBundle', kwargs: git },
  ];
}
