import { z } from 'zod';
import { Alert } from '../../../src/domain/alert.js';
import { Verdict } from '../../../src/domain/decision.js';

/** Where the answer to a gesture goes, best way first: the view it came from, its response address, an ephemeral message. */
export const Where = z.strictObject({
  /** Slack's id of who did it; who that is, is asked when it counts. */
  user: z.string().min(1).max(40),
  channel: z.string().max(40).optional(),
  thread: z.string().max(40).optional(),
  responseUrl: z.string().max(2000).optional(),
  view: z.string().max(60).optional(),
});
export type Where = z.infer<typeof Where>;

const common = { id: z.string().min(1).max(100), where: Where };

/** A gesture between its acknowledgement and its work. Parsed when it comes out of the queue, as everything from outside is. */
export const ChatJob = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('decide'),
    ...common,
    incident: z.string().max(100),
    digest: z.string().max(64),
    verdict: Verdict,
    words: z.string().max(3000),
    values: z.record(z.string().max(100), z.string().max(4000)).optional(),
    clickId: z.string().min(1).max(200),
  }),
  /** A message in an incident's thread, or one that calls the bot. */
  z.strictObject({
    kind: z.literal('said'),
    ...common,
    ts: z.string().max(40),
    /** As Slack sends it, mentions and all. */
    markup: z.string().max(12_000),
    mention: z.boolean(),
  }),
  /** A question that there was no budget for, with the calls somebody allows for it. */
  z.strictObject({
    kind: z.literal('grant'),
    ...common,
    incident: z.string().max(100),
    question: z.string().min(1).max(2000),
    grant: z.number().int().min(1).max(100),
    ref: z.string().max(200),
  }),
  z.strictObject({
    kind: z.literal('open'),
    ...common,
    alert: Alert,
    /** Whose words it is made of; nobody's when a monitor wrote it. */
    author: z.string().max(40).optional(),
    /** The account that a monitor's message was posted with: a person's own where an app wrote in their name. */
    poster: z.string().max(40).optional(),
    missing: z.array(z.string().max(200)).max(10),
  }),
  /** A click that a form was to be opened for; looked at a little later, in case this process did not live to open it. */
  z.strictObject({ kind: z.literal('form'), ...common, seen: z.string().max(100) }),
  z.strictObject({ kind: z.literal('command'), ...common, text: z.string().max(4000) }),
  z.strictObject({ kind: z.literal('home'), ...common, hash: z.string().max(200).optional() }),
]);
export type ChatJob = z.infer<typeof ChatJob>;
export type JobOf<K extends ChatJob['kind']> = Extract<ChatJob, { kind: K }>;

/** Where gestures wait, durably. @throws AppError `unavailable` when that is not known. */
export interface ChatInbox {
  /** Worked on at once, or after so long. */
  put(job: ChatJob, delayMs?: number): Promise<void>;
}
