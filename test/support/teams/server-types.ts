import type { SlackClock } from '../slack/clock.js';
import type { ConnectorCall, Faults } from './faults.js';
import type { LimitCounts } from './limits.js';
import type { CardJson, TeamsMessage, TeamsTenant, TeamsUser } from './types.js';

export interface TeamsOptions {
  port?: number;
  /** The time of limits and deadlines. Tokens live in the time of the wall, as their readers do. */
  clock?: SlackClock;
  tenantId?: string;
  team?: Partial<TeamsTenant['team']>;
  bot?: Partial<TeamsTenant['bot']>;
  users?: (Pick<TeamsUser, 'id' | 'name'> & Partial<TeamsUser>)[];
  /** `members` are user ids; everybody without it. */
  channels?: { id: string; name: string; members?: string[]; archived?: boolean }[];
  /** People for whom the app is installed personally; everybody without it. Others' personal chat answers 403. */
  installedFor?: string[];
  /** `off` for tests of something else. */
  limits?: 'teams' | 'off';
  /** Bytes of JSON (UTF-8) that we allow ourselves; more is a warning. 28 KB. */
  budget?: number;
  /** Time on the server's clock for answering an Action.Execute or a message; 15,000. */
  executeMs?: number;
  /** For dialogs and message extensions; 5000, and the client sends twice more when it passes. */
  dialogMs?: number;
  /** Deliveries of each invoke unless a gesture says otherwise; 1. */
  times?: number;
  /** Seed of the faults' dice. */
  seed?: number;
}

/** One call of the connector's REST API, as it came and as it was answered. */
export interface RecordedCall {
  call: ConnectorCall | 'unknown';
  method: string;
  /** As called, decoded. */
  path: string;
  conversation: string | undefined;
  activity: string | undefined;
  body: Record<string, unknown>;
  /** UTF-8 bytes of the body. */
  bytes: number;
  /** On the server's clock, ms since 1970. */
  at: number;
  status: number;
  /** `undefined` when the reply was cut. */
  answer?: unknown;
  /** The fault that struck, if any. */
  fault?: string;
}

export type InvokeName =
  | 'adaptiveCard/action'
  | 'task/fetch'
  | 'task/submit'
  | 'composeExtension/fetchTask'
  | 'composeExtension/submitAction';

/** One attempt to hand an activity to the bot. */
export interface RecordedDelivery {
  /** `message`, `invoke`, `conversationUpdate`, … */
  type: string;
  name: InvokeName | undefined;
  activity: Record<string, unknown>;
  at: number;
  /** Until the last byte of the answer, on the server's clock. */
  ms: number;
  status: number | undefined;
  outcome: 'ok' | 'http_timeout' | 'http_error' | 'connection_failed' | 'invalid_response';
  /** What Teams would not take in the answer. */
  faults: string[];
  body: unknown;
}

/** How one delivery of a gesture was answered, as the client of Teams understands it. */
export interface Answer {
  /** `none`: nothing that the client could show, so that the person sees `error`. */
  kind: 'card' | 'message' | 'error' | 'dialog' | 'closed' | 'none';
  /** Of `message` and `error`: our words. Of `none`: the client's. */
  text: string | undefined;
  card: CardJson | undefined;
  dialog: Dialog | undefined;
  ms: number;
  /** Exactly the bytes of the body, for "the same answer". */
  raw: string;
}

/** What a person sees of their own gesture: the answer that came last, and all of them in the order of the deliveries. */
export interface Reaction extends Answer {
  ok: boolean;
  answers: Answer[];
  /** Inputs that the client did not let pass, by id, with what it shows under them: nothing was sent then. */
  blocked: Record<string, string>;
}

export interface Dialog {
  title: string;
  height: number | string | undefined;
  width: number | string | undefined;
  card: CardJson;
  /** Where it was opened. */
  from: { message: string | undefined; command: string | undefined };
}

export interface GestureOptions {
  /** Values of inputs by id; inputs of the card that are not named keep their `value`. */
  inputs?: Record<string, string>;
  /** The card as the screen showed it when the finger came down; default: as this person sees it now. */
  card?: CardJson;
  /** Deliveries of this gesture, with one activity id. */
  times?: number;
  /** `together` (default), or one after the other, each after the answer of the one before. */
  how?: 'together' | 'in turn';
  /** Done before each delivery but the first, when they come in turn. */
  between?: () => Promise<void>;
  /** An activity id of its own, e.g. to repeat an earlier gesture byte for byte. */
  activityId?: string;
}

export interface SayOptions {
  /** In a thread (the root's id); a new root without it. */
  thread?: string;
  /** Calls the bot before the text; without it the bot hears nothing in a channel. true unless said. */
  mention?: boolean;
  times?: number;
  activityId?: string;
}

