import { authenticate, type SourceAuth } from '../../adapters/alerts/authenticate.js';
import { createLineageCollector, type LineageCollector } from '../../adapters/open-lineage/collector.js';
import { createLineageRouter } from '../../adapters/open-lineage/router.js';
import type { Redis } from '../../adapters/redis/connect.js';
import { createLineageStore } from '../../adapters/redis/lineage-store.js';
import { AppError } from '../domain/errors.js';
import { type Lineage, lineageOf } from '../domain/lineage.js';
import type { Inventory } from '../domain/pipeline.js';
import type { Clock } from '../domain/ports.js';
import type { Sighting } from '../domain/sighting.js';
import type { ProcessLog } from '../log.js';

/** The web role's part of observed lineage: it alone takes events in, and writes what is kept of them. */

/** Other web processes take in events too. */
const RELOAD_EVERY_MS = 60_000;

/** What is stored, and what comes in from now on. @throws AppError `misconfigured` when the Redis user lacks the right. */
export async function observedLineage(redis: Redis, clock: Clock): Promise<LineageCollector> {
  const lineage = createLineageCollector({ store: createLineageStore(redis), clock });
  await lineage.load();
  return lineage;
}

/** Observed links fade within days: a picture may be this old. */
const REDRAW_AFTER_MS = 600_000;

/** Configured and observed lineage together, drawn again only when something was seen or faded: a click must not wait for it. */
export function knownLineage(inventory: Inventory, observed: LineageCollector, clock: Clock): () => Lineage {
  let drawn: { of: readonly Sighting[]; at: Date; lineage: Lineage } | undefined;
  return () => {
    const [of, at] = [observed.sightings(), clock.now()];
    if (drawn?.of !== of || at.getTime() - drawn.at.getTime() > REDRAW_AFTER_MS) {
      drawn = { of, at, lineage: lineageOf(inventory, { sightings: of, now: at }) };
    }
    return drawn.lineage;
  };
}

/** A cache: when it can not be read, what is known stays. Ends with `clearInterval`. */
export function reloadLineage(lineage: LineageCollector, processLog: ProcessLog): NodeJS.Timeout {
  const reload = (): Promise<void> =>
    lineage.load().catch((error) => processLog.warn({ error }, 'observed lineage could not be read'));
  return setInterval(() => void reload(), RELOAD_EVERY_MS);
}

/** OpenLineage clients can send a token and nothing else; who has none configured is refused like anybody else. */
export function lineageRouter(
  auth: SourceAuth | undefined,
  lineage: LineageCollector,
  clock: Clock,
  processLog: ProcessLog,
): ReturnType<typeof createLineageRouter> {
  if (auth !== undefined && auth.scheme !== 'bearer') {
    throw new AppError('misconfigured', {
      field: 'openlineage.scheme',
      safeText: 'The intake file must give openlineage the scheme bearer: its clients can not sign.',
    });
  }
  return createLineageRouter({
    authenticate: (headers) => void authenticate(auth, headers, Buffer.alloc(0), clock),
    record: lineage.record,
    processLog,
  });
}

/** Whether OpenLineage events arrive, for whom set them up. */
export async function observedText(redis: Redis): Promise<string> {
  const seen = await createLineageStore(redis).all();
  const newest = seen
    .map(({ at }) => at)
    .sort()
    .at(-1);
  return newest === undefined
    ? 'no lineage observed'
    : `${seen.length} lineage links observed, the newest of ${newest}`;
}
