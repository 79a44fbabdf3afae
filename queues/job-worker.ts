import { DelayedError, type Job, UnrecoverableError, WaitingError, Worker } from 'bullmq';
import type { z } from 'zod';
import { AppError } from '../src/domain/errors.js';
import type { ProcessLog } from '../src/log.js';
import { type OutboxQueue, QUEUE_PREFIX, type QueueName, WORKER_OPTIONS } from './jobs.js';

/** What every job knows of itself. */
export interface JobIdentity<Q extends QueueName = OutboxQueue> {
  queue: Q;
  id: string;
}

export interface JobWorkerOptions<J, Q extends QueueName = OutboxQueue> {
  queue: Q;
  schema: z.ZodType<J>;
  redisUrl: string;
  concurrency: number;
  processLog: ProcessLog;
  /** May run more than once for one job. The signal aborts when the lock is lost or the process ends: stop before the next effect. */
  handle(job: J & JobIdentity<Q>, signal: AbortSignal): Promise<void>;
  /** The queue will not run this job again: retries are used up, or its worker died too often. Runs in any one worker; may be lost with it. */
  onGivenUp(job: J & JobIdentity<Q>, error: Error): Promise<void>;
  /** What a job held is taken out of Redis when it is over; its id stays for as long as the queue keeps it. */
  forgets?: boolean;
  /** For so long after it was put a job that is told to slow down waits as long as it is told to, and no attempt is counted. */
  slowedMs?: number;
}

export interface JobWorker {
  /** Takes no new job; what runs gets four fifths of the time before its signal aborts, and is let go at the end. */
  close(withinMs: number): Promise<void>;
}

const SHUTDOWN = 'shutdown';

/** One BullMQ worker: checks the job, runs the handler, and stops it when the lock is lost. Reconnects to Redis by itself. */
export async function createJobWorker<J, Q extends QueueName>(options: JobWorkerOptions<J, Q>): Promise<JobWorker> {
  const { queue, processLog } = options;
  const worker = new Worker(
    queue,
    (job, token, signal) => run(options, job, token, signal ?? new AbortController().signal),
    {
      ...WORKER_OPTIONS[queue],
      connection: { url: options.redisUrl, maxRetriesPerRequest: null, disableClientInfo: true },
      prefix: QUEUE_PREFIX,
      concurrency: options.concurrency,
    },
  );
  worker.on('error', (error) => processLog.warn({ queue, error }, 'queue worker'));
  worker.on('lockRenewalFailed', (ids) => {
    for (const id of ids) worker.cancelJob(id, 'the lock on the job was lost');
  });
  worker.on('failed', (job, error) => {
    if (job === undefined || !isOver(job, error)) return;
    void giveUp(options, job, error);
  });
  await worker.waitUntilReady();
  return {
    async close(withinMs) {
      const cancel = setTimeout(() => worker.cancelAllJobs(SHUTDOWN), withinMs * 0.8);
      const late = new Promise<'late'>((resolve) => setTimeout(resolve, withinMs, 'late').unref());
      const end = await Promise.race([worker.close(), late]);
      clearTimeout(cancel);
      // Whoever starts next finds the job without a lock and takes it up again.
      if (end === 'late') await Promise.race([worker.close(true), new Promise((done) => setTimeout(done, 500))]);
    },
  };
}

async function run<J, Q extends QueueName>(
  options: JobWorkerOptions<J, Q>,
  job: Job,
  token: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  const data = options.schema.safeParse(job.data);
  if (!data.success) throw new UnrecoverableError(`job ${job.id} of ${options.queue} is not one`);
  try {
    await options.handle({ ...data.data, queue: options.queue, id: job.id ?? '' }, signal);
    await forget(options, job);
  } catch (error) {
    const { queue } = options;
    options.processLog.warn({ queue, job: job.id, error }, 'job failed');
    if (signal.reason === SHUTDOWN && options.queue !== 'repair') {
      // Not the job's fault: back to the queue without counting the attempt.
      await job.moveToWait(token);
      throw new WaitingError();
    }
    await waitIfSlowed(options, job, token, error);
    throw jobError(error);
  }
}

const SLOWED_AGAIN_MS = 2000;
const LONGEST_SLOWED_MS = 30_000;

/** To be told to slow down is no failure: attempts that are used up while it lasts would leave somebody without an answer. */
async function waitIfSlowed<J, Q extends QueueName>(
  { slowedMs = 0 }: JobWorkerOptions<J, Q>,
  job: Job,
  token: string | undefined,
  error: unknown,
): Promise<void> {
  const now = Date.now();
  if (!(error instanceof AppError) || error.kind !== 'rate_limited' || now - job.timestamp >= slowedMs) return;
  await job.moveToDelayed(now + Math.min(error.retryAfterMs ?? SLOWED_AGAIN_MS, LONGEST_SLOWED_MS), token);
  throw new DelayedError();
}

/** What BullMQ keeps of an error is readable in Redis: our own words only. */
function jobError(error: unknown): Error {
  if (!(error instanceof AppError)) return new Error('internal');
  return error.retryable ? new Error(error.safeText) : new UnrecoverableError(error.safeText);
}

function isOver(job: Job, error: Error): boolean {
  return (
    error instanceof UnrecoverableError ||
    /stalled more than/.test(error.message) ||
    job.attemptsMade >= (job.opts.attempts ?? 1)
  );
}

async function giveUp<J, Q extends QueueName>(options: JobWorkerOptions<J, Q>, job: Job, error: Error): Promise<void> {
  const data = options.schema.safeParse(job.data);
  if (!data.success) return;
  try {
    await options.onGivenUp({ ...data.data, queue: options.queue, id: job.id ?? '' }, error);
  } catch (failure) {
    options.processLog.error({ queue: options.queue, job: job.id, error: failure }, 'giving up a job failed');
  }
  await forget(options, job);
}

/** The queue removes old jobs only when newer ones end, which in a quiet chat may be in days. */
async function forget<J, Q extends QueueName>(
  { forgets, processLog }: JobWorkerOptions<J, Q>,
  job: Job,
): Promise<void> {
  if (forgets !== true) return;
  await job
    .updateData({})
    .catch((error: unknown) => processLog.warn({ job: job.id, error }, 'what a job held could not be removed'));
}
