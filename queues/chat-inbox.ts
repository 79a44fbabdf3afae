import { Queue } from 'bullmq';
import { AppError } from '../src/domain/errors.js';
import type { ProcessLog } from '../src/log.js';
import { type ChatQueue, JOB_OPTIONS, QUEUE_PREFIX } from './jobs.js';

export interface ChatInboxOptions {
  queue: ChatQueue;
  redisUrl: string;
  processLog: ProcessLog;
}

/** Where a chat's gestures wait between the acknowledgement and the work; what is in it survives a restart of the web role. */
export interface ChatInbox<J extends { id: string }> {
  /**
   * Durable when it resolves. A job whose id is known already is ignored, so a second delivery of a gesture is harmless.
   * @throws AppError `unavailable` within two seconds; the job may be there all the same.
   */
  put(job: J, delayMs?: number): Promise<void>;
  close(): Promise<void>;
}

/** Chats wait three seconds for an acknowledgement, and some of that is the way. */
const WITHIN_MS = 1500;

/** The jobs' form is their chat's own business; only `id` matters here. */
export function createChatInbox<J extends { id: string }>(options: ChatInboxOptions): ChatInbox<J> {
  const { queue: name, redisUrl, processLog } = options;
  const queue = new Queue(name, {
    // Nothing waits for Redis to come back: the person is told at once, and a chat sends its events again by itself.
    connection: { url: redisUrl, disableClientInfo: true, enableOfflineQueue: false, commandTimeout: WITHIN_MS },
    prefix: QUEUE_PREFIX,
    skipMetasUpdate: true,
  });
  queue.on('error', (error) => processLog.warn({ queue: name, error }, 'chat inbox'));
  return {
    async put(job, delayMs = 0) {
      try {
        await inTime(queue.add(name, job, { ...JOB_OPTIONS[name], jobId: job.id, delay: delayMs }));
      } catch (cause) {
        throw new AppError('unavailable', { safeText: 'The inbox of the chat can not be written.', cause });
      }
    },
    async close() {
      // Its own way out waits for Redis, which may be away.
      await Promise.race([queue.close().catch(() => undefined), after(WITHIN_MS)]);
      await queue.disconnect().catch(() => undefined);
    },
  };
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}

async function inTime(work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('Redis did not answer in time')), WITHIN_MS);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
