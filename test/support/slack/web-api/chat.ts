import type { Core } from '../core.js';
import { refusal } from '../core.js';
import type { MessageDraft } from '../messages.js';
import { changeMessage, named, removeMessage, storeEphemeral, storeMessage } from '../messages.js';
import type { SlackBlock, SlackChannel, SlackMessage, SlackMetadata } from '../types.js';
import type { MessageArgs } from '../validate/message.js';
import { validateMessage } from '../validate/message.js';
import { directChannel } from '../workspace.js';
import type { ApiMethod, Args } from './method.js';
import { isMember, visibleChannel } from './method.js';

const MOST_TEXT = 40_000;
const CONTENT = ['text', 'blocks', 'attachments', 'metadata', 'markdown_text', 'parse', 'link_names'];
const LOOKS = ['mrkdwn', 'unfurl_links', 'unfurl_media', 'username', 'icon_emoji', 'icon_url', 'as_user'];

const postMessage: ApiMethod = {
  tier: 'special',
  scope: 'chat:write',
  required: ['channel'],
  optional: [...CONTENT, ...LOOKS, 'thread_ts', 'reply_broadcast'],
  run(core, args) {
    const channel = writableChannel(core, args.need('channel'));
    const content = contentOf(args, 'chat.postMessage');
    const warnings: string[] = [];
    if ([...content.text].length > MOST_TEXT) {
      content.text = [...content.text].slice(0, MOST_TEXT).join('');
      warnings.push('message_truncated');
      core.warn('chat.postMessage: text cut at 40,000 characters');
    }
    if (content.text === '' && content.attachments === undefined) {
      core.warn('chat.postMessage: blocks without text, so notifications and screen readers have nothing');
    }
    const thread = parentOf(core, channel, args.text('thread_ts'));
    const message = storeMessage(core, channel, thread === undefined ? content : { ...content, threadTs: thread });
    return {
      channel: channel.id,
      ts: message.ts,
      message: structuredClone(message),
      ...(warnings.length === 0 ? {} : { warning: warnings.join(','), response_metadata: { warnings } }),
    };
  },
};

const update: ApiMethod = {
  tier: 3,
  scope: 'chat:write',
  required: ['channel', 'ts'],
  optional: [...CONTENT, 'as_user', 'reply_broadcast', 'file_ids', 'unfurled_attachments'],
  run(core, args) {
    const channel = knownChannel(core, args.need('channel'));
    if (channel.isArchived) throw refusal('is_inactive');
    const message = ownMessage(core, channel, args.need('ts'), 'cant_update_message');
    const content = contentOf(args, 'chat.update');
    changeMessage(core, channel, message, (stored) => rewrite(stored, content, args));
    return { channel: channel.id, ts: message.ts, text: message.text, message: structuredClone(message) };
  },
};

/** Text without blocks takes the blocks away; metadata stays unless given, `{}` takes it away. */
function rewrite(message: SlackMessage, content: MessageDraft, args: Args): void {
  if (args.has('text') || args.has('markdown_text')) message.text = content.text;
  if (content.blocks !== undefined && content.blocks.length > 0) message.blocks = named(content.blocks);
  else if (args.has('text') || args.has('blocks')) delete message.blocks;
  if (content.attachments !== undefined && content.attachments.length > 0) message.attachments = content.attachments;
  else if (args.has('text') || args.has('attachments')) delete message.attachments;
  if (!args.has('metadata')) return;
  if (content.metadata === undefined) delete message.metadata;
  else message.metadata = content.metadata;
}

const postEphemeral: ApiMethod = {
  tier: 4,
  scope: 'chat:write',
  required: ['channel', 'user'],
  optional: [...CONTENT, ...LOOKS, 'thread_ts'],
  run(core, args) {
    const channel = writableChannel(core, args.need('channel'));
    const user = args.need('user');
    if (!channel.members.has(user)) throw refusal('user_not_in_channel');
    const content = contentOf(args, 'chat.postEphemeral');
    const thread = parentOf(core, channel, args.text('thread_ts'));
    const draft = thread === undefined ? content : { ...content, threadTs: thread };
    return { message_ts: storeEphemeral(core, channel, user, draft).ts };
  },
};

const remove: ApiMethod = {
  tier: 3,
  scope: 'chat:write',
  required: ['channel', 'ts'],
  optional: ['as_user'],
  run(core, args) {
    const channel = knownChannel(core, args.need('channel'));
    const message = ownMessage(core, channel, args.need('ts'), 'cant_delete_message');
    removeMessage(core, channel, message);
    return { channel: channel.id, ts: args.need('ts') };
  },
};

