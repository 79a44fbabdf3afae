import type { Thread } from '../../src/domain/card.js';
import type { ChatMessage, Place } from '../../src/domain/chat.js';
import type { TeamsBody } from './body.js';

/** A thread as Teams shows it: the headline as the root post first, everything else below it, as it happened. Pure. */
export function teamsMessages(_thread: Thread, _place: Place): ChatMessage<TeamsBody>[] {
  throw new Error('being written');
}

/**
 * One of these messages as it is now, by its key; for the reply to a click, which replaces the card for the clicker alone. Undefined
 * when the thread has no such message any more.
 */
export function messageNow(thread: Thread, place: Place, key: string): TeamsBody | undefined {
  return teamsMessages(thread, place).find((message) => message.key === key)?.body;
}
