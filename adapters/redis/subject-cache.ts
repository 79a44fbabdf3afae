import type { StoredEntry } from '../../src/domain/ports.js';

const MOST_SUBJECTS = 500;

/** Entries never change, so a process reads each of a subject only once; the least recently used subjects are forgotten. */
export interface SubjectCache {
  get(subject: string): readonly StoredEntry[];
  set(subject: string, entries: readonly StoredEntry[]): void;
  /** Adds what was just written, when everything before it is known. */
  extend(subject: string, after: number, entries: readonly StoredEntry[]): void;
}

export function createSubjectCache(): SubjectCache {
  const subjects = new Map<string, readonly StoredEntry[]>();
  const set = (subject: string, entries: readonly StoredEntry[]): void => {
    // A slower read of the same subject must not take back what a faster one has found.
    if ((subjects.get(subject)?.length ?? 0) > entries.length) return;
    subjects.delete(subject);
    subjects.set(subject, entries);
    const [oldest] = subjects.keys();
    if (subjects.size > MOST_SUBJECTS && oldest !== undefined) subjects.delete(oldest);
  };
  return {
    get: (subject) => subjects.get(subject) ?? [],
    set,
    extend(subject, after, entries) {
      const known = subjects.get(subject) ?? [];
      if (known.length === after) set(subject, [...known, ...entries]);
    },
  };
}
