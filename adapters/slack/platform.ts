import type { MessageMetadata } from '@slack/types';
import type { WebClient } from '@slack/web-api';
import { z } from 'zod';
import type { Thread } from '../../src/domain/card.js';
import type { ChatCall, ChatMessage, ChatPlatform, Pace, Place } from '../../src/domain/chat.js';
import { AppError } from '../../src/domain/errors.js';
import type { SlackBody } from './body.js';
import { slackCode, slackError } from './errors.js';

export interface SlackPlatformOptions {
  client: WebClient;
  messages: (thread: Thread, place: Place) => ChatMessage<SlackBody>[];
  /** Our own bot: what others post with our metadata is not ours. */
  botUserId: string;
}

/** The messages that we deliver carry this, and in its payload the id of the delivery. */
const EVENT_TYPE = 'countersign_delivery';

/**
 * Slack's limits with a margin: in no minute do we make more than `burst + perMinute` calls, which is at most nine tenths of what
 * Slack allows. `chat.postMessage`: one a second in a channel, several hundred a minute in a workspace; the other methods are of
 * Tier 3, 50 a minute each. The rest is left to those who call the same methods beside the deliverer.
 */
const PACE = {
  postInChannel: { perMinute: 50, burst: 2 },
  postInWorkspace: { perMinute: 250, burst: 20 },
  tier3: { perMinute: 40, burst: 5 },
} as const;

/** Most that Slack advises for a page; so many pages are more than a busy channel fills while a message is looked for. */
const PAGE = 200;
const MOST_PAGES = 25;

const Found = z.object({
  ts: z.string().max(30),
  user: z.string().max(30).optional(),
  metadata: z.object({ event_type: z.string(), event_payload: z.object({ id: z.string().max(400) }) }).optional(),
});

/** Slack as deliveries need it. */
export function createSlackPlatform({ client, messages, botUserId }: SlackPlatformOptions): ChatPlatform<SlackBody> {
  return {
    chat: 'slack',
    messagesOf: messages,
    paceOf,
    // A call of this client can not be given up: it ends by its own time-out, which is shorter than the deliverer's.
    async post(place, body, deliveryId) {
      const answer = await asked(() =>
        client.chat.postMessage({
          channel: place.channel,
          ...content(body),
          ...(place.root === undefined ? {} : { thread_ts: place.root }),
          metadata: metadataOf(deliveryId),
          unfurl_links: false,
          unfurl_media: false,
        }),
      );
      return nameIn(answer.ts);
    },
    async edit(place, message, body, deliveryId) {
      await asked(() =>
        client.chat.update({
          channel: place.channel,
          ts: message,
          ...content(body),
          metadata: metadataOf(deliveryId),
        }),
      );
    },
    async find(place, since) {
      const found = new Map<string, string>();
      let cursor: string | undefined;
      for (let page = 0; page < MOST_PAGES; page++) {
        const answer = await asked(() => pageOf(client, place, since, cursor));
        for (const one of answer.messages ?? []) {
          const { ts, user, metadata } = Found.safeParse(one).data ?? {};
          if (ts === undefined || user !== botUserId || metadata?.event_type !== EVENT_TYPE) continue;
          found.set(metadata.event_payload.id, ts);
        }
        cursor = answer.response_metadata?.next_cursor;
        if (cursor === undefined || cursor === '') return found;
      }
      throw new AppError('unexpected_answer', {
        safeText: 'The channel has so many messages that a lost one could not be searched for.',
      });
    },
  };
}

function paceOf(call: ChatCall, place: Place): Pace[] {
  switch (call) {
    case 'post':
      return [
        { bucket: `chat.postMessage ${place.channel}`, ...PACE.postInChannel },
        { bucket: 'chat.postMessage', ...PACE.postInWorkspace },
      ];
    case 'edit':
      return [{ bucket: 'chat.update', ...PACE.tier3 }];
    case 'find':
      return [{ bucket: place.root === undefined ? 'conversations.history' : 'conversations.replies', ...PACE.tier3 }];
  }
}

/** The plain form has no blocks, and an edit without blocks takes away those that were there. */
function content(body: SlackBody): { text: string; blocks?: NonNullable<SlackBody['blocks']> } {
  return { text: body.text, ...(body.blocks === undefined ? {} : { blocks: body.blocks }) };
}

function metadataOf(deliveryId: string): MessageMetadata {
  return { event_type: EVENT_TYPE, event_payload: { id: deliveryId } };
}

type Page = { messages?: unknown[]; response_metadata?: { next_cursor?: string } };

async function pageOf(client: WebClient, place: Place, since: Date, cursor: string | undefined): Promise<Page> {
  const window = {
    channel: place.channel,
    oldest: (since.getTime() / 1000).toFixed(6),
    include_all_metadata: true,
    limit: PAGE,
    ...(cursor === undefined ? {} : { cursor }),
  };
  return place.root === undefined
    ? await client.conversations.history(window)
    : await client.conversations.replies({ ...window, ts: place.root });
}

/** A 200 without the name of the message: it was posted, and only a search can tell as what. */
function nameIn(ts: string | undefined): string {
  if (ts !== undefined && ts !== '') return ts;
  throw new AppError('unavailable', { safeText: 'Slack did not say which message it made.' });
}

/** To deliverers a channel that is gone, archived or closed to us is a missing right; only a message can be gone. */
async function asked<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (thrown) {
    const error = slackError(thrown);
    const code = slackCode(thrown);
    if (code !== 'channel_not_found') throw error;
    throw new AppError('forbidden', { safeText: error.safeText, cause: thrown });
  }
}
