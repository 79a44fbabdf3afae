import { AppError } from '../../src/domain/errors.js';
import { type Hash, inclusionProof, leafHash, verifyInclusion } from '../../src/domain/merkle.js';
import type { CheckpointReader } from '../../src/domain/ports.js';
import { type Checkpoint, type NoteVerifier, openCheckpoint, parseVerifierKey } from '../../src/domain/signed-note.js';
import { createTiles, nodeReader, TILE_SIZE, type Tiles } from '../../src/domain/tiles.js';
import type { Redis } from './connect.js';
import { withRedis } from './errors.js';
import { CHECKPOINTS_KEY, TILES_KEY } from './keys.js';
import { readBytes } from './log-reader.js';
import type { Pokes } from './pokes.js';

export interface CheckpointReaderDeps {
  redis: Redis;
  pokes: Pokes;
  vkey: string;
}

export interface RedisCheckpoints extends CheckpointReader {
  /** The newest checkpoint, its signature checked; undefined before the first. @throws AppError `tampered` when it is not the sealer's. */
  latest(): Promise<(Checkpoint & { note: string }) | undefined>;
  /** All checkpoint notes, oldest first, unchecked. */
  notes(): Promise<string[]>;
}

const POLL_MS = 250;

/**
 * Checkpoints as the sealer publishes them. Inclusion is proved against the signed root from the stored bytes of the entry's tile and the
 * last one, and the tile hashes beside the log: two short reads, however long the log is. Nothing that is read has to be trusted: a
 * wrong tile makes the proof fail.
 */
export function createCheckpointReader({ redis, pokes, vkey }: CheckpointReaderDeps): RedisCheckpoints {
  const verifier = parseVerifierKey(vkey);
  const tiles = createTiles();
  let reading: Promise<void> = Promise.resolve();

  /** One at a time: the tiles are pushed in order. */
  const readTiles = (count: number): Promise<void> => {
    reading = reading.catch(() => undefined).then(() => extendTiles(redis, tiles, count));
    return reading;
  };

  return {
    latest: () => latestCheckpoint(redis, verifier),
    notes: () => withRedis(() => redis.lrange(CHECKPOINTS_KEY, 0, -1)),
    async covering(index, timeoutMs) {
      const deadline = Date.now() + timeoutMs;
      for (;;) {
        const heard = pokes.heard('sealed');
        const checkpoint = await latestCheckpoint(redis, verifier);
        if (checkpoint !== undefined && checkpoint.size > index) {
          await readTiles(Math.floor(checkpoint.size / TILE_SIZE));
          await assertIncluded(redis, tiles, index, checkpoint);
          return { size: checkpoint.size };
        }
        const left = deadline - Date.now();
        if (left <= 0) throw new AppError('timeout', { safeText: `Entry ${index} is not yet sealed by a checkpoint.` });
        await pokes.wait('sealed', heard, Math.min(left, POLL_MS));
      }
    },
  };
}

async function latestCheckpoint(
  redis: Redis,
  verifier: NoteVerifier,
): Promise<(Checkpoint & { note: string }) | undefined> {
  const note = await withRedis(() => redis.lindex(CHECKPOINTS_KEY, -1));
  if (note === null) return undefined;
  const checkpoint = openCheckpoint(note, verifier);
  if (checkpoint !== undefined) return { ...checkpoint, note };
  throw new AppError('tampered', { safeText: 'The newest checkpoint in Redis is not signed by the log key.' });
}

async function extendTiles(redis: Redis, tiles: Tiles, count: number): Promise<void> {
  if (tiles.count >= count) return;
  const read = await withRedis(() => redis.lrange(TILES_KEY, tiles.count, count - 1));
  for (const tile of read) tiles.push(hashOf(tile));
  if (tiles.count < count) throw new AppError('tampered', { safeText: 'Tile hashes of the log are missing in Redis.' });
}

function hashOf(base64: string): Hash {
  const hash = Buffer.from(base64, 'base64');
  if (hash.length === 32) return hash;
  throw new AppError('tampered', { safeText: 'A tile hash in Redis is not one.' });
}

async function assertIncluded(redis: Redis, tiles: Tiles, index: number, checkpoint: Checkpoint): Promise<void> {
  const { size, root } = checkpoint;
  const tile = Math.floor(index / TILE_SIZE);
  const needed = [...new Set([tile, Math.floor((size - 1) / TILE_SIZE)])];
  const leaves = await Promise.all(
    needed.map(async (one) => {
      const bytes = await withRedis(() => readBytes(redis, one * TILE_SIZE, TILE_SIZE));
      return [one, bytes.map(leafHash)] as const;
    }),
  );
  const held = new Map(leaves);
  const leaf = held.get(tile)?.[index % TILE_SIZE];
  const included = leaf !== undefined && proves(leaf, index, size, root, tiles, held);
  if (included) return;
  throw new AppError('tampered', {
    safeText: `Entry ${index} of the log is not the one that was sealed. Nothing acts on it; run \`countersign log verify\`.`,
  });
}

function proves(
  leaf: Hash,
  index: number,
  size: number,
  root: Hash,
  tiles: Tiles,
  held: ReadonlyMap<number, readonly Hash[]>,
): boolean {
  try {
    return verifyInclusion(leaf, index, size, inclusionProof(index, size, nodeReader(tiles, held)), root);
  } catch (error) {
    // Leaves are missing: the log is shorter than what was sealed.
    if (error instanceof RangeError) return false;
    throw error;
  }
}
