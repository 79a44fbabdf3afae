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
import { ACTION, carried } from '../action-ids.js';
import type { SlackBody } from '../body.js';
import { button } from '../card-blocks.js';
import { sayReply } from '../replies.js';
import type { Inbound } from './context.js';
import type { JobOf, Where } from './job.js';
import { plainText, withoutMention } from './plain-text.js';
import { personOrTell, sayRefusal } from './telling.js';
import { HELP_IN_CHANNEL, HELP_IN_THREAD } from './texts.js';

const TOLD_DAILY_SECONDS = 24 * 3600;

/** A note when nobody was called; otherwise a question, or help. */
export async function workSaid(inbound: Inbound, job: JobOf<'said'>): Promise<void> {
  const { where, ts, markup } = job;
  const { channel = '', thread } = where;
  const incident = thread === undefined ? undefined : await inbound.store.incidentAt(channel, thread);
  const ref = `slack:${channel}:${ts}`;
  const said = plainText(withoutMention(markup, inbound.bot.botUserId)).trim();
  if (!job.mention) {
    if (incident !== undefined) await note(inbound, where, incident, said, ref);
    return;
  }
  const direct = directAnswer(said, thread !== undefined, incident !== undefined);
  if (direct !== undefined) return inbound.answers.say(where, sayReply(direct));
  if (incident !== undefined) await question(inbound, where, incident, said, ref);
}

/** What needs no agent. */
function directAnswer(said: string, inThread: boolean, ours: boolean): string | undefined {
  switch (directKind(said, ours)) {
    case 'draft':
      return NO_DRAFTS;
    case 'words_do_not_decide':
      return WORDS_DO_NOT_DECIDE;
    case 'help':
      return ours ? HELP_IN_THREAD : HELP_IN_CHANNEL;
    case 'not_ours':
      return inThread ? NOT_OUR_THREAD : HELP_IN_CHANNEL;
    default:
      return undefined;
  }
}

async function note(inbound: Inbound, where: Where, incident: string, text: string, ref: string): Promise<void> {
  const by = await inbound.identity.personOf(where.user);
  if (by !== undefined)
    return sayRefusal(inbound, where, () => inbound.backend.note(incident, by, bounded(text, NOTE_MOST), ref));
  // People who talk are told once a day, not at each sentence.
  const told = await inbound.once.begin(`slack:unknown:${where.user}:${incident}`, TOLD_DAILY_SECONDS);
  if (told === undefined) {
    await inbound.answers.say(
      where,
      sayReply(
        'Not noted: your Slack account shows no confirmed e-mail address, so what you write here is not kept with the incident.',
      ),
    );
  }
}

async function question(inbound: Inbound, where: Where, incident: string, said: string, ref: string): Promise<void> {
  const { grant, question: text } = readGrant(said);
  const most = inbound.maxGrant();
  const refusal = grantRefusal(grant, most, text);
  if (refusal !== undefined) return inbound.answers.say(where, sayReply(refusal));
  await ask(inbound, where, { incident, text: bounded(text, QUESTION_MOST), grant, ref });
}

/** Somebody pressed "Grant and ask". */
export async function workGrant(inbound: Inbound, job: JobOf<'grant'>): Promise<void> {
  const { where, incident, question: text, grant, ref } = job;
  await ask(inbound, where, { incident, text, grant, ref });
}

interface Asked {
  incident: string;
  text: string;
  grant: number;
  ref: string;
}

async function ask(inbound: Inbound, where: Where, { incident, text, grant, ref }: Asked): Promise<void> {
  const by = await personOrTell(inbound, where);
  if (by === undefined) return;
  await sayRefusal(inbound, where, async () => {
    const answer = await inbound.backend.ask(incident, by, text, grant, ref);
    // What was asked stands in the thread by itself, and so does what was asked before under the same name.
    if (answer.outcome === 'asked' || answer.outcome === 'known') return;
    const offer = answer.outcome === 'no_budget' ? offeredGrant(inbound.maxGrant()) : 0;
    await inbound.answers.say(
      where,
      offer === 0 ? sayReply(answer.text) : offerBody(answer.text, where, incident, text, offer),
    );
  });
}

const VALUE_MOST = 2000;

function offerBody(text: string, where: Where, incident: string, question: string, grant: number): SlackBody {
  const { channel, thread } = where;
  const value = carried({
    incident,
    question,
    ...(channel === undefined ? {} : { channel }),
    ...(thread === undefined ? {} : { thread }),
  });
  if (value.length > VALUE_MOST) {
    return sayReply(`${text}\nTo allow ${grant} more, ask again and begin with “grant ${grant}”.`);
  }
  const { blocks = [], ...body } = sayReply(text);
  const offer = button(ACTION.grant, `Grant ${grant} calls and ask`, value);
  return { ...body, blocks: [...blocks, { type: 'actions', elements: [offer] }] };
}
