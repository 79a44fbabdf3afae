import { setImmediate } from 'node:timers/promises';
import { sha256Hex, uuidv7 } from '../../src/domain/canonical.js';
import { AppError } from '../../src/domain/errors.js';
import { EventBody, type NewEvent, parseEntry } from '../../src/domain/events.js';
import type {
  Appended,
  CheckpointReader,
  Clock,
  EventLog,
  Job,
  ObservationStore,
  OnceStore,
  StoredEntry,
} from '../../src/domain/ports.js';

/** Faults come in pairs: `before` fails and nothing was stored, `after` fails although it was stored. */
export type AppendFault = 'before' | 'after';

/** An EventLog in this process with the contract of the real one: same conflicts, same bytes in and out, same envelope. */
export interface MemoryLog extends EventLog {
  /** Every job that an append carried, in order. */
  jobs: Job[];
  /** The stored lines; a test that tampers changes them here. */
  lines: string[];
  /** Makes the next append (or the next one that carries this event type) fail. */
  failNext(fault: AppendFault, type?: NewEvent['type']): void;
  /** While true nothing can be appended. */
  down: boolean;
}

/** Keeps stored bytes, not objects, so that what does not survive JSON does not survive here either. */
export function createMemoryLog(clock: Clock = { now: () => new Date() }): MemoryLog {
  const faults: { fault: AppendFault; type: NewEvent['type'] | undefined }[] = [];
  const subjects = new Map<string, number[]>();
  const listeners = new Set<() => void>();
  const at = (index: number): StoredEntry => ({ index, entry: parseEntry(log.lines[index] ?? '') });

  const takeFault = (events: readonly NewEvent[]): AppendFault | undefined => {
    const found = faults.findIndex(({ type }) => type === undefined || events.some((event) => event.type === type));
    return found === -1 ? undefined : faults.splice(found, 1)[0]?.fault;
  };

  const store = (subject: string, events: readonly NewEvent[], jobs: readonly Job[]): Appended => {
    const known = subjects.get(subject) ?? [];
    const entries = events.map((event) => {
      const { actor, causationId, at: when, type, data } = event;
      EventBody.parse({ type, data });
      const index = log.lines.length;
      const envelope = { v: 1, id: uuidv7(), at: when ?? clock.now().toISOString(), subject, n: known.length + 1 };
      log.lines.push(JSON.stringify({ ...envelope, actor, causationId, type, data }));
      known.push(index);
      return at(index);
    });
    subjects.set(subject, known);
    log.jobs.push(...jobs);
    for (const listener of listeners) listener();
    return { version: known.length, entries };
  };

  const log: MemoryLog = {
    jobs: [],
    lines: [],
    down: false,
    failNext: (fault, type) => void faults.push({ fault, type }),
    async append(subject, expectedVersion, events, jobs = []) {
      await setImmediate();
      if (events.length === 0) throw new AppError('internal', { safeText: 'append needs at least one event.' });
      const fault = takeFault(events);
      if (log.down || fault === 'before')
        throw new AppError('unavailable', { safeText: 'The log can not be written.' });
      if ((subjects.get(subject)?.length ?? 0) !== expectedVersion) {
        throw new AppError('conflict', { safeText: `${subject} has changed.` });
      }
      const appended = store(subject, events, jobs);
      if (fault === 'after') throw new AppError('timeout', { safeText: 'The log did not answer in time.' });
      return appended;
    },
    async read(subject) {
      await setImmediate();
      return (subjects.get(subject) ?? []).map(at);
    },
    async readFrom(index, limit) {
      return log.lines.slice(index, index + limit).map((_, offset) => at(index + offset));
    },
    async size() {
      return log.lines.length;
    },
    async follow(index, onEntries, signal) {
      let next = index;
      while (!signal.aborted) {
        const entries = await log.readFrom(next, 1000);
        next += entries.length;
        if (entries.length > 0) await onEntries(entries);
        else if (log.lines.length === next) await changed(listeners, signal);
      }
    },
  };
  return log;
}

function changed(listeners: Set<() => void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      listeners.delete(done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    listeners.add(done);
    signal.addEventListener('abort', done);
  });
}

/** Checkpoints over a log in memory: `open` covers all, `closed` covers nothing, `broken` has a proof that fails. */
export function createMemoryCheckpoints(log: EventLog): CheckpointReader & { state: 'open' | 'closed' | 'broken' } {
  const reader: CheckpointReader & { state: 'open' | 'closed' | 'broken' } = {
    state: 'open',
    async covering(index) {
      if (reader.state === 'closed') throw new AppError('timeout', { safeText: 'No checkpoint covers the entry yet.' });
      if (reader.state === 'broken')
        throw new AppError('tampered', { safeText: 'The entry is not in the signed log.' });
      const size = await log.size();
      if (index >= size) throw new AppError('timeout', { safeText: 'No checkpoint covers the entry yet.' });
      return { size };
    },
  };
  return reader;
}

/** Answers are kept for the life of the process. */
export function createMemoryOnce(): OnceStore {
  const answers = new Map<string, string | undefined>();
  return {
    async begin(key) {
      if (!answers.has(key)) {
        answers.set(key, undefined);
        return undefined;
      }
      const answer = answers.get(key);
      return answer === undefined ? 'pending' : { answer };
    },
    async settle(key, answer) {
      answers.set(key, answer);
    },
  };
}

/** Content-addressed, in this process. */
export function createMemoryObservations(): ObservationStore {
  const texts = new Map<string, string>();
  return {
    async put(text) {
      const digest = sha256Hex(text);
      texts.set(digest, text);
      return digest;
    },
    async get(digest) {
      const text = texts.get(digest);
      if (text !== undefined && sha256Hex(text) !== digest) {
        throw new AppError('tampered', { safeText: 'A stored observation does not match its address.' });
      }
      return text;
    },
  };
}

/** A clock that moves only when told. */
export function createManualClock(start = '2026-03-11T02:14:00.000Z'): Clock & { advance(ms: number): void } {
  let now = Date.parse(start);
  return {
    now: () => new Date(now),
    advance: (ms) => {
      now += ms;
    },
  };
}
