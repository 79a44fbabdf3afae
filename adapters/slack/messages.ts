import { digestOf } from '../../src/domain/canonical.js';
import type { Thread } from '../../src/domain/card.js';
import type { ChatMessage, Place } from '../../src/domain/chat.js';
import type { SlackBody } from './body.js';

/** A thread as Slack shows it: the headline in the channel first, everything else below it, in order. Pure. */
export function slackMessages(thread: Thread, _place: Place): ChatMessage<SlackBody>[] {
  const body = { text: thread.headline.title };
  return [{ key: 'headline', digest: digestOf(body), urgency: 'state', body, plain: body }];
}
