import type { Thread } from './card.js';

/** What a chat platform (Slack, Teams) must be able to do so that threads can be delivered to it: written once, by `src/deliver`. */

/** Who waits for a message: a person who must decide, somebody who wants to know where it stands, nobody. Scarce calls go by this. */
export type Urgency = 'decision' | 'state' | 'progress';

/** One message of a thread as this chat shows it. `body` is the platform's own form and means nothing to anybody else. */
export interface ChatMessage<Body = unknown> {
  /** Stable within its thread, e.g. `headline`, `trace-1`, `card-proposal-1`; the delivery's identity for ever. */
  key: string;
  /** SHA-256 of all that is shown: the same digest needs no edit. */
  digest: string;
  urgency: Urgency;
  body: Body;
  /** The same as plain text, for when the platform refuses the body as malformed: better plain than lost. */
  plain: Body;
}

/** Where a thread lives. `root` is the platform's name of the headline message, once that is there. */
export interface Place {
  channel: string;
  root?: string;
  /** User group or user that a message is to call when somebody must decide or take over. */
  notify?: string;
}

/** A call against the platform's limits: every bucket named must have a token before it is made. */
export interface Pace {
  bucket: string;
  /** Tokens that come back in a minute, and how many can be saved up. */
  perMinute: number;
  burst: number;
}

export type ChatCall = 'post' | 'edit' | 'find';

/**
 * One chat platform. Every call is made once: no retry inside. @throws AppError `timeout`, `unavailable` or `internal` when it is not
 * known whether it was done; every other kind proves that it was not: `rate_limited` (with `retryAfterMs`); `invalid_input` when the
 * platform refuses the body; `not_found` when the message to edit, or the headline to answer below, is gone; `forbidden` when the app
 * may not, or the channel is gone; `unauthenticated` when the app may nothing at all.
 */
export interface ChatPlatform<Body = unknown> {
  chat: 'slack' | 'teams';
  /** The messages of a thread, in the order in which they stand; pure. The first is the headline. */
  messagesOf(thread: Thread, place: Place): ChatMessage<Body>[];
  /** Limits that a call of this kind meets there, the narrowest first: a 429 stops that one, and a wider one when others meet it, too. */
  paceOf(call: ChatCall, place: Place): Pace[];
  /** Sends a new message that carries `deliveryId` where `find` sees it. @returns the platform's name of the message. */
  post(place: Place, body: Body, deliveryId: string, signal: AbortSignal): Promise<string>;
  edit(place: Place, message: string, body: Body, deliveryId: string, signal: AbortSignal): Promise<void>;
  /** Our messages in this thread (in the channel since `since`, while there is no root), by delivery id. */
  find(place: Place, since: Date, signal: AbortSignal): Promise<Map<string, string>>;
}

/** What is known of one message's delivery. */
export interface Delivery {
  /** Of the message; `<key>~2`, `~3` for one that was posted anew after somebody had deleted it. */
  key: string;
  /**
   * `posting`: sent, answer not known yet. `missing`: claimed once, and known not to be there. `gone`: somebody deleted it, so it is
   * not edited any more.
   */
  state: 'posting' | 'missing' | 'posted' | 'gone';
  /** How often it was claimed; each post has a claim of its own. */
  attempt: number;
  /** It heads the thread: what people write below it belongs to the incident. */
  headline: boolean;
  channel: string;
  message?: string;
  /** Of what is shown there; absent when it is not known, as while an edit is on its way. */
  digest?: string;
  /** Version of the incident whose state is shown there. */
  version: number;
  at: string;
}

export interface DeliveryStatus {
  /** This process delivers; the others of the same chat wait. */
  leading: boolean;
  /** Threads that are not shown as they should be, and their messages that are missing or out of date. */
  threads: number;
  messages: number;
  /** Since when the oldest of them waits. */
  oldest: string | undefined;
  /** What does not get on, and why. A channel that is refused is named once; no incident means all of its threads. */
  blocked: { incident?: string; channel?: string; reason: string; since: string }[];
}

/** What the one who delivers says of itself, for those who do not: other processes, and `countersign doctor`. */
export interface DeliveryReport extends Omit<DeliveryStatus, 'leading'> {
  holder: string;
  at: string;
}

/** The durable memory of what stands in which chat. A cache of facts about the chat, beside the log; never about the incident. */
export interface DeliveryStore {
  /** All deliveries of a thread, by key. */
  of(incident: string): Promise<Map<string, Delivery>>;
  /** Stores `posting` when `attempt` is the next one of its key; false when somebody else was faster: read again then. */
  claim(incident: string, delivery: Delivery): Promise<boolean>;
  save(incident: string, delivery: Delivery): Promise<void>;
  /** The incident whose headline this message is; for what people write below it. */
  incidentAt(channel: string, root: string): Promise<string | undefined>;
  /** Finished threads of which all is shown, with the version that is shown. */
  shown(): Promise<Map<string, number>>;
  saveShown(incident: string, version: number): Promise<void>;
  /** When this chat was first delivered to: what was over before then is not told there. `now` is stored by the first caller. */
  began(now: Date): Promise<Date>;
  saveReport(report: DeliveryReport): Promise<void>;
  /** The newest; undefined when nobody has ever delivered, or when it can not be read. */
  lastReport(): Promise<DeliveryReport | undefined>;
  /** One deliverer per chat: true while this process holds the lease, which it renews by asking again. */
  lead(holder: string, ttlMs: number): Promise<boolean>;
}

/** Waits in the same time as the clock beside it. Resolves early, without an error, when the signal aborts. */
export type Sleep = (ms: number, signal?: AbortSignal) => Promise<void>;

/** Keeps calls of one kind within the platform's limits. */
export interface Turnstile {
  /**
   * Waits for a turn, at most so many ms. @returns 0 when it may go; else how many ms it would have to wait, which is too long: it may
   * not go, and takes nobody's turn.
   */
  enter(pace: Pace, patienceMs?: number): Promise<number>;
  /** The platform said stop: nobody goes for so long. */
  stop(pace: Pace, ms: number): void;
}
