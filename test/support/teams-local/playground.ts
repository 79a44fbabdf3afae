import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type PersonName, playgroundConfig } from './local-tenant.js';

export interface PlaygroundOptions {
  /** For its configuration and its log. */
  folder: string;
  port: number;
  /** Where the app takes what people do. */
  app: string;
  /** Who sits before it. */
  as: PersonName;
}

/** Microsoft's Agents Playground on this machine, reachable from it alone. */
export interface Playground {
  url: string;
  /** What the app calls; the `serviceUrl` of every activity. */
  serviceUrl: string;
  /** A page was opened: what happened before, no page ever shows. */
  opened: Promise<void>;
  ended: Promise<void>;
  stop(): Promise<void>;
}

const READY_WITHIN_MS = 30_000;
const POLL_MS = 100;
const CLI = createRequire(import.meta.url).resolve('@microsoft/m365agentsplayground/cli.js');
/** Its compiled form: the Playground is started from what was built. */
const INSIDE = new URL('./inside-playground.js', import.meta.url).href;

/** @throws Error with what its log says when it does not come up. */
export async function startPlayground({ folder, port, app, as }: PlaygroundOptions): Promise<Playground> {
  const configFile = join(folder, 'm365agentsplayground.yml');
  const logFile = join(folder, 'playground.log');
  writeFileSync(configFile, playgroundConfig(as));
  rmSync(logFile, { force: true });
  const url = `http://127.0.0.1:${port}`;
  const serviceUrl = `${url}/_connector`;
  const child = spawn(
    process.execPath,
    ['--import', INSIDE, CLI, 'start', '-e', app, '-c', 'msteams', '-p', String(port), '--su', serviceUrl, '--dt'],
    {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      env: {
        ...process.env,
        M365_AGENTS_PLAYGROUND_CONFIG_PATH: configFile,
        M365_AGENTS_PLAYGROUND_LOGFILE: logFile,
        TEAMSAPPTESTER_BROWSER: 'none',
      },
      // Ctrl-C reaches the command alone, which then stops its children in order.
      detached: true,
    },
  );
  const ended = new Promise<void>((done) => child.once('exit', () => done()));
  const opened = new Promise<void>((done) => child.once('message', () => done()));
  await untilReady(child, url, logFile);
  return {
    url,
    serviceUrl,
    opened,
    ended,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

async function untilReady(child: ChildProcess, url: string, logFile: string): Promise<void> {
  const deadline = Date.now() + READY_WITHIN_MS;
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null || Date.now() > deadline) {
      child.kill('SIGTERM');
      const log = existsSync(logFile) ? readFileSync(logFile, 'utf8') : '';
      throw new Error(`The Agents Playground did not start:\n${log.slice(-2000)}`);
    }
    if (await pings(url)) return;
    await sleep(POLL_MS);
  }
}

/** A configuration that it refuses ends it after it began to listen, so that listening alone says nothing. */
async function pings(url: string): Promise<boolean> {
  try {
    const answer = await fetch(`${url}/_debug/ping`, { signal: AbortSignal.timeout(2000) });
    return (await answer.text()) === 'pong';
  } catch {
    return false;
  }
}

/** The wanted port when it is free on loopback, else any free one: the Playground would take one that nobody is told of. */
export async function freePort(wanted: number): Promise<number> {
  const attempt = (port: number): Promise<number | undefined> =>
    new Promise((done) => {
      const server = createServer();
      server.once('error', () => done(undefined));
      server.listen(port, '127.0.0.1', () => {
        const { port: bound } = server.address() as { port: number };
        server.close(() => done(bound));
      });
    });
  const port = (await attempt(wanted)) ?? (await attempt(0));
  if (port === undefined) throw new Error('No port is free.');
  return port;
}
