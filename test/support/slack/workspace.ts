import type { SlackClock } from './clock.js';
import { grantedByOurManifest } from './manifest.js';
import type { SlackOptions } from './server-types.js';
import type { SlackApp, SlackChange, SlackChannel, SlackMessage, SlackWorkspace } from './types.js';

const IDENTITY = {
  id: 'A0COUNTERSIGN',
  botUserId: 'U0BOT00001',
  botId: 'B0BOT00001',
  token: 'xoxb-local-bot-token',
  appToken: 'xapp-local-app-token',
  signingSecret: 'local-signing-secret-of-the-simulated-slack',
  socketMode: false,
};

/** The app has the rights of our own manifest unless `options.app` says otherwise. */
export function createWorkspace(options: SlackOptions, clock: SlackClock): SlackWorkspace {
  const app: SlackApp = structuredClone({ ...IDENTITY, ...grantedByOurManifest(), ...options.app });
  const team = { id: 'T0LOCAL001', name: 'Local', domain: 'local', ...options.team };
  const users = new Map((options.users ?? []).map((user) => [user.id, user]));
  users.set(app.botUserId, { id: app.botUserId, name: app.name.toLowerCase(), realName: app.name, isBot: true });
  const channels = new Map<string, SlackChannel>();
  for (const { id, name, members, isPrivate = false, isArchived = false } of options.channels ?? []) {
    channels.set(id, { id, name, isPrivate, isArchived, isIm: false, members: new Set(members), messages: [] });
  }
  const listeners = new Set<(change: SlackChange) => void>();
  const lastMicros = new Map<string, number>();
  const byName = <T extends { name: string }>(all: Map<string, T>, name: string): T => {
    const found = all.get(name) ?? [...all.values()].find((one) => one.name === name);
    if (found === undefined) throw new Error(`the simulated workspace has no "${name}"`);
    return found;
  };
  return {
    team,
    app,
    users,
    groups: new Map((options.groups ?? []).map((group) => [group.id, group])),
    channels,
    ephemerals: [],
    modals: new Map(),
    homes: new Map(),
    channelByName: (name) => byName(channels, name.replace(/^#/, '')),
    userByName: (name) => byName(users, name.replace(/^@/, '')),
    message: (channel, ts) => findMessage(channels.get(channel)?.messages ?? [], ts),
    thread: (channel, ts) =>
      (channels.get(channel)?.messages ?? []).filter((message) => message.ts === ts || message.thread_ts === ts),
    nextTs(channel) {
      const micros = Math.max(Math.floor(clock.now() * 1000), (lastMicros.get(channel) ?? 0) + 1);
      lastMicros.set(channel, micros);
      return `${Math.floor(micros / 1e6)}.${String(micros % 1e6).padStart(6, '0')}`;
    },
    changed(change) {
      for (const listener of listeners) listener(change);
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** By halving: the list is in the order of `ts`, whose texts are all of one length. */
function findMessage(messages: SlackMessage[], ts: string): SlackMessage | undefined {
  let low = 0;
  let high = messages.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const message = messages[middle] as SlackMessage;
    if (message.ts === ts) return message;
    if (message.ts < ts) low = middle + 1;
    else high = middle - 1;
  }
  return undefined;
}

/** The direct conversation of the bot and a person; made when it is first needed. */
export function directChannel(workspace: SlackWorkspace, user: string): SlackChannel {
  const id = `D${user.slice(1)}`;
  const there = workspace.channels.get(id);
  if (there !== undefined) return there;
  const made: SlackChannel = {
    id,
    name: '',
    isPrivate: true,
    isArchived: false,
    isIm: true,
    members: new Set([user, workspace.app.botUserId]),
    messages: [],
  };
  workspace.channels.set(id, made);
  return made;
}
