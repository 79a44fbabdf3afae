import type { Thread } from '../domain/card.js';
import type { DeliveryStatus } from '../domain/chat.js';
import { createDeliverer, type DelivererDeps } from './deliverer.js';

/** What `show` needs of a thread; the rest is asked for when it is time to send it. */
export type Shown = Pick<Thread, 'incident' | 'version'> & { summary: Pick<Thread['summary'], 'finished' | 'lastAt'> };

/** Brings threads into one chat and keeps them as they are in the log. */
export interface Delivery {
  /** Remembers that the thread changed and returns; any number of times, in any order. */
  show(thread: Shown): Promise<void>;
  /**
   * The deliverer. Works while this process has the lease, until the signal aborts; calls under way are finished first. To be started
   * once, when `show` was called for all that is in the log: before that it would show old states of threads that are not there yet.
   */
  run(signal: AbortSignal): Promise<void>;
  status(): DeliveryStatus;
  /** Resolves when the thread, or every thread, is shown as it is; only where `run` runs and has the lease. */
  settled(incident?: string): Promise<void>;
}

export function createDelivery<Body>(deps: DelivererDeps<Body>): Delivery {
  const deliverer = createDeliverer(deps);
  return {
    async show({ incident, version, summary }) {
      deliverer.changed(incident, version, summary.finished ? summary.lastAt : undefined);
    },
    run: deliverer.run,
    status: deliverer.status,
    settled: (incident) => deliverer.settled(incident),
  };
}
