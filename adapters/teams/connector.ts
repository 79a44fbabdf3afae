import type { TeamsSettings } from './settings.js';

/** One activity as we send it; `conversation` and `from` are added where it is sent. */
export type OutgoingActivity = { type: 'message' } & Record<string, unknown>;

export interface PostedRoot {
  /** `<channel>;messageid=<root>`: replies go there. */
  conversation: string;
  /** Activity id of the root. */
  message: string;
}

/** What the member APIs tell of one person; everything but `id` may be missing. Not checked: parse it. */
export type TeamsMember = { id: string } & Record<string, unknown>;

/**
 * The calls that we make to Teams. Each is made once, no retry inside; `signal` ends the wait, not what Teams does.
 * @throws AppError as `ChatPlatform` promises it.
 */
export interface TeamsConnector {
  /** A new root post in a channel. */
  post(channel: string, activity: OutgoingActivity, signal?: AbortSignal): Promise<PostedRoot>;
  /** Into a thread (`<channel>;messageid=<root>`) or a personal chat. @returns the activity id. */
  send(conversation: string, activity: OutgoingActivity, signal?: AbortSignal): Promise<string>;
  edit(conversation: string, message: string, activity: OutgoingActivity, signal?: AbortSignal): Promise<void>;
  /** Opens the personal chat with this person (`29:…`), who must have the app. @returns its conversation id. */
  openChat(user: string, signal?: AbortSignal): Promise<string>;
  /** One member of a conversation, by their `29:…` id. @throws AppError `not_found` when they are not in it. */
  member(conversation: string, user: string, signal?: AbortSignal): Promise<TeamsMember>;
  /** How many people are in a channel, up to 500, and whether there are more: a read, to see whether the app is there. */
  membersOf(channel: string, signal?: AbortSignal): Promise<{ count: number; more: boolean }>;
  /** Channels of a team by id; the General channel's name may be missing. */
  channelsOf(team: string, signal?: AbortSignal): Promise<Map<string, string | undefined>>;
  /** Asks for a token and throws it away. @throws AppError `unauthenticated` with what is wrong. */
  login(signal?: AbortSignal): Promise<void>;
}

export interface TeamsConnectorDeps {
  settings: TeamsSettings;
  /** Where Teams is called now, and as whom. */
  service: () => Promise<{ serviceUrl: string; botId: string; tenantId: string }>;
}

/** The conversation id of a thread. */
export function threadOf(channel: string, root: string): string {
  return `${channel};messageid=${root}`;
}

/** The channel, and the root when it is a thread's; a personal chat has none. */
export function placeIn(conversation: string): { channel: string; root?: string } {
  const [channel = '', ...rest] = conversation.split(';');
  const root = rest.find((part) => part.startsWith('messageid='))?.slice('messageid='.length);
  return { channel, ...(root === undefined || root === '' ? {} : { root }) };
}

export function createTeamsConnector(_deps: TeamsConnectorDeps): TeamsConnector {
  throw new Error('the head is here for those who build on it; the body follows');
}
