import { execFile, spawn } from 'node:child_process';
import { existsSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Place } from './system.js';

const run = promisify(execFile);

export interface Command {
  /** Names the process id file and the log in the system's state folder. */
  name: string;
  program: string;
  args: string[];
  /** The whole environment beside PATH, HOME and LANG. */
  env?: Record<string, string>;
  cwd?: string;
}

function environment(env: Record<string, string> | undefined): NodeJS.ProcessEnv {
  const { PATH, HOME, LANG } = process.env;
  return { PATH, HOME, LANG, ...env };
}

/** Starts a server in a session of its own: it outlives this process and is ended by `endProcesses`. Its output goes to `<name>.log`. */
export function startProcess(place: Place, command: Command): void {
  const log = openSync(join(place.state, `${command.name}.log`), 'a');
  const child = spawn(command.program, command.args, {
    cwd: command.cwd ?? place.state,
    env: environment(command.env),
    detached: true,
    stdio: ['ignore', log, log],
  });
  // A program that can not be started is seen by the readiness check, which shows the log.
  child.on('error', (error) => writeFileSync(log, `${error.message}\n`));
  if (child.pid !== undefined) writeFileSync(join(place.state, `${command.name}.pid`), String(child.pid));
  child.unref();
}

/** Runs one installation or preparation step to its end. @throws Error with the last lines it said. */
export async function runToEnd(command: Omit<Command, 'name'>, withinMs = 600_000): Promise<string> {
  try {
    const { stdout } = await run(command.program, command.args, {
      ...(command.cwd === undefined ? {} : { cwd: command.cwd }),
      env: environment(command.env),
      timeout: withinMs,
      maxBuffer: 64_000_000,
    });
    return stdout;
  } catch (thrown) {
    const { stdout = '', stderr = '' } = thrown as { stdout?: string; stderr?: string };
    throw new Error(`${command.program} ${command.args.join(' ')} failed:\n${lastLines(stdout + stderr, 40)}`);
  }
}

/** Ends the process groups this system started, and only those. */
export async function endProcess(place: Place, name: string): Promise<void> {
  const file = join(place.state, `${name}.pid`);
  if (!existsSync(file)) return;
  const pid = Number(readFileSync(file, 'utf8'));
  for (const [signal, waits] of [
    ['SIGTERM', 50],
    ['SIGKILL', 50],
  ] as const) {
    if (!isAlive(pid)) break;
    signalGroup(pid, signal);
    for (let wait = 0; wait < waits && isAlive(pid); wait += 1) await sleep(200);
  }
  rmSync(file, { force: true });
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // Already gone.
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(-pid, 0);
  } catch {
    return false;
  }
}

/** Whether a process that was started for this system still lives; true as well when none was, for then there is none to die. */
export function anyAlive(place: Place): boolean {
  const files = readdirSync(place.state).filter((name) => name.endsWith('.pid'));
  return files.length === 0 || files.some((name) => isAlive(Number(readFileSync(join(place.state, name), 'utf8'))));
}

export function lastLines(text: string, count: number): string {
  return text.trimEnd().split('\n').slice(-count).join('\n');
}

/** Runs `work` while no other process on this machine does the same. The lock is an abstract socket, so that it ends with its holder. */
export async function alone<T>(name: string, work: () => Promise<T>): Promise<T> {
  let lock = await taken(name);
  while (lock === undefined) {
    await sleep(300);
    lock = await taken(name);
  }
  try {
    return await work();
  } finally {
    lock.close();
  }
}

function taken(name: string): Promise<Server | undefined> {
  const server = createServer();
  return new Promise((done) => {
    server.once('error', () => done(undefined));
    server.listen(`\0countersign-real-${name}`, () => done(server));
  });
}
