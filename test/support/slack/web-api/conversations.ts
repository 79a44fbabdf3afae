import type { Core } from '../core.js';
import { refusal } from '../core.js';
import type { SlackChannel, SlackMessage } from '../types.js';
import { directChannel } from '../workspace.js';
import type { ApiMethod, Args } from './method.js';
import { isMember, needChannelScope, needScope, pageOf, visibleChannel } from './method.js';

const WINDOW = ['cursor', 'include_all_metadata', 'inclusive', 'latest', 'limit', 'oldest'];

const history: ApiMethod = {
  tier: 3,
  required: ['channel'],
  optional: WINDOW,
  run(core, args) {
    const channel = readableChannel(core, args);
    const top = channel.messages.filter(({ ts, thread_ts }) => thread_ts === undefined || thread_ts === ts);
    const found = inWindow(top, args).reverse();
    const { page, next } = pageByTs(found, args, 100);
    return { messages: shown(page, args), pin_count: 0, ...more(next) };
  },
};

const replies: ApiMethod = {
  tier: 3,
  required: ['channel', 'ts'],
  optional: WINDOW,
  run(core, args) {
    const channel = readableChannel(core, args);
    const parent = core.workspace.message(channel.id, args.need('ts'));
    if (parent === undefined) throw refusal('thread_not_found');
    const thread = core.workspace.thread(channel.id, parent.ts).filter((message) => message !== parent);
    const { page, next } = pageByTs(inWindow(thread, args), args, 1000);
    return { messages: shown([parent, ...page], args), ...more(next) };
  },
};

const info: ApiMethod = {
  tier: 3,
  required: ['channel'],
  optional: ['include_locale', 'include_num_members'],
  run(core, args) {
    const channel = visibleChannel(core, args.need('channel'));
    needChannelScope(core, channel, 'read');
    const count = args.flag('include_num_members') ? { num_members: channel.members.size } : {};
    return { channel: { ...describe(core, channel), ...count } };
  },
};

const members: ApiMethod = {
  tier: 4,
  required: ['channel'],
  optional: ['cursor', 'limit'],
  run(core, args) {
    const channel = visibleChannel(core, args.need('channel'));
    needChannelScope(core, channel, 'read');
    const { page, next } = pageOf([...channel.members], args.text('cursor'), args.limit(100, 1000));
    return { members: page, response_metadata: { next_cursor: next } };
  },
};

const list: ApiMethod = {
  tier: 2,
  required: [],
  optional: ['cursor', 'exclude_archived', 'limit', 'team_id', 'types'],
  run(core, args) {
    const types = (args.text('types') ?? 'public_channel').split(',');
    const scopes = {
      public_channel: 'channels:read',
      private_channel: 'groups:read',
      im: 'im:read',
      mpim: 'mpim:read',
    };
    for (const type of types) {
      const scope = scopes[type as keyof typeof scopes];
      if (scope === undefined) throw refusal('invalid_types');
      needScope(core, scope);
    }
    const wanted = [...core.workspace.channels.values()].filter((channel) => {
      const type = channel.isIm ? 'im' : channel.isPrivate ? 'private_channel' : 'public_channel';
      if (!types.includes(type) || (channel.isPrivate && !isMember(core, channel))) return false;
      return !(args.flag('exclude_archived') && channel.isArchived);
    });
    const { page, next } = pageOf(wanted, args.text('cursor'), args.limit(100, 1000));
    return { channels: page.map((channel) => describe(core, channel)), response_metadata: { next_cursor: next } };
  },
};

const open: ApiMethod = {
  tier: 3,
  scope: 'im:write',
  required: [],
  optional: ['channel', 'return_im', 'users', 'prevent_creation'],
  run(core, args) {
    const users = args.text('users')?.split(',') ?? [];
    const [user] = users;
    if (user === undefined) throw refusal('users_list_not_supplied');
    // Conversations of several people are nothing that our app opens.
    if (users.length > 1) throw refusal('method_not_supported_for_channel_type');
    const person = core.workspace.users.get(user);
    if (person === undefined) throw refusal('user_not_found');
    if (person.deleted === true) throw refusal('user_disabled');
    return { channel: { id: directChannel(core.workspace, user).id } };
  },
};

export const CONVERSATION_METHODS: Record<string, ApiMethod> = {
  'conversations.history': history,
  'conversations.replies': replies,
  'conversations.info': info,
  'conversations.members': members,
  'conversations.list': list,
  'conversations.open': open,
};

function readableChannel(core: Core, args: Args): SlackChannel {
  const channel = visibleChannel(core, args.need('channel'));
  needChannelScope(core, channel, 'history');
  if (!isMember(core, channel)) throw refusal('not_in_channel');
  return channel;
}

function inWindow(messages: SlackMessage[], args: Args): SlackMessage[] {
  const oldest = bound(args, 'oldest');
  const latest = bound(args, 'latest');
  const inclusive = args.flag('inclusive');
  return messages.filter(({ ts }) => {
    const at = Number(ts);
    if (oldest !== undefined && (inclusive ? at < oldest : at <= oldest)) return false;
    return latest === undefined || (inclusive ? at <= latest : at < latest);
  });
}

function bound(args: Args, name: 'oldest' | 'latest'): number | undefined {
  const text = args.text(name);
  if (text === undefined || text === '') return undefined;
  const number = Number(text);
  if (Number.isNaN(number)) throw refusal(`invalid_ts_${name}`);
  return number;
}

/** By `ts`, not by count, so that what is written meanwhile moves no page. */
function pageByTs(
  messages: SlackMessage[],
  args: Args,
  otherwise: number,
): { page: SlackMessage[]; next: string | undefined } {
  const limit = args.limit(otherwise, 1000);
  const cursor = args.text('cursor');
  let start = 0;
  if (cursor !== undefined && cursor !== '') {
    const ts = /^next_ts:(\d+\.\d+)$/.exec(Buffer.from(cursor, 'base64').toString('utf8'))?.[1];
    if (ts === undefined) throw refusal('invalid_cursor');
    start = messages.findIndex((message) => message.ts === ts);
    if (start < 0) start = messages.length;
  }
  return { page: messages.slice(start, start + limit), next: messages[start + limit]?.ts };
}

function more(next: string | undefined): Record<string, unknown> {
  if (next === undefined) return { has_more: false };
  const cursor = Buffer.from(`next_ts:${next}`, 'utf8').toString('base64');
  return { has_more: true, response_metadata: { next_cursor: cursor } };
}

function shown(messages: SlackMessage[], args: Args): Record<string, unknown>[] {
  const all = args.flag('include_all_metadata');
  return messages.map((message) => {
    const { metadata, ...rest } = structuredClone(message);
    return all && metadata !== undefined ? { ...rest, metadata } : rest;
  });
}

function describe(core: Core, channel: SlackChannel): Record<string, unknown> {
  const base = { id: channel.id, is_im: channel.isIm, is_archived: channel.isArchived, is_private: channel.isPrivate };
  if (channel.isIm) {
    return { ...base, user: [...channel.members].find((member) => member !== core.workspace.app.botUserId) };
  }
  return {
    ...base,
    name: channel.name,
    is_channel: !channel.isPrivate,
    is_group: channel.isPrivate,
    is_mpim: false,
    is_member: isMember(core, channel),
    context_team_id: core.workspace.team.id,
  };
}
