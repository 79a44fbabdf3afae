import type { SlackClock } from './clock.js';
import type { Faults } from './faults.js';
import type { EventBus, ResponseUrls, Sender, Triggers } from './parts.js';
import type { RecordedDelivery, SlackOptions } from './server-types.js';
import type { SlackWorkspace } from './types.js';

/** The parts of one simulated Slack, for each other. */
export interface Core {
  workspace: SlackWorkspace;
  clock: SlackClock;
  faults: Faults;
  triggers: Triggers;
  responseUrls: ResponseUrls;
  sender: Sender;
  events: EventBus;
  deliveries: RecordedDelivery[];
  options: SlackOptions;
  /** Time on the clock for an acknowledgement. */
  reactionMs: number;
  warn(text: string): void;
  /** Counts work that is under way, so that `settled` can wait for it. */
  track<T>(work: Promise<T>): Promise<T>;
  /** The URL of a new Socket Mode connection; undefined when there are ten. */
  socketUrl(): string | undefined;
  /** Aborted when the server closes. */
  stopped: AbortSignal;
}

/** Slack's "no": `{ok:false, error}` with whatever belongs to it. */
export interface Refusal extends Error {
  slack: Record<string, unknown> & { error: string };
}

/** Thrown by a method; becomes the answer of the call. */
export function refusal(error: string, more: Record<string, unknown> = {}): Refusal {
  return Object.assign(new Error(error), { slack: { error, ...more } });
}

export function isRefusal(thrown: unknown): thrown is Refusal {
  return thrown instanceof Error && 'slack' in thrown;
}

let counter = 0;

/** A short name that is new in this process, in Slack's alphabet. */
export function freshId(prefix: string, length = 8): string {
  counter += 1;
  const mixed = Math.imul(counter, 0x9e3779b1) >>> 0;
  const text = `${mixed.toString(36)}${counter.toString(36)}`.toUpperCase();
  return prefix + text.padStart(length, '0').slice(-length);
}
