import type { BoundConfig } from '../bind-config.js';
import { columnValues } from './column-values.js';
import { wantsOf } from './links.js';
import type { MockTable } from './mock-row.js';
import { addOdd, addPairs } from './odd-rows.js';
import { rowKeys, sheetOf } from './sheet.js';

/** Printed with every result, so that a failing test can be run again on the same rows. */
export const MOCK_SEED = 42;
const ORDINARY_WORLDS = 4;
const MIXED_WORLDS = 3;
/** Rows with the same references, so that groups have more than one row. */
const TIMES = 3;
const MOST_TIMES = 24;

/**
 * Rows for the sources of a config. Not random: each world is one row of every table that joins and passes the filters; each further
 * row is such a row with one column changed to a value that a test must meet. The same config gives the same rows.
 */
export function mockRows(bound: BoundConfig, options: { today?: string } = {}): MockTable[] {
  const wants = wantsOf(bound);
  const today = options.today ?? new Date().toISOString().slice(0, 10);
  const sheets = wants.sources.map((table) => {
    const columns = table.columns.map((column) => columnValues(wants, table, column, today));
    const keys = rowKeys(bound, table, columns);
    return sheetOf(table, columns, keys, (column) => wants.isRead(table.name, column));
  });
  for (let world = 0; world < ORDINARY_WORLDS; world += 1) {
    for (const sheet of sheets) {
      const times = world === 0 ? Math.min(Math.max(TIMES, wants.groupSize), MOST_TIMES) : TIMES;
      for (let time = 0; time < (sheet.isFree ? times : 1); time += 1) sheet.add({ world, why: 'ordinary' });
    }
  }
  const random = randomNumbers(MOCK_SEED);
  for (let world = ORDINARY_WORLDS; world < ORDINARY_WORLDS + MIXED_WORLDS; world += 1) {
    for (const sheet of sheets) sheet.add({ world, why: 'mixed', random });
  }
  addOdd(sheets, ORDINARY_WORLDS, ORDINARY_WORLDS + MIXED_WORLDS);
  for (const sheet of sheets) addPairs(sheet, ORDINARY_WORLDS);
  for (const sheet of sheets) sheet.repeat();
  return sheets.map(({ table, rows }) => ({ table, rows }));
}

/** Small numbers from 0 to 1 that are the same for the same seed (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
