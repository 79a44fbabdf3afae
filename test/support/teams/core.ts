import type { SlackClock } from '../slack/clock.js';
import type { Faults } from './faults.js';
import type { Limits } from './limits.js';
import type { Login } from './login.js';
import type { RecordedCall, RecordedDelivery, TeamsOptions } from './server-types.js';
import type { TeamsTenant } from './types.js';

/** The parts of one simulated Teams, for each other. */
export interface Core {
  tenant: TeamsTenant;
  clock: SlackClock;
  faults: Faults;
  limits: Limits;
  login: Login;
  options: TeamsOptions;
  record: RecordedCall[];
  deliveries: RecordedDelivery[];
  serviceUrl(): string;
  /** Where the bot listens; undefined until somebody said so. */
  endpoint: string | undefined;
  warn(text: string): void;
  /** Counts work that is under way, so that `settled` can wait for it. */
  track<T>(work: Promise<T>): Promise<T>;
  /** A name of a message that is new: milliseconds, as Teams has them. */
  nextId(): string;
  stopped: AbortSignal;
}

/** The connector's "no": an HTTP status with Teams' code and words. */
export interface Refusal extends Error {
  status: number;
  code: string;
}

/** Thrown by a call of the connector; becomes its answer. */
export function refusal(status: number, code: string, message: string): Refusal {
  return Object.assign(new Error(message), { status, code });
}

export function isRefusal(thrown: unknown): thrown is Refusal {
  return thrown instanceof Error && 'status' in thrown && 'code' in thrown;
}

export type Json = Record<string, unknown>;

/** An object of JSON; nothing else is one. */
export function asObject(value: unknown): Json | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
}

export function parseObject(text: string): Json | undefined {
  try {
    return asObject(JSON.parse(text));
  } catch {
    return undefined;
  }
}
