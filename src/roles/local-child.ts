import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { AppError } from '../domain/errors.js';
import type { ProcessLog } from '../log.js';
import type { Ready } from './role-process.js';

/** A child process that is started again when it dies, until it is stopped. */
export interface Supervised<R> {
  /** What the child said when it was first ready. */
  ready: R;
  pid(): number | undefined;
  stop(): Promise<void>;
}

export interface ChildOptions {
  name: string;
  /** Compiled file, relative to this folder. */
  program: string;
  args?: string[];
  env: NodeJS.ProcessEnv;
  /** `false`: an end of the child is the end of its service. */
  restart: boolean;
  readyWithinMs?: number;
  processLog: ProcessLog;
}

const RESTART_AFTER_MS = 500;
const STOP_WITHIN_MS = 10_000;

/** Starts a program as its own process and waits for its first message. @throws AppError when it ends before it is ready. */
export async function supervise<R = Ready>(options: ChildOptions): Promise<Supervised<R>> {
  let stopping = false;
  let child: ChildProcess;
  const start = (): ChildProcess => {
    const started = fork(fileURLToPath(new URL(options.program, import.meta.url)), options.args ?? [], {
      env: options.env,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      // Ctrl-C reaches this process alone, which then stops its children in order.
      detached: true,
    });
    started.once('exit', (code, signal) => {
      if (stopping || !options.restart) return;
      options.processLog.warn({ name: options.name, code, signal }, 'a process ended and is started again');
      setTimeout(() => {
        if (!stopping) child = start();
      }, RESTART_AFTER_MS);
    });
    return started;
  };
  child = start();
  const ready = await firstMessage<R>(child, options).catch((error: unknown) => {
    stopping = true;
    child.kill('SIGKILL');
    throw error;
  });
  return {
    ready,
    pid: () => child.pid,
    async stop() {
      stopping = true;
      await ended(child);
    },
  };
}

function firstMessage<R>(child: ChildProcess, options: ChildOptions): Promise<R> {
  return new Promise((resolve, reject) => {
    const withinMs = options.readyWithinMs ?? 30_000;
    const fail = (text: string): void => reject(new AppError('unavailable', { safeText: `${options.name} ${text}` }));
    const timer = setTimeout(() => fail(`was not ready within ${withinMs / 1000} s.`), withinMs);
    child.once('message', (message) => {
      clearTimeout(timer);
      resolve(message as R);
    });
    child.once('error', () => fail('could not be started.'));
    child.once('exit', () => {
      clearTimeout(timer);
      fail('ended before it was ready; its own message stands above.');
    });
  });
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
    child.once('exit', () => {
      clearTimeout(timer);
      resolve();
    });
    child.kill('SIGTERM');
  });
}
