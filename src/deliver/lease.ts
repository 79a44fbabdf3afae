import type { DeliveryStore } from '../domain/chat.js';
import type { Clock } from '../domain/ports.js';
import type { ProcessLog } from '../log.js';

/** The right to deliver to a chat, which one process has at a time. */
export interface Lease {
  held(): boolean;
  /** Asks for it, or renews it, when that is due. @returns `won` when it was not held before. */
  keep(): Promise<'won' | 'held' | 'not held'>;
  /** When `keep` is due, in milliseconds of the clock. */
  dueAt(): number;
  /** Lets another process have it at once. */
  release(): Promise<void>;
}

const TTL_MS = 15_000;
const RENEW_MS = 5000;
/** It is given up this long before it ends in the store: a call that began by then has begun before anybody else may. */
const MARGIN_MS = 3000;

interface LeaseDeps {
  store: Pick<DeliveryStore, 'lead'>;
  clock: Clock;
  holder: string;
  processLog: ProcessLog;
}

export function createLease({ store, clock, holder, processLog }: LeaseDeps): Lease {
  let heldUntil = 0;
  let dueAt = 0;
  const now = (): number => clock.now().getTime();
  /** More time left than there ever is: the clock was set back, and nobody knows how much really passed. */
  const held = (): boolean => now() < heldUntil && heldUntil - now() <= TTL_MS;
  const due = (): number => Math.min(dueAt, now() + RENEW_MS);
  return {
    held,
    async keep() {
      if (now() < due() && due() === dueAt) return held() ? 'held' : 'not held';
      const before = held();
      const asked = now();
      dueAt = asked + RENEW_MS;
      try {
        heldUntil = (await store.lead(holder, TTL_MS)) ? asked + TTL_MS - MARGIN_MS : 0;
      } catch (error) {
        // Redis is away: the lease is good until it ends.
        processLog.warn({ error }, 'the lease of the chat can not be renewed');
      }
      if (!held()) return 'not held';
      return before ? 'held' : 'won';
    },
    dueAt: due,
    async release() {
      if (!held()) return;
      heldUntil = 0;
      await store
        .lead(holder, 1)
        .catch((error: unknown) => processLog.warn({ error }, 'the lease stays until it ends'));
    },
  };
}
