import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectRedis } from '../../adapters/redis/connect.js';
import { connectLog, type LogConnection } from '../../adapters/redis/connect-log.js';
import { segmentKey } from '../../adapters/redis/keys.js';
import type { NewEvent } from '../../src/domain/events.js';
import type { StoredEntry } from '../../src/domain/ports.js';
import { createProcessLog } from '../../src/log.js';
import { startTestRedis, type TestRedis } from '../support/redis.js';

const VKEY = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
const processLog = createProcessLog('test', 'silent');
const note = (text: string): NewEvent => ({
  type: 'note.added',
  data: { by: { id: 'ann@example.com', via: 'web' }, text },
  actor: { kind: 'person', id: 'ann@example.com', role: 'web' },
});

let redis: TestRedis;
let web: LogConnection;
const open = (role: 'web' | 'investigator' = 'web'): Promise<LogConnection> =>
  connectLog({ url: redis.urlFor(role), role, vkey: VKEY, allowWeak: false, processLog });

beforeAll(async () => {
  redis = await startTestRedis();
  web = await open();
});
afterAll(async () => {
  web.close();
  await redis.stop();
});

describe('append', () => {
  it('fills the envelope, and reads back the same from any connection', async () => {
    const { version, entries } = await web.log.append('INC-A', 0, [note('one'), note('two')]);
    expect(version).toBe(2);
    expect(entries.map(({ index, entry }) => [index, entry.n, entry.subject])).toEqual([
      [entries[0]?.index, 1, 'INC-A'],
      [(entries[0]?.index ?? 0) + 1, 2, 'INC-A'],
    ]);
    const other = await open('investigator');
    expect(await other.log.read('INC-A')).toEqual(entries);
    expect(await other.log.readFrom(entries[0]?.index ?? 0, 2)).toEqual(entries);
    expect(await other.log.read('INC-NONE')).toEqual([]);
    other.close();
  });

  it('lets one of many writers of a subject win, and tells the others', async () => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, (_, i) => web.log.append('INC-RACE', 0, [note(`writer ${i}`)])),
    );
    const failed = outcomes.filter((one) => one.status === 'rejected').map((one) => one.reason.kind);
    expect(failed).toEqual(Array.from({ length: 19 }, () => 'conflict'));
    expect(await web.log.read('INC-RACE')).toHaveLength(1);
  });

  it('writes nothing at all when any part of it can not be written', async () => {
    const admin = await connectRedis(redis.url, { name: 'admin', use: 'commands' });
    await admin.set('{cs}:outbox:verify', 'not a list');
    const size = await web.log.size();
    const job = { queue: 'verify' as const, id: 'v-1', incident: 'INC-B' };
    await expect(web.log.append('INC-B', 0, [note('x')], [job])).rejects.toMatchObject({ kind: 'tampered' });
    await expect(
      web.log.append('INC-B', 0, [note('x'), { ...note('y'), data: { text: 3 } } as unknown as NewEvent]),
    ).rejects.toMatchObject({ kind: 'internal' });
    expect(await web.log.size()).toBe(size);
    expect(await web.log.read('INC-B')).toEqual([]);
    await admin.del('{cs}:outbox:verify');
    await web.log.append('INC-B', 0, [note('x')], [job]);
    expect((await admin.lrange('{cs}:outbox:verify', 0, -1)).map((one) => JSON.parse(one))).toEqual([job]);
    admin.disconnect();
  });

  it('goes on in the next segment when one is full, also inside a batch', async () => {
    const admin = await connectRedis(redis.url, { name: 'admin', use: 'commands' });
    const size = await web.log.size();
    const [filler] = await admin.lrange(segmentKey(0), 0, 0);
    const fill = 65_536 - size - 2;
    for (let i = 0; i < fill; i += 5000) {
      await admin.rpush(segmentKey(0), ...Array.from({ length: Math.min(5000, fill - i) }, () => filler ?? ''));
    }
    const { entries } = await web.log.append('INC-C', 0, [note('1'), note('2'), note('3'), note('4')]);
    expect(entries.map(({ index }) => index)).toEqual([65_534, 65_535, 65_536, 65_537]);
    expect(await admin.llen(segmentKey(1))).toBe(2);
    const other = await open();
    expect(await other.log.read('INC-C')).toEqual(entries);
    expect(await other.log.readFrom(65_534, 10)).toEqual(entries);
    expect(await other.log.size()).toBe(65_538);
    const more = await other.log.append('INC-C', 4, [note('5')]);
    expect(more.entries[0]?.index).toBe(65_538);
    other.close();
    admin.disconnect();
  });
});

