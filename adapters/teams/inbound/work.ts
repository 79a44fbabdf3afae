import { answerWords, GIVEN_UP, TALK_GIVEN_UP } from '../../../src/domain/talk.js';
import { sayReply } from '../replies.js';
import { NOT_TOLD } from './answers.js';
import type { Inbound } from './context.js';
import type { JobOf, TeamsJob } from './job.js';
import { withText } from './pressed.js';
import { isRefusal } from './telling.js';
import { NOT_FOR_YOU, UNKNOWN_PERSON } from './texts.js';
import type { WorkAnswer } from './waiting.js';
import { commandBody } from './work-command.js';
import { ask, workSaid } from './work-talk.js';

/** One job of the inbox, at least once. @throws AppError that the queue tries again when something is away. */
export async function work(inbound: Inbound, job: TeamsJob): Promise<void> {
  if (job.kind === 'said') return workSaid(inbound, job);
  await tell(inbound, job, await answerTo(inbound, job));
}

type Answered = Exclude<TeamsJob, { kind: 'said' }>;

/** Errors of the core that no second attempt mends are the answer. */
async function answerTo(inbound: Inbound, job: Answered): Promise<WorkAnswer> {
  try {
    switch (job.kind) {
      case 'decide':
        return await decide(inbound, job);
      case 'grant':
        return await grant(inbound, job);
      case 'open':
        return await openIncident(inbound, job);
      case 'command': {
        const person = await inbound.identity.personOf(job.where);
        if (person === undefined) return bad('Not shown', NOT_FOR_YOU);
        return { kind: 'body', body: await commandBody(inbound, person, job.text) };
      }
    }
  } catch (error) {
    if (!isRefusal(error)) throw error;
    inbound.processLog.warn({ error }, 'what a person asked for was refused');
    return bad('Not done', error.safeText);
  }
}

/** In the reply that still waits for it, or as a message. */
async function tell(inbound: Inbound, job: Answered, answer: WorkAnswer): Promise<void> {
  if (await inbound.waiting.give(job, answer)) return;
  if (answer.kind === 'body') return inbound.answers.tell(job.where, answer.body);
  // In their own chat nothing else says what it is about.
  const about = job.kind === 'decide' || job.kind === 'grant' ? `${job.incident}: ` : '';
  await inbound.answers.tell(job.where, sayReply(`${about}${answer.text}`));
}

/** The queue will not try this again: whoever waits hears it, unless the answer itself was what could not be delivered. */
export async function giveUp(inbound: Inbound, job: TeamsJob, error: Error): Promise<void> {
  if (error.message === NOT_TOLD) return;
  if (job.kind === 'said') return inbound.answers.reply(job.where, sayReply(TALK_GIVEN_UP));
  await tell(inbound, job, bad('Not certain', GIVEN_UP));
}

async function decide(inbound: Inbound, job: JobOf<'decide'>): Promise<WorkAnswer> {
  const by = await inbound.identity.personOf(job.where);
  if (by === undefined) return bad('Not counted', UNKNOWN_PERSON);
  const { incident, digest: shownDigest, verdict, words, values, clickId } = job;
  const click = { incident, shownDigest, verdict, by, words, clickId };
  const answer = await inbound.backend.decide(values === undefined ? click : { ...click, values });
  const faults = answer.outcome === 'invalid' ? { faults: withText(answer.fields, answer.text) } : {};
  return { kind: 'words', ...answerWords(answer), ...faults, over: COUNTED.has(answer.outcome) };
}

/** After these there is nothing left to press for this person; the card of everybody says the same a moment later. */
const COUNTED: ReadonlySet<string> = new Set(['decided', 'vote_counted', 'modified', 'too_late', 'stale']);

async function grant(inbound: Inbound, job: JobOf<'grant'>): Promise<WorkAnswer> {
  const { where, incident, question: text, grant: calls, ref } = job;
  const refusal = await ask(inbound, where, { incident, text, grant: calls, ref });
  if (refusal !== undefined) return { kind: 'body', body: refusal };
  return {
    kind: 'words',
    title: 'Asked',
    text: 'It is asked. The answer comes in the incident’s thread.',
    tone: 'good',
    over: true,
  };
}

async function openIncident(inbound: Inbound, job: JobOf<'open'>): Promise<WorkAnswer> {
  const { alert, author, missing, where } = job;
  const asked = await inbound.identity.personOf(where);
  if (asked === undefined) return bad('Not opened', UNKNOWN_PERSON);
  const wrote = author === undefined ? undefined : await writerOf(inbound, job, author);
  // Words of somebody who is nobody here count as the words of whoever pointed at them.
  const by = author === undefined ? undefined : (wrote ?? asked);
  const { text } = await inbound.backend.investigate(alert, by, asked);
  const gaps = missing.length === 0 ? '' : `\nThe message does not say ${missing.join('; ')}.`;
  return { kind: 'words', title: 'Investigate', text: `${text}${gaps}`, tone: 'neutral', over: true };
}

/** By account, as a message tells its author. */
async function writerOf(
  { identity }: Inbound,
  { where }: JobOf<'open'>,
  author: string,
): Promise<Awaited<ReturnType<typeof identity.personOf>>> {
  if (author === where.aad || author === where.user) return identity.personOf(where);
  return identity.personOf({ user: author, aad: author, conversation: where.conversation });
}

function bad(title: string, text: string): WorkAnswer {
  return { kind: 'words', title, text, tone: 'bad' };
}
