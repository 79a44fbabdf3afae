import { bounded } from '../../../src/domain/bounded.js';
import { jobId } from '../../../src/domain/gesture.js';
import { sayReply } from '../replies.js';
import { type MessageActivity, saidToBot, whereOf } from './activities.js';
import type { Inbound } from './context.js';
import type { TeamsJob } from './job.js';
import { TALK_NOT_TAKEN } from './texts.js';

const MOST = 12_000;

/** Resolves when the message is in the inbox, or is none of ours. @throws when that is not sure. */
export async function onMessage(inbound: Inbound, activity: MessageActivity): Promise<void> {
  const where = whereOf(activity);
  // With the right to hear all that is said in a team, Teams sends our own messages, too.
  if (activity.from.id === activity.recipient.id) return;
  const said = saidToBot(activity, where.personal);
  // What people say among themselves is none of ours.
  if (said === undefined) return;
  const { id: message } = activity;
  const id = jobId('said', where.conversation, message);
  const job: TeamsJob = { kind: 'said', id, where, message, text: bounded(said, MOST) };
  try {
    await inbound.inbox.put(job);
  } catch (error) {
    inbound.background(inbound.answers.reply(where, sayReply(TALK_NOT_TAKEN)));
    throw error;
  }
}
