import type { Person } from '../../../src/domain/decision.js';
import { AppError } from '../../../src/domain/errors.js';
import { sayReply } from '../replies.js';
import type { Inbound } from './context.js';
import type { Where } from './job.js';
import { UNKNOWN_PERSON } from './texts.js';

/** Who it is now, as far as Teams knows; somebody who can not be named is told so where they wrote. */
export async function personOrTell(inbound: Inbound, where: Where): Promise<Person | undefined> {
  const person = await inbound.identity.personOf(where);
  if (person === undefined) await inbound.answers.reply(where, sayReply(UNKNOWN_PERSON));
  return person;
}

/** Errors of the core that no second attempt mends. */
export function isRefusal(error: unknown): error is AppError {
  return error instanceof AppError && !error.retryable && error.kind !== 'internal';
}

/** They are the answer, where it was written. */
export async function refusable(inbound: Inbound, where: Where, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!isRefusal(error)) throw error;
    inbound.processLog.warn({ error }, 'what a person asked for was refused');
    await inbound.answers.reply(where, sayReply(error.safeText));
  }
}
