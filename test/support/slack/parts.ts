import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { RecordedDelivery } from './server-types.js';
import type { SlackChannel, SlackMessage, SlackView } from './types.js';

/** How the app answered one delivery. */
export interface Delivered {
  outcome: 'ok' | 'http_timeout' | 'http_error' | 'connection_failed';
  status?: number;
  /** The app forbade repetition with `X-Slack-No-Retry`. */
  noRetry: boolean;
  /** Whole body; over Socket Mode the payload of the acknowledgement. */
  body: string;
}

export interface Outgoing {
  kind: RecordedDelivery['kind'];
  payload: Record<string, unknown>;
  retryNum?: number;
  retryReason?: string;
  eventId?: string;
}

/** Hands things to the app, over HTTP or Socket Mode as it is set up, once each. */
export interface Sender {
  send(outgoing: Outgoing): Promise<Delivered>;
  /** POSTs signed JSON or a form as it stands, e.g. the proof of the URL. */
  post(body: string, type: string, headers?: Record<string, string>): Promise<Delivered>;
  close(): void;
}

/** The open Socket Mode connections of the app; each delivery goes to one of them. */
export interface SocketHub {
  /** A ticket for one connection, as `apps.connections.open` gives it; undefined when ten are open. */
  ticket(): string | undefined;
  /** Takes over an HTTP upgrade of `/link/`. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  deliver(outgoing: Outgoing): Promise<Delivered>;
  count(): number;
  disconnect(how: 'refresh_requested' | 'cut'): void;
  close(): void;
}

/** Tells the app what happens in the workspace, as far as it subscribed and sits in the channel. */
export interface EventBus {
  message(channel: SlackChannel, message: SlackMessage): void;
  changed(channel: SlackChannel, message: SlackMessage, previous: SlackMessage): void;
  deleted(channel: SlackChannel, previous: SlackMessage): void;
  homeOpened(user: string, channel: string, tab: string, view: SlackView | undefined): void;
  /** Delivers the last event once more, as Slack's "at least once" allows: the same `event_id`. */
  repeatLast(): Promise<void>;
}

/** Leave to open one modal, given with each gesture of a person. */
export interface Triggers {
  /** `fromView`: the modal in which the gesture was made. */
  issue(user: string, fromView?: string): string;
  /** @throws refusal when it never was, was used before or is too old. */
  use(id: string): { user: string; fromView?: string };
}

/** Where the gesture was made: the message that `replace_original` means, if there is one. */
export interface ResponsePlace {
  user: string;
  channel: string;
  ts?: string;
}

/** Answer to a POST to a `response_url`. */
export interface ResponseAnswer {
  status: number;
  body: Record<string, unknown>;
}

export interface ResponseUrls {
  issue(place: ResponsePlace): string;
  /** What a POST to it does; the path is what follows the server's address. */
  use(path: string, args: Record<string, unknown> | undefined): ResponseAnswer;
}
