import type { SandboxCell } from '../../domain/sandbox.js';
import type { BoundConfig } from '../bind-config.js';
import type { InputTable } from '../sql/bound.js';
import type { ColumnValues } from './column-values.js';
import type { MockRow, RowReason } from './mock-row.js';

const MOST_ROWS = 72;

/** What is unique in the rows of a table. */
export interface RowKeys {
  names: readonly string[];
  /** Those that count up from row to row; the others take a few values again and again. */
  counting: readonly string[];
}

/**
 * What is unique: the declared keys; of a change stream the number of the change; of a table without keys that is joined, what it is
 * joined by, as nobody joins with what is there twice on purpose.
 */
export function rowKeys({ sourceTables }: BoundConfig, table: InputTable, columns: readonly ColumnValues[]): RowKeys {
  if (table.keys.length > 0) return { names: table.keys, counting: table.keys };
  const dataset = sourceTables.get(table.name)?.dataset;
  const has = (name: string): boolean => table.columns.some((column) => column.name === name);
  if (table.rawChanges && dataset !== undefined) {
    const counting = [...dataset.sequenceBy.filter(has), '_source_scn'].filter(has);
    return counting.length === 0
      ? { names: [], counting }
      : { names: [...dataset.keys.filter(has), ...counting], counting };
  }
  const joined = columns
    .filter(({ domain }) => domain !== undefined && domain !== 'day')
    .map(({ column }) => column.name);
  return { names: joined, counting: joined };
}

/** A table that is being filled. */
export interface Sheet {
  table: InputTable;
  columns: readonly ColumnValues[];
  rows: MockRow[];
  /** A row can be added without a new row elsewhere: its key has a part that nobody refers to, or it has none. */
  isFree: boolean;
  /** Domains of its key, all of which change with a new row. */
  keyDomains: readonly string[];
  /** Columns that a query reads, where one does. */
  wanted: readonly ColumnValues[];
  isTorn: boolean;
  isKey(name: string): boolean;
  add(row: NewRow): void;
  repeat(): void;
}

/** A row to add: what it has from its world, and what is unlike it. */
export interface NewRow {
  world: number;
  why: RowReason;
  /** Domains that are in another world than the rest of the row. */
  moved?: { domains: ReadonlySet<string>; world: number };
  odd?: readonly { name: string; cell: SandboxCell }[];
  random?: () => number;
}

/** An empty sheet, which then takes only rows whose key is new. */
export function sheetOf(
  table: InputTable,
  columns: readonly ColumnValues[],
  keys: RowKeys,
  isRead: (name: string) => boolean,
): Sheet {
  const rows: MockRow[] = [];
  const seen = new Set<string>();
  const keyParts = columns.filter(({ column }) => keys.names.includes(column.name));
  const unlinked = keyParts.filter(
    ({ domain, column }) => domain === undefined && canCount(column) && keys.counting.includes(column.name),
  );
  // Columns with filters take turns, so that two of them meet in all four ways.
  const turns = new Map(columns.filter(({ isFiltered }) => isFiltered).map((values, index) => [values, index % 2]));
  const read = columns.filter(({ column }) => isRead(column.name));
  let serial = 0;
  return {
    table,
    columns,
    rows,
    isFree: keyParts.length === 0 || unlinked.length > 0,
    keyDomains: keyParts.flatMap(({ domain }) => domain ?? []),
    wanted: read.length > 0 ? read : columns,
    isTorn: columns.some((values) => values.isTorn),
    isKey: (name) => keys.names.includes(name),
    add(row) {
      if (rows.length >= MOST_ROWS) return;
      serial += 1;
      const cells = columns.map((values) =>
        cellOf(values, row, { serial, turn: turns.get(values) ?? 0, isSerial: unlinked.includes(values) }),
      );
      const identity = keyParts.map((part) => cells[columns.indexOf(part)]).join('\u0000');
      if (keyParts.length > 0 && seen.has(identity)) return;
      seen.add(identity);
      rows.push({ cells, why: row.why, odd: row.odd?.[0]?.name });
    },
    repeat() {
      const [first] = rows;
      if (keyParts.length === 0 && first !== undefined) rows.push({ ...first, why: 'duplicate' });
    },
  };
}

/** Whether the column can have a value of its own in every row. */
export const canCount = ({ type, values }: InputTable['columns'][number]): boolean =>
  values === undefined && type.kind !== 'boolean' && type.kind !== 'tinyint';

function cellOf(
  values: ColumnValues,
  row: NewRow,
  { serial, turn, isSerial }: { serial: number; turn: number; isSerial: boolean },
): SandboxCell {
  const { column, domain } = values;
  const odd = row.odd?.find(({ name }) => name === column.name);
  if (odd !== undefined) return odd.cell;
  const world = domain !== undefined && row.moved?.domains.has(domain) ? row.moved.world : row.world;
  if (isSerial) return values.at(serial, serial, row.world >> turn);
  if (row.random !== undefined && domain === undefined) return values.any(Math.floor(row.random() * 1000));
  return values.at(world, serial, row.world >> turn);
}
