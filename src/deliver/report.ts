import type { DeliveryStatus, DeliveryStore } from '../domain/chat.js';
import type { Clock } from '../domain/ports.js';
import type { ProcessLog } from '../log.js';

interface ReporterDeps {
  store: Pick<DeliveryStore, 'saveReport'>;
  status: () => DeliveryStatus;
  clock: Clock;
  processLog: ProcessLog;
  holder: string;
}

/** Each counts all that waits, so not more often than somebody could look. */
const EVERY_MS = 5000;

/** Tells the others how far this process is; nothing waits for it. */
export function createReporter({ store, status, clock, processLog, holder }: ReporterDeps): { report(): void } {
  let reportedAt = Number.NEGATIVE_INFINITY;
  return {
    report() {
      const now = clock.now();
      if (now.getTime() - reportedAt < EVERY_MS) return;
      const { leading, ...rest } = status();
      if (!leading) return;
      reportedAt = now.getTime();
      store
        .saveReport({ ...rest, holder, at: now.toISOString() })
        .catch((error: unknown) => processLog.info({ error }, 'how far the deliveries are is not told'));
    },
  };
}
