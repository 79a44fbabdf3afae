import type { Delivery, Pace, Urgency } from '../domain/chat.js';
import type { Step } from './plan.js';

/** A call that a thread waits to make; without its body, so that ten thousand waiting threads cost little. */
export interface Candidate {
  call: Step<unknown>['call'];
  channel: string;
  paces: Pace[];
  /** The lowest goes first. */
  rank: number;
  notBefore: number;
}

/** A thread that is not shown as it should be. Lives until it is. Times are milliseconds of the clock. */
export interface Work {
  incident: string;
  /** Newest version that is to be shown. */
  version: number;
  /** Its last event, when it is over. */
  finishedAt: string | undefined;
  /** When the change came that nobody has looked at yet. */
  changedAt: number;
  stale: boolean;
  /** At most one call at a time. */
  busy: boolean;
  candidates: Candidate[];
  /** Since when each message is not as it should be, by its key. */
  since: Map<string, number>;
  notBefore: number;
  /** When it can be looked at again, after that failed. */
  lookAfter: number;
  failures: number;
  /** Digest of a body that was refused, by key: its plain form is sent. */
  plain: Map<string, string>;
  /** Messages whose edit is refused. */
  aside: Map<string, { since: number; until: number; reason: string }>;
  /** When a call whose fate is not known has been carried out or never will be, by its name. */
  settledAt: Map<string, number>;
  /** Nothing can be posted below the headline: see whether it is still there. */
  doubtful: boolean;
  trouble: { reason: string; since: number } | undefined;
}

export function createWork(incident: string): Work {
  return {
    incident,
    version: 0,
    finishedAt: undefined,
    changedAt: 0,
    stale: false,
    busy: false,
    candidates: [],
    since: new Map(),
    notBefore: 0,
    lookAfter: 0,
    failures: 0,
    plain: new Map(),
    aside: new Map(),
    settledAt: new Map(),
    doubtful: false,
    trouble: undefined,
  };
}

/** A progress line waits a minute longer than a change of state that came at the same time; a decision waits for neither, ever. */
const RANKS: Record<Urgency, number> = { decision: -1e15, state: 0, progress: 60_000 };

/** Orders waiting calls by urgency, then age; as a rank never changes, what waits gets ahead of all that comes later. */
export function rankOf(urgency: Urgency, since: number): number {
  return since + RANKS[urgency];
}

/** Keeps the time since when a message is not as it should be; one that is has none. */
export function noteWaiting(work: Work, keys: readonly string[]): void {
  for (const key of work.since.keys()) if (!keys.includes(key)) work.since.delete(key);
  for (const key of keys) if (!work.since.has(key)) work.since.set(key, work.changedAt);
}

const FIRST_BACK_OFF_MS = 1000;
const MOST_BACK_OFF_MS = 60_000;

export function backOff(work: Work, now: number, atLeastMs = 0): void {
  const wait = Math.min(MOST_BACK_OFF_MS, FIRST_BACK_OFF_MS * 2 ** work.failures);
  work.failures += 1;
  work.notBefore = now + Math.max(wait, atLeastMs);
}

export function inTrouble(work: Work, reason: string, now: number): void {
  work.trouble = { reason, since: work.trouble?.since ?? now };
}

/** Names of calls in `settledAt`: each post is one of its own, the edits of a message are all alike. */
export function attemptOf({ key, attempt }: Pick<Delivery, 'key' | 'attempt'>): string {
  return `${key}#${attempt}`;
}

export function editOf({ key }: Pick<Delivery, 'key'>): string {
  return `${key} edit`;
}
