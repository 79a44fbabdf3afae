import type { Person } from '../../../src/domain/decision.js';
import { AppError } from '../../../src/domain/errors.js';
import { answerView } from '../modals.js';
import { sayReply } from '../replies.js';
import type { Inbound } from './context.js';
import type { Where } from './job.js';
import { UNKNOWN_PERSON } from './texts.js';

/** In the view it came from, or as a message to that person. */
export async function show(inbound: Inbound, where: Where, words: Parameters<typeof answerView>[0]): Promise<void> {
  await inbound.answers.show(where, answerView(words), sayReply(words.text));
}

/** Who it is now, as far as Slack and the policy know; somebody who can not be named is told so. */
export async function personOrTell(inbound: Inbound, where: Where): Promise<Person | undefined> {
  const person = await inbound.identity.personOf(where.user);
  if (person === undefined) await show(inbound, where, { title: 'Not counted', text: UNKNOWN_PERSON, tone: 'bad' });
  return person;
}

/** Errors of the core that no second attempt mends are the answer. */
export async function sayRefusal(inbound: Inbound, where: Where, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof AppError) || error.retryable || error.kind === 'internal') throw error;
    inbound.processLog.warn({ error }, 'what a person asked for was refused');
    await show(inbound, where, { title: 'Not done', text: error.safeText, tone: 'bad' });
  }
}
