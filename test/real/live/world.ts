import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runToEnd } from '../processes.js';
import { addressOf } from '../up.js';
import { type AirflowOperator, airflowOperator } from './airflow.js';
import { askTrino } from './trino.js';

/** The systems the live platform is made of. */
export const LIVE_SYSTEMS = ['git', 'airflow3', 'spark', 'trino', 'registry', 'prometheus', 'alertmanager'] as const;

/** A small company's data platform on the real systems: its code and settings in git, its DAGs in Airflow, its tables in the lake. */
export interface World {
  airflow: AirflowOperator;
  /** Files a DAG or a job waits for: `hold` keeps it waiting, `release` lets it go on. */
  hold(name: string): void;
  release(name: string): void;
  /** Waits until something waits for the hold. */
  untilHeld(name: string): Promise<void>;
  /** Where sources deliver files. */
  landing: string;
  lake: string;
  /** A commit to the configuration repository, as one of the people makes it. */
  commitConfig(file: string, change: (text: string) => string, message: string): Promise<void>;
  configText(file: string): Promise<string>;
  /** Python of the Spark environment, for delta-rs. */
  python: string;
  /** The registry's own address, behind the front that checks logins. */
  registry: string;
  /** Where Prometheus finds the ages of the landing folders. */
  exporter: string;
  /** The file that connects Countersign to all of it. */
  platformFile: string;
  /** Tells the DAGs and Alertmanager where Countersign is. */
  announce(url: string, token: string): void;
  close(): Promise<void>;
}

