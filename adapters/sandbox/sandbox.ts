import { fileURLToPath } from 'node:url';
import type { Sandbox, SandboxOutcome, SandboxPlan } from '../../src/domain/sandbox.js';
import type { SandboxLimits } from './messages.js';
import { type SandboxWorker, startWorker } from './worker.js';

export interface SandboxOptions {
  /** The compiled program; the one beside this file when left out. */
  program?: string;
  /** Plans that run at the same time, each in a process of its own. */
  processes?: number;
  /** Plans that may wait; one more is told that the sandbox is busy. */
  queue?: number;
  /** Plans that a process serves before a new one takes its place. */
  turns?: number;
  limits?: Partial<SandboxLimits>;
}

const LIMITS: SandboxLimits = { timeMs: 10_000, memoryMb: 512, rows: 2000 };
const HEAP_MB = 256;

/**
 * Runs plans in locked processes: no environment, no files, no network, bounded time and memory. A process is kept for some plans, each
 * in a new database; after a limit, a crash or its turns a new one is started. Nothing is started before the first plan.
 */
export function createSandbox(options: SandboxOptions = {}): Sandbox {
  const program = options.program ?? fileURLToPath(new URL('./child.js', import.meta.url));
  const { processes = 1, queue = 20, turns = 50 } = options;
  const limits = { ...LIMITS, ...options.limits };
  const idle: SandboxWorker[] = [];
  const busy = new Set<SandboxWorker>();
  const waiting: { plan: SandboxPlan; done: (outcome: SandboxOutcome) => void }[] = [];
  let closed = false;

  const start = (): SandboxWorker => startWorker(program, HEAP_MB, turns);
  const serve = (): void => {
    while (!closed && busy.size < processes) {
      const next = waiting.shift();
      if (next === undefined) return;
      const worker = takeUsable(idle) ?? start();
      busy.add(worker);
      void worker.run(next.plan, limits).then((outcome) => {
        busy.delete(worker);
        if (worker.usable() && !closed) idle.push(worker);
        else worker.kill();
        next.done(outcome);
        serve();
      });
    }
  };

  return {
    run(plan) {
      if (closed) return Promise.resolve({ state: 'failed', text: 'the sandbox is closed' });
      if (busy.size >= processes && waiting.length >= queue) {
        return Promise.resolve({ state: 'busy', waiting: waiting.length });
      }
      return new Promise((done) => {
        waiting.push({ plan, done });
        serve();
      });
    },
    async close() {
      closed = true;
      for (const { done } of waiting.splice(0)) done({ state: 'failed', text: 'the sandbox is closed' });
      for (const worker of [...idle.splice(0), ...busy]) worker.kill();
    },
  };
}

function takeUsable(idle: SandboxWorker[]): SandboxWorker | undefined {
  for (let worker = idle.pop(); worker !== undefined; worker = idle.pop()) {
    if (worker.usable()) return worker;
    worker.kill();
  }
  return undefined;
}