const getPermalink: ApiMethod = {
  tier: 'special',
  required: ['channel', 'message_ts'],
  optional: [],
  run(core, args) {
    const channel = visibleChannel(core, args.need('channel'));
    const message = core.workspace.message(channel.id, args.need('message_ts'));
    if (message === undefined) throw refusal('message_not_found');
    const thread = message.thread_ts;
    const query = thread === undefined || thread === message.ts ? '' : `?thread_ts=${thread}&cid=${channel.id}`;
    const { domain } = core.workspace.team;
    const permalink = `https://${domain}.slack.com/archives/${channel.id}/p${message.ts.replace('.', '')}${query}`;
    return { channel: channel.id, permalink };
  },
};

// Our app streams nothing (a stream ends after five minutes), so `chat.startStream` and its kin are unknown here, honestly.
export const CHAT_METHODS: Record<string, ApiMethod> = {
  'chat.postMessage': postMessage,
  'chat.update': update,
  'chat.postEphemeral': postEphemeral,
  'chat.delete': remove,
  'chat.getPermalink': getPermalink,
};

/** A user's id means the direct conversation with them, a `#name` the channel of that name. */
function knownChannel(core: Core, given: string): SlackChannel {
  if (core.workspace.users.has(given)) return directChannel(core.workspace, given);
  if (!given.startsWith('#')) return visibleChannel(core, given);
  core.warn(`the channel was named as ${given}; ids do not change`);
  const found = [...core.workspace.channels.values()].find(({ name }) => `#${name}` === given);
  return visibleChannel(core, found?.id ?? given);
}

function writableChannel(core: Core, given: string): SlackChannel {
  const channel = knownChannel(core, given);
  if (channel.isArchived) throw refusal('is_archived');
  if (channel.isIm && core.workspace.app.messagesTab === 'off') throw refusal('messages_tab_disabled');
  const publicly = !channel.isPrivate && core.workspace.app.scopes.includes('chat:write.public');
  if (!isMember(core, channel) && !publicly) throw refusal('not_in_channel');
  return channel;
}

function ownMessage(core: Core, channel: SlackChannel, ts: string, foreign: string): SlackMessage {
  const message = core.workspace.message(channel.id, ts);
  if (message === undefined || message.subtype === 'tombstone') throw refusal('message_not_found');
  if (message.bot_id !== core.workspace.app.botId) throw refusal(foreign);
  return message;
}

/** The parent of the thread: a reply stands for its parent, with a frown. @throws refusal when there is no such message. */
function parentOf(core: Core, channel: SlackChannel, ts: string | undefined): string | undefined {
  if (ts === undefined || ts === '') return undefined;
  if (!/^\d{10}\.\d{6}$/.test(ts)) throw refusal('invalid_thread_ts');
  const message = core.workspace.message(channel.id, ts);
  if (message === undefined) throw refusal('thread_not_found');
  if (message.thread_ts === undefined || message.thread_ts === ts) return ts;
  core.warn(`thread_ts ${ts} is a reply; its parent was meant`);
  return message.thread_ts;
}

function contentOf(args: Args, method: MessageArgs['method']): MessageDraft {
  const blocks = args.json('blocks', 'invalid_blocks_format');
  const attachments = args.json('attachments', 'invalid_attachments');
  const metadata = args.json('metadata', 'invalid_metadata_format');
  const emptied = isEmptyObject(metadata) && method === 'chat.update';
  const text = args.text('text');
  const markdown = args.text('markdown_text');
  const refused = validateMessage({
    method,
    ...(text === undefined ? {} : { text }),
    ...(markdown === undefined ? {} : { markdown_text: markdown }),
    ...(blocks === undefined ? {} : { blocks }),
    ...(attachments === undefined ? {} : { attachments }),
    ...(metadata === undefined || emptied ? {} : { metadata }),
  });
  if (refused !== undefined) throw refusal(refused.error, { response_metadata: { messages: refused.messages } });
  return {
    text: text ?? markdown ?? '',
    ...(Array.isArray(blocks) ? { blocks: blocks as SlackBlock[] } : {}),
    ...(Array.isArray(attachments) ? { attachments: attachments as Record<string, unknown>[] } : {}),
    ...(metadata === undefined || isEmptyObject(metadata) ? {} : { metadata: metadata as SlackMetadata }),
  };
}

function isEmptyObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}
