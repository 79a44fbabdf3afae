import type { SlackClock } from '../slack/clock.js';

/** What the app did against the limits. */
export interface LimitCounts {
  /** Calls answered with 429 because there were too many. */
  rejected: number;
  /** Of these: calls made although an earlier 429 said to wait longer. */
  impatient: number;
}

export interface Limits extends LimitCounts {
  /** Counts the call. @returns whole seconds to wait when it is refused instead. */
  take(what: LimitedWhat, conversation: string): number | undefined;
  /** After a 429 that a test forced: who calls sooner is impatient. */
  closeFor(what: LimitedWhat, conversation: string, seconds: number): void;
}

/** Sends and edits to one conversation share their windows; so do new roots of one channel; and reads of members. */
export type LimitedWhat = 'send' | 'create' | 'members';

interface Window {
  calls: number;
  ms: number;
}

/** Per bot and conversation, as published. */
const WINDOWS: Record<LimitedWhat, Window[]> = {
  send: [
    { calls: 7, ms: 1000 },
    { calls: 8, ms: 2000 },
    { calls: 60, ms: 30_000 },
    { calls: 1800, ms: 3600_000 },
  ],
  create: [
    { calls: 7, ms: 1000 },
    { calls: 8, ms: 2000 },
    { calls: 60, ms: 30_000 },
    { calls: 1800, ms: 3600_000 },
  ],
  members: [
    { calls: 14, ms: 1000 },
    { calls: 16, ms: 2000 },
    { calls: 120, ms: 30_000 },
    { calls: 3600, ms: 3600_000 },
  ],
};
/** Of the whole app in the tenant. */
const GLOBAL: Window = { calls: 50, ms: 1000 };
const LONGEST_MS = 3600_000;

export function createLimits(clock: SlackClock): Limits {
  const calls = new Map<string, number[]>();
  const closedUntil = new Map<string, number>();
  /** When a call more may be made, by these windows. */
  const freeAt = (times: readonly number[], windows: readonly Window[], now: number): number =>
    Math.max(
      now,
      ...windows.map(({ calls: most, ms }) => {
        const oldest = times[times.length - most];
        return oldest === undefined ? now : oldest + ms;
      }),
    );
  const timesOf = (key: string, now: number): number[] => {
    const kept = (calls.get(key) ?? []).filter((at) => at > now - LONGEST_MS);
    calls.set(key, kept);
    return kept;
  };
  const limits: Limits = {
    rejected: 0,
    impatient: 0,
    take(what, conversation) {
      const now = clock.now();
      const key = `${what} ${conversation}`;
      const mine = timesOf(key, now);
      const all = timesOf('all', now);
      const closed = closedUntil.get(key) ?? 0;
      const free = Math.max(closed, freeAt(mine, WINDOWS[what], now), freeAt(all, [GLOBAL], now));
      if (free <= now) {
        mine.push(now);
        all.push(now);
        return undefined;
      }
      limits.rejected += 1;
      if (closed > now) limits.impatient += 1;
      const seconds = Math.max(1, Math.ceil((free - now) / 1000));
      closedUntil.set(key, Math.max(closed, now + seconds * 1000));
      return seconds;
    },
    closeFor(what, conversation, seconds) {
      const key = `${what} ${conversation}`;
      closedUntil.set(key, Math.max(closedUntil.get(key) ?? 0, clock.now() + seconds * 1000));
    },
  };
  return limits;
}
