import type { IncomingMessage, ServerResponse } from 'node:http';
import type { SlackClock } from './clock.js';
import type { Faults } from './faults.js';
import type { LimitCounts } from './limits.js';
import type {
  SlackApp,
  SlackChannel,
  SlackMessage,
  SlackTeam,
  SlackUser,
  SlackUserGroup,
  SlackView,
  SlackWorkspace,
  ViewValues,
} from './types.js';

export interface SlackOptions {
  port?: number;
  /** How many times faster than the wall time passes here: limits, retries, deadlines, lifetimes. */
  speed?: number;
  clock?: SlackClock;
  team?: Partial<SlackTeam>;
  app?: Partial<SlackApp>;
  users?: SlackUser[];
  groups?: SlackUserGroup[];
  /** `members` are user ids; the bot is a member only where it is named. */
  channels?: (Pick<SlackChannel, 'id' | 'name'> & { members: string[]; isPrivate?: boolean; isArchived?: boolean })[];
  /** `off` for tests of something else. */
  limits?: 'slack' | 'off';
  /** Calls of `chat.postMessage` that the workspace allows in a minute; "several hundred" is all that Slack says. */
  workspacePostsPerMinute?: number;
  /** Time on the server's clock for an acknowledgement and for using a trigger; 3000. */
  reactionMs?: number;
  /** Whether `Retry-After` counts seconds of this server's clock or of the wall; matters only when `speed` is not 1. */
  retryAfterIn?: 'clock' | 'wall';
  /** Seed of the faults' dice. */
  seed?: number;
  /** Answers what is no part of Slack's API, e.g. the page for people; true when it did. */
  page?: (request: IncomingMessage, response: ServerResponse) => boolean;
}

/** One call of the Web API, as it came and as it was answered. */
export interface RecordedCall {
  method: string;
  args: Record<string, unknown>;
  /** On the server's clock, ms since 1970. */
  at: number;
  status: number;
  /** `undefined` when the reply was cut. */
  answer?: Record<string, unknown>;
  /** The fault that struck, if any. */
  fault?: string;
}

/** One attempt to hand something to the app. */
export interface RecordedDelivery {
  kind: 'event' | 'block_actions' | 'view_submission' | 'view_closed' | 'message_action' | 'command';
  via: 'http' | 'socket';
  at: number;
  /** Until the last byte of the answer, on the server's clock. */
  ms: number;
  status?: number;
  outcome: 'ok' | 'http_timeout' | 'http_error' | 'connection_failed' | 'invalid_response';
  retryNum?: number;
  eventId?: string;
  payload: Record<string, unknown>;
}

/** What a person sees of their own click or command. `error` is Slack's text under the button, in the form or in the chat. */
export interface Reaction {
  ok: boolean;
  error?: string;
  /** Errors below the fields of a form, by `block_id`. */
  errors?: Record<string, string>;
  /** Time until the acknowledgement, on the server's clock. */
  ms: number;
}

/** Where a button stands: a message of a channel, an ephemeral, or (with `snapshot`) an old state of it still on the screen. */
export interface ClickOptions {
  /** As the screen showed it when the finger came down; default: as it is now. */
  snapshot?: SlackMessage;
  /** Values of inputs in the message by `block_id`, `action_id`. */
  values?: ViewValues;
  /** What was chosen, for anything that is not a button: `{selected_option: …}`. */
  chosen?: Record<string, unknown>;
  /** Two deliveries of one gesture. */
  double?: boolean;
  /** Which of several buttons with this `action_id`. */
  blockId?: string;
}

/** What one person can do and see in Slack. */
export interface SlackPerson {
  user: SlackUser;
  /** Writes a message; `<@U…>` calls. @throws when the person is no member. @returns its `ts`. */
  post(channel: string, text: string, threadTs?: string): Promise<string>;
  /** One gesture that arrives as two messages, as happens on bad networks: the same `client_msg_id`, two `ts`. */
  postTwice(channel: string, text: string, threadTs?: string): Promise<[string, string]>;
  /** Presses a button of a message (by `ts`); finds ephemerals too. */
  click(channel: string, ts: string, actionId: string, options?: ClickOptions): Promise<Reaction>;
  /** Presses a button of the open modal or, with `home`, of the app's home. */
  clickInView(actionId: string, options?: ClickOptions & { home?: boolean }): Promise<Reaction>;
  /** The modal on top. */
  view(): SlackView | undefined;
  home(): SlackView | undefined;
  /**
   * Fills in and submits the modal on top. `values`: by `block_id` (a text, or an option's `value`, or several), or whole as Slack
   * sends them.
   */
  submitView(values?: Record<string, string | string[]> | ViewValues): Promise<Reaction>;
  /** Closes the top modal, or with `all` the stack. */
  closeView(all?: boolean): Promise<Reaction>;
  slash(channel: string, command: string, text?: string): Promise<Reaction>;
  messageShortcut(callbackId: string, channel: string, ts: string): Promise<Reaction>;
  openHome(tab?: 'home' | 'messages'): Promise<void>;
  /** What only this person sees, in this channel or everywhere, oldest first. */
  ephemerals(channel?: string): SlackMessage[];
  /** Opens the window anew: what was ephemeral is gone. */
  reload(): void;
  deleteMessage(channel: string, ts: string): Promise<void>;
}

export interface SlackServer {
  /** `http://127.0.0.1:PORT` */
  url: string;
  /** Base of the Web API with the trailing slash, for `slackApiUrl`. */
  apiUrl: string;
  clock: SlackClock;
  workspace: SlackWorkspace;
  faults: Faults;
  /** All calls, in the order in which they came. */
  record: RecordedCall[];
  deliveries: RecordedDelivery[];
  /** What Slack would have let pass with a frown, e.g. unknown arguments, text cut at 40,000, a missing `text`. */
  warnings: string[];
  /** @throws when there is any warning: the end of a strict test. */
  strictWarnings(): void;
  person(idOrName: string): SlackPerson;
  /** Where the app under test listens; also asks it to prove itself, as Slack does when the URL is saved. */
  setRequestUrl(url: string): Promise<void>;
  /** Delivers the last event once more, as "at least once" allows. */
  repeatLastEvent(): Promise<void>;
  /** Resolves when no delivery is under way or waits to be repeated. */
  settled(): Promise<void>;
  limits: LimitCounts;
  /** Socket Mode connections that are open. */
  sockets(): number;
  /** Ends them all: `refresh_requested` with the warning first, as Slack recycles its hosts; `cut` without a word. */
  disconnectSockets(how: 'refresh_requested' | 'cut'): void;
  close(): Promise<void>;
}
