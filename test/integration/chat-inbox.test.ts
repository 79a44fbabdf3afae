import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { connectRedis, type Redis } from '../../adapters/redis/connect.js';
import { createChatInbox } from '../../queues/chat-inbox.js';
import { createChatWorker } from '../../queues/chat-worker.js';
import { AppError } from '../../src/domain/errors.js';
import { createProcessLog } from '../../src/log.js';
import { startTestRedis, type TestRedis } from '../support/redis.js';
import { until } from '../support/until.js';

const Said = z.strictObject({ id: z.string(), words: z.string() });
const processLog = createProcessLog('test', 'silent');
let redis: TestRedis;
let admin: Redis;

beforeAll(async () => {
  redis = await startTestRedis();
  admin = await connectRedis(redis.url, { name: 'admin', use: 'commands' });
});
afterAll(async () => {
  admin.disconnect();
  await redis.stop();
});

it.each(['chat', 'chat-teams'] as const)(
  'what people wrote is in Redis until it is worked on or given up, and the same gesture stays known (%s)',
  async (queue) => {
    const handled: string[] = [];
    const givenUp: string[] = [];
    const inbox = createChatInbox<z.infer<typeof Said>>({ queue, redisUrl: redis.urlFor('web'), processLog });
    const jobs = ['taken', 'refused'].map((id) => ({ id: `chat-${id}`, words: `my password is hunter2, ${id}` }));
    for (const job of jobs) await inbox.put(job);
    expect(await stored(queue)).toContain('hunter2');
    const worker = await createChatWorker({
      queue,
      schema: Said,
      redisUrl: redis.urlFor('web'),
      concurrency: 2,
      processLog,
      async handle({ id, words }) {
        handled.push(words);
        if (id === 'chat-refused') throw new AppError('forbidden', { safeText: 'Not that.' });
      },
      onGivenUp: async ({ words }) => void givenUp.push(words),
    });
    const over = async (): Promise<boolean> =>
      handled.length === 2 && givenUp.length === 1 && !(await stored(queue)).includes('hunter2');
    await until(over, 'the end of both jobs, and of their words', 10_000);
    expect(givenUp).toEqual([jobs[1]?.words]);
    for (const job of jobs) await inbox.put(job);
    await inbox.put({ id: 'chat-last', words: 'a later one' });
    await until(() => handled.includes('a later one'), 'the later job', 10_000);
    expect(handled).toHaveLength(3);
    expect(await stored(queue)).not.toContain('hunter2');
    await worker.close(2000);
    await inbox.close();
  },
);

it('is told to slow down more often than it may fail, and is done all the same', async () => {
  const inbox = createChatInbox<z.infer<typeof Said>>({ queue: 'chat', redisUrl: redis.urlFor('web'), processLog });
  let tried = 0;
  const givenUp: string[] = [];
  const worker = await createChatWorker({
    queue: 'chat',
    schema: Said,
    redisUrl: redis.urlFor('web'),
    concurrency: 1,
    processLog,
    async handle() {
      tried += 1;
      if (tried < 9) throw new AppError('rate_limited', { safeText: 'Slower.', retryAfterMs: 50 });
    },
    onGivenUp: async ({ id }) => void givenUp.push(id),
  });
  await inbox.put({ id: 'chat-slowed', words: 'slow' });
  await until(() => tried === 9, 'the ninth time', 10_000);
  expect(givenUp).toEqual([]);
  await worker.close(2000);
  await inbox.close();
});

/** All that the queue keeps, whatever its form. */
async function stored(queue: string): Promise<string> {
  const kept = [];
  for (const key of await admin.keys(`{csq}:${queue}:*`)) {
    const type = await admin.type(key);
    if (type === 'hash') kept.push(await admin.hgetall(key));
    if (type === 'stream') kept.push(await admin.xrange(key, '-', '+'));
  }
  return JSON.stringify(kept);
}
