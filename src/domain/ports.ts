import type { Alert } from './alert.js';
import type { Digest, IncidentFilter, IncidentSummary, Thread } from './card.js';
import type { Click, ClickAnswer, ClickPreview, Person, Seal } from './decision.js';
import type { Entry, NewEvent } from './events.js';
import type { SealedStatement } from './sealed-statement.js';
import type { Sighting } from './sighting.js';

/** A job in a BullMQ queue: ids only, never content and never an action. */
export interface Job {
  queue: 'investigate' | 'repair' | 'verify';
  /** BullMQ job id: a second job of the same id is ignored. No colon, not all digits. */
  id: string;
  incident: string;
  /** The decision, for repair and verify. */
  decisionId?: string;
  /** The follow-up question to answer; an investigation without it. */
  question?: string;
  round?: number;
  delayMs?: number;
}

export interface StoredEntry {
  /** Global position in the log, 0-based. */
  index: number;
  entry: Entry;
}

export interface Appended {
  /** The subject's version after the append. */
  version: number;
  entries: StoredEntry[];
}

/**
 * The log. `append` is the only write of the system: version check, entries and jobs in one Redis Function, all or nothing;
 * durable when it returns. It may not be retried blindly after a time-out: read the subject first.
 */
export interface EventLog {
  /** @throws AppError `conflict` when the subject is not at `expectedVersion`; `unavailable` when Redis is away. */
  append(
    subject: string,
    expectedVersion: number,
    events: readonly NewEvent[],
    jobs?: readonly Job[],
  ): Promise<Appended>;
  /** All entries of a subject, oldest first; empty when there is none. */
  read(subject: string): Promise<StoredEntry[]>;
  /** Entries from a global index on, at most `limit`. */
  readFrom(index: number, limit: number): Promise<StoredEntry[]>;
  size(): Promise<number>;
  /** Calls back in order for each entry from `index` on, until the signal aborts; reconnects by itself. */
  follow(
    index: number,
    onEntries: (entries: StoredEntry[]) => void | Promise<void>,
    signal: AbortSignal,
  ): Promise<void>;
}

/** Content-addressed store of bounded, redacted tool output. */
export interface ObservationStore {
  put(text: string): Promise<string>;
  /** Checks the address: throws `tampered` when the bytes do not hash to it. */
  get(digest: string): Promise<string | undefined>;
}

/** Signed checkpoints as published by the sealer. */
export interface CheckpointReader {
  /**
   * Waits until a checkpoint whose signature is good covers the entry, and checks that the entry is included in it.
   * @throws AppError `timeout`, or `tampered` when the proof fails.
   */
  covering(index: number, timeoutMs: number): Promise<{ size: number }>;
}

/** Remembers gestures and deliveries for a while, so that a second one gets the first answer. */
export interface OnceStore {
  /** The first caller gets undefined and must `settle`; later ones get the stored answer, or `pending`. */
  begin(key: string, ttlSeconds: number): Promise<undefined | 'pending' | { answer: string }>;
  settle(key: string, answer: string, ttlSeconds: number): Promise<void>;
}

/** Money spent on models, per UTC day; shared by all investigators. */
export interface SpendingLedger {
  add(costUsd: number, now: Date): Promise<number>;
  today(now: Date): Promise<number>;
}

/**
 * What runs were seen to read and write. A cache beside the log, never in it: there is much of it, it is sent by machines, and no
 * decision rests on it being complete.
 */
export interface LineageStore {
  all(): Promise<Sighting[]>;
  /** Each replaces an earlier one of the same job, direction and dataset. */
  put(sightings: readonly Sighting[]): Promise<void>;
  /** By `sightingKey`. */
  drop(keys: readonly string[]): Promise<void>;
}

export interface DecisionVerifier {
  /** True only for a good signature by a known key over the canonical statement. */
  verify(statement: SealedStatement, seal: Seal): boolean;
}
/** Knows its own seals again, and no others. */
export interface DecisionSigner extends DecisionVerifier {
  keyId: string;
  sign(statement: SealedStatement): Seal;
}

export interface Redaction {
  text: string;
  count: number;
}
/** Removes secrets and personal data; the same value gives the same typed token within one scope (an incident). */
export interface Redactor {
  redact(text: string, scope: string): Redaction;
}

export interface Clock {
  now(): Date;
}

/** A place where people see threads: the web page, the terminal, Slack, Teams. All show the same neutral cards. */
export interface ChatAdapter {
  name: 'web' | 'terminal' | 'slack' | 'teams';
  /** Brings the thread to this state. Idempotent, called again for each change and after a restart; may be coalesced by the adapter. */
  show(thread: Thread): Promise<void>;
}

/** What a chat adapter may ask of the core. Identity in `Click.by` is settled by the adapter, rights by the gate. */
export interface ChatBackend {
  list(filter: IncidentFilter): IncidentSummary[];
  thread(incident: string): Promise<Thread | undefined>;
  /** The stored text of an observation, as the model saw it. */
  observation(digest: string): Promise<string | undefined>;
  decide(click: Click): Promise<ClickAnswer>;
  /** What the click would be told now, with the edit it would make; for forms that check before they are sent. */
  preview(click: Click): Promise<ClickPreview>;
  /** `ref` is the chat's own name of what was written: the same one is noted once. @throws AppError `not_found`. */
  note(incident: string, by: Person, text: string, ref?: string): Promise<void>;
  /** A follow-up question to the agent. `grant`: further tool calls that this person allows it. */
  ask(incident: string, by: Person, text: string, grant: number, ref: string): Promise<AskAnswer>;
  /**
   * Investigates an alert that a person pointed at. `by` is whose words it is made of, who can then not approve its repair;
   * undefined when a monitor wrote it, and then `pointedBy` is noted as the one who brought it here.
   */
  investigate(alert: Alert, by?: Person, pointedBy?: Person): Promise<{ incident: string | undefined; text: string }>;
  /** Undecided proposals on which this person may still say something, under the policy of now. */
  waitingFor(person: string): IncidentSummary[];
  /** The last so many days. */
  digest(days: number): Digest;
  /** The log's own state, for the page's footer and the auditors. */
  logState(): Promise<LogState>;
}

/** What the asker is told at once; the agent's own answer follows in the thread. */
export type AskAnswer = { outcome: 'asked' | 'known' | 'no_budget' | 'refused'; text: string };

export interface LogState {
  entries: number;
  /** Size and time of the newest signed checkpoint seen. */
  sealed: number;
  sealedAt: string | undefined;
  root: string | undefined;
  origin: string;
  publicKey: string;
}