describe('a log that was changed behind our back', () => {
  it('is not read as if nothing had happened', async () => {
    const admin = await connectRedis(redis.url, { name: 'admin', use: 'commands' });
    await web.log.append('INC-D', 0, [note('1'), note('2'), note('3')]);
    await admin.lrem('{cs}:subject:INC-D', 1, (await admin.lindex('{cs}:subject:INC-D', 1)) ?? '');
    const fresh = await open();
    await expect(fresh.log.read('INC-D')).rejects.toMatchObject({ kind: 'tampered' });
    await expect(web.log.read('INC-D')).rejects.toMatchObject({ kind: 'tampered' });
    fresh.close();
    admin.disconnect();
  });
});

describe('follow', () => {
  it('gives every entry once and in order, across a kill and restart of Redis', async () => {
    const stop = new AbortController();
    const seen: StoredEntry[] = [];
    const from = await web.log.size();
    const following = web.log.follow(from, (entries) => void seen.push(...entries), stop.signal);
    for (let i = 0; i < 5; i++) await web.log.append('INC-F', i, [note(`before ${i}`)]);
    await redis.kill9();
    await expect(web.log.append('INC-F', 5, [note('while away')])).rejects.toMatchObject({ kind: 'unavailable' });
    await redis.restart();
    const later = await open();
    for (let i = 5; i < 10; i++) await later.log.append('INC-F', i, [note(`after ${i}`)]);
    const deadline = Date.now() + 15_000;
    while (seen.length < 10 && Date.now() < deadline) await new Promise((wait) => setTimeout(wait, 20));
    stop.abort();
    await following;
    expect(seen.map(({ index }) => index)).toEqual(Array.from({ length: 10 }, (_, i) => from + i));
    expect(seen.map(({ entry }) => entry.n)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    later.close();
  });
});

describe('what else is kept', () => {
  it('stores observations by content and notices a changed one', async () => {
    const investigator = await open('investigator');
    const digest = await investigator.observations.put('run id=r1 state=failed');
    expect(await investigator.observations.put('run id=r1 state=failed')).toBe(digest);
    expect(await web.observations.get(digest)).toBe('run id=r1 state=failed');
    expect(await web.observations.get('0'.repeat(64))).toBeUndefined();
    const admin = await connectRedis(redis.url, { name: 'admin', use: 'commands' });
    await admin.set(`{cs}:obs:${digest}`, 'run id=r1 state=success');
    await expect(web.observations.get(digest)).rejects.toMatchObject({ kind: 'tampered' });
    await expect(web.observations.put('x')).rejects.toMatchObject({ kind: 'misconfigured' });
    admin.disconnect();
    investigator.close();
  });

  it('answers a second gesture with the first answer', async () => {
    expect(await web.once.begin('click-1', 60)).toBeUndefined();
    expect(await web.once.begin('click-1', 60)).toBe('pending');
    await web.once.settle('click-1', 'approved', 60);
    expect(await web.once.begin('click-1', 60)).toEqual({ answer: 'approved' });
  });

  it('adds up money per UTC day', async () => {
    const { spending, close } = await open('investigator');
    const day = new Date('2026-03-01T23:59:00Z');
    expect(await spending.today(day)).toBe(0);
    expect(await spending.add(0.25, day)).toBeCloseTo(0.25);
    expect(await spending.add(0.5, day)).toBeCloseTo(0.75);
    expect(await spending.today(day)).toBeCloseTo(0.75);
    expect(await spending.today(new Date('2026-03-02T00:01:00Z'))).toBe(0);
    close();
  });
});
