import type { SandboxCell } from '../../domain/sandbox.js';
import type { BoundConfig } from '../bind-config.js';
import type { InputTable } from '../sql/bound.js';
import { type ColumnValues, columnValues } from './column-values.js';
import { wantsOf } from './links.js';

/** Why a row is there. All but `ordinary` differ from an ordinary row in one column. */
export type RowReason =
  | 'ordinary'
  | 'mixed'
  | 'boundary'
  | 'null'
  | 'declared'
  | 'unmatched'
  | 'unknown'
  | 'extreme'
  | 'calendar'
  | 'duplicate';

export interface MockRow {
  cells: readonly SandboxCell[];
  why: RowReason;
  /** The column that is unlike the others. */
  odd: string | undefined;
}

export interface MockTable {
  table: InputTable;
  rows: readonly MockRow[];
}

/** Printed with every result, so that a failing test can be run again on the same rows. */
export const MOCK_SEED = 42;
const ORDINARY_WORLDS = 4;
const MIXED_WORLDS = 3;
/** Rows with the same references, so that groups have more than one row. */
const TIMES = 3;
const MOST_ROWS = 64;
const NOWHERE = 9000;

/**
 * Rows for the sources of a config. Not random: each world is one row of every table that joins and passes the filters; each further
 * row is such a row with one column changed to a value that a test must meet. The same config gives the same rows.
 */
export function mockRows(bound: BoundConfig, options: { today?: string } = {}): MockTable[] {
  const wants = wantsOf(bound);
  const today = options.today ?? new Date().toISOString().slice(0, 10);
  const sheets = wants.sources.map((table) => {
    const columns = table.columns.map((column) => columnValues(wants, table, column, today));
    return sheetOf(table, columns, (column) => wants.isRead(table.name, column));
  });
  for (let world = 0; world < ORDINARY_WORLDS; world += 1) {
    for (const sheet of sheets) {
      for (let time = 0; time < (sheet.isFree ? TIMES : 1); time += 1) sheet.add({ world, why: 'ordinary' });
    }
  }
  const random = randomNumbers(MOCK_SEED);
  for (let world = ORDINARY_WORLDS; world < ORDINARY_WORLDS + MIXED_WORLDS; world += 1) {
    for (const sheet of sheets) sheet.add({ world, why: 'mixed', random });
  }
  addOdd(sheets);
  for (const sheet of sheets) sheet.repeat();
  return sheets.map(({ table, rows }) => ({ table, rows }));
}

/** A table that is being filled. */
interface Sheet {
  table: InputTable;
  columns: readonly ColumnValues[];
  rows: MockRow[];
  /** A row can be added without a new row elsewhere: its key has a part that nobody refers to, or it has none. */
  isFree: boolean;
  /** Domains of its key, all of which change with a new row. */
  keyDomains: readonly string[];
  /** Columns that a query reads, where one does. */
  wanted: readonly ColumnValues[];
  add(row: NewRow): void;
  repeat(): void;
}

interface NewRow {
  world: number;
  why: RowReason;
  /** Domains that are in another world than the rest of the row. */
  moved?: { domains: ReadonlySet<string>; world: number };
  odd?: { name: string; cell: SandboxCell };
  random?: () => number;
}

function sheetOf(table: InputTable, columns: readonly ColumnValues[], isRead: (name: string) => boolean): Sheet {
  const rows: MockRow[] = [];
  const seen = new Set<string>();
  const isKey = (name: string): boolean => table.keys.includes(name);
  const keyParts = columns.filter(({ column }) => isKey(column.name));
  const unlinked = keyParts.filter(({ domain, column }) => domain === undefined && canCount(column));
  const read = columns.filter(({ column }) => isRead(column.name));
  let serial = 0;
  return {
    table,
    columns,
    rows,
    isFree: keyParts.length === 0 || unlinked.length > 0,
    keyDomains: keyParts.flatMap(({ domain }) => domain ?? []),
    wanted: read.length > 0 ? read : columns,
    add(row) {
      if (rows.length >= MOST_ROWS) return;
      serial += 1;
      const cells = columns.map((values) => cellOf(values, row, serial, unlinked.includes(values)));
      const identity = keyParts.map((part) => cells[columns.indexOf(part)]).join('\u0000');
      if (keyParts.length > 0 && seen.has(identity)) return;
      seen.add(identity);
      rows.push({ cells, why: row.why, odd: row.odd?.name });
    },
    repeat() {
      const [first] = rows;
      if (table.keys.length === 0 && first !== undefined) rows.push({ ...first, why: 'duplicate' });
    },
  };
}

const canCount = ({ type, values }: InputTable['columns'][number]): boolean =>
  values === undefined && type.kind !== 'boolean' && type.kind !== 'tinyint';

function cellOf(values: ColumnValues, row: NewRow, serial: number, isSerial: boolean): SandboxCell {
  const { column, domain } = values;
  if (row.odd?.name === column.name) return row.odd.cell;
  const world = domain !== undefined && row.moved?.domains.has(domain) ? row.moved.world : row.world;
  if (isSerial) return values.at(serial, serial);
  if (row.random !== undefined && domain === undefined) return values.any(Math.floor(row.random() * 1000));
  return values.at(world, serial);
}

/** Rows with one odd value each, and their partners in the tables that refer to them. */
function addOdd(sheets: readonly Sheet[]): void {
  let next = ORDINARY_WORLDS + MIXED_WORLDS;
  const kinds: readonly RowReason[][] = [
    ['boundary'],
    ['null'],
    ['declared'],
    ['unmatched'],
    ['unknown'],
    ['extreme'],
    ['calendar'],
  ];
  for (const wanted of kinds) {
    for (const sheet of sheets) {
      for (const { name, cell, why, domain } of oddCells(sheet).filter((each) => wanted.includes(each.why))) {
        const world = next % ORDINARY_WORLDS;
        const domains = sheet.isFree ? new Set<string>() : reach(sheets, sheet);
        // The odd value is the key itself: the rest of the row stays where it is.
        if (domain !== undefined) domains.delete(domain);
        const moved = { domains, world: next };
        sheet.add({ world, why, moved, odd: { name, cell } });
        if (why === 'unmatched') {
          next += 1;
          continue;
        }
        for (const other of sheets) {
          if (other !== sheet && other.columns.some(({ domain: of }) => of !== undefined && domains.has(of)))
            other.add({ world, why: 'ordinary', moved });
        }
        next += 1;
      }
    }
  }
}

function oddCells(sheet: Sheet): { name: string; cell: SandboxCell; why: RowReason; domain: string | undefined }[] {
  return sheet.wanted.flatMap(({ column, odd, domain, at }) => {
    const name = column.name;
    const cells = odd.map((each) => ({ name, ...each, domain: sheet.table.keys.includes(name) ? domain : undefined }));
    if (domain === undefined || domain === 'day' || !canCount(column)) return cells;
    return [...cells, { name, cell: at(NOWHERE + sheet.table.name.length, 0), why: 'unmatched' as const, domain }];
  });
}

/** The domains that move when a table gets a row with a new key: its own, and the keys of those who refer to it. */
function reach(sheets: readonly Sheet[], sheet: Sheet): Set<string> {
  const domains = new Set(sheet.keyDomains);
  for (let before = -1; before < domains.size; ) {
    before = domains.size;
    for (const other of sheets) {
      if (other.isFree || !other.columns.some(({ domain }) => domain !== undefined && domains.has(domain))) continue;
      for (const domain of other.keyDomains) domains.add(domain);
    }
  }
  return domains;
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
