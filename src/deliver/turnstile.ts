import type { Pace, Sleep, Turnstile } from '../domain/chat.js';
import type { Clock } from '../domain/ports.js';
import { createBuckets } from './buckets.js';

/** Longer than this nobody waits inside a call, which has a time-out of its own: whoever asked is told to come again. */
const PATIENCE_MS = 8000;

/** For calls beside the deliveries (who somebody is, forms, words to one person): they wait for their turn, first come first served. */
export function createTurnstile({ clock, sleep }: { clock: Clock; sleep: Sleep }): Turnstile {
  const now = (): number => clock.now().getTime();
  const buckets = createBuckets(now());
  /** Whoever waited may find that the platform said stop to somebody before: then this turn is given back and waited for anew. */
  const stoppedMeanwhile = async (pace: Pace, patienceMs: number): Promise<number> => {
    if (!buckets.paused([pace], now())) return 0;
    buckets.giveBack([pace]);
    return turnstile.enter(pace, patienceMs);
  };
  const turnstile: Turnstile = {
    async enter(pace, patienceMs = PATIENCE_MS) {
      const wait = buckets.wait([pace], now());
      if (wait > patienceMs) return wait;
      // Taken before the wait, so that the next one waits behind this one.
      buckets.take([pace], now());
      if (wait > 0) await sleep(wait);
      return stoppedMeanwhile(pace, patienceMs);
    },
    stop: (pace, ms) => buckets.refused([pace], now(), now() + ms),
  };
  return turnstile;
}
