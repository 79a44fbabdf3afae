import type { StoredEntry } from '../../src/domain/ports.js';

const MOST_SUBJECTS = 500;

/** Entries never change, so a process reads each of a subject only once; the least recently used subjects are forgotten. */
export interface SubjectCache {
  get(subject: string): readonly StoredEntry[];
  /** Adds what was just read or written after the first `after` entries, when these are all that is known so far. */
  extend(subject: string, after: number, entries: readonly StoredEntry[]): void;
}

export function createSubjectCache(): SubjectCache {
  const subjects = new Map<string, StoredEntry[]>();
  const keep = (subject: string, entries: StoredEntry[]): void => {
    subjects.delete(subject);
    subjects.set(subject, entries);
    const [oldest] = subjects.keys();
    if (subjects.size > MOST_SUBJECTS && oldest !== undefined) subjects.delete(oldest);
  };
  return {
    get: (subject) => subjects.get(subject) ?? [],
    extend(subject, after, entries) {
      const known = subjects.get(subject) ?? [];
      if (known.length === after) known.push(...entries);
      keep(subject, known);
    },
  };
}
