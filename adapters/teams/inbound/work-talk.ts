import { bounded } from '../../../src/domain/bounded.js';
import {
  directKind,
  grantRefusal,
  NO_DRAFTS,
  NOT_OUR_THREAD,
  NOTE_MOST,
  offeredGrant,
  QUESTION_MOST,
  readGrant,
  WORDS_DO_NOT_DECIDE,
} from '../../../src/domain/talk.js';
import type { TeamsBody } from '../body.js';
import { placeIn } from '../connector.js';
import { grantReply, helpReply, sayReply } from '../replies.js';
import type { Inbound } from './context.js';
import type { JobOf, Where } from './job.js';
import { personOrTell, refusable } from './telling.js';
import { HELP_IN_THREAD, NOT_NOTED } from './texts.js';
import { isCommand, workCommandSaid } from './work-command.js';

/** In an incident's thread a question or a note; elsewhere a command. */
export async function workSaid(inbound: Inbound, job: JobOf<'said'>): Promise<void> {
  const { where, message, text } = job;
  const { channel, root } = placeIn(where.conversation);
  const incident = root === undefined || where.personal ? undefined : await inbound.store.incidentAt(channel, root);
  if (incident === undefined && isCommand(text)) return workCommandSaid(inbound, job);
  const direct = directAnswer(text, where, incident !== undefined);
  if (direct !== undefined) return inbound.answers.reply(where, direct);
  if (incident === undefined) return;
  const ref = `teams:${channel}:${message}`;
  const note = /^note\b\s*[:,.-]?\s*/i.exec(text);
  if (note !== null) return noteIt(inbound, where, { incident, text: text.slice(note[0].length), ref });
  await question(inbound, where, { incident, text, ref });
}

/** What needs no agent. */
function directAnswer(said: string, { conversation, personal }: Where, ours: boolean): TeamsBody | undefined {
  switch (directKind(said, ours)) {
    case 'draft':
      return sayReply(NO_DRAFTS);
    case 'words_do_not_decide':
      return sayReply(WORDS_DO_NOT_DECIDE);
    case 'help':
      return ours ? sayReply(HELP_IN_THREAD) : helpReply();
    case 'not_ours': {
      // A mention that begins a thread is a thread of its own in Teams, too: it is no answer to anything.
      const { root } = placeIn(conversation);
      return personal || root === undefined ? helpReply() : sayReply(NOT_OUR_THREAD);
    }
    default:
      return undefined;
  }
}

interface Written {
  incident: string;
  text: string;
  ref: string;
}

async function noteIt(inbound: Inbound, where: Where, { incident, text, ref }: Written): Promise<void> {
  const by = await inbound.identity.personOf(where);
  if (by === undefined) return inbound.answers.reply(where, sayReply(NOT_NOTED));
  // What was noted stands in the thread by itself.
  await refusable(inbound, where, () => inbound.backend.note(incident, by, bounded(text, NOTE_MOST), ref));
}

async function question(inbound: Inbound, where: Where, { incident, text: said, ref }: Written): Promise<void> {
  const { grant, question: text } = readGrant(said);
  const refusal = grantRefusal(grant, inbound.maxGrant(), text);
  if (refusal !== undefined) return inbound.answers.reply(where, sayReply(refusal));
  await refusable(inbound, where, async () => {
    const answer = await ask(inbound, where, { incident, text: bounded(text, QUESTION_MOST), grant, ref });
    if (answer !== undefined) await inbound.answers.reply(where, answer);
  });
}

/** Undefined when it was asked: then it stands in the thread by itself, and so does what was asked before under the same name. */
export async function ask(
  inbound: Inbound,
  where: Where,
  { incident, text, grant, ref }: Written & { grant: number },
): Promise<TeamsBody | undefined> {
  const by = await personOrTell(inbound, where);
  if (by === undefined) return undefined;
  const answer = await inbound.backend.ask(incident, by, text, grant, ref);
  if (answer.outcome === 'asked' || answer.outcome === 'known') return undefined;
  const offer = answer.outcome === 'no_budget' ? offeredGrant(inbound.maxGrant()) : 0;
  return offer === 0
    ? sayReply(answer.text)
    : grantReply({ text: answer.text, incident, question: text, grant: offer });
}
