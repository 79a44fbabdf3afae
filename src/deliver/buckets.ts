import type { Pace } from '../domain/chat.js';

/** Token buckets of one chat, by name. Times are milliseconds of the clock of whoever asks. */
export interface Buckets {
  /** Milliseconds until a call with this pace may be made; 0 when it may be now. */
  wait(paces: readonly Pace[], now: number): number;
  take(paces: readonly Pace[], now: number): void;
  /** The platform said stop after tokens were taken and before the call. */
  paused(paces: readonly Pace[], now: number): boolean;
  /** For a call that was not made after all. */
  giveBack(paces: readonly Pace[]): void;
  /**
   * The platform refused a call, and does not say for which of its limits: the narrowest bucket gives nothing before `until`, and
   * then no saved-up burst. A wider one stops as well when a call of another narrow one is refused meanwhile, as it is the one they share.
   */
  refused(paces: readonly Pace[], now: number, until: number): void;
  /** All are empty, as somebody else has used them until now. */
  empty(now: number): void;
}

interface Bucket {
  /** When the bucket would be full again (the generic cell rate algorithm): one number, no rounding that adds up. */
  full: number;
  pausedUntil: number;
  /** The last refusal of a call that took from here, too. */
  refusal: { narrowest: string; until: number } | undefined;
}

/**
 * Every bucket is empty at first: a process does not know what the one before it used up, and one that is started again and again
 * must not bring a fresh burst each time. One that is first named later has filled since then.
 */
export function createBuckets(begun: number): Buckets {
  let start = begun;
  const buckets = new Map<string, Bucket>();
  const bucketOf = (pace: Pace): Bucket => {
    const known = buckets.get(pace.bucket);
    if (known !== undefined) return known;
    const fresh = { full: start + pace.burst * interval(pace), pausedUntil: 0, refusal: undefined };
    buckets.set(pace.bucket, fresh);
    return fresh;
  };
  const waitOf = (pace: Pace, now: number): number => {
    const { full, pausedUntil } = bucketOf(pace);
    const room = Math.max(full, now) + interval(pace) - pace.burst * interval(pace);
    return Math.max(0, Math.ceil(room - now), pausedUntil - now);
  };
  const stop = (pace: Pace, until: number): void => {
    const bucket = bucketOf(pace);
    bucket.pausedUntil = Math.max(bucket.pausedUntil, until);
    bucket.full = Math.max(bucket.full, until + (pace.burst - 1) * interval(pace));
  };
  return {
    wait(paces, now) {
      let longest = 0;
      for (const pace of paces) longest = Math.max(longest, waitOf(pace, now));
      return longest;
    },
    paused: (paces, now) => paces.some((pace) => bucketOf(pace).pausedUntil > now),
    take(paces, now) {
      for (const pace of paces) {
        const bucket = bucketOf(pace);
        bucket.full = Math.max(bucket.full, now) + interval(pace);
      }
    },
    giveBack(paces) {
      for (const pace of paces) bucketOf(pace).full -= interval(pace);
    },
    empty(now) {
      start = now;
      buckets.clear();
    },
    refused([narrowest, ...wider], now, until) {
      if (narrowest === undefined) return;
      stop(narrowest, until);
      for (const pace of wider) {
        const bucket = bucketOf(pace);
        const { refusal } = bucket;
        if (refusal !== undefined && refusal.narrowest !== narrowest.bucket && refusal.until > now) stop(pace, until);
        bucket.refusal = { narrowest: narrowest.bucket, until };
      }
    },
  };
}

/** Milliseconds for one token. */
function interval(pace: Pace): number {
  return 60_000 / pace.perMinute;
}
