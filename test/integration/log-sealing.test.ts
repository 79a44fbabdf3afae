import { generateKeyPairSync } from 'node:crypto';
import { appendFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readArchive } from '../../adapters/archive/checkpoint-archive.js';
import { connectRedis, type Redis } from '../../adapters/redis/connect.js';
import { connectLog, type LogConnection } from '../../adapters/redis/connect-log.js';
import { CHECKPOINTS_KEY, segmentKey, TILES_KEY } from '../../adapters/redis/keys.js';
import type { NewEvent } from '../../src/domain/events.js';
import { openCheckpoint, parseVerifierKey, verifierKey } from '../../src/domain/signed-note.js';
import { createProcessLog } from '../../src/log.js';
import { LOG_ORIGIN } from '../../src/roles/log-key.js';
import { runSealer } from '../../src/roles/sealer.js';
import { startTestRedis, type TestRedis } from '../support/redis.js';

const processLog = createProcessLog('test', 'silent');
const note = (text: string): NewEvent => ({
  type: 'note.added',
  data: { by: { id: 'ann@example.com', via: 'web' }, text },
  actor: { kind: 'person', id: 'ann@example.com', role: 'web' },
});

let redis: TestRedis;
let admin: Redis;
let web: LogConnection;
let dir: string;
let vkey: string;
let keyFile: string;
let version: number;
const running: { stop: AbortController; ended: Promise<void> }[] = [];

beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis.stop());

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'countersign-sealer-'));
  keyFile = join(dir, 'log.pem');
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  writeFileSync(keyFile, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  vkey = verifierKey(LOG_ORIGIN, publicKey);
  version = 0;
  admin = await connectRedis(redis.url, { name: 'admin', use: 'commands' });
  await admin.flushall();
  web = await connectLog({ url: redis.urlFor('web'), role: 'web', vkey, allowWeak: false, processLog });
});
afterEach(async () => {
  for (const { stop, ended } of running.splice(0)) {
    stop.abort();
    await ended.catch(() => undefined);
  }
  web.close();
  admin.disconnect();
  rmSync(dir, { recursive: true, force: true });
});

function sealer(archive = 'archive'): { ready: Promise<void>; ended: Promise<void>; stop(): Promise<void> } {
  const stop = new AbortController();
  let ready = (): void => undefined;
  const isReady = new Promise<void>((done) => {
    ready = done;
  });
  const config = {
    REDIS_URL: redis.urlFor('sealer'),
    COUNTERSIGN_LOG_LEVEL: 'silent' as const,
    COUNTERSIGN_LOG_VKEY: vkey,
    COUNTERSIGN_ALLOW_WEAK_REDIS: false,
    COUNTERSIGN_LOG_KEY: keyFile,
    COUNTERSIGN_ARCHIVE: join(dir, archive),
  };
  const ended = runSealer(config, processLog, stop.signal, ready);
  ended.catch(() => undefined);
  const isLeading = Promise.race([isReady, ended]);
  isLeading.catch(() => undefined);
  running.push({ stop, ended });
  return {
    ready: isLeading,
    ended,
    stop: () => {
      stop.abort();
      return ended;
    },
  };
}

/** Appends and returns the index of the last entry. */
async function append(count: number): Promise<number> {
  const events = Array.from({ length: count }, (_, i) => note(`${version + i}`));
  const { entries } = await web.log.append('INC-S', version, events);
  version += count;
  return entries.at(-1)?.index ?? -1;
}

const sizes = async (notes: string[]): Promise<number[]> =>
  notes.map((one) => openCheckpoint(one, parseVerifierKey(vkey))?.size ?? -1);

