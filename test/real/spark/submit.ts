import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { placeOf } from '../place.js';
import { sparkPaths } from './installation.js';

export interface SparkJob {
  /** The application's name, as the History Server lists it. */
  name: string;
  /** Path of a Python job; below `test/real/…`, or anywhere. */
  job: string;
  args?: string[];
  /** `local[1]` when not given; `local-cluster[2,1,1024]` has two real executors that can be killed. */
  master?: string;
  conf?: Record<string, string>;
  /** Beside PATH, HOME and LANG. */
  env?: Record<string, string>;
}

export interface SparkCommand {
  program: string;
  args: string[];
  env: Record<string, string>;
}

/** The whole command line and environment that runs a job with event log, driver log and Delta configured. */
export function sparkSubmit(job: SparkJob): SparkCommand {
  const { PATH = '', HOME = '', LANG = 'C.UTF-8' } = process.env;
  return {
    program: sparkPaths(placeOf('spark')).submit,
    args: [
      ...(job.master === undefined ? [] : ['--master', job.master]),
      '--name',
      job.name,
      ...Object.entries(job.conf ?? {}).flatMap(([key, value]) => ['--conf', `${key}=${value}`]),
      job.job,
      ...(job.args ?? []),
    ],
    env: { PATH, HOME, LANG, ...job.env },
  };
}

export interface RunningJob {
  process: ChildProcess;
  /** What driver and job have said so far. */
  output(): string;
  /** Exit code once it has ended; 137 for a driver killed with SIGKILL. */
  ended: Promise<number>;
}

/** Starts a job in a session of its own and returns. */
export function startJob(job: SparkJob): RunningJob {
  const { program, args, env } = sparkSubmit(job);
  const child = spawn(program, args, { env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => {
      said += text;
    });
  }
  const ended = once(child, 'close').then(([code, signal]) => (signal === null ? Number(code) : 128));
  return { process: child, output: () => said, ended };
}

/** Runs a job to its end. @returns exit code and everything it said. */
export async function runJob(job: SparkJob): Promise<{ code: number; output: string }> {
  const running = startJob(job);
  const code = await running.ended;
  return { code, output: running.output() };
}
