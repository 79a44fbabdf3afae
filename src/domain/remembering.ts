import type { Clock } from './ports.js';

const MAX_REMEMBERED = 2000;

/** Asks once for several who ask at the same time; errors are not remembered. */
export function remembering<T>(
  clock: Clock,
  ask: (key: string) => Promise<T>,
): (key: string, maxAgeMs: number) => Promise<T> {
  const known = new Map<string, { at: number; value: Promise<T> }>();
  return (key, maxAgeMs) => {
    const now = clock.now().getTime();
    const before = known.get(key);
    const age = before === undefined ? Number.POSITIVE_INFINITY : now - before.at;
    // A clock that was set back makes everything old.
    if (before !== undefined && age >= 0 && age < maxAgeMs) return before.value;
    const entry = { at: now, value: ask(key) };
    known.delete(key);
    known.set(key, entry);
    entry.value.catch(() => {
      if (known.get(key) === entry) known.delete(key);
    });
    const oldest = known.keys().next();
    if (known.size > MAX_REMEMBERED && !oldest.done) known.delete(oldest.value);
    return entry.value;
  };
}
