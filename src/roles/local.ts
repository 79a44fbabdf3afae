import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LocalConfig, RoleName } from '../config.js';
import { AppError } from '../domain/errors.js';
import { createProcessLog, type ProcessLog } from '../log.js';
import { ensureRedis } from './embedded-redis.js';
import { type ChildOptions, type Supervised, supervise } from './local-child.js';
import { createLocalClient, type LocalClient, type LocalState } from './local-client.js';
import { roleEnvironments } from './local-environment.js';
import { connectedPlatform, type SimulatedOptions, simulatedPlatform } from './local-platform.js';
import { localSecrets } from './local-secrets.js';
import { logVerifierKey } from './log-key.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

export interface LocalOptions extends SimulatedOptions {
  config: LocalConfig;
  /** A file that connects systems of your own; a simulated platform when not given. */
  platformFile?: string;
  policyFile?: string;
  print: (line: string) => void;
}

/** Everything on one machine: Redis, the four roles and, where no other is given, a simulated platform, each its own process. */
export interface LocalStack {
  url: string;
  client: LocalClient;
  /** Where the simulated world is steered; undefined when the platform is not simulated. */
  controlUrl: string | undefined;
  vkey: string;
  redisUrls: Record<RoleName, string>;
  environments: Record<RoleName, NodeJS.ProcessEnv>;
  pids(): Record<string, number | undefined>;
  /** Stops what was started, in reverse order. */
  stop(): Promise<void>;
}

/** Starts the whole house, step by step; when a step fails, what was started is stopped again. */
export async function startLocal(options: LocalOptions): Promise<LocalStack> {
  const { config } = options;
  const processLog = createProcessLog('local', config.logLevel);
  const dataDir = resolve(config.dataDir);
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const stops: (() => Promise<void>)[] = [];
  let stopping: Promise<void> | undefined;
  const stopAll = async (): Promise<void> => {
    rmSync(join(dataDir, 'state.json'), { force: true });
    for (const end of stops.splice(0).reverse()) await end();
  };
  // Who asks a second time waits for the same end: Ctrl-C may come while the command is stopping already.
  const stop = (): Promise<void> => (stopping ??= stopAll());
  try {
    const secrets = localSecrets(dataDir);
    const vkey = logVerifierKey(secrets.logKeyFile);
    const redis = await ensureRedis({ redisUrl: config.redisUrl, dataDir, processLog, print: options.print });
    stops.push(() => redis.stop());
    const platform =
      options.platformFile === undefined
        ? await simulatedPlatform(options, { dataDir, inherited: config.inherited, processLog })
        : connectedPlatform(options.platformFile);
    stops.push(() => platform.stop());
    const webPort = await freePort(config.webPort);
    const environments = roleEnvironments({
      config: { ...config, dataDir },
      secrets,
      redisUrls: redis.urls,
      vkey,
      platform,
      policyFile: resolve(options.policyFile ?? config.policyFile ?? platform.policyFile ?? join(ROOT, 'policy.yaml')),
      webPort,
    });
    const roles = await startRoles(environments, processLog, stops);
    const url = roles.web?.ready.url ?? `http://127.0.0.1:${webPort}`;
    const state: LocalState = { url, intakeToken: secrets.intakeToken, vkey, pid: process.pid };
    writeFileSync(join(dataDir, 'state.json'), JSON.stringify(state), { mode: 0o600 });
    return {
      url,
      client: createLocalClient(state),
      controlUrl: platform.controlUrl,
      vkey,
      redisUrls: redis.urls,
      environments,
      pids: () =>
        Object.fromEntries([
          ['platform', platform.pid()],
          ...Object.entries(roles).map(([name, role]) => [name, role?.pid()]),
        ]),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Where the simulated world of a stack is steered. @throws AppError when its platform is not simulated. */
export function controlOf(stack: Pick<LocalStack, 'controlUrl'>): string {
  if (stack.controlUrl !== undefined) return stack.controlUrl;
  throw new AppError('invalid_input', { safeText: 'This platform is real: it plays no scenario.' });
}

/** The alert of the platform's scenario, delivered as its monitor would. */
export async function deliverScenarioAlert(
  stack: Pick<LocalStack, 'client' | 'controlUrl'>,
): Promise<string | undefined> {
  const response = await fetch(new URL('/control/alert', controlOf(stack)));
  const { source, payload } = (await response.json()) as { source: string; payload: unknown };
  const { accepted } = await stack.client.alert(source, payload);
  return accepted[0]?.incident;
}

type Roles = Partial<Record<RoleName, Supervised<{ url?: string }>>>;

async function startRoles(
  environments: Record<RoleName, NodeJS.ProcessEnv>,
  processLog: ProcessLog,
  stops: (() => Promise<void>)[],
): Promise<Roles> {
  const roles: Roles = {};
  const start = async (role: RoleName): Promise<void> => {
    const child: ChildOptions = {
      name: `Role ${role}`,
      program: `./${role}.js`,
      env: environments[role],
      restart: true,
      processLog,
    };
    const supervised = await supervise<{ url?: string }>(child);
    roles[role] = supervised;
    stops.push(() => supervised.stop());
  };
  // All are awaited, also after one failed: what did start must be known to be stopped again.
  const started = await Promise.allSettled((Object.keys(environments) as RoleName[]).map(start));
  for (const outcome of started) if (outcome.status === 'rejected') throw outcome.reason;
  return roles;
}

/** The wanted port when it is free, else any free one; 0 asks for any. */
async function freePort(wanted: number): Promise<number> {
  const attempt = (port: number): Promise<number | undefined> =>
    new Promise((done) => {
      const server = createServer();
      server.once('error', () => done(undefined));
      server.listen(port, '127.0.0.1', () => {
        const { port: bound } = server.address() as { port: number };
        server.close(() => done(bound));
      });
    });
  return (await attempt(wanted)) ?? (await attempt(0)) ?? wanted;
}
