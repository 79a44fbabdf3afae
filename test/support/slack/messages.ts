import type { Core } from './core.js';
import { freshId } from './core.js';
import type { SlackBlock, SlackChannel, SlackMessage, SlackMetadata } from './types.js';

export interface MessageDraft {
  text: string;
  /** A person's id; the bot without it. */
  user?: string;
  blocks?: SlackBlock[];
  attachments?: Record<string, unknown>[];
  metadata?: SlackMetadata;
  /** Parent of the thread. */
  threadTs?: string;
  /** Of a person's gesture; a new one without it. */
  clientMsgId?: string;
}

/** Slack names every block that came without a name. */
export function named(blocks: SlackBlock[]): SlackBlock[] {
  return blocks.map((block) => ({
    ...block,
    ...(block.block_id === undefined ? { block_id: freshId('', 5).toLowerCase() } : {}),
  }));
}

export function composeMessage(core: Core, ts: string, draft: MessageDraft): SlackMessage {
  const { team, app } = core.workspace;
  return {
    type: 'message',
    ts,
    text: draft.text,
    team: team.id,
    ...(draft.user === undefined
      ? { user: app.botUserId, bot_id: app.botId, app_id: app.id }
      : { user: draft.user, client_msg_id: draft.clientMsgId ?? crypto.randomUUID() }),
    ...(draft.blocks === undefined || draft.blocks.length === 0 ? {} : { blocks: named(draft.blocks) }),
    ...(draft.attachments === undefined || draft.attachments.length === 0 ? {} : { attachments: draft.attachments }),
    ...(draft.metadata === undefined ? {} : { metadata: draft.metadata }),
    ...(draft.threadTs === undefined ? {} : { thread_ts: draft.threadTs }),
  };
}

/** Puts a new message into its channel and thread, and tells the app about it as Slack does, its own messages too. */
export function storeMessage(core: Core, channel: SlackChannel, draft: MessageDraft): SlackMessage {
  const { workspace } = core;
  const message = composeMessage(core, workspace.nextTs(channel.id), draft);
  channel.messages.push(message);
  if (draft.threadTs !== undefined) countReply(core, channel, message);
  workspace.changed({ kind: 'message', channel: channel.id });
  core.events.message(channel, { ...message });
  return message;
}

function countReply(core: Core, channel: SlackChannel, reply: SlackMessage): void {
  const parent = core.workspace.message(channel.id, reply.thread_ts as string);
  if (parent === undefined) return;
  const users = new Set(parent.reply_users ?? []);
  if (reply.user !== undefined) users.add(reply.user);
  parent.thread_ts = parent.ts;
  parent.reply_count = (parent.reply_count ?? 0) + 1;
  parent.reply_users = [...users];
  parent.reply_users_count = users.size;
  parent.latest_reply = reply.ts;
  parent.subscribed = users.has(core.workspace.app.botUserId) || parent.user === core.workspace.app.botUserId;
  if (parent.user !== undefined) reply.parent_user_id = parent.user;
}

/** Changes a message in place; nobody is notified, the app gets `message_changed`. */
export function changeMessage(
  core: Core,
  channel: SlackChannel,
  message: SlackMessage,
  apply: (message: SlackMessage) => void,
): void {
  const previous = structuredClone(message);
  apply(message);
  message.edited = { user: message.user ?? '', ts: core.workspace.nextTs(channel.id) };
  core.workspace.changed({ kind: 'message', channel: channel.id });
  core.events.changed(channel, structuredClone(message), previous);
}

/** A parent with replies leaves a tombstone, as its thread stays. */
export function removeMessage(core: Core, channel: SlackChannel, message: SlackMessage): void {
  const previous = structuredClone(message);
  if ((message.reply_count ?? 0) > 0) {
    for (const key of ['blocks', 'attachments', 'metadata', 'bot_id', 'app_id'] as const) delete message[key];
    Object.assign(message, {
      subtype: 'tombstone',
      text: 'This message was deleted.',
      user: 'USLACKBOT',
      hidden: true,
    });
  } else {
    channel.messages.splice(channel.messages.indexOf(message), 1);
    if (message.thread_ts !== undefined && message.thread_ts !== message.ts) uncountReply(core, channel, message);
  }
  core.workspace.changed({ kind: 'message', channel: channel.id });
  core.events.deleted(channel, previous);
}

function uncountReply(core: Core, channel: SlackChannel, reply: SlackMessage): void {
  const parent = core.workspace.message(channel.id, reply.thread_ts as string);
  if (parent?.reply_count === undefined) return;
  const left = core.workspace.thread(channel.id, parent.ts).filter(({ ts }) => ts !== parent.ts);
  const users = [...new Set(left.flatMap(({ user }) => (user === undefined ? [] : [user])))];
  parent.reply_count = left.length;
  parent.reply_users = users;
  parent.reply_users_count = users.length;
  const latest = left.at(-1);
  if (latest !== undefined) parent.latest_reply = latest.ts;
}

/** Shows something to one person only; it is in no history. */
export function storeEphemeral(core: Core, channel: SlackChannel, user: string, draft: MessageDraft): SlackMessage {
  const message = composeMessage(core, core.workspace.nextTs(channel.id), draft);
  core.workspace.ephemerals.push({ channel: channel.id, user, message });
  core.workspace.changed({ kind: 'ephemeral', channel: channel.id, user });
  return message;
}
