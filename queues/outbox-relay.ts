import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import type { ProcessLog } from '../src/log.js';
import { JOB_OPTIONS, OutboxJob, type OutboxQueue, QUEUE_PREFIX } from './jobs.js';

export interface OutboxRelayOptions {
  redisUrl: string;
  /** The queues this role works on: each role moves the jobs it will do itself, so no role needs rights on another's queue. */
  queues: readonly OutboxQueue[];
  processLog: ProcessLog;
}

export interface OutboxRelay {
  close(): Promise<void>;
}

const BATCH = 100;
const POLL_MS = 1000;
const APPENDED_CHANNEL = 'cs:appended';

/**
 * Moves jobs from the log's outbox into BullMQ, at least once: added first, removed after. A second relay, or a crash between the two,
 * adds a job of the same id again, which BullMQ ignores.
 */
export async function createOutboxRelay(options: OutboxRelayOptions): Promise<OutboxRelay> {
  const { processLog } = options;
  const onError = (error: Error): void => processLog.warn({ error }, 'outbox relay');
  const connection = { url: options.redisUrl, disableClientInfo: true };
  const connect = (): Redis =>
    new Redis(options.redisUrl, { disableClientInfo: true, maxRetriesPerRequest: null, retryStrategy: backOff }).on(
      'error',
      onError,
    );
  const [redis, subscriber] = [connect(), connect()];
  const queues = options.queues.map((name) => {
    const queue = new Queue(name, { connection, prefix: QUEUE_PREFIX, skipMetasUpdate: true });
    queue.on('error', onError);
    return { name, queue };
  });
  const loop = createLoop(async () => {
    for (const { name, queue } of queues) {
      while ((await moveBatch(redis, name, queue, processLog)) === BATCH);
    }
  }, onError);
  subscriber.on('message', loop.poke);
  await subscriber.subscribe(APPENDED_CHANNEL);
  loop.poke();
  return {
    async close() {
      await loop.stop();
      subscriber.disconnect();
      redis.disconnect();
      await Promise.all(queues.map(({ queue }) => queue.close()));
    },
  };
}

const backOff = (attempt: number): number => Math.min(50 * 2 ** Math.min(attempt, 6), 1000);

/** Returns how many were moved. */
async function moveBatch(redis: Redis, name: OutboxQueue, queue: Queue, processLog: ProcessLog): Promise<number> {
  const key = `{cs}:outbox:${name}`;
  const raw = await redis.lrange(key, 0, BATCH - 1);
  if (raw.length === 0) return 0;
  const jobs = raw.flatMap((text) => parseJob(text, name, processLog));
  if (jobs.length > 0) await queue.addBulk(jobs);
  const remove = redis.pipeline();
  for (const text of raw) remove.lrem(key, 1, text);
  await remove.exec();
  return raw.length;
}

/** However many questions wait, an incident that nobody has looked at yet comes first. BullMQ takes jobs without a priority before all with one. */
const AFTER_ALL_OTHERS = 1;

type BulkJob = Parameters<Queue['addBulk']>[0][number];

/** A job that is not one is dropped and said: it would block the others for ever. */
function parseJob(text: string, name: OutboxQueue, processLog: ProcessLog): BulkJob[] {
  const job = safeParse(text);
  if (job === undefined || job.queue !== name) {
    processLog.error({ queue: name }, 'the outbox held something that is not a job');
    return [];
  }
  const { id, incident, decisionId, question, round, delayMs } = job;
  const opts = {
    ...JOB_OPTIONS[name],
    jobId: id,
    ...(delayMs === undefined ? {} : { delay: delayMs }),
    ...(question === undefined ? {} : { priority: AFTER_ALL_OTHERS }),
  };
  return [{ name, data: { incident, decisionId, question, round }, opts }];
}

function safeParse(text: string): OutboxJob | undefined {
  try {
    return OutboxJob.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** Runs the work after every poke and each second, one at a time; a failure is told and tried again at the next turn. */
function createLoop(
  work: () => Promise<void>,
  onError: (error: Error) => void,
): { poke: () => void; stop: () => Promise<void> } {
  let running: Promise<void> | undefined;
  let again = false;
  let stopped = false;
  const turn = async (): Promise<void> => {
    do {
      again = false;
      await work().catch((error: unknown) => onError(error as Error));
    } while (again && !stopped);
    running = undefined;
  };
  const poke = (): void => {
    again = true;
    if (!stopped) running ??= turn();
  };
  const timer = setInterval(poke, POLL_MS);
  return {
    poke,
    async stop() {
      stopped = true;
      clearInterval(timer);
      await running;
    },
  };
}
