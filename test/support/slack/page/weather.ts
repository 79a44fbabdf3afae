import { tierOf } from '../call.js';
import type { Fault, FaultKind } from '../faults.js';
import type { SlackServer } from '../server-types.js';

/** What goes wrong between the app and this Slack because somebody at the page said so. */
export interface Weather {
  /** Faults that were asked for, by the number under which they can be taken away. */
  asked: Map<number, Fault>;
  add(kind: FaultKind, often: Often): void;
  remove(id: number): void;
  clear(): void;
}

export const OFTEN = {
  next: 'on the next call',
  some: 'on 2 in 100 calls',
  many: 'on 1 in 5 calls',
  all: 'on every call',
} as const;
export type Often = keyof typeof OFTEN;
const CHANCE: Record<Often, number> = { next: 1, some: 0.02, many: 0.2, all: 1 };

export const KINDS: Record<FaultKind, string> = {
  reply_lost: 'Done, but the reply is lost',
  failed_after: 'Done, but answered 500',
  refused: 'Not done, answered 500',
  cut_before: 'Not done, connection cut',
  ratelimited: 'Not done, answered 429 (wait 30 s)',
  slow: 'Done, answered 5 s late',
  error: 'Not done, "internal_error"',
};

/** Faults by hand: the same as tests set, with names for people. */
export function createWeather(server: SlackServer): Weather {
  const removers = new Map<number, () => void>();
  const asked = new Map<number, Fault>();
  let last = 0;
  const remove = (id: number): void => {
    removers.get(id)?.();
    removers.delete(id);
    asked.delete(id);
  };
  return {
    asked,
    add(kind, often) {
      last += 1;
      const fault: Fault = {
        kind,
        chance: CHANCE[often],
        ...(often === 'next' ? { count: 1 } : {}),
        ...(kind === 'error' ? { error: 'internal_error' } : {}),
      };
      removers.set(last, server.faults.add(fault));
      // One that strikes once is gone when it has; there is nothing to take away.
      if (often !== 'next') asked.set(last, fault);
    },
    remove,
    clear() {
      for (const id of [...removers.keys()]) remove(id);
      server.faults.down(false);
    },
  };
}

export function oftenOf(fault: Fault): string {
  const found = (Object.keys(OFTEN) as Often[]).find((often) => often !== 'next' && CHANCE[often] === fault.chance);
  return OFTEN[found ?? 'all'];
}

export interface CallCount {
  method: string;
  count: number;
  refused: number;
}

/** Calls of the last minute on the server's clock, most frequent first; `refused` are those answered 429. */
export function callsOfMinute(server: SlackServer): CallCount[] {
  const since = server.clock.now() - 60_000;
  const counts = new Map<string, CallCount>();
  for (let at = server.record.length - 1; at >= 0; at -= 1) {
    const call = server.record[at];
    if (call === undefined || call.at < since) break;
    const count = counts.get(call.method) ?? { method: call.method, count: 0, refused: 0 };
    counts.set(call.method, {
      ...count,
      count: count.count + 1,
      refused: count.refused + (call.status === 429 ? 1 : 0),
    });
  }
  return [...counts.values()].sort((a, b) => b.count - a.count);
}

const PER_MINUTE = { 1: '1', 2: '20', 3: '50', 4: '100' };

/** What Slack allows of a method in a minute, in words; undefined where it publishes no number. */
export function limitOf(method: string): string | undefined {
  if (method === 'chat.postMessage') return '60 a channel';
  const tier = tierOf(method);
  return tier === 'special' ? undefined : PER_MINUTE[tier];
}
