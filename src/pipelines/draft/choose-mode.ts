import { columnOf, findColumn } from './columns.js';
import type { IntentCard } from './intent.js';
import type { SaidMode } from './read-sink.js';
import { ask, type Reading, short } from './reading.js';

interface Keys {
  keys: readonly string[];
  /** Of them, those that may be NULL: a merge never finds such a row again. */
  open: readonly string[];
  aggregated: boolean;
}

/** How the result meets what is there: as said, else by its keys, and the asker is told. */
export function modeFor(
  reading: Reading,
  said: SaidMode | undefined,
  { keys, open, aggregated }: Keys,
): 'append' | 'merge' | 'overwrite' {
  if (said?.mode === 'merge') {
    if (keys.length === 0) ask(reading, 'by which columns does the merge find a row again?');
    if (open.length > 0)
      ask(reading, `${open.join(', ')} may be NULL, and is a key of the merge`, [
        `only rows with ${open.join(', ')}`,
        'overwrite',
      ]);
    const words = said.keys.filter((word) => !keys.some((key) => meansKey(reading, word, key)));
    if (words.length > 0 || (said.keys.length > 0 && said.keys.length !== keys.length))
      ask(
        reading,
        `a merge on ${short(said.keys.join(', '), 100)}, and one row for ${keys.join(', ') || 'nothing known'}: which is right?`,
      );
    return 'merge';
  }
  if (said !== undefined) return said.mode;
  if (keys.length === 0 || open.length > 0) {
    const why = open.length > 0 ? ` (${open.join(', ')} may be NULL: no merge finds such a row again)` : '';
    ask(
      reading,
      `how do new rows meet what is there?${why}`,
      ['overwrite', ...(aggregated ? [] : ['append'])],
      'overwrite',
    );
    return 'overwrite';
  }
  const vanish = aggregated
    ? 'a merge keeps a group whose rows are all gone'
    : 'a merge keeps a row that is gone in the source';
  const merge = `merge on ${keys.join(', ')}`;
  ask(reading, `merge or overwrite? ${vanish}`, [merge, 'overwrite'], merge);
  return 'merge';
}

function meansKey(reading: Reading, word: string, key: string): boolean {
  const of = findColumn(reading.sources, word)?.column ?? word;
  return of === key || key.endsWith(`_${word === 'day' ? 'date' : word}`);
}

/** Keys of the result that may be NULL. */
export function nullableKeys(
  { sources }: Reading,
  { grain }: Pick<IntentCard, 'grain'>,
  filters: IntentCard['filters'],
): string[] {
  return grain.flatMap(({ of, name }) => {
    const kept = filters.some(
      (filter) => filter.of.source === of.source && filter.of.column === of.column && filter.op !== 'is_null',
    );
    return columnOf(sources, of)?.nullable === true && !kept ? [name] : [];
  });
}
