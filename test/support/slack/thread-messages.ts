import type { SlackBody } from '../../../adapters/slack/body.js';
import { slackMessages } from '../../../adapters/slack/messages.js';
import type { Thread, TraceLine } from '../../../src/domain/card.js';
import type { ChatMessage, Place } from '../../../src/domain/chat.js';
import { answered, at, called, opened, started, untilProposal } from '../../e2e/sample-story.js';
import { threadAfter } from '../threads.js';
import { asLines } from './rendering.js';

/** For tests of the messages that Slack is sent: those of one story's threads, and what stands in each. */

export const PLACE: Place = { channel: 'C0123' };

/** @throws when the thread has no such message. */
export function byKey(thread: Thread, key: string, place: Place = PLACE): ChatMessage<SlackBody> {
  const found = slackMessages(thread, place).find((one) => one.key === key);
  if (found === undefined) throw new Error(`no message ${key}`);
  return found;
}

/** What people read, as indented text. */
export function shown(message: ChatMessage<SlackBody>): string[] {
  return asLines(message.body.blocks ?? []);
}

export function buttons(message: ChatMessage<SlackBody>): { action_id: string; value: string; style?: string }[] {
  return (message.body.blocks ?? []).flatMap((block) =>
    block.type === 'actions' ? block.elements.map((one) => one as never) : [],
  );
}

/** A thread while it is investigated. */
export const running = (): Thread => threadAfter([opened(), started(), called(0), answered(0), called(1)]);
/** A thread that waits for a decision. */
export const waiting = (): Thread => threadAfter(untilProposal());

/** A call of the trace. */
export function line(call: number, more: Partial<TraceLine> = {}): TraceLine {
  const status = 'ok' as const;
  const words = { thought: 'A thought.', hypothesis: 'A hypothesis.', headline: 'Found it.' };
  return {
    call,
    at: at(0),
    tool: 'logs',
    args: `n=${call}`,
    confidence: 0.5,
    status,
    flagged: false,
    ...words,
    ...more,
  };
}
