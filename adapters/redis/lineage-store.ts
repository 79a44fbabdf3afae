import type { LineageStore } from '../../src/domain/ports.js';
import { Sighting, sightingKey } from '../../src/domain/sighting.js';
import type { Redis } from './connect.js';
import { withRedis } from './errors.js';
import { LINEAGE_KEY } from './keys.js';

/** Observed lineage in one hash beside the log: a cache that may be deleted at any time, and grows again from the next runs. */
export function createLineageStore(redis: Redis): LineageStore {
  return {
    async all() {
      const stored = await withRedis(() => redis.hvals(LINEAGE_KEY));
      return stored.flatMap((text) => sightingIn(text) ?? []);
    },
    async put(sightings) {
      if (sightings.length === 0) return;
      const fields = sightings.flatMap((sighting) => [sightingKey(sighting), JSON.stringify(sighting)]);
      await withRedis(() => redis.hset(LINEAGE_KEY, ...fields));
    },
    async drop(keys) {
      if (keys.length > 0) await withRedis(() => redis.hdel(LINEAGE_KEY, ...keys));
    },
  };
}

/** What another version wrote is passed over; the next run writes it again. */
function sightingIn(text: string): Sighting | undefined {
  try {
    return Sighting.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
