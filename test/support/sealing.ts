import { generateKeyPairSync } from 'node:crypto';
import { connectRedis } from '../../adapters/redis/connect.js';
import { CHECKPOINTS_KEY, LEASE_KEY, TILES_KEY } from '../../adapters/redis/keys.js';
import { logSize, readBytes } from '../../adapters/redis/log-reader.js';
import { createCompactRange, type Hash, leafHash } from '../../src/domain/merkle.js';
import { signCheckpoint, verifierKey } from '../../src/domain/signed-note.js';
import { subtreeHash, TILE_SIZE } from '../../src/domain/tiles.js';

const NAME = 'test/log';
const EVERY_MS = 5;

export interface Sealing {
  vkey: string;
  /** A sealer that is down publishes nothing; back again it goes on. */
  down: boolean;
  stop(): Promise<void>;
}

/** Signs checkpoints of the log in a Redis every few milliseconds with a key of its own, as the sealer role does. */
export async function startSealing(url: string): Promise<Sealing> {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const redis = await connectRedis(url, { name: 'test-sealer', use: 'commands' });
  await redis.set(LEASE_KEY, NAME);
  const range = createCompactRange();
  const leaves: Hash[] = [];
  let tiles = 0;
  let stopped = false;

  const seal = async (): Promise<void> => {
    const size = await logSize(redis);
    if (size === range.size) return;
    for (const bytes of await readBytes(redis, range.size, size - range.size)) {
      leaves.push(leafHash(bytes));
      range.append(leafHash(bytes));
    }
    const note = signCheckpoint({ origin: NAME, size: range.size, root: range.root() }, NAME, privateKey);
    const complete: string[] = [];
    for (; (tiles + complete.length + 1) * TILE_SIZE <= leaves.length; ) {
      const start = (tiles + complete.length) * TILE_SIZE;
      complete.push(subtreeHash(leaves.slice(start, start + TILE_SIZE)).toString('base64'));
    }
    await redis.call(
      'FCALL',
      'cs_publish_checkpoint',
      3,
      LEASE_KEY,
      CHECKPOINTS_KEY,
      TILES_KEY,
      NAME,
      note,
      tiles,
      ...complete,
    );
    tiles += complete.length;
  };
  const sealing: Sealing = {
    vkey: verifierKey(NAME, publicKey),
    down: false,
    async stop() {
      stopped = true;
      await loop;
      redis.disconnect();
    },
  };
  const loop = (async () => {
    while (!stopped) {
      if (!sealing.down) await seal();
      await new Promise((wait) => setTimeout(wait, EVERY_MS));
    }
  })();
  return sealing;
}
