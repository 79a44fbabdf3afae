import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { AppError } from '../../src/domain/errors.js';
import { connectRedis } from './connect.js';

export interface ServerOptions {
  program: string;
  dir: string;
  appendfsync: 'always' | 'everysec' | 'no';
  port?: number;
  /** ACL file; it must hold the user of `adminUrl`. */
  aclFile: string;
  /** User and password for the first connection, e.g. `cs-admin:secret`; empty for the default user. */
  login?: string;
  /** In a process group of its own, so that Ctrl-C in the terminal reaches those who use it first. */
  ownGroup?: boolean;
  /** Configuration beyond ours, as `--name value` arguments. */
  more?: readonly string[];
}

export interface ServerProcess {
  url: string;
  port: number;
  pid: number;
  /** Settles when the server is gone, however it ended. */
  exited: Promise<void>;
  /** SIGTERM; Redis writes and syncs its append-only file first. */
  stop(): Promise<void>;
  kill9(): Promise<void>;
}

const START_WITHIN_MS = 60_000;

/** A Redis server as a child process on the loopback interface; returns when it answers. @throws AppError `unavailable` with the way to its output. */
export async function startServer(options: ServerOptions): Promise<ServerProcess> {
  const port = options.port ?? (await freePort());
  const child = spawn(options.program, serverArguments(options, port), {
    stdio: 'ignore',
    detached: options.ownGroup === true,
  });
  const exited = new Promise<void>((done) => {
    child.once('exit', () => done());
    child.once('error', () => done());
  });
  const url = `redis://${options.login === undefined ? '' : `${options.login}@`}127.0.0.1:${port}`;
  try {
    await answering(url, child, exited);
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
  const end = (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal);
    return exited;
  };
  return { url, port, pid: child.pid ?? 0, exited, stop: () => end('SIGTERM'), kill9: () => end('SIGKILL') };
}

function serverArguments(options: ServerOptions, port: number): string[] {
  return [
    ...['--port', String(port), '--bind', '127.0.0.1', '--dir', options.dir, '--logfile', `${options.dir}/redis.log`],
    ...['--appendonly', 'yes', '--appendfsync', options.appendfsync, '--save', '', '--maxmemory-policy', 'noeviction'],
    ...['--aclfile', options.aclFile, '--daemonize', 'no', ...(options.more ?? [])],
  ];
}

async function answering(url: string, child: ChildProcess, exited: Promise<void>): Promise<void> {
  let gone = false;
  void exited.then(() => {
    gone = true;
  });
  const deadline = Date.now() + START_WITHIN_MS;
  while (!gone && Date.now() < deadline) {
    try {
      const probe = await connectRedis(url, { name: 'cs-start', use: 'commands' });
      probe.disconnect();
      return;
    } catch (error) {
      if (error instanceof AppError && error.kind === 'misconfigured') throw error;
      await new Promise((wait) => setTimeout(wait, 25));
    }
  }
  throw new AppError('unavailable', {
    safeText: `The Redis server ${gone ? `ended at once (exit code ${child.exitCode})` : 'did not answer'}; see redis.log in its data folder.`,
  });
}

function freePort(): Promise<number> {
  return new Promise((done, failed) => {
    const server = createServer();
    server.once('error', failed);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => done(port));
    });
  });
}
