import { z } from 'zod';
import { Alert } from '../../../src/domain/alert.js';
import { Verdict } from '../../../src/domain/decision.js';

/** Who did something and where, so that an answer finds its way when the gesture itself cannot be answered any more. */
export const Where = z.strictObject({
  /** Teams' id of who did it (`29:…`); who that is, is asked when it counts. */
  user: z.string().min(1).max(500),
  /** Of their account. */
  aad: z.string().max(100).optional(),
  /** As Teams shows it; anything that somebody chose to be called. */
  name: z.string().max(250).optional(),
  /** `<channel>;messageid=<root>`, or a personal chat's id. */
  conversation: z.string().min(1).max(500),
  /** The person alone with the bot. */
  personal: z.boolean(),
});
export type Where = z.infer<typeof Where>;

const common = {
  id: z.string().min(1).max(100),
  where: Where,
  /** Until when (ms since 1970, by the wall) a reply to the gesture waits for the answer of the work. */
  repliedUntil: z.number().optional(),
};

/** A gesture between its acknowledgement and its work. Parsed when it comes out of the queue, as everything from outside is. */
export const TeamsJob = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('decide'),
    ...common,
    incident: z.string().max(100),
    digest: z.string().max(64),
    verdict: Verdict,
    words: z.string().max(3000),
    values: z.record(z.string().max(250), z.string().max(4000)).optional(),
    clickId: z.string().min(1).max(700),
  }),
  /** A message that calls the bot, or one to it alone. */
  z.strictObject({
    kind: z.literal('said'),
    ...common,
    /** Activity id. */
    message: z.string().min(1).max(200),
    /** Plain, without the mention. */
    text: z.string().max(12_000),
  }),
  /** A question that there was no budget for, with the calls somebody allows for it. */
  z.strictObject({
    kind: z.literal('grant'),
    ...common,
    incident: z.string().max(100),
    question: z.string().min(1).max(2000),
    grant: z.number().int().min(1).max(100),
    ref: z.string().max(700),
  }),
  z.strictObject({
    kind: z.literal('open'),
    ...common,
    alert: Alert,
    /** AAD object id of whose words it is made of; nobody's when a monitor wrote it. */
    author: z.string().max(100).optional(),
    missing: z.array(z.string().max(200)).max(10),
  }),
  z.strictObject({ kind: z.literal('command'), ...common, text: z.string().max(4000) }),
]);
export type TeamsJob = z.infer<typeof TeamsJob>;
export type JobOf<K extends TeamsJob['kind']> = Extract<TeamsJob, { kind: K }>;

/** Where gestures wait, durably. @throws AppError `unavailable` when that is not known. */
export interface TeamsInbox {
  /** Worked on at once, or after so long. */
  put(job: TeamsJob, delayMs?: number): Promise<void>;
}
