import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { javaHome, unpacked } from '../java.js';
import { runToEnd, startProcess } from '../processes.js';
import type { Place, RealSystem } from '../system.js';

/** The last release whose server is on Maven Central. */
const VERSION = '476';
const PORT = 18183;
const URL = `http://127.0.0.1:${PORT}`;

/** Every other connector costs start time and memory. */
const PLUGINS = ['delta-lake', 'memory', 'tpch'];

/** Named in the rules below; the user is what the header says, because Trino takes no password over plain HTTP. */
const USERS = { reader: 'countersign-reader', repairer: 'countersign-repairer', pipeline: 'pipeline' };

/** One coordinator that is its own worker, with the shared Delta lake as catalog `lake`, and generated data as `tpch`. */
export const trino: RealSystem = {
  name: 'trino',
  title: 'Trino with the Delta Lake connector',
  truth: 'real',
  ci: false,
  needs: [],
  startsWithinMs: 240_000,

  async install(place) {
    const plugins = join(await programs(place), 'plugin');
    // The archive shares files between plugins by hard links, so it is unpacked whole and thinned out afterwards.
    for (const name of readdirSync(plugins).filter((plugin) => !PLUGINS.includes(plugin))) {
      rmSync(join(plugins, name), { recursive: true });
    }
    await addLocalLake(place, plugins);
  },

  async start(place) {
    writeConfiguration(place);
    const server = await programs(place);
    startProcess(place, {
      name: 'trino',
      program: join(server, 'bin/launcher'),
      args: ['run', '--etc-dir', join(place.state, 'etc'), '--data-dir', join(place.state, 'data')],
      env: { JAVA_HOME: javaHome(24), PATH: `${javaHome(24)}/bin:${process.env['PATH'] ?? ''}` },
    });
  },

  async version() {
    const response = await fetch(`${URL}/v1/info`, { signal: AbortSignal.timeout(3_000) });
    const info = (await response.json()) as { nodeVersion: { version: string }; starting: boolean };
    return !info.starting && (await hasWorkers()) ? info.nodeVersion.version : undefined;
  },

  address: (place) => ({ url: URL, ...USERS, catalog: 'lake', lake: place.stateOf('lake') }),
};

/** Ready is when a statement runs: the coordinator answers seconds before it knows itself as a worker. */
async function hasWorkers(): Promise<boolean> {
  const headers = { 'x-trino-user': USERS.pipeline };
  const signal = AbortSignal.timeout(20_000);
  let response = await fetch(`${URL}/v1/statement`, {
    method: 'POST',
    headers,
    body: 'SELECT 1 FROM tpch.tiny.region LIMIT 1',
    signal,
  });
  for (;;) {
    const page = (await response.json()) as { nextUri?: string; data?: unknown[] };
    if (page.data !== undefined) return true;
    if (page.nextUri === undefined) return false;
    response = await fetch(page.nextUri, { headers, signal });
  }
}

/** Compiles the extension that lets the Delta Lake connector commit to a folder into the connector's own plugin. */
async function addLocalLake(place: Place, plugins: string): Promise<void> {
  const source = join(place.root, 'test/real/trino/LocalLakePlugin.java');
  const plugin = join(plugins, 'delta-lake');
  const jar = join(plugin, 'countersign-local-lake.jar');
  if (existsSync(jar) && statSync(jar).mtimeMs > statSync(source).mtimeMs) return;
  const classes = mkdtempSync(join(tmpdir(), 'local-lake-'));
  const services = join(classes, 'META-INF/services');
  mkdirSync(services, { recursive: true });
  writeFileSync(join(services, 'io.trino.spi.Plugin'), 'countersign.LocalLakePlugin\n');
  const bin = join(javaHome(24), 'bin');
  const path = [plugin, join(plugins, '../lib')].map((folder) => join(folder, '*')).join(':');
  await runToEnd({ program: join(bin, 'javac'), args: ['-proc:none', '-cp', path, '-d', classes, source] });
  await runToEnd({ program: join(bin, 'jar'), args: ['--create', '--file', jar, '-C', classes, '.'] });
  rmSync(classes, { recursive: true });
}