describe('the sealer', () => {
  it('covers what is appended within milliseconds, through tiles and segments of any fill', async () => {
    await sealer().ready;
    for (const count of [1, 1, 253, 1, 1, 300, 500]) {
      const index = await append(count);
      const { size } = await web.checkpoints.covering(index, 5000);
      expect(size).toBeGreaterThan(index);
    }
    const size = await web.log.size();
    for (const index of [0, 255, 256, 300, 511, 512, size - 1]) await web.checkpoints.covering(index, 1000);
    expect(await admin.llen(TILES_KEY)).toBe(Math.floor(size / 256));
    await expect(web.checkpoints.covering(size, 50)).rejects.toMatchObject({ kind: 'timeout' });
    expect(await sizes(await readArchive(join(dir, 'archive')))).toEqual(await sizes(await web.checkpoints.notes()));
  });

  it('goes on after a restart from where it was, also when Redis missed its last checkpoint', async () => {
    const first = sealer();
    await first.ready;
    await web.checkpoints.covering(await append(300), 5000);
    await first.stop();
    // Archived, but the answer of Redis never came: as if the process died between the two.
    await admin.rpop(CHECKPOINTS_KEY);
    await admin.rpop(TILES_KEY);
    await append(10);
    await sealer().ready;
    await web.checkpoints.covering(309, 5000);
    const archived = await sizes(await readArchive(join(dir, 'archive')));
    expect(archived).toEqual([...new Set(archived)].sort((a, b) => a - b));
    expect((await sizes(await web.checkpoints.notes())).at(-1)).toBe(310);
  });

  it('fills a new archive from Redis and passes over a torn last line', async () => {
    const first = sealer();
    await first.ready;
    await web.checkpoints.covering(await append(3), 5000);
    await first.stop();
    const other = sealer('second-archive');
    await other.ready;
    expect(await sizes(await readArchive(join(dir, 'second-archive')))).toEqual([3]);
    await other.stop();
    const [file] = readdirSync(join(dir, 'archive'));
    appendFileSync(join(dir, 'archive', file ?? ''), '\ncountersign/log\n99\nhalf a che');
    await sealer().ready;
    await web.checkpoints.covering(await append(1), 5000);
    expect((await sizes(await readArchive(join(dir, 'archive')))).at(-1)).toBe(4);
  });

  it('leaves the work to one of two, and the other takes over', async () => {
    const [one, two] = [sealer('archive'), sealer('archive-of-two')];
    await Promise.all([one.ready, two.ready]);
    for (let i = 0; i < 5; i++) await web.checkpoints.covering(await append(7), 5000);
    expect(await sizes(await web.checkpoints.notes())).toEqual([7, 14, 21, 28, 35]);
    await one.stop();
    await web.checkpoints.covering(await append(1), 10_000);
    await two.stop();
    expect((await sizes(await web.checkpoints.notes())).at(-1)).toBe(36);
  });

  it('survives a kill and restart of Redis', async () => {
    await sealer().ready;
    await web.checkpoints.covering(await append(10), 5000);
    await redis.kill9();
    await redis.restart();
    const later = await connectLog({ url: redis.urlFor('web'), role: 'web', vkey, allowWeak: false, processLog });
    const { entries } = await later.log.append('INC-S', version, [note('after')]);
    await later.checkpoints.covering(entries[0]?.index ?? -1, 10_000);
    later.close();
    await admin.connect().catch(() => undefined);
  });

  it.each([
    ['is cut off', () => admin.ltrim(segmentKey(0), 0, -3), /cut off/],
    ['is changed', () => admin.lset(segmentKey(0), 5, '{}'), /not those/],
    [
      'is changed together with its checkpoints in Redis',
      async () => {
        await admin.ltrim(segmentKey(0), 0, 4);
        await admin.ltrim(CHECKPOINTS_KEY, 0, 0);
      },
      /cut off|not those/,
    ],
  ])('stops for good, and signs nothing, when the log %s while it is down', async (_, attack, text) => {
    const first = sealer();
    await first.ready;
    await web.checkpoints.covering(await append(5), 5000);
    await web.checkpoints.covering(await append(5), 5000);
    await first.stop();
    await attack();
    const before = [await web.checkpoints.notes(), await readArchive(join(dir, 'archive'))];
    await expect(sealer().ended).rejects.toMatchObject({ kind: 'tampered', safeText: expect.stringMatching(text) });
    expect([await web.checkpoints.notes(), await readArchive(join(dir, 'archive'))]).toEqual(before);
  });

  it('stops when the log is cut off while it runs', async () => {
    const running = sealer();
    await running.ready;
    await web.checkpoints.covering(await append(10), 5000);
    await admin.ltrim(segmentKey(0), 0, 3);
    await admin.publish('cs:appended', '0');
    await expect(running.ended).rejects.toMatchObject({ kind: 'tampered' });
  });

  it('does not start with a key that is not the one readers check with', async () => {
    const { publicKey } = generateKeyPairSync('ed25519');
    vkey = verifierKey(LOG_ORIGIN, publicKey);
    await expect(sealer().ended).rejects.toMatchObject({ kind: 'misconfigured', field: 'COUNTERSIGN_LOG_VKEY' });
  });
});

describe('what rests on a checkpoint', () => {
  it('is refused when the entry is not the sealed one, the checkpoint is not the sealer’s, or a tile is wrong', async () => {
    const first = sealer();
    await first.ready;
    await web.checkpoints.covering(await append(600), 5000);
    await first.stop();
    const fresh = () =>
      connectLog({ url: redis.urlFor('repairer'), role: 'repairer', vkey, allowWeak: false, processLog });
    const bytes = (await admin.lindex(segmentKey(0), 300)) ?? '';
    await admin.lset(segmentKey(0), 300, bytes.replace('ann@', 'eve@'));
    await expect(web.checkpoints.covering(300, 1000)).rejects.toMatchObject({ kind: 'tampered' });
    await web.checkpoints.covering(3, 1000);
    await admin.lset(segmentKey(0), 300, bytes);

    const tile = (await admin.lindex(TILES_KEY, 0)) ?? '';
    await admin.lset(TILES_KEY, 0, Buffer.alloc(32).toString('base64'));
    const reader = await fresh();
    await expect(reader.checkpoints.covering(300, 1000)).rejects.toMatchObject({ kind: 'tampered' });
    await admin.lset(TILES_KEY, 0, tile);

    const last = (await admin.lindex(CHECKPOINTS_KEY, -1)) ?? '';
    await admin.rpush(CHECKPOINTS_KEY, last.replace('600', '601'));
    const another = await fresh();
    await expect(another.checkpoints.covering(300, 1000)).rejects.toMatchObject({ kind: 'tampered' });
    another.close();
    reader.close();
  });
});
