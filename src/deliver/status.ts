import type { Work } from './work.js';

export interface DeliveryStatus {
  /** This process delivers; the others of the same chat wait. */
  leading: boolean;
  /** Threads that are not shown as they should be, and their messages that are missing or out of date. */
  threads: number;
  messages: number;
  /** Since when the oldest of them waits. */
  oldest: string | undefined;
  /** What does not get on, and why. A channel that is refused is named once; no incident means all of its threads. */
  blocked: { incident?: string; channel?: string; reason: string; since: string }[];
}

/** Counts what waits and names what is stuck. */
export function statusOf(
  works: ReadonlyMap<string, Work>,
  closed: { channel: string; reason: string; since: number }[],
): Omit<DeliveryStatus, 'leading'> {
  const all = [...works.values()];
  const since = all.flatMap((work) => [...work.since.values(), ...(work.since.size === 0 ? [work.changedAt] : [])]);
  const iso = (at: number): string => new Date(at).toISOString();
  return {
    threads: all.length,
    messages: all.reduce((sum, work) => sum + Math.max(1, work.since.size), 0),
    oldest: since.length === 0 ? undefined : iso(since.reduce((a, b) => Math.min(a, b))),
    blocked: [
      ...closed.map(({ channel, reason, since: at }) => ({
        ...(channel === '' ? {} : { channel }),
        reason,
        since: iso(at),
      })),
      ...all.flatMap(({ incident, trouble, aside }) => [
        ...(trouble === undefined ? [] : [{ incident, reason: trouble.reason, since: iso(trouble.since) }]),
        ...[...aside.values()].map(({ reason, until }) => ({ incident, reason, since: iso(until) })),
      ]),
    ],
  };
}