async function programs(place: Place): Promise<string> {
  return join(await unpacked(place, `io.trino:trino-server:${VERSION}:tar.gz`), `trino-server-${VERSION}`);
}

function writeConfiguration(place: Place): void {
  const etc = join(place.state, 'etc');
  mkdirSync(join(etc, 'catalog'), { recursive: true });
  const lines = (file: string, ...text: string[]): void => writeFileSync(join(etc, file), `${text.join('\n')}\n`);
  lines(
    'node.properties',
    'node.environment=countersign',
    'node.id=countersign-1',
    'node.bind-ip=127.0.0.1',
    'node.internal-address=127.0.0.1',
  );
  lines(
    'config.properties',
    'coordinator=true',
    'node-scheduler.include-coordinator=true',
    `http-server.http.port=${PORT}`,
    `discovery.uri=${URL}`,
    'query.max-memory=512MB',
    'query.max-memory-per-node=512MB',
    // Small enough that a test sees a query leave the history.
    'query.max-history=60',
    'query.min-expire-age=1s',
    'catalog.management=static',
  );
  lines('log.properties', 'io.trino=WARN');
  lines(
    'jvm.config',
    '-server',
    '-Xmx2G',
    '-XX:+UseG1GC',
    '-XX:+ExplicitGCInvokesConcurrent',
    '-XX:+ExitOnOutOfMemoryError',
    '-Dfile.encoding=UTF-8',
    '-Djdk.attach.allowAttachSelf=true',
    '--enable-native-access=ALL-UNNAMED',
    '--sun-misc-unsafe-memory-access=allow',
  );
  lines('access-control.properties', 'access-control.name=file', `security.config-file=${join(etc, 'rules.json')}`);
  lines('rules.json', JSON.stringify(RULES, undefined, 2));
  lines('catalog/tpch.properties', 'connector.name=tpch');
  lines('catalog/memory.properties', 'connector.name=memory');
  const lake = place.stateOf('lake');
  if (!existsSync(lake)) mkdirSync(lake, { recursive: true });
  lines(
    'catalog/lake.properties',
    'connector.name=delta_lake_local',
    'fs.native-local.enabled=true',
    `local.location=${lake}`,
    // The names of tables live with the tables: `local:///` is the lake itself.
    'hive.metastore=file',
    'hive.metastore.catalog.dir=local:///.trino',
    'hive.metastore.disable-location-checks=true',
    'delta.register-table-procedure.enabled=true',
    'delta.unique-table-location=false',
    // Spark and delta-rs write beside this server.
    'delta.metadata.cache-ttl=0s',
  );
}

/** The reader reads all and sees everybody's queries; the repairer alters tables of the lake; neither kills a query. */
const RULES = {
  catalogs: [
    { user: USERS.pipeline, allow: 'all' },
    { user: USERS.repairer, catalog: 'lake|system', allow: 'all' },
    { user: USERS.repairer, allow: 'read-only' },
    { user: USERS.reader, allow: 'read-only' },
  ],
  schemas: [{ user: USERS.pipeline, owner: true }, { owner: false }],
  tables: [
    { user: USERS.pipeline, privileges: ['SELECT', 'INSERT', 'DELETE', 'UPDATE', 'OWNERSHIP'] },
    { user: USERS.repairer, catalog: 'lake', privileges: ['SELECT', 'OWNERSHIP'] },
    { privileges: ['SELECT'] },
  ],
  procedures: [{ user: USERS.pipeline, privileges: ['EXECUTE'] }],
  queries: [
    { user: `${USERS.reader}|${USERS.repairer}`, allow: ['execute', 'view'] },
    { user: USERS.pipeline, allow: ['execute', 'view', 'kill'] },
  ],
  system_information: [{ user: '.*', allow: ['read'] }],
};
