import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { connectRedis, type Redis } from '../../adapters/redis/connect.js';
import { allBytes } from '../../adapters/redis/log-reader.js';
import type { WorldChange } from '../../fixtures/platform/engine.js';
import type { RecordedRequest } from '../../fixtures/platform/servers/context.js';
import type * as Config from '../../src/config.js';
import type { IncidentSummary } from '../../src/domain/card.js';
import type * as Local from '../../src/roles/local.js';
import type { LocalStack } from '../../src/roles/local.js';

/** The whole house as its users meet it: compiled, Redis and every role a process of its own. */

const ROOT = resolve(import.meta.dirname, '../..');
const CLI = join(ROOT, 'dist/src/roles/cli.js');
const POLL_MS = 100;

/** What is run is what was built: `npm test` builds first. */
function compiled<T>(path: string): Promise<T> {
  return import(/* @vite-ignore */ pathToFileURL(join(ROOT, 'dist', path)).href) as Promise<T>;
}

/** A folder of this test alone. */
export function temporaryFolder(): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'countersign-test-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 5 }) };
}

/** The environment of a first start: nothing that this machine may have set for Countersign gets in. */
export function freshEnvironment(dataDir: string, more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const usual = ['PATH', 'HOME', 'TMPDIR', 'LANG'].map((name) => [name, process.env[name]]);
  return { ...Object.fromEntries(usual), COUNTERSIGN_DATA: dataDir, COUNTERSIGN_WEB_PORT: '0', NO_COLOR: '1', ...more };
}

export interface RunningCommand {
  child: ChildProcess;
  /** All it has said so far. */
  out(): string;
  err(): string;
  /** Waits until it says something. @throws Error with all it said when it ends or the time is over. */
  says(pattern: RegExp, withinMs?: number): Promise<RegExpExecArray>;
  ended: Promise<number | null>;
  /** Ctrl-C, as a terminal sends it: to the whole foreground group. */
  interrupt(): void;
}

