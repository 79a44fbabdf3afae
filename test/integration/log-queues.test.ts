import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectRedis, type Redis } from '../../adapters/redis/connect.js';
import { createInvestigateWorker } from '../../queues/investigate-worker.js';
import { createOutboxRelay } from '../../queues/outbox-relay.js';
import { createRepairWorker } from '../../queues/repair-worker.js';
import { createVerifyWorker } from '../../queues/verify-worker.js';
import { AppError } from '../../src/domain/errors.js';
import { createProcessLog } from '../../src/log.js';
import { startTestRedis, type TestRedis } from '../support/redis.js';

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

async function until(what: () => boolean | Promise<boolean>, withinMs = 10_000): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!(await what())) {
    if (Date.now() > deadline) throw new Error('it did not happen in time');
    await new Promise((wait) => setTimeout(wait, 20));
  }
}
const push = (queue: string, job: object): Promise<number> =>
  admin.rpush(`{cs}:outbox:${queue}`, JSON.stringify({ queue, ...job }));
const poke = (): Promise<number> => admin.publish('cs:appended', '1');

describe('outbox to worker', () => {
  it('works as the roles that may do it, each job once, though several relays run and outbox entries repeat', async () => {
    const done: string[] = [];
    const worker = await createInvestigateWorker({
      redisUrl: redis.urlFor('investigator'),
      concurrency: 4,
      processLog,
      handle: async ({ incident }) => void done.push(incident),
      onGivenUp: async () => undefined,
    });
    const relays = await Promise.all(
      [1, 2, 3].map(() =>
        createOutboxRelay({ redisUrl: redis.urlFor('investigator'), queues: ['investigate'], processLog }),
      ),
    );
    for (let i = 0; i < 250; i++) {
      await push('investigate', { id: `inv-${i}`, incident: `INC-${i}` });
      if (i % 10 === 0) await push('investigate', { id: `inv-${i}`, incident: `INC-${i}` });
    }
    await admin.rpush('{cs}:outbox:investigate', 'not a job', '{"queue":"repair","id":"x","incident":"INC-1"}');
    await poke();
    await until(async () => done.length >= 250 && (await admin.llen('{cs}:outbox:investigate')) === 0);
    await new Promise((wait) => setTimeout(wait, 300));
    expect([...done].sort()).toEqual(Array.from({ length: 250 }, (_, i) => `INC-${i}`).sort());
    await Promise.all([worker.close(2000), ...relays.map((relay) => relay.close())]);
  });

  it('carries the question of a job along, so that it is answered and nothing is investigated', async () => {
    const seen: object[] = [];
    const worker = await createInvestigateWorker({
      redisUrl: redis.urlFor('investigator'),
      concurrency: 1,
      processLog,
      handle: async ({ incident, question }) => void seen.push({ incident, question }),
      onGivenUp: async () => undefined,
    });
    const relay = await createOutboxRelay({
      redisUrl: redis.urlFor('investigator'),
      queues: ['investigate'],
      processLog,
    });
    await push('investigate', { id: 'ask-q1', incident: 'INC-Q', question: 'q1' });
    await poke();
    await until(() => seen.length > 0);
    expect(seen).toEqual([{ incident: 'INC-Q', question: 'q1' }]);
    await Promise.all([worker.close(2000), relay.close()]);
  });

  it('takes up an investigation before all questions that wait', async () => {
    const done: string[] = [];
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const worker = await createInvestigateWorker({
      redisUrl: redis.urlFor('investigator'),
      concurrency: 1,
      processLog,
      async handle({ incident, question }) {
        done.push(question ?? incident);
        if (question === 'q-first') await held;
      },
      onGivenUp: async () => undefined,
    });
    const relay = await createOutboxRelay({
      redisUrl: redis.urlFor('investigator'),
      queues: ['investigate'],
      processLog,
    });
    const ask = (question: string): Promise<number> =>
      push('investigate', { id: `ask-${question}`, incident: 'INC-ASKED', question });
    await ask('q-first');
    await poke();
    await until(() => done.length === 1);
    for (let i = 0; i < 20; i++) await ask(`q-${i}`);
    await push('investigate', { id: 'inv-urgent', incident: 'INC-URGENT' });
    await poke();
    await until(async () => (await admin.llen('{cs}:outbox:investigate')) === 0);
    release();
    await until(() => done.length === 22);
    expect(done.slice(0, 3)).toEqual(['q-first', 'INC-URGENT', 'q-0']);
    await Promise.all([worker.close(2000), relay.close()]);
  });

  it('delivers again when a relay died between adding and removing, and the job runs once', async () => {
    const runs: string[] = [];
    const worker = await createRepairWorker({
      redisUrl: redis.urlFor('repairer'),
      processLog,
      handle: async ({ decisionId }) => void runs.push(decisionId),
      onGivenUp: async () => undefined,
    });
    const job = { id: 'rep-d1', incident: 'INC-1', decisionId: 'd1' };
    for (let life = 0; life < 2; life++) {
      await push('repair', job);
      const relay = await createOutboxRelay({
        redisUrl: redis.urlFor('repairer'),
        queues: ['repair', 'verify'],
        processLog,
      });
      await until(async () => (await admin.llen('{cs}:outbox:repair')) === 0 && runs.length > 0);
      await relay.close();
    }
    await new Promise((wait) => setTimeout(wait, 200));
    expect(runs).toEqual(['d1']);
    await worker.close(2000);
  });

  it('tries a retryable failure again and gives up on others; a repair gets one attempt', async () => {
    const tries: Record<string, number> = {};
    const givenUp: string[] = [];
    const common = { redisUrl: redis.urlFor('repairer'), processLog };
    const fail = (name: string, kind: 'unavailable' | 'precondition'): never => {
      tries[name] = (tries[name] ?? 0) + 1;
      throw new AppError(kind, { safeText: name });
    };
    const verify = await createVerifyWorker({
      ...common,
      concurrency: 2,
      handle: async ({ incident }) => {
        if (incident === 'INC-RETRY' && (tries[incident] ?? 0) === 1) return;
        fail(incident, incident === 'INC-RETRY' ? 'unavailable' : 'precondition');
      },
      onGivenUp: async ({ incident }) => void givenUp.push(incident),
    });
    const repair = await createRepairWorker({
      ...common,
      handle: async ({ incident }) => fail(incident, 'unavailable'),
      onGivenUp: async ({ incident }) => void givenUp.push(incident),
    });
    const relay = await createOutboxRelay({
      redisUrl: redis.urlFor('repairer'),
      queues: ['repair', 'verify'],
      processLog,
    });
    const started = Date.now();
    await push('verify', { id: 'v-1', incident: 'INC-RETRY', decisionId: 'd', round: 0, delayMs: 300 });
    await push('verify', { id: 'v-2', incident: 'INC-NO', decisionId: 'd', round: 0 });
    await push('repair', { id: 'r-1', incident: 'INC-ONCE', decisionId: 'd' });
    await poke();
    await until(() => givenUp.length === 2);
    await until(async () => (await admin.zcard('{csq}:verify:completed')) === 1);
    expect(Date.now() - started).toBeGreaterThan(1200);
    expect(tries).toEqual({ 'INC-RETRY': 1, 'INC-NO': 1, 'INC-ONCE': 1 });
    expect(givenUp.sort()).toEqual(['INC-NO', 'INC-ONCE']);
    await Promise.all([verify.close(2000), repair.close(2000), relay.close()]);
  });

  it('ends a job that does not end by itself, and hands it to the next worker without using up an attempt', async () => {
    const events: string[] = [];
    const start = (name: string, hang: boolean) =>
      createInvestigateWorker({
        redisUrl: redis.urlFor('investigator'),
        concurrency: 1,
        processLog,
        handle: async ({ incident }, signal) => {
          events.push(`${name} ${incident}`);
          if (hang) await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
        },
        onGivenUp: async () => void events.push('given up'),
      });
    const relay = await createOutboxRelay({
      redisUrl: redis.urlFor('investigator'),
      queues: ['investigate'],
      processLog,
    });
    const first = await start('first', true);
    await push('investigate', { id: 'inv-hang', incident: 'INC-HANG' });
    await poke();
    await until(() => events.length === 1);
    await first.close(500);
    const second = await start('second', false);
    await until(() => events.length === 2);
    expect(events).toEqual(['first INC-HANG', 'second INC-HANG']);
    await Promise.all([second.close(1000), relay.close()]);
  });
});
