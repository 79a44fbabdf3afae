import { AppError } from '../../src/domain/errors.js';
import type { Hash } from '../../src/domain/merkle.js';
import type { Redis } from './connect.js';
import { withRedis } from './errors.js';
import { CHECKPOINTS_KEY, LEASE_KEY, SEGMENT_SIZE, segmentKey, TILES_KEY } from './keys.js';

/** What the sealer reads and writes in Redis: the log's bytes, and beside them checkpoints and tile hashes that can only grow. */
export interface SealStore {
  /** True when this owner may publish for the next `ttlMs`. */
  lease(owner: string, ttlMs: number): Promise<boolean>;
  /** The bytes from `index` on, at most `limit`. @throws AppError `tampered` when the log is shorter than `index`. */
  read(index: number, limit: number): Promise<string[]>;
  /** Notes of the checkpoint list, newest last. */
  newestNotes(count: number): Promise<string[]>;
  tiles(): Promise<string[]>;
  /** `lost` when another sealer has the lease now; nothing was written then. */
  publish(owner: string, note: string, tilesBefore: number, tiles: readonly Hash[]): Promise<'published' | 'lost'>;
}

export function createSealStore(redis: Redis): SealStore {
  return {
    lease: async (owner, ttlMs) =>
      (await withRedis(() => redis.call('FCALL', 'cs_lease', 1, LEASE_KEY, owner, ttlMs))) === 1,
    async read(index, limit) {
      const segment = Math.floor(index / SEGMENT_SIZE);
      const offset = index % SEGMENT_SIZE;
      const count = Math.min(limit, SEGMENT_SIZE - offset);
      const [bytes, length] = await withRedis(() =>
        Promise.all([
          redis.lrange(segmentKey(segment), offset, offset + count - 1),
          redis.llen(segmentKey(index === 0 ? 0 : Math.floor((index - 1) / SEGMENT_SIZE))),
        ]),
      );
      const expected = index === 0 ? 0 : ((index - 1) % SEGMENT_SIZE) + 1;
      if (length < expected) throw shorter(index - expected + length, index);
      return bytes;
    },
    newestNotes: (count) => withRedis(() => redis.lrange(CHECKPOINTS_KEY, -count, -1)),
    tiles: () => withRedis(() => redis.lrange(TILES_KEY, 0, -1)),
    async publish(owner, note, tilesBefore, tiles) {
      const encoded = tiles.map((tile) => tile.toString('base64'));
      const answer = await withRedis(() =>
        redis.call(
          'FCALL',
          'cs_publish_checkpoint',
          3,
          LEASE_KEY,
          CHECKPOINTS_KEY,
          TILES_KEY,
          owner,
          note,
          tilesBefore,
          ...encoded,
        ),
      );
      if (answer === -1)
        throw new AppError('tampered', { safeText: 'The tile hashes in Redis are not the ones that were published.' });
      return answer === 1 ? 'published' : 'lost';
    },
  };
}

function shorter(size: number, sealed: number): AppError {
  return new AppError('tampered', {
    safeText: `The log holds ${size} entries but ${sealed} were read before: it was cut off. Sealing stops; nothing is signed again.`,
  });
}
