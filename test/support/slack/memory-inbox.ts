import type { ChatJob } from '../../../adapters/slack/inbound/job.js';
import { asAppError } from '../../../src/domain/errors.js';

interface Work<Job> {
  handle(job: Job): Promise<void>;
  givenUp(job: Job, error: Error): Promise<void>;
}

interface OpenInbox<Job> {
  put(job: Job, delayMs?: number): Promise<void>;
  close(): Promise<void>;
}

/** The chat's inbox without Redis: the same id once, tried again while that may help, and what waits outlives a restart. */
export interface MemoryInbox<Job> {
  open(work: Work<Job>): Promise<OpenInbox<Job>>;
  /** Resolves when nothing waits or runs. */
  idle(): Promise<void>;
  /** Works on the newest jobs once more, as after a worker that died before it could say that it was done. */
  again(jobs: number): Promise<void>;
  /** How many jobs there ever were that were to be worked on at once. */
  count(): number;
}

const ATTEMPTS = 6;

export function createMemoryInbox<Job extends { id: string } = ChatJob>(): MemoryInbox<Job> {
  const known = new Set<string>();
  const delayed = new Set<string>();
  const done: Job[] = [];
  const running = new Set<Promise<void>>();
  let waiting: Job[] = [];
  let worker: Work<Job> | undefined;

  const run = async (job: Job, on: Work<Job>): Promise<void> => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await on.handle(job);
      } catch (thrown) {
        const error = asAppError(thrown);
        if (!error.retryable || attempt === ATTEMPTS) return on.givenUp(job, error);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    }
  };
  const start = (job: Job): void => {
    if (worker === undefined) {
      waiting.push(job);
      return;
    }
    const work = run(job, worker).finally(() => {
      running.delete(work);
      done.push(job);
    });
    running.add(work);
  };
  const idle = async (): Promise<void> => {
    while (running.size > 0) await Promise.allSettled(running);
  };
  return {
    idle,
    count: () => known.size - delayed.size,
    async again(jobs) {
      for (const job of done.slice(-jobs)) start(job);
      await idle();
    },
    async open(work) {
      worker = work;
      const left = waiting;
      waiting = [];
      left.forEach(start);
      return {
        async put(job, delayMs = 0) {
          if (known.has(job.id)) return;
          known.add(job.id);
          if (delayMs === 0) start(job);
          else {
            delayed.add(job.id);
            setTimeout(start, delayMs, job).unref();
          }
        },
        async close() {
          worker = undefined;
          await idle();
        },
      };
    },
  };
}