/** What one person can do and see in Teams. */
export interface TeamsPerson {
  user: TeamsUser;
  /** Writes in a channel; reaches the bot only when it is mentioned. @returns the message's id, after the bot answered. */
  say(channel: string, text: string, options?: SayOptions): Promise<string>;
  /** Writes in the personal chat with the bot. @returns the message's id. */
  chat(text: string, options?: Pick<SayOptions, 'times' | 'activityId'>): Promise<string>;
  /** The card of this message as this person sees it. */
  view(message: string): CardJson | undefined;
  /** Titles of the buttons that this person sees there, those behind ShowCards too. */
  buttons(message: string): string[];
  /**
   * Presses an Action.Execute, by its verb or title. A card that comes back becomes this person's view.
   * @throws when there is no such button.
   */
  clickExecute(message: string, verbOrTitle: string, options?: GestureOptions): Promise<Reaction>;
  /** Sends the automatic refresh, when the card has one for this person; undefined when it has not. */
  refresh(message: string): Promise<Reaction | undefined>;
  /** Presses an Action.Submit that opens a dialog (`msteams.type: task/fetch`), by its title. */
  openDialog(message: string, title: string, options?: GestureOptions): Promise<Reaction>;
  /** The dialog that is open. */
  dialog(): Dialog | undefined;
  /** Presses an Action.Submit of the open dialog, by its title; the first one without it. */
  submitDialog(inputs?: Record<string, string>, options?: GestureOptions & { title?: string }): Promise<Reaction>;
  closeDialog(): void;
  /** The message extension's action on a message, e.g. "Investigate this alert" (its `commandId`). */
  investigate(message: string, commandId: string, options?: GestureOptions): Promise<Reaction>;
  /** The bot's messages in the personal chat, oldest first. */
  direct(): TeamsMessage[];
  /** A message of this person without the bot's hearing it, e.g. an alert that another tool posted. */
  postQuietly(channel: string, text: string, more?: { card?: CardJson; thread?: string }): string;
  /** Any invoke, as it would come from this person: for what no client would send. */
  invoke(name: InvokeName, value: unknown, more?: Record<string, unknown>, times?: number): Promise<Reaction>;
}

/** What goes into a token of Teams for the bot; every field can be spoilt by a test. */
export interface TokenClaims {
  issuer?: string;
  audience?: string;
  serviceUrl?: string;
  /** Seconds from now; negative: it is over. */
  expiresIn?: number;
  /** Signed with a key that is in no metadata, under the id of one that is. */
  forged?: boolean;
  /** `none` sends no header. */
  algorithm?: 'RS256' | 'none';
}

export interface TeamsServer {
  /** `http://127.0.0.1:PORT` */
  url: string;
  /** For `TEAMS_SERVICE_URL`; it is in every activity, too. */
  serviceUrl: string;
  /** For `TEAMS_OPENID_METADATA`. */
  openIdMetadata: string;
  /** For `TEAMS_LOGIN_URL`, tenant included: tokens are at `<loginUrl>/oauth2/v2.0/token`. */
  loginUrl: string;
  /** The scope that a token must be asked for: `https://api.botframework.com/.default`. */
  scope: string;
  clock: SlackClock;
  tenant: TeamsTenant;
  faults: Faults;
  limits: LimitCounts;
  /** All calls, in the order in which they came. */
  record: RecordedCall[];
  deliveries: RecordedDelivery[];
  /** What Teams would show badly or not at all: faulty cards, too big ones, answers of no shape, calls of no sense. */
  warnings: string[];
  /** @throws when there is any warning: the end of a strict test. */
  strictWarnings(): void;
  person(idOrName: string): TeamsPerson;
  /** Where the bot under test listens, e.g. `http://127.0.0.1:3000/teams/messages`. */
  setMessagingEndpoint(url: string): void;
  /** A token as Teams would sign it for this bot. */
  tokenFor(claims?: TokenClaims): Promise<string>;
  /** Every token that the bot was given is worth nothing from now on. */
  revokeTokens(): void;
  /** A raw delivery to the bot with that token (or header); for tests of authentication. */
  deliver(activity: Record<string, unknown>, token?: string | undefined): Promise<{ status: number; body: string }>;
  /** An activity of this kind from this person as Teams would send it, not sent. */
  activityFrom(idOrName: string, more?: Record<string, unknown>): Record<string, unknown>;
  /** Delivers the last activity once more, byte for byte. */
  repeatLast(): Promise<RecordedDelivery>;
  /** Installs the app, as an admin does: `conversationUpdate` (and `installationUpdate`) in team and personal chats. */
  install(where: 'team' | { person: string }): Promise<void>;
  /** Resolves when no delivery is under way. */
  settled(): Promise<void>;
  close(): Promise<void>;
}
