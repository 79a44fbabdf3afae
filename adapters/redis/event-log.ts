import { uuidv7 } from '../../src/domain/canonical.js';
import { AppError } from '../../src/domain/errors.js';
import { type Entry, EventBody, type NewEvent } from '../../src/domain/events.js';
import type { Appended, EventLog, Job, StoredEntry } from '../../src/domain/ports.js';
import { redisError, withRedis } from './errors.js';
import { type FollowDeps, followLog } from './follow.js';
import { outboxKey, segmentKey, subjectKey } from './keys.js';
import { logSize, parseStored, readRange } from './log-reader.js';
import { createSubjectCache } from './subject-cache.js';

/**
 * The log in Redis. What a lost answer leaves open is settled by reading the subject; when that fails too the
 * caller gets `timeout` or `unavailable` with the outcome unknown, and must read before it writes again.
 */
export function createEventLog(deps: FollowDeps): EventLog {
  const { redis } = deps;
  const subjects = createSubjectCache();
  let segment = 0;

  const read = async (subject: string): Promise<StoredEntry[]> => {
    const known = subjects.get(subject);
    const after = known.length;
    const answer = await withRedis(() =>
      redis.call('FCALL_RO', 'cs_read_subject', 2, subjectKey(subject), segmentKey(segment), after),
    );
    const [version, ...flat] = answer as [number, ...string[]];
    const more = storedPairs(flat);
    const entries = [...known.slice(0, after), ...more];
    // Fewer than were read before: somebody cut the subject's list. What this process has seen stays the truth for it.
    if (version !== entries.length) throw cutShort(subject);
    assertSubject(subject, entries, after);
    subjects.extend(subject, after, more);
    return entries;
  };

  return {
    async append(subject, expectedVersion, events, jobs = []) {
      const written = events.map((event, i) => toBytes(subject, expectedVersion + 1 + i, event));
      if (written.length === 0) throw new AppError('internal', { safeText: 'append needs at least one event.' });
      try {
        const answer = await redis.call('FCALL', ...appendArguments(subject, segment, expectedVersion, written, jobs));
        const [outcome, first, last] = answer as [string, number, number];
        if (outcome !== 'ok') throw conflict(subject);
        segment = last;
        const entries = written.map(({ entry }, i) => ({ index: first + i, entry }));
        subjects.extend(subject, expectedVersion, entries);
        return { version: expectedVersion + entries.length, entries };
      } catch (error) {
        const known = redisError(error);
        if (wasNotSent(error) || (known.kind !== 'timeout' && known.kind !== 'unavailable')) throw known;
        return settleUnknown(known, () => read(subject), expectedVersion, written);
      }
    },
    read,
    readFrom: (index, limit) => withRedis(() => readRange(redis, index, limit)),
    size: () => withRedis(() => logSize(redis)),
    follow: (index, onEntries, signal) => followLog(deps, index, onEntries, signal),
  };
}

interface Written {
  entry: Entry;
  bytes: string;
}

/** The stored bytes; an event that is not in the union can not be written. */
function toBytes(subject: string, n: number, event: NewEvent): Written {
  const parsed = EventBody.safeParse({ type: event.type, data: event.data });
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const field = issue?.path.join('.') ?? '';
    throw new AppError('internal', { field, safeText: `A ${event.type} event is not as it must be at ${field}.` });
  }
  const { actor, causationId, at = new Date().toISOString() } = event;
  const caused = causationId === undefined ? {} : { causationId };
  const entry: Entry = { v: 1, id: uuidv7(), at, subject, n, actor, ...caused, ...parsed.data };
  return { entry, bytes: JSON.stringify(entry) };
}

function appendArguments(
  subject: string,
  segment: number,
  expectedVersion: number,
  written: readonly Written[],
  jobs: readonly Job[],
): (string | number)[] {
  const outboxes = [...new Set(jobs.map((job) => outboxKey(job.queue)))];
  const keys = [subjectKey(subject), segmentKey(segment), ...outboxes];
  const pairs = jobs.flatMap((job) => [outboxes.indexOf(outboxKey(job.queue)) + 1, JSON.stringify(job)]);
  const entries = written.map(({ bytes }) => bytes);
  return ['cs_append', keys.length, ...keys, expectedVersion, segment, entries.length, ...entries, ...pairs];
}

/** The client was not connected, so Redis can not have seen it. */
function wasNotSent(error: unknown): boolean {
  return error instanceof Error && /isn't writeable/.test(error.message);
}

const SETTLE_TRIES = 5;
const SETTLE_WAIT_MS = 100;

/** Failed or only unheard? The entries' own ids in the subject tell, as soon as the connection is back; it is waited for half a second. */
async function settleUnknown(
  error: AppError,
  read: () => Promise<StoredEntry[]>,
  expectedVersion: number,
  written: readonly Written[],
): Promise<Appended> {
  for (let attempt = 0; attempt < SETTLE_TRIES; attempt++) {
    const entries = await read().catch(() => undefined);
    if (entries !== undefined) {
      const mine = entries.slice(expectedVersion, expectedVersion + written.length);
      const done = mine.length === written.length && mine.every(({ entry }, i) => entry.id === written[i]?.entry.id);
      if (!done) throw error;
      return { version: expectedVersion + mine.length, entries: mine };
    }
    await new Promise((wait) => setTimeout(wait, SETTLE_WAIT_MS));
  }
  throw error;
}

function storedPairs(flat: readonly string[]): StoredEntry[] {
  const entries: StoredEntry[] = [];
  for (let i = 0; i < flat.length; i += 2) entries.push(parseStored(Number(flat[i]), flat[i + 1] ?? ''));
  return entries;
}

/** The list of a subject's indices is not hashed; the entries it points to are, and say themselves where they belong. */
function assertSubject(subject: string, entries: readonly StoredEntry[], from: number): void {
  for (let i = from; i < entries.length; i++) {
    const { entry, index } = entries[i] as StoredEntry;
    const before = entries[i - 1]?.index ?? -1;
    if (entry.subject !== subject || entry.n !== i + 1 || index <= before) throw cutShort(subject);
  }
}

function cutShort(subject: string): AppError {
  return new AppError('tampered', {
    safeText: `The entries of ${subject} in Redis are not the ones that were written.`,
  });
}

function conflict(subject: string): AppError {
  return new AppError('conflict', { safeText: `${subject} was changed by somebody else in the meantime.` });
}
