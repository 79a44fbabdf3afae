import { afterAll, beforeAll, expect, it } from 'vitest';
import { connectRedis } from '../../adapters/redis/connect.js';
import { startTestRedis, type TestRedis } from '../support/redis.js';

let r: TestRedis;
beforeAll(async () => {
  r = await startTestRedis();
});
afterAll(() => r.stop());
it('works', async () => {
  const web = await connectRedis(r.urlFor('web'), { name: 'x', use: 'commands' });
  expect(
    await web.call(
      'FCALL',
      'cs_append',
      3,
      '{cs}:subject:a',
      '{cs}:log:0',
      '{cs}:outbox:investigate',
      0,
      0,
      2,
      'x',
      'y',
      1,
      'job',
    ),
  ).toEqual(['ok', 0, 0]);
  expect(await web.call('FCALL', 'cs_append', 2, '{cs}:subject:a', '{cs}:log:0', 0, 0, 1, 'x')).toEqual([
    'conflict',
    2,
  ]);
  expect(await web.call('FCALL_RO', 'cs_read_subject', 2, '{cs}:subject:a', '{cs}:log:0', 0)).toEqual([
    2,
    '0',
    'x',
    '1',
    'y',
  ]);
  expect(await web.call('FCALL_RO', 'cs_version', 0)).toMatch(/^[0-9a-f]{16}$/);
  await r.restart();
  await new Promise((x) => setTimeout(x, 300));
  const web2 = await connectRedis(r.urlFor('web'), { name: 'x', use: 'commands' });
  expect(await web2.call('FCALL_RO', 'cs_read_subject', 2, '{cs}:subject:a', '{cs}:log:0', 1)).toEqual([2, '1', 'y']);
  web.disconnect();
  web2.disconnect();
});
