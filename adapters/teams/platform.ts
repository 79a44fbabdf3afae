import type { Thread } from '../../src/domain/card.js';
import type { ChatCall, ChatMessage, ChatPlatform, Pace, Place } from '../../src/domain/chat.js';
import { AppError, asAppError } from '../../src/domain/errors.js';
import { withDelivery } from './action-data.js';
import type { TeamsBody } from './body.js';
import { type OutgoingActivity, type TeamsConnector, threadOf } from './connector.js';

export interface TeamsPlatformOptions {
  connector: Pick<TeamsConnector, 'post' | 'send' | 'edit'>;
  messages: (thread: Thread, place: Place) => ChatMessage<TeamsBody>[];
}

/**
 * Teams' limits with a margin for the answers that people get beside the deliverer. What Teams counts as one conversation is the whole
 * channel: all threads in it, new posts, replies and edits. It allows 7 calls in a second, 8 in two, 60 in thirty and 1800 in an hour;
 * and the app 50 in a second. So a storm of incidents in one channel is told at 26 calls a minute, whatever we do.
 */
const PACE = {
  /** At most 4 + 45 in thirty seconds. */
  channel: { perMinute: 90, burst: 4 },
  /** At most 60 + 1560 in an hour. */
  channelHour: { perMinute: 26, burst: 60 },
  /** At most 15 + 30 in a second. */
  app: { perMinute: 1800, burst: 15 },
} as const;

/** Teams as deliveries need it. */
export function createTeamsPlatform({ connector, messages }: TeamsPlatformOptions): ChatPlatform<TeamsBody> {
  return {
    chat: 'teams',
    messagesOf: messages,
    paceOf,
    async post(place, body, deliveryId, signal) {
      const activity = activityOf(body, deliveryId);
      if (place.root === undefined) {
        const { message } = await inChannel(() => connector.post(place.channel, activity, signal));
        return message;
      }
      return connector.send(threadOf(place.channel, place.root), activity, signal);
    },
    async edit(place, message, body, deliveryId, signal) {
      const thread = threadOf(place.channel, place.root ?? message);
      await connector.edit(thread, message, activityOf(body, deliveryId), signal);
    },
    /**
     * An app can not read a channel without rights to all that people write there, so a message whose answer was lost is never found,
     * and is posted again when it can not come any more. Should the lost one be there, `copies.ts` marks it as soon as it is touched.
     */
    find: async () => new Map(),
  };
}

function paceOf(call: ChatCall, { channel }: Place): Pace[] {
  if (call === 'find') return [];
  return [
    { bucket: `channel ${channel}`, ...PACE.channel },
    { bucket: `channel hour ${channel}`, ...PACE.channelHour },
    { bucket: 'app', ...PACE.app },
  ];
}

/** A message as Teams takes it; each action in it says by which delivery it came. */
export function activityOf(body: TeamsBody, deliveryId: string): OutgoingActivity {
  const { summary, card, text } = withDelivery(body, deliveryId);
  return {
    type: 'message',
    summary,
    ...(text === undefined ? {} : { text, textFormat: 'plain' }),
    ...(card === undefined
      ? {}
      : { attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content: card }] }),
  };
}

/** To deliverers a channel that is gone is a missing right; only a message can be gone. */
async function inChannel<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (thrown) {
    const error = asAppError(thrown);
    if (error.kind !== 'not_found') throw error;
    throw new AppError('forbidden', {
      safeText:
        'Teams knows no such channel, or the app is not in its team. Add the app to the team, or mend policy.yaml.',
      cause: thrown,
    });
  }
}