/** Starts the command line as its own process group, in a working folder without an `.env`; its input stays open and silent. */
export function startCommand(args: readonly string[], env: NodeJS.ProcessEnv): RunningCommand {
  const child = spawn(process.execPath, [CLI, ...args], {
    env,
    cwd: env['COUNTERSIGN_DATA'] ?? tmpdir(),
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  const ended = new Promise<number | null>((done) => child.once('close', (code) => done(code)));
  let over = false;
  void ended.then(() => (over = true));
  return {
    child,
    out: () => out,
    err: () => err,
    ended,
    async says(pattern, withinMs = 30_000) {
      const deadline = Date.now() + withinMs;
      for (;;) {
        const found = pattern.exec(out);
        if (found) return found;
        if (over || Date.now() > deadline)
          throw new Error(`countersign ${args.join(' ')} never said ${pattern}:\n${out}${err}`);
        await pause();
      }
    },
    interrupt: () => process.kill(-(child.pid ?? Number.NaN), 'SIGINT'),
  };
}

/** Runs one command to its end. */
export async function countersign(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<{ code: number | null; out: string; err: string }> {
  const running = startCommand(args, env);
  const code = await running.ended;
  return { code, out: running.out(), err: running.err() };
}

/** Every process that descends from this one, by id, with its command. */
export function descendants(pid: number): Map<number, string> {
  const rows = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' })
    .split('\n')
    .flatMap((line) => {
      const [, id, parent, command = ''] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
      return id === undefined ? [] : [{ id: Number(id), parent: Number(parent), command }];
    });
  const found = new Map<number, string>();
  const visit = (parent: number): void => {
    for (const row of rows.filter((one) => one.parent === parent)) {
      found.set(row.id, row.command);
      visit(row.id);
    }
  };
  visit(pid);
  return found;
}

export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

export interface StackOptions {
  /** A scenario file, relative to the package; the sample when not given. */
  scenario?: string;
  /** A file that connects real systems instead of a scenario. */
  platformFile?: string;
  /** Variables of the investigator alone. */
  model?: NodeJS.ProcessEnv;
  /** Variables of every role and the platform. */
  inherited?: NodeJS.ProcessEnv;
}

export interface TestStack extends LocalStack {
  dataDir: string;
  /** For commands that talk to this stack. */
  commandEnvironment: NodeJS.ProcessEnv;
  /** Delivers the alert of the scenario and names the incident. */
  alert(): Promise<string>;
  /** Waits until the incident has one of these states. */
  until(incident: string, states: readonly string[], withinMs?: number): Promise<IncidentSummary>;
  /** What the platform was asked, and what was changed in its world. */
  requests(): Promise<RecordedRequest[]>;
  changes(): Promise<WorldChange[]>;
  /** The stored bytes of the log. */
  entries(): Promise<string[]>;
  /** Every stored observation, whoever it belongs to. */
  observations(): Promise<string[]>;
  /** Redis as its administrator, who may do what no role can. */
  administrator(): Promise<Redis>;
}

/** States in which nothing more happens without somebody. */
export const AT_REST = ['awaiting_decision', 'escalated', 'resolved', 'rejected', 'closed', 'reopened'];

/** Starts everything in a fresh folder; `stop` ends it and removes the folder. */
export async function startStack(options: StackOptions = {}): Promise<TestStack> {
  const folder = temporaryFolder();
  const { readLocalConfig } = await compiled<typeof Config>('src/config.js');
  const { controlOf, startLocal, deliverScenarioAlert } = await compiled<typeof Local>('src/roles/local.js');
  const commandEnvironment = freshEnvironment(folder.path);
  const config = readLocalConfig({ ...commandEnvironment, COUNTERSIGN_LOG_LEVEL: 'fatal' });
  const stack = await startLocal({
    config: { ...config, model: options.model ?? {}, inherited: { ...config.inherited, ...options.inherited } },
    ...(options.scenario === undefined ? {} : { scenario: resolve(ROOT, options.scenario) }),
    ...(options.platformFile === undefined ? {} : { platformFile: options.platformFile }),
    print: () => undefined,
  }).catch((error: unknown) => {
    folder.remove();
    throw error;
  });
  const control = async <T>(path: string): Promise<T> =>
    (await (await fetch(new URL(path, controlOf(stack)))).json()) as T;
  const administrator = (): Promise<Redis> => administratorOf(stack, folder.path);
  return {
    ...stack,
    dataDir: folder.path,
    commandEnvironment,
    async alert() {
      const incident = await deliverScenarioAlert(stack);
      if (incident === undefined) throw new Error('the alert opened no incident');
      return incident;
    },
    until: (incident, states, withinMs) => untilState(stack, incident, states, withinMs),
    requests: async () => (await control<{ requests: RecordedRequest[] }>('/control/requests')).requests,
    changes: async () => (await control<{ changes: WorldChange[] }>('/control/state')).changes,
    async entries() {
      const redis = await administrator();
      const lines: string[] = [];
      for await (const line of allBytes(redis)) lines.push(line);
      redis.disconnect();
      return lines;
    },
    async observations() {
      const redis = await administrator();
      const keys = await redis.keys('{cs}:obs:*');
      const texts = await Promise.all(keys.map((key) => redis.get(key)));
      redis.disconnect();
      return texts.map((text) => text ?? '');
    },
    administrator,
    async stop() {
      await stack.stop();
      folder.remove();
    },
  };
}

async function administratorOf(stack: LocalStack, dataDir: string): Promise<Redis> {
  const { admin } = JSON.parse(readFileSync(join(dataDir, 'redis/passwords.json'), 'utf8')) as { admin: string };
  const { host } = new URL(stack.redisUrls.web);
  return connectRedis(`redis://cs-admin:${admin}@${host}`, { name: 'cs-test', use: 'commands' });
}

async function untilState(
  stack: LocalStack,
  incident: string,
  states: readonly string[],
  withinMs = 60_000,
): Promise<IncidentSummary> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const found = (await stack.client.list()).find((one) => one.incident === incident);
    if (found !== undefined && states.includes(found.status)) return found;
    if (Date.now() > deadline)
      throw new Error(`${incident} is ${found?.status ?? 'unknown'}, not ${states.join(' or ')}`);
    await pause();
  }
}

function pause(): Promise<void> {
  return new Promise((done) => setTimeout(done, POLL_MS));
}

/** Some questions are put with POST: a login, a query, a fetch of commits. */
const ASKING: Partial<Record<RecordedRequest['system'], RegExp>> = {
  airflow: /^\/auth\/token$/,
  git: /\/git-upload-pack$/,
  registry: /^\/compatibility\//,
};

/**
 * Requests that could have changed something. Trino reads and writes through the same statement endpoint: there the login tells, and
 * `changes` says what came of it.
 */
export function attemptsToWrite(requests: readonly RecordedRequest[]): RecordedRequest[] {
  return requests.filter(({ system, method, path, user }) => {
    if (path.includes('git-receive-pack')) return true;
    if (method === 'GET' || method === 'HEAD' || ASKING[system]?.test(path)) return false;
    return system !== 'trino' || user !== 'countersign-reader';
  });
}
