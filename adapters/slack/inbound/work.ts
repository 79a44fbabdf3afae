import type { ClickAnswer } from '../../../src/domain/decision.js';
import { actionIn } from '../../../src/domain/gesture.js';
import { answerWords, GIVEN_UP, TALK_GIVEN_UP } from '../../../src/domain/talk.js';
import { sayReply } from '../replies.js';
import { NOT_TOLD } from './answers.js';
import { refusedView } from './check-form.js';
import type { Inbound } from './context.js';
import { workForm } from './form-watch.js';
import type { Homes } from './homes.js';
import type { ChatJob, JobOf } from './job.js';
import { personOrTell, sayRefusal, show } from './telling.js';
import { workCommand } from './work-command.js';
import { workGrant, workSaid } from './work-talk.js';

/** One job of the inbox, at least once. @throws AppError that the queue tries again when something is away. */
export async function work(inbound: Inbound, homes: Homes, job: ChatJob): Promise<void> {
  switch (job.kind) {
    case 'decide':
      await sayRefusal(inbound, job.where, () => decide(inbound, job));
      return homes.changed();
    case 'said':
      return workSaid(inbound, job);
    case 'grant':
      return workGrant(inbound, job);
    case 'open':
      return sayRefusal(inbound, job.where, () => openIncident(inbound, job));
    case 'form':
      return workForm(inbound, job);
    case 'command':
      return workCommand(inbound, job);
    case 'home':
      return homes.opened(job.where.user, job.hash);
  }
}

/** The queue will not try this again: whoever waits hears it, unless the answer itself was what could not be delivered. */
export async function giveUp(inbound: Inbound, job: ChatJob, error: Error): Promise<void> {
  if (job.kind === 'home' || job.kind === 'form' || error.message === NOT_TOLD) return;
  const text = job.kind === 'said' ? TALK_GIVEN_UP : GIVEN_UP;
  await show(inbound, job.where, { title: 'Not certain', text, tone: 'bad' });
}

async function decide(inbound: Inbound, job: JobOf<'decide'>): Promise<void> {
  const by = await personOrTell(inbound, job.where);
  if (by === undefined) return;
  const { incident, digest: shownDigest, verdict, words, values, clickId } = job;
  const click = { incident, shownDigest, verdict, by, words, clickId };
  const answer = await inbound.backend.decide(values === undefined ? click : { ...click, values });
  if (answer.outcome === 'invalid' && job.where.view !== undefined) return askAgain(inbound, job, answer);
  await show(inbound, job.where, answerWords(answer));
}

/** The form once more with what was typed and what is wrong with it: it was acknowledged before that was known. */
async function askAgain(inbound: Inbound, job: JobOf<'decide'>, answer: ClickAnswer): Promise<void> {
  const { incident, digest, verdict, words, values = {}, where } = job;
  const { channel, thread: root } = where;
  const thread = await inbound.backend.thread(incident);
  const found = thread && actionIn(thread, digest, verdict);
  const at = { ...(channel && { channel }), ...(root && { thread: root }), ...(found && { card: found.card.id }) };
  const carried = { incident, digest, verdict, ...at };
  const view = refusedView({ carried, words, values }, answer, found);
  await inbound.answers.show(where, view, sayReply(answerWords(answer).text));
}

async function openIncident(inbound: Inbound, job: JobOf<'open'>): Promise<void> {
  const { alert, author, poster, missing, where } = job;
  const asked = await personOrTell(inbound, where);
  if (asked === undefined) return;
  const writer = author ?? poster;
  const wrote = writer === undefined ? undefined : await inbound.identity.personOf(writer);
  // Words of somebody who is nobody here count as the words of whoever pointed at them.
  const by = author === undefined ? wrote : (wrote ?? asked);
  const { text } = await inbound.backend.investigate(alert, by, asked);
  const gaps = missing.length === 0 ? '' : `\nThe message does not say ${missing.join('; ')}.`;
  await show(inbound, where, { title: 'Investigate', text: `${text}${gaps}`, tone: 'neutral' });
}
