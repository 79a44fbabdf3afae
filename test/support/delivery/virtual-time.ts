import type { Sleep } from '../../../src/domain/chat.js';
import type { Clock } from '../../../src/domain/ports.js';

/** A clock that stands still until everybody waits, and then goes to the next moment for which somebody waits. */
export interface VirtualTime {
  clock: Clock;
  sleep: Sleep;
  now(): number;
  /** Lets time pass until the condition holds. @throws Error when it does not within so many virtual milliseconds. */
  until(condition: () => boolean, withinMs?: number): Promise<void>;
  pass(ms: number): Promise<void>;
}

interface Timer {
  at: number;
  order: number;
  ring: () => void;
}

export function createVirtualTime(start = Date.parse('2026-05-04T10:00:00Z')): VirtualTime {
  let now = start;
  let order = 0;
  const timers = new Set<Timer>();
  const next = (): Timer | undefined => {
    let first: Timer | undefined;
    for (const timer of timers)
      if (first === undefined || timer.at < first.at || (timer.at === first.at && timer.order < first.order))
        first = timer;
    return first;
  };
  /** All that needs no time has happened when a macrotask gets its turn: nothing here does real input or output. */
  const idle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const step = async (limit: number): Promise<boolean> => {
    const timer = next();
    if (timer === undefined || timer.at > limit) return false;
    now = Math.max(now, timer.at);
    timers.delete(timer);
    timer.ring();
    await idle();
    return true;
  };
  return {
    clock: { now: () => new Date(now) },
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const timer: Timer = { at: now + Math.max(0, ms), order: order++, ring: resolve };
        timers.add(timer);
        signal?.addEventListener(
          'abort',
          () => {
            timers.delete(timer);
            resolve();
          },
          { once: true },
        );
      }),
    async until(condition, withinMs = 3_600_000) {
      const limit = now + withinMs;
      await idle();
      while (!condition()) {
        if (!(await step(limit))) throw new Error(`It did not come to that within ${withinMs} ms.`);
      }
    },
    async pass(ms) {
      const limit = now + ms;
      await idle();
      while (await step(limit));
      now = limit;
    },
  };
}
