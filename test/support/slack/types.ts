/** The state of one simulated workspace, in the words of Slack's own payloads. */

export interface SlackUser {
  id: string;
  /** Handle, e.g. `maria`. */
  name: string;
  realName: string;
  /** Seen through the Web API only with `users:read.email`. */
  email?: string;
  isBot?: boolean;
  deleted?: boolean;
  /** Invited to one channel, or to some. */
  guest?: 'one_channel' | 'some_channels';
  /** Of another company, in a shared channel; `teamId` is theirs. */
  isStranger?: boolean;
  teamId?: string;
  isEmailConfirmed?: boolean;
}

export interface SlackUserGroup {
  id: string;
  handle: string;
  name: string;
  users: string[];
  disabled?: boolean;
}

/** Blocks are data to the server: `validate/` judges them, nobody interprets mrkdwn. */
export type SlackBlock = { type: string; block_id?: string } & Record<string, unknown>;

export interface SlackMetadata {
  event_type: string;
  event_payload: Record<string, unknown>;
}

/** A message as `conversations.history` gives it; `metadata` is left out there unless asked for. */
export interface SlackMessage {
  type: 'message';
  /** `seconds.microseconds`, strictly increasing in its channel. */
  ts: string;
  text: string;
  team: string;
  user?: string;
  bot_id?: string;
  app_id?: string;
  subtype?: 'tombstone';
  hidden?: boolean;
  client_msg_id?: string;
  blocks?: SlackBlock[];
  attachments?: Record<string, unknown>[];
  metadata?: SlackMetadata;
  /** Equal to `ts` on a parent that has replies. */
  thread_ts?: string;
  reply_count?: number;
  reply_users?: string[];
  reply_users_count?: number;
  latest_reply?: string;
  /** Of a reply: who wrote the parent. */
  parent_user_id?: string;
  subscribed?: boolean;
  edited?: { user: string; ts: string };
  reactions?: { name: string; users: string[]; count: number }[];
}

export interface SlackChannel {
  id: string;
  name: string;
  isPrivate: boolean;
  isArchived: boolean;
  /** A direct conversation; `members` are the bot and one person. */
  isIm: boolean;
  members: Set<string>;
  /** In the order of `ts`, replies among them. */
  messages: SlackMessage[];
}

/** Shown to one person in one channel; not in the history, gone on reload. */
export interface SlackEphemeral {
  channel: string;
  user: string;
  message: SlackMessage;
}

export interface SlackView {
  id: string;
  type: 'modal' | 'home';
  team_id: string;
  app_id: string;
  bot_id: string;
  hash: string;
  callback_id: string;
  external_id: string;
  private_metadata: string;
  title?: Record<string, unknown>;
  submit?: Record<string, unknown> | null;
  close?: Record<string, unknown> | null;
  blocks: SlackBlock[];
  clear_on_close: boolean;
  notify_on_close: boolean;
  root_view_id: string;
  previous_view_id: string | null;
  state: { values: ViewValues };
}

/** `block_id` → `action_id` → what stands in the field, as Slack sends it, e.g. `{type:'plain_text_input', value:'x'}`. */
export type ViewValues = Record<string, Record<string, Record<string, unknown>>>;

export interface SlackTeam {
  id: string;
  name: string;
  domain: string;
}

/** The one app installed in the workspace. */
export interface SlackApp {
  id: string;
  name: string;
  botUserId: string;
  botId: string;
  /** `xoxb-…` */
  token: string;
  /** `xapp-…`, for `apps.connections.open`. */
  appToken: string;
  signingSecret: string;
  /** Granted bot scopes. */
  scopes: string[];
  /** Bot events the app is subscribed to, e.g. `message.channels`. */
  events: string[];
  /** Slash commands with the slash. */
  commands: string[];
  /** Callback ids of message shortcuts, with their names in the menu. */
  messageShortcuts: { callbackId: string; name: string }[];
  homeTab: boolean;
  /** Whether people and the app can write to each other directly. */
  messagesTab: 'off' | 'read_only' | 'on';
  /** Whether people and addresses in a command's text come as `<@U…>` and `<https://…>`. */
  escapesCommands: boolean;
  /** Without it buttons do nothing, and modals and shortcuts are not there. */
  interactivity: boolean;
  socketMode: boolean;
  /** Where events, interactivity and slash commands go over HTTP; absent until the app under test listens. */
  requestUrl?: string;
}

/** What changed, for a page that repaints. */
export interface SlackChange {
  channel?: string;
  user?: string;
  kind: 'message' | 'ephemeral' | 'view' | 'home' | 'channel' | 'notice';
}

/** All of the state; methods of `web-api/` and `person.ts` are the only writers. */
export interface SlackWorkspace {
  team: SlackTeam;
  app: SlackApp;
  users: Map<string, SlackUser>;
  groups: Map<string, SlackUserGroup>;
  channels: Map<string, SlackChannel>;
  ephemerals: SlackEphemeral[];
  /** Open modals of a person, bottom first; at most three. */
  modals: Map<string, SlackView[]>;
  homes: Map<string, SlackView>;
  channelByName(name: string): SlackChannel;
  userByName(name: string): SlackUser;
  message(channel: string, ts: string): SlackMessage | undefined;
  /** The parent and its replies, in order. */
  thread(channel: string, ts: string): SlackMessage[];
  /** The next `ts` of a channel, later than every one before it. */
  nextTs(channel: string): string;
  changed(change: SlackChange): void;
  onChange(listener: (change: SlackChange) => void): () => void;
}
