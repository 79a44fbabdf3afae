import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectRedis, type Redis } from '../../adapters/redis/connect.js';
import { createReferenceStore } from '../../adapters/redis/reference-store.js';
import { startTestRedis, type TestRedis } from '../support/redis.js';

let server: TestRedis;
let redis: Redis;
let other: Redis;

beforeAll(async () => {
  server = await startTestRedis({ appendfsync: 'always' });
  redis = await connectRedis(server.urlFor('web'), { name: 'web', use: 'commands' });
  other = await connectRedis(server.urlFor('web'), { name: 'web-2', use: 'commands' });
});
afterAll(async () => {
  for (const connection of [redis, other]) connection.disconnect();
  await server.stop();
});

const at = '2026-05-04T10:00:00.000Z';
const SERVICE = { serviceUrl: 'https://emea.example/teams/', botId: '28:app', tenantId: 't', at };

describe('how Teams and its people are reached, in Redis', () => {
  it('is known to another process, the newest word of each', async () => {
    const [mine, theirs] = [redis, other].map((one) => createReferenceStore(one, 'teams'));
    await mine?.saveService('app', SERVICE);
    await mine?.saveService('app', { ...SERVICE, serviceUrl: 'https://amer.example/teams/' });
    await mine?.savePersonalChat('aad-1', { conversation: 'a:1', user: '29:maria', at });
    await mine?.saveTeam('19:x@thread.tacv2', { team: '19:team@thread.tacv2', at });
    expect(await theirs?.service('app')).toEqual({ ...SERVICE, serviceUrl: 'https://amer.example/teams/' });
    expect(await theirs?.service('another')).toBeUndefined();
    expect(await theirs?.personalChat('aad-1')).toEqual({ conversation: 'a:1', user: '29:maria', at });
    expect(await theirs?.personalChat('aad-2')).toBeUndefined();
    expect(await theirs?.teamOf('19:x@thread.tacv2')).toEqual({ team: '19:team@thread.tacv2', at });
  });

  it.each(['{"serviceUrl":1}', 'not json'])('counts as unknown when it is %s', async (text) => {
    await redis.hset('{cs}:chat:teams:references', 'service:spoilt', text);
    expect(await createReferenceStore(redis, 'teams').service('spoilt')).toBeUndefined();
  });

  it('says `unavailable` when Redis is away, and knows everything when it is back', async () => {
    const store = createReferenceStore(redis, 'teams');
    await store.saveService('app', SERVICE);
    await server.kill9();
    await expect(store.service('app')).rejects.toMatchObject({ kind: expect.stringMatching(/unavailable|timeout/) });
    await server.restart();
    await expect.poll(() => store.service('app').catch(() => undefined), { timeout: 10_000 }).toEqual(SERVICE);
  });
});