const FILES = join(import.meta.dirname, 'world');
const REPOSITORIES = { code: 'live-code.git', config: 'live-config.git' };
const GIT = { GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' };
/** Nobody touched this platform for seven weeks. */
const LONG_AGO = new Date(Date.now() - 47 * 86_400_000).toISOString();

/** Sets the platform up anew, step by step. The systems must be up. */
export async function openWorld(): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-live-'));
  const holds = join(folder, 'holds');
  const landing = join(folder, 'landing');
  for (const path of [holds, landing]) mkdirSync(path, { recursive: true });
  const [airflow, git, spark, trino, registry] = await Promise.all(
    (['airflow3', 'git', 'spark', 'trino', 'registry'] as const).map(addressOf),
  );
  const repository = (name: 'code' | 'config'): string => join(git?.repos ?? '', REPOSITORIES[name]);
  await publish(repository('code'), 'code', folder, 'l.brandt');
  await publish(repository('config'), 'config', folder, 'm.osei');
  deployDags(airflow?.dags ?? '', folder);
  const environment = {
    CONFIG_REPOSITORY: repository('config'),
    SPARK_SUBMIT: spark?.submit ?? '',
    TRINO_URL: trino?.url ?? '',
    REGISTRY_URL: registry?.direct ?? '',
    HOLDS: holds,
    LANDING: landing,
    JOBS: join(airflow?.dags ?? '', 'live/jobs'),
  };
  const announce = (more: Record<string, string>): void =>
    writeFileSync(join(airflow?.home ?? '', 'live.env.json'), JSON.stringify({ ...environment, ...more }), {
      mode: 0o600,
    });
  announce({});
  for (const schema of ['bronze', 'silver', 'gold'])
    await askTrino(`CREATE SCHEMA IF NOT EXISTS lake.${schema} WITH (location = 'local:///${schema}')`);
  const exporter = await exposeAges(landing);
  return {
    airflow: await airflowOperator(),
    hold: (name) => {
      rmSync(join(holds, `${name}.reached`), { force: true });
      writeFileSync(join(holds, name), '');
    },
    release: (name) => rmSync(join(holds, name), { force: true }),
    async untilHeld(name) {
      const deadline = Date.now() + 120_000;
      while (!readdirSync(holds).includes(`${name}.reached`)) {
        if (Date.now() > deadline) throw new Error(`nothing ever waited for ${name}`);
        await new Promise((wake) => setTimeout(wake, 200));
      }
    },
    landing,
    lake: trino?.lake ?? '',
    commitConfig: (file, change, message) => commit(repository('config'), { file, change, message }),
    configText: (file) =>
      runToEnd({ program: 'git', args: ['-C', repository('config'), 'show', `main:${file}`], env: GIT }),
    python: spark?.python ?? '',
    registry: registry?.direct ?? '',
    exporter: `127.0.0.1:${(exporter.address() as AddressInfo).port}`,
    platformFile: await connect(folder),
    announce: (url, token) => announce({ COUNTERSIGN_URL: url, COUNTERSIGN_TOKEN: token }),
    async close() {
      await new Promise((done) => exporter.close(done));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** One commit of long ago that holds the folder's files, as the only history of a repository. */
async function publish(repository: string, name: string, folder: string, author: string): Promise<void> {
  const checkout = join(folder, `checkout-${name}`);
  cpSync(join(FILES, name), checkout, { recursive: true });
  rmSync(repository, { recursive: true, force: true });
  const person = { GIT_AUTHOR_NAME: author, GIT_AUTHOR_EMAIL: `${author}@example.com` };
  const when = { GIT_AUTHOR_DATE: LONG_AGO, GIT_COMMITTER_DATE: LONG_AGO };
  const env = { ...GIT, ...person, ...when, GIT_COMMITTER_NAME: author, GIT_COMMITTER_EMAIL: `${author}@example.com` };
  const git = (...args: string[]): Promise<string> => runToEnd({ program: 'git', args, cwd: checkout, env });
  await git('init', '-q', '-b', 'main', '.');
  await git('add', '-A');
  await git('commit', '-q', '-m', 'The platform as it runs');
  await git('clone', '-q', '--bare', '.', repository);
  await runToEnd({ program: 'git', args: ['-C', repository, 'config', 'http.receivepack', 'true'], env: GIT });
}

/** Commits in a fresh clone and pushes, as a person does. */
async function commit(
  repository: string,
  { file, change, message }: { file: string; change: (text: string) => string; message: string },
): Promise<void> {
  const clone = mkdtempSync(join(tmpdir(), 'countersign-commit-'));
  const person = { GIT_AUTHOR_NAME: 'p.novak', GIT_AUTHOR_EMAIL: 'p.novak@example.com' };
  const env = { ...GIT, ...person, GIT_COMMITTER_NAME: 'p.novak', GIT_COMMITTER_EMAIL: 'p.novak@example.com' };
  const git = (...args: string[]): Promise<string> => runToEnd({ program: 'git', args, cwd: clone, env });
  await git('clone', '-q', repository, '.');
  const path = join(clone, file);
  writeFileSync(path, change(readFileSync(path, 'utf8')));
  await git('commit', '-q', '-a', '-m', message);
  await git('push', '-q', 'origin', 'HEAD:main');
  rmSync(clone, { recursive: true, force: true });
}

/** What a deployment does: the checked-out code where Airflow reads it. */
function deployDags(dags: string, folder: string): void {
  const live = join(dags, 'live');
  rmSync(live, { recursive: true, force: true });
  cpSync(join(folder, 'checkout-code/dags'), live, { recursive: true });
  cpSync(join(folder, 'checkout-code/jobs'), join(live, 'jobs'), { recursive: true });
  writeFileSync(join(live, '.airflowignore'), 'jobs\nplatform_tasks.py\n');
  cpSync(join(live, 'platform_tasks.py'), join(dags, 'platform_tasks.py'));
  cpSync(join(FILES, '../../airflow/dags/countersign_callback.py'), join(dags, 'countersign_callback.py'));
}

/** The age of the newest file in each landing folder, for Prometheus. */
async function exposeAges(landing: string): Promise<Server> {
  const server = createServer((_request, response) => {
    const lines = readdirSync(landing).flatMap((source) => {
      const newest = newestIn(join(landing, source));
      return newest === undefined ? [] : [`landing_age_seconds{source="${source}"} ${(Date.now() - newest) / 1000}`];
    });
    response.setHeader('content-type', 'text/plain; version=0.0.4');
    response.end(`# TYPE landing_age_seconds gauge\n${lines.join('\n')}\n`);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return server;
}

function newestIn(folder: string): number | undefined {
  const times = readdirSync(folder).map((name) => statSync(join(folder, name)).mtimeMs);
  return times.length === 0 ? undefined : Math.max(...times);
}

/** The platform file: every system with the login that only reads, and with the one that may write. */
async function connect(folder: string): Promise<string> {
  const [airflow, git, spark, trino, registry, prometheus] = await Promise.all(
    (['airflow3', 'git', 'spark', 'trino', 'registry', 'prometheus'] as const).map(addressOf),
  );
  const repositoryOf = (name: 'code' | 'config', login: 'reader' | 'repairer'): string => {
    const url = new URL(`${git?.url}/${REPOSITORIES[name]}`);
    url.username = git?.[`${login}User`] ?? '';
    url.password = git?.[`${login}Password`] ?? '';
    return url.href;
  };
  const sides = { read: ['viewer', 'reader'], write: ['op', 'repairer'] } as const;
  const side = (rights: 'read' | 'write'): Record<string, string> => {
    const [airflowLogin, login] = sides[rights];
    return {
      AIRFLOW_USER: airflow?.[`${airflowLogin}User`] ?? '',
      AIRFLOW_PASSWORD: airflow?.[`${airflowLogin}Password`] ?? '',
      TRINO_USER: trino?.[login] ?? '',
      SCHEMA_REGISTRY_USER: registry?.[login] ?? '',
      SCHEMA_REGISTRY_PASSWORD: registry?.[`${login}Password`] ?? '',
      CODE_REPOSITORY: repositoryOf('code', 'reader'),
      CONFIG_REPOSITORY: repositoryOf('config', login),
    };
  };
  const both = {
    AIRFLOW_URL: airflow?.url ?? '',
    SPARK_HISTORY_URL: spark?.url ?? '',
    SPARK_DRIVER_LOGS: `${spark?.driverLogs}/{app}/driver.log`,
    TRINO_URL: trino?.url ?? '',
    TRINO_CATALOG: trino?.catalog ?? '',
    SCHEMA_REGISTRY_URL: registry?.url ?? '',
    PROMETHEUS_URL: prometheus?.url ?? '',
    PROMETHEUS_USER: prometheus?.user ?? '',
    PROMETHEUS_PASSWORD: prometheus?.password ?? '',
    DELTA_ROOT: trino?.lake ?? '',
  };
  const file = join(folder, 'platform.yaml');
  for (const name of ['inventory.yaml', 'policy.yaml']) cpSync(join(FILES, name), join(folder, name));
  // JSON is YAML.
  const content = {
    inventory: 'inventory.yaml',
    policy: 'policy.yaml',
    both,
    read: side('read'),
    write: side('write'),
  };
  writeFileSync(file, JSON.stringify(content), { mode: 0o600 });
  return file;
}
