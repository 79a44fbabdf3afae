import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runToEnd, startProcess } from '../processes.js';
import { pythonEnvironment } from '../python.js';
import type { Place, RealSystem } from '../system.js';
import { airflowAddress, airflowSecrets, askOpenly, commonSettings, prepareDags } from './airflow.js';

const PORT = 18181;
const URL = `http://127.0.0.1:${PORT}`;

/** Airflow 2.11: web server and scheduler over SQLite, which allows one task at a time; basic authentication with three logins. */
export const airflow2: RealSystem = {
  name: 'airflow2',
  title: 'Apache Airflow 2',
  truth: 'real',
  ci: false,
  needs: [],
  startsWithinMs: 240_000,
  async install(place) {
    await pythonEnvironment(place, 'airflow2');
  },
  async start(place) {
    const bin = await pythonEnvironment(place, 'airflow2');
    const env = settings(place, bin);
    prepareDags(place);
    await runToEnd({ program: join(bin, 'airflow'), args: ['db', 'migrate'], env });
    await runToEnd({
      program: join(bin, 'python'),
      args: [join(place.root, 'test/real/airflow/users.py'), usersFile(place)],
      env,
    });
    for (const name of ['webserver', 'scheduler'])
      startProcess(place, { name, program: join(bin, 'airflow'), args: [name], env });
  },
  async version() {
    const health = await askOpenly<Record<string, { status: string | null }>>(`${URL}/api/v1/health`);
    const ready = ['metadatabase', 'scheduler'].every((part) => health?.[part]?.status === 'healthy');
    return ready ? (await askOpenly<{ version: string }>(`${URL}/api/v1/version`))?.version : undefined;
  },
  address: (place) => airflowAddress(place, PORT),
};

/** Passwords go through a file: a command line can be read by every process of the machine. */
function usersFile(place: Place): string {
  const secrets = airflowSecrets(place);
  const users = (['viewer', 'op', 'admin'] as const).map((name) => ({
    username: name,
    first_name: name,
    last_name: name,
    email: `${name}@example.com`,
    password: secrets[name],
    role: `${name.charAt(0).toUpperCase()}${name.slice(1)}`,
  }));
  const file = join(place.state, 'users.json');
  writeFileSync(file, JSON.stringify(users), { mode: 0o600 });
  return file;
}

function settings(place: Place, bin: string): Record<string, string> {
  return {
    ...commonSettings(place, bin),
    // Without it every call with a password is refused: the default knows browser sessions only.
    AIRFLOW__API__AUTH_BACKENDS: 'airflow.providers.fab.auth_manager.api.auth.backend.basic_auth',
    AIRFLOW__WEBSERVER__SECRET_KEY: airflowSecrets(place).key,
    AIRFLOW__WEBSERVER__WEB_SERVER_HOST: '127.0.0.1',
    AIRFLOW__WEBSERVER__WEB_SERVER_PORT: String(PORT),
    AIRFLOW__WEBSERVER__BASE_URL: URL,
    AIRFLOW__WEBSERVER__WORKERS: '1',
    AIRFLOW__SCHEDULER__DAG_DIR_LIST_INTERVAL: '3',
    AIRFLOW__SCHEDULER__MIN_FILE_PROCESS_INTERVAL: '2',
    AIRFLOW__SCHEDULER__PARSING_PROCESSES: '1',
    AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT: '18282',
    AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT: '18283',
  };
}
