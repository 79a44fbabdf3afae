import type { DeliveryStatus } from '../domain/chat.js';
import type { Work } from './work.js';

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
        ...[...aside.values()].map(({ reason, since: at }) => ({ incident, reason, since: iso(at) })),
      ]),
    ],
  };
}
