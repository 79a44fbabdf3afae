import type { SlackChannel, SlackMessage, SlackUser, SlackWorkspace } from '../types.js';
import type { BlockWorld } from './blocks.js';

/** What one person looks at: who, where, and what of it they have not read yet. */
export interface Scene {
  workspace: SlackWorkspace;
  me: SlackUser;
  /** Absent on a phone's list of channels and on the app's home. */
  channel?: SlackChannel;
  /** `ts` of the parent of the open thread. */
  thread?: string;
  place: 'list' | 'channel' | 'thread' | 'home';
  world: BlockWorld;
  /** The newest `ts` that this person has seen, by channel and by `channel/thread`. */
  read: ReadonlyMap<string, string>;
  now: number;
}

export function worldOf(workspace: SlackWorkspace): BlockWorld {
  const people = [...workspace.users.values()].filter(({ isBot, deleted }) => isBot !== true && deleted !== true);
  return {
    names: {
      user: (id) => nameOf(workspace.users.get(id)),
      channel: (id) => workspace.channels.get(id)?.name,
      group: (id) => workspace.groups.get(id)?.handle,
    },
    people: people.map((user) => ({ value: user.id, text: user.realName })),
    channels: [...workspace.channels.values()]
      .filter(({ isIm }) => !isIm)
      .map(({ id, name }) => ({ value: id, text: `#${name}` })),
  };
}

function nameOf(user: SlackUser | undefined): string | undefined {
  return user === undefined ? undefined : user.realName || user.name;
}

/** Channels that the person sees, by name: public ones, and private ones as a member. */
export function channelsOf(workspace: SlackWorkspace, me: SlackUser): SlackChannel[] {
  return [...workspace.channels.values()]
    .filter((channel) => !channel.isIm && (!channel.isPrivate || channel.members.has(me.id)))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The person's conversation with the app, where there is one: what it wrote to them alone. */
export function directOf(workspace: SlackWorkspace, me: SlackUser): SlackChannel | undefined {
  return [...workspace.channels.values()].find(({ isIm, members }) => isIm && members.has(me.id));
}

export function isRoot(message: SlackMessage): boolean {
  return message.thread_ts === undefined || message.thread_ts === message.ts;
}

/** Messages of a channel's main view with what only this person sees among them, in order. */
export function rootsOf(scene: Scene, channel: SlackChannel): Shown[] {
  const roots = channel.messages.filter((message) => isRoot(message)).map(shared);
  return ordered([...roots, ...mineIn(scene, channel, undefined)]);
}

/** Slack shows what is for one person alone only in a thread that has a reply already: in any other it is lost. */
export function threadOf(scene: Scene, channel: SlackChannel, parent: string): Shown[] {
  const written = scene.workspace.thread(channel.id, parent).map(shared);
  return written.length > 1 ? ordered([...written, ...mineIn(scene, channel, parent)]) : written;
}

export interface Shown {
  message: SlackMessage;
  /** Only this person sees it. */
  alone: boolean;
}

function shared(message: SlackMessage): Shown {
  return { message, alone: false };
}

function mineIn(scene: Scene, channel: SlackChannel, thread: string | undefined): Shown[] {
  return scene.workspace.ephemerals
    .filter((one) => one.channel === channel.id && one.user === scene.me.id && one.message.thread_ts === thread)
    .map(({ message }) => ({ message, alone: true }));
}

function ordered(all: Shown[]): Shown[] {
  return all.sort((a, b) => later(a.message.ts, b.message.ts));
}

/** Order of two `ts`: they are text, and numbers would lose their last digits. */
export function later(a: string, b: string): number {
  return a.padStart(20, '0') < b.padStart(20, '0') ? -1 : a === b ? 0 : 1;
}

/** How many root messages of others are new in this channel, and how many messages there call this person. */
export function unreadIn(scene: Scene, channel: SlackChannel): { fresh: number; calls: number } {
  const seen = scene.read.get(channel.id) ?? '0';
  const fresh = channel.messages.filter(({ ts, user }) => later(ts, seen) > 0 && user !== scene.me.id);
  return { fresh: fresh.filter(isRoot).length, calls: fresh.filter((message) => callsMe(scene, message)).length };
}

function callsMe({ workspace, me }: Scene, message: SlackMessage): boolean {
  const words = `${message.text} ${message.blocks === undefined ? '' : JSON.stringify(message.blocks)}`;
  if (words.includes(`<@${me.id}>`)) return true;
  return [...workspace.groups.values()].some(
    ({ id, users }) => users.includes(me.id) && words.includes(`<!subteam^${id}`),
  );
}

export function unreadReplies(scene: Scene, channel: SlackChannel, parent: SlackMessage): number {
  if ((parent.reply_count ?? 0) === 0) return 0;
  const seen = scene.read.get(`${channel.id}/${parent.ts}`) ?? '0';
  const replies = scene.workspace.thread(channel.id, parent.ts);
  return replies.filter(({ ts, user }) => ts !== parent.ts && user !== scene.me.id && later(ts, seen) > 0).length;
}

/** Addresses of the page. */
export const at = {
  list: (me: string): string => `/ui/${me}`,
  channel: (me: string, channel: string): string => `/ui/${me}/c/${channel}`,
  thread: (me: string, channel: string, ts: string): string => `/ui/${me}/c/${channel}/${ts}`,
  home: (me: string): string => `/ui/${me}/home`,
};
