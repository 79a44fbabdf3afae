import { type ChildProcess, fork } from 'node:child_process';
import type { SandboxOutcome, SandboxPlan } from '../../src/domain/sandbox.js';
import type { ChildMessage, RunMessage, SandboxLimits } from './messages.js';

/** How long a child that was told to stop by itself may take before it is killed. */
const GRACE_MS = 1000;
const READY_WITHIN_MS = 30_000;

/** One process of the sandbox. */
export interface SandboxWorker {
  /** One plan at a time. Never throws. */
  run(plan: SandboxPlan, limits: SandboxLimits): Promise<SandboxOutcome>;
  /** False once it ended, was stopped or served its turns. */
  usable(): boolean;
  kill(): void;
  pid(): number | undefined;
}

/** Starts a process without environment, arguments or standard streams; `turns` plans later it is not usable any more. */
export function startWorker(program: string, heapMb: number, turns: number): SandboxWorker {
  const child = fork(program, [], {
    env: {},
    execArgv: [`--max-old-space-size=${heapMb}`],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    serialization: 'json',
  });
  let over = false;
  let left = turns;
  let next = 0;
  child.on('exit', () => {
    over = true;
  });
  child.on('error', () => {
    over = true;
  });
  const ready = firstMessage(child);
  return {
    usable: () => !over && left > 0,
    kill: () => {
      over = true;
      child.kill('SIGKILL');
    },
    pid: () => child.pid,
    async run(plan, limits) {
      left -= 1;
      next += 1;
      if (!(await ready) || over) return { state: 'failed', text: 'the sandbox process could not be started' };
      const outcome = await exchange(child, { id: next, plan, limits });
      // What it left behind after a limit or a crash is nobody's business: the next plan gets a new process.
      if (outcome.state !== 'done') {
        over = true;
        child.kill('SIGKILL');
      }
      return outcome;
    },
  };
}

function firstMessage(child: ChildProcess): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), READY_WITHIN_MS);
    const done = (is: boolean) => () => {
      clearTimeout(timer);
      resolve(is);
    };
    child.once('message', done(true));
    child.once('exit', done(false));
    child.once('error', done(false));
  });
}

function exchange(child: ChildProcess, message: RunMessage): Promise<SandboxOutcome> {
  const { limits } = message;
  return new Promise((resolve) => {
    const finish = (outcome: SandboxOutcome): void => {
      clearTimeout(timer);
      child.off('message', heard);
      child.off('exit', ended);
      resolve(outcome);
    };
    const heard = (answer: ChildMessage): void => {
      if ('id' in answer && answer.id === message.id) finish(outcomeOf(answer, limits));
    };
    const ended = (code: number | null, signal: NodeJS.Signals | null): void =>
      finish({ state: 'failed', text: `the sandbox process ended (${signal ?? `code ${code}`}) before it answered` });
    const timer = setTimeout(() => {
      finish({ state: 'stopped', by: 'time', limit: limits.timeMs / 1000 });
    }, limits.timeMs + GRACE_MS);
    child.on('message', heard);
    child.on('exit', ended);
    child.send(message, (error) => {
      if (error !== null) finish({ state: 'failed', text: 'the plan could not be sent to the sandbox process' });
    });
  });
}

function outcomeOf(answer: ChildMessage, { timeMs, memoryMb }: SandboxLimits): SandboxOutcome {
  if ('answers' in answer) return { state: 'done', answers: answer.answers, elapsedMs: answer.elapsedMs };
  if ('stopped' in answer) {
    const limit = answer.stopped === 'time' ? timeMs / 1000 : memoryMb;
    return { state: 'stopped', by: answer.stopped, limit };
  }
  return { state: 'failed', text: 'failed' in answer ? answer.failed : 'an answer that nobody asked for' };
}
