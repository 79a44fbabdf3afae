import { Redis } from 'ioredis';
import { connectRedis } from '../../adapters/redis/connect.js';
import { createEventLog } from '../../adapters/redis/event-log.js';
import { createPokes } from '../../adapters/redis/pokes.js';
import type { Alert } from '../../src/domain/alert.js';
import { createIntake } from '../../src/intake/intake.js';
import { createOpenIncidents } from '../../src/intake/open-incidents.js';
import { createProcessLog } from '../../src/log.js';
import { startTestRedis } from '../support/redis.js';

interface Rate {
  writers: number;
  intakePerSecond: number;
  /** XADD of the same number of bytes, one connection per writer, no integrity. */
  barePerSecond: number;
  share: number;
}

const MS = 3000;

/** Alert accepted to durable append, beside a bare XADD of as many bytes, in the same run on the same Redis. */
export async function benchIntake(): Promise<{ appendfsync: string; rates: Rate[] }> {
  const server = await startTestRedis({ appendfsync: 'always' });
  try {
    const rates: Rate[] = [];
    for (const writers of [4, 16]) {
      const bare = await barePerSecond(server.url, writers);
      const intake = await intakePerSecond(server.urlFor('web'), writers);
      rates.push({
        writers,
        intakePerSecond: Math.round(intake),
        barePerSecond: Math.round(bare),
        share: Number((intake / bare).toFixed(2)),
      });
    }
    return { appendfsync: 'always', rates };
  } finally {
    await server.stop();
  }
}

async function loop(writers: number, once: (writer: number, n: number) => Promise<unknown>): Promise<number> {
  const end = performance.now() + MS;
  let done = 0;
  await Promise.all(
    Array.from({ length: writers }, async (_, writer) => {
      for (let n = 0; performance.now() < end; n += 1) {
        await once(writer, n);
        done += 1;
      }
    }),
  );
  return done / (MS / 1000);
}

async function barePerSecond(url: string, writers: number): Promise<number> {
  const connections = Array.from({ length: writers }, () => new Redis(url));
  const bytes = 'x'.repeat(JSON.stringify(alertOf(0, 0)).length + 400);
  const rate = await loop(
    writers,
    (writer) => connections[writer]?.xadd('bare', '*', 'entry', bytes) ?? Promise.resolve(),
  );
  for (const connection of connections) connection.disconnect();
  return rate;
}

async function intakePerSecond(url: string, writers: number): Promise<number> {
  const redis = await connectRedis(url, { name: 'bench', use: 'commands' });
  const subscriber = await connectRedis(url, { name: 'bench-follow', use: 'subscriber' });
  const processLog = createProcessLog('bench', 'silent');
  const log = createEventLog({ redis, pokes: await createPokes(subscriber), processLog });
  const intake = createIntake({
    log,
    open: createOpenIncidents(),
    inventory: { pipelines: [], configTargets: [], metrics: [] },
    redactor: { redact: (text) => ({ text, count: 0 }) },
    clock: { now: () => new Date() },
    processLog,
  });
  const rate = await loop(writers, (writer, n) => intake.accept(alertOf(writer, n)));
  redis.disconnect();
  subscriber.disconnect();
  return rate;
}

function alertOf(writer: number, n: number): Alert {
  const at = new Date().toISOString();
  return {
    source: 'generic',
    fingerprint: `bench-${writer}-${n}-${at}`,
    status: 'firing',
    startedAt: at,
    receivedAt: at,
    title: 'load failed',
    text: 'a line of text as alerts have it',
    severity: 'medium',
    labels: { team: 'core' },
    subject: { service: `svc-${writer}-${n}` },
  };
}
