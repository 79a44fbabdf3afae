import type { Redis } from './connect.js';
import { withRedis } from './errors.js';
import { APPENDED_CHANNEL, SEALED_CHANNEL } from './keys.js';

export type Poke = 'appended' | 'sealed';

/** "Something is new": a hint to read, never data. Lost while Redis is away, so everyone who waits also polls. */
export interface Pokes {
  /** How many were heard so far; ask before reading, so that a poke during the read is not missed. */
  heard(kind: Poke): number;
  /** Returns when more than `heard` were heard, after `timeoutMs`, or when the signal aborts. */
  wait(kind: Poke, heard: number, timeoutMs: number, signal?: AbortSignal): Promise<void>;
}

/** Listens on a connection of its own (`use: 'subscriber'`), which subscribes again by itself after an outage. */
export async function createPokes(subscriber: Redis): Promise<Pokes> {
  const counts: Record<Poke, number> = { appended: 0, sealed: 0 };
  const waiting: Record<Poke, Set<() => void>> = { appended: new Set(), sealed: new Set() };
  subscriber.on('message', (channel: string) => {
    const kind = channel === SEALED_CHANNEL ? 'sealed' : 'appended';
    counts[kind] += 1;
    for (const wake of [...waiting[kind]]) wake();
  });
  await withRedis(() => subscriber.subscribe(APPENDED_CHANNEL, SEALED_CHANNEL));
  return {
    heard: (kind) => counts[kind],
    wait: (kind, heard, timeoutMs, signal) =>
      new Promise((resolve) => {
        const wake = (): void => {
          clearTimeout(timer);
          waiting[kind].delete(wake);
          signal?.removeEventListener('abort', wake);
          resolve();
        };
        const timer = setTimeout(wake, timeoutMs);
        waiting[kind].add(wake);
        signal?.addEventListener('abort', wake, { once: true });
        if (signal?.aborted || counts[kind] !== heard) wake();
      }),
  };
}
