import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connectRedis, type Redis } from '../../adapters/redis/connect.js';
import { createDeliveryStore } from '../../adapters/redis/delivery-store.js';
import { chatThreadKey } from '../../adapters/redis/keys.js';
import type { Delivery } from '../../src/domain/chat.js';
import { startTestRedis, type TestRedis } from '../support/redis.js';

let server: TestRedis;
let admin: Redis;
let redis: Redis;
let other: Redis;

beforeAll(async () => {
  // With `everysec` a kill can lose what was acknowledged while the disk is busy.
  server = await startTestRedis({ appendfsync: 'always' });
  admin = await connectRedis(server.url, { name: 'admin', use: 'commands' });
  redis = await connectRedis(server.urlFor('web'), { name: 'web', use: 'commands' });
  other = await connectRedis(server.urlFor('web'), { name: 'web-2', use: 'commands' });
});
afterAll(async () => {
  for (const connection of [admin, redis, other]) connection.disconnect();
  await server.stop();
});
beforeEach(async () => {
  const keys = await admin.keys('{cs}:chat*');
  if (keys.length > 0) await admin.del(...keys);
});

const delivery = (over: Partial<Delivery> = {}): Delivery => ({
  key: 'headline',
  state: 'posting',
  attempt: 1,
  headline: true,
  channel: 'C1',
  version: 3,
  at: '2026-05-04T10:00:00.000Z',
  ...over,
});
const POSTED = delivery({ state: 'posted', message: '1700000000.000100', digest: 'aa' });

