import type { JobsOptions, WorkerOptions } from 'bullmq';
import { z } from 'zod';

/** BullMQ's keys carry one hash tag, so a queue stays in one slot of Redis Cluster. */
export const QUEUE_PREFIX = '{csq}';

export const QueueName = z.enum(['investigate', 'repair', 'verify', 'chat', 'chat-teams']);
export type QueueName = z.infer<typeof QueueName>;
/** Filled by the log's outbox, so that an event and its job are written together or not at all. */
const OutboxQueue = QueueName.exclude(['chat', 'chat-teams']);
export type OutboxQueue = z.infer<typeof OutboxQueue>;
/** Filled by what people do in a chat; `chat` is Slack's. */
export type ChatQueue = Exclude<QueueName, OutboxQueue>;

const Id = z.string().min(1).max(100);

/** What the log puts into the outbox: ids only, never content and never an action. */
export const OutboxJob = z.strictObject({
  queue: OutboxQueue,
  /** BullMQ refuses a colon, and ids that are all digits. */
  id: z.string().regex(/^(?!\d+$)[^:]{1,150}$/),
  incident: Id,
  decisionId: Id.optional(),
  question: Id.optional(),
  round: z.number().int().min(0).optional(),
  delayMs: z.number().int().min(0).optional(),
});
export type OutboxJob = z.infer<typeof OutboxJob>;

/** With a question: that is answered, and nothing is investigated. */
export const InvestigateJob = z.object({ incident: Id, question: Id.optional() });
export type InvestigateJob = z.infer<typeof InvestigateJob>;

export const RepairJob = z.object({ incident: Id, decisionId: Id });
export type RepairJob = z.infer<typeof RepairJob>;

export const VerifyJob = z.object({ incident: Id, decisionId: Id, round: z.number().int().min(0) });
export type VerifyJob = z.infer<typeof VerifyJob>;

const DAY_SECONDS = 24 * 3600;
/** A finished job is kept for a while: its id is what makes a second delivery harmless. */
const KEPT: JobsOptions = { removeOnComplete: { age: 7 * DAY_SECONDS }, removeOnFail: { age: 30 * DAY_SECONDS } };
/** What people wrote is kept no longer than a chat may send it again. */
const KEPT_BRIEFLY: JobsOptions = { removeOnComplete: { age: 3600 }, removeOnFail: { age: DAY_SECONDS } };
const RETRIED: JobsOptions = { attempts: 3, backoff: { type: 'exponential', delay: 2000, jitter: 0.5 }, ...KEPT };
/** A person waits for the answer, and everything it does may be done again: soon, and often enough for a restart of Redis. */
const ANSWERED: JobsOptions = {
  attempts: 6,
  backoff: { type: 'exponential', delay: 500, jitter: 0.3 },
  ...KEPT_BRIEFLY,
};

export const JOB_OPTIONS: Record<QueueName, JobsOptions> = {
  investigate: RETRIED,
  // Never run again by the queue: whether something was fired is answered by the log and the target, not by a retry.
  repair: { attempts: 1, ...KEPT },
  verify: RETRIED,
  chat: ANSWERED,
  'chat-teams': ANSWERED,
};

/** Short locks: a worker that was killed is noticed, and its job taken up again, within about ten seconds. */
const NOTICED_SOON = { lockDuration: 5000, stalledInterval: 5000 };

export const WORKER_OPTIONS: Record<QueueName, Partial<WorkerOptions>> = {
  investigate: { ...NOTICED_SOON, maxStalledCount: 2 },
  repair: { ...NOTICED_SOON, maxStalledCount: 0 },
  verify: { ...NOTICED_SOON, maxStalledCount: 2 },
  chat: { ...NOTICED_SOON, maxStalledCount: 3 },
  'chat-teams': { ...NOTICED_SOON, maxStalledCount: 3 },
};
