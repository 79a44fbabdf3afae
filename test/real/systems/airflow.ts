import { randomBytes } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Place } from '../system.js';

/** One login a role; the names are those of the roles, the passwords are made once and kept in `place.state`. */
export interface AirflowSecrets {
  viewer: string;
  op: string;
  admin: string;
  /** Signs tokens and sessions; one value for all components. */
  key: string;
}

export function airflowSecrets(place: Place): AirflowSecrets {
  const file = join(place.state, 'secrets.json');
  if (!existsSync(file)) {
    const secret = (): string => randomBytes(24).toString('base64url');
    const made: AirflowSecrets = {
      viewer: secret(),
      op: secret(),
      admin: secret(),
      key: randomBytes(64).toString('base64url'),
    };
    writeFileSync(file, JSON.stringify(made), { mode: 0o600 });
  }
  return JSON.parse(readFileSync(file, 'utf8')) as AirflowSecrets;
}

/** The DAGs of `test/real/airflow/dags`, and an empty `live` folder for what a test writes while Airflow runs. */
export function prepareDags(place: Place): void {
  mkdirSync(join(place.state, 'dags/live'), { recursive: true });
  cpSync(join(place.root, 'test/real/airflow/dags'), join(place.state, 'dags'), { recursive: true });
}

export function airflowAddress(place: Place, port: number): Record<string, string> {
  const { viewer, op, admin } = airflowSecrets(place);
  return {
    url: `http://127.0.0.1:${port}`,
    viewerUser: 'viewer',
    viewerPassword: viewer,
    opUser: 'op',
    opPassword: op,
    adminUser: 'admin',
    adminPassword: admin,
    dags: join(place.state, 'dags'),
    home: place.state,
  };
}

/** What both versions are started with. New and edited DAG files are seen within seconds; a task without a heartbeat is found within half a minute. */
export function commonSettings(place: Place, bin: string): Record<string, string> {
  return {
    PATH: `${bin}:${process.env['PATH'] ?? ''}`,
    AIRFLOW_HOME: place.state,
    AIRFLOW__CORE__DAGS_FOLDER: join(place.state, 'dags'),
    AIRFLOW__CORE__LOAD_EXAMPLES: 'False',
    AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION: 'False',
    AIRFLOW__CORE__PARALLELISM: '8',
    AIRFLOW__CORE__MIN_SERIALIZED_DAG_UPDATE_INTERVAL: '1',
    AIRFLOW__CORE__MIN_SERIALIZED_DAG_FETCH_INTERVAL: '1',
    AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME: '0.5',
    AIRFLOW__USAGE_DATA_COLLECTION__ENABLED: 'False',
  };
}

/** JSON of an address that needs no login, or undefined while nobody answers there. */
export async function askOpenly<T>(url: string): Promise<T | undefined> {
  const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
  return response.ok ? ((await response.json()) as T) : undefined;
}
