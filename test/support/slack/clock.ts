/** The time of the simulated Slack: of its limits, lifetimes, deadlines and retries. */
export interface SlackClock {
  /** ms since 1970; never goes back. */
  now(): number;
  /** Resolves after `ms` of this clock, early and without an error when the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Runs `job` after `ms` of this clock. @returns cancels it. */
  after(ms: number, job: () => void): () => void;
  /** How many of its ms pass in one of the wall; 0 when it stands still until `advance`. */
  speed: number;
}

export interface ManualClock extends SlackClock {
  /** Moves on, running what falls due in its order, and lets promises settle between. */
  advance(ms: number): Promise<void>;
}

/** Ten times faster with `speed` 10. Begins at the present. */
export function createClock(speed = 1): SlackClock {
  const began = Date.now();
  const base = performance.now();
  const now = (): number => began + (performance.now() - base) * speed;
  const after = (ms: number, job: () => void): (() => void) => {
    const timer = setTimeout(job, Math.max(0, ms) / speed);
    return () => clearTimeout(timer);
  };
  return { now, after, sleep: sleepWith(after), speed };
}

/** Stands still until a test moves it. */
export function createManualClock(start = Date.now()): ManualClock {
  let time = start;
  let waiting: { at: number; job: () => void }[] = [];
  const after = (ms: number, job: () => void): (() => void) => {
    const entry = { at: time + Math.max(0, ms), job };
    waiting.push(entry);
    return () => {
      waiting = waiting.filter((other) => other !== entry);
    };
  };
  const advance = async (ms: number): Promise<void> => {
    const end = time + ms;
    for (;;) {
      const next = waiting.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      waiting = waiting.filter((other) => other !== next);
      time = Math.max(time, next.at);
      next.job();
      await new Promise((resolve) => setImmediate(resolve));
    }
    time = end;
  };
  return { now: () => time, after, sleep: sleepWith(after), speed: 0, advance };
}

function sleepWith(after: SlackClock['after']): SlackClock['sleep'] {
  return (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) {
        resolve();
        return;
      }
      const done = (): void => {
        cancel();
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const cancel = after(ms, done);
      signal?.addEventListener('abort', done);
    });
}