describe('the memory of what stands in a chat, as the web role', () => {
  it('gives back what was saved, by thread and by chat', async () => {
    const slack = createDeliveryStore(redis, 'slack');
    expect(await slack.claim('INC-1', delivery())).toBe(true);
    expect(await slack.of('INC-1')).toEqual(new Map([['headline', delivery()]]));
    await slack.save('INC-1', POSTED);
    expect(await slack.of('INC-1')).toEqual(new Map([['headline', POSTED]]));
    expect(await slack.of('INC-2')).toEqual(new Map());
    expect(await createDeliveryStore(redis, 'teams').of('INC-1')).toEqual(new Map());
  });

  it('finds the incident of a headline, also of the one before, and of no other message', async () => {
    const store = createDeliveryStore(redis, 'slack');
    await store.save('INC-1', POSTED);
    await store.save('INC-1', { ...POSTED, state: 'gone' });
    await store.save('INC-1', { ...POSTED, key: 'headline~2', message: '1700000009.000100' });
    await store.save('INC-1', { ...POSTED, key: 'card-x', headline: false, message: '1700000001.000100' });
    expect(await store.incidentAt('C1', '1700000000.000100')).toBe('INC-1');
    expect(await store.incidentAt('C1', '1700000009.000100')).toBe('INC-1');
    expect(await store.incidentAt('C1', '1700000001.000100')).toBeUndefined();
    expect(await store.incidentAt('C2', '1700000000.000100')).toBeUndefined();
  });

  it('gives each attempt to one of many who claim it at the same moment', async () => {
    const stores = [createDeliveryStore(redis, 'slack'), createDeliveryStore(other, 'slack')];
    for (const round of [1, 2, 3]) {
      const before = (await stores[0]?.of('INC-1'))?.get('headline')?.attempt ?? 0;
      const claims = await Promise.all(
        Array.from({ length: 20 }, (_, n) => stores[n % 2]?.claim('INC-1', delivery({ attempt: before + 1 }))),
      );
      expect(claims.filter(Boolean)).toHaveLength(1);
      expect((await stores[1]?.of('INC-1'))?.get('headline')?.attempt).toBe(20 * round);
    }
  });

  it('refuses a claim that was read before somebody else claimed, posted and failed again', async () => {
    const store = createDeliveryStore(redis, 'slack');
    expect(await store.claim('INC-1', delivery())).toBe(true);
    await store.save('INC-1', delivery({ state: 'missing' }));
    expect(await store.claim('INC-1', delivery())).toBe(false);
  });

  it('takes a claim without its record for a message on its way: its holder died between the two', async () => {
    const store = createDeliveryStore(redis, 'slack');
    await admin.hincrby(chatThreadKey('slack', 'INC-1'), '#headline', 1);
    expect((await store.of('INC-1')).get('headline')).toMatchObject({ state: 'posting', attempt: 1, at: '' });
    await store.save('INC-1', delivery({ state: 'missing' }));
    await admin.hincrby(chatThreadKey('slack', 'INC-1'), '#headline', 1);
    expect((await store.of('INC-1')).get('headline')).toMatchObject({ state: 'posting', attempt: 2 });
  });

  it('keeps a message that is known to stand, whoever claims it', async () => {
    const store = createDeliveryStore(redis, 'slack');
    expect(await store.claim('INC-1', delivery())).toBe(true);
    await store.save('INC-1', POSTED);
    await admin.hincrby(chatThreadKey('slack', 'INC-1'), '#headline', 1);
    expect((await store.of('INC-1')).get('headline')).toEqual({ ...POSTED, attempt: 2 });
  });

  it('looks for what another version of Countersign has written, instead of sending it again', async () => {
    const store = createDeliveryStore(redis, 'slack');
    expect(await store.claim('INC-1', delivery())).toBe(true);
    for (const text of ['{', '{"state":"sideways"}', '[]']) {
      await admin.hset(chatThreadKey('slack', 'INC-1'), 'headline', text);
      expect((await store.of('INC-1')).get('headline')).toMatchObject({ state: 'posting', attempt: 1 });
    }
  });

  it('lets one process deliver, and the next one when the lease was not renewed', async () => {
    const [first, second] = [createDeliveryStore(redis, 'slack'), createDeliveryStore(other, 'slack')];
    const wonBy = await Promise.all([first.lead('a', 60_000), second.lead('b', 60_000)]);
    expect(wonBy.filter(Boolean)).toHaveLength(1);
    const [holder, waiting, name] = wonBy[0] ? [first, second, 'a'] : [second, first, 'b'];
    expect(await holder.lead(name, 60_000)).toBe(true);
    expect(await waiting.lead('late', 60_000)).toBe(false);
    expect(await createDeliveryStore(redis, 'teams').lead('late', 60_000)).toBe(true);
    expect(await holder.lead(name, 1)).toBe(true);
    await expect.poll(() => waiting.lead('late', 60_000), { timeout: 5000 }).toBe(true);
    expect(await holder.lead(name, 60_000)).toBe(false);
  });

  it('remembers which finished threads are shown, and when it all began', async () => {
    const store = createDeliveryStore(redis, 'slack');
    expect(await store.shown()).toEqual(new Map());
    const began = new Date('2026-05-04T10:00:00Z');
    expect(await store.began(began)).toEqual(began);
    expect(await store.began(new Date())).toEqual(began);
    await store.saveShown('INC-1', 12);
    await store.saveShown('INC-1', 14);
    expect(await store.shown()).toEqual(new Map([['INC-1', 14]]));
  });

  it('keeps the newest of what the one who delivers says of itself', async () => {
    const store = createDeliveryStore(redis, 'slack');
    expect(await store.lastReport()).toBeUndefined();
    const at = '2026-05-04T10:00:00.000Z';
    const blocked = [
      { channel: 'C1', reason: 'The channel is archived.', since: at },
      { incident: 'INC-1', reason: 'The thread is locked.', since: at },
    ];
    await store.saveReport({ holder: 'web-1', at, threads: 0, messages: 0, oldest: undefined, blocked: [] });
    const newest = { holder: 'web-2', at, threads: 2, messages: 5, oldest: at, blocked };
    await store.saveReport(newest);
    expect(await createDeliveryStore(other, 'slack').lastReport()).toEqual(newest);
    expect(await createDeliveryStore(other, 'teams').lastReport()).toBeUndefined();
    await admin.hset('{cs}:chat:slack:report', 'newest', '{"holder":1}');
    expect(await store.lastReport()).toBeUndefined();
  });

  it('may not remove anything', async () => {
    await createDeliveryStore(redis, 'slack').save('INC-1', POSTED);
    await expect(redis.del(chatThreadKey('slack', 'INC-1'))).rejects.toThrow(/NOPERM/);
    await expect(redis.hdel(chatThreadKey('slack', 'INC-1'), 'headline')).rejects.toThrow(/NOPERM/);
    await expect(redis.expire(chatThreadKey('slack', 'INC-1'), 1)).rejects.toThrow(/NOPERM/);
  });

  it('says `unavailable` when Redis is away, and knows everything when it is back', async () => {
    const store = createDeliveryStore(redis, 'slack');
    await store.save('INC-1', POSTED);
    await server.kill9();
    await expect(store.of('INC-1')).rejects.toMatchObject({ kind: expect.stringMatching(/unavailable|timeout/) });
    await server.restart();
    await expect.poll(() => store.of('INC-1').catch(() => undefined), { timeout: 10_000 }).toBeDefined();
    expect((await store.of('INC-1')).get('headline')).toEqual(POSTED);
  });
});
