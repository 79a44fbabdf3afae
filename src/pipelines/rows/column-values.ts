import type { SandboxCell } from '../../domain/sandbox.js';
import type { InputColumn, InputTable } from '../sql/bound.js';
import { isFloating, isInteger, isNumeric, isTemporal, type SqlType } from '../sql/type.js';
import { boundaries, compareCells, decimalText, extremes, holds, laterDay } from './cell.js';
import type { WantedFilter, Wants } from './links.js';
import type { RowReason } from './mock-row.js';

/** From here on: days 27 and 28 February, the leap day, and the first of March. */
const FIRST_DAY = '2024-02-27';
const UNKNOWN = 'ZZ_UNKNOWN';

/** How the values of one column are made. */
export interface ColumnValues {
  column: InputColumn;
  domain: string | undefined;
  /** The value of the nth world: one that passes the filters of the column where one can. */
  at(world: number, serial: number, turn: number): SandboxCell;
  isFiltered: boolean;
  /** Its filters exclude each other, as those of an OR do. */
  isTorn: boolean;
  /** A value that a filter of its own refuses. */
  refused: SandboxCell | undefined;
  /** Any of its values, by a number. */
  any(number: number): SandboxCell;
  /** Values that a test must meet, and why. */
  odd: readonly { cell: SandboxCell; why: RowReason }[];
}

/** The values of a column: what the schema declares, what the filters ask for, and what its type allows. */
export function columnValues(wants: Wants, table: InputTable, column: InputColumn, today: string): ColumnValues {
  const { type } = column;
  const domain = wants.domainOf(table.name, column.name);
  const mine = (ref: { input: string; column: string }): boolean =>
    ref.input === table.name && ref.column.toLowerCase() === column.name.toLowerCase();
  const own = wants.filters.filter((fact) => mine(fact.column));
  const deciding = wants.filters.filter(
    ({ clause, derived, column: ref }) =>
      clause !== 'case' &&
      (!derived || type.kind === 'string') &&
      (mine(ref) || (domain !== undefined && wants.domainOf(ref.input, ref.column) === domain)),
  );
  const form = textForm(wants, table, column);
  const start = firstDay(wants, deciding, type, today);
  const plain = (world: number, serial: number): string =>
    plainValue(column, { world, serial: domain === undefined ? serial : world, start, form });
  const literals = [...deciding, ...own].flatMap((fact) => boundaries(fact, fact.type));
  const pool = [...new Set([...(column.values ?? []), ...literals])].filter((value) => fits(type, value));
  const passing = best(pool, deciding);
  const most = passing[0]?.score ?? -1;
  const isTorn = most < deciding.length && new Set(deciding.map(({ op, values }) => `${op} ${values}`)).size > 1;
  return {
    column,
    domain,
    isFiltered: own.length > 0,
    isTorn,
    refused: pool.find((value) => own.some((fact) => holds(fact, fact.type, value) === false)),
    at: (world, serial, turn) => {
      const usual = plain(world, serial);
      const score = scoreOf(usual, deciding);
      if (score > most || passing.length === 0) return usual;
      // No value passes all filters: they stand in an OR, and the columns take turns in passing one or the other.
      if (isTorn && score === most) return turn % 2 === 0 ? usual : (passing[0]?.value ?? usual);
      if (score === most && column.values === undefined) return usual;
      return passing[world % passing.length]?.value ?? usual;
    },
    any: (number) => (pool.length === 0 ? plain(number, number) : (pool[number % pool.length] ?? null)),
    odd: oddValues(table, column, own, { start, form, unreadable: isTried(wants, mine) }),
  };
}

interface Scored {
  value: string;
  score: number;
}

function best(pool: readonly string[], deciding: readonly WantedFilter[]): Scored[] {
  const scored = pool.map((value) => ({ value, score: scoreOf(value, deciding) }));
  const most = Math.max(...scored.map(({ score }) => score), 0);
  return scored.filter(({ score }) => score === most);
}

const scoreOf = (value: string, filters: readonly WantedFilter[]): number =>
  filters.filter((fact) => holds(fact, fact.type, value) === true).length;

/** A literal of another type than its column (a unit, a wrong value) is no value of it. */
function fits(type: SqlType, value: string): boolean {
  if (isTemporal(type)) return /^\d{4}-\d\d-\d\d/.test(value) && !Number.isNaN(Date.parse(value.slice(0, 10)));
  if (isInteger(type)) return /^-?\d{1,18}$/.test(value);
  if (type.kind === 'decimal') {
    const largest = decimalText(10n ** BigInt(type.precision) - 1n, type.scale);
    const order = compareCells(type, value.replace('-', ''), largest);
    return /^-?\d*\.?\d+$/.test(value) && order !== undefined && order <= 0;
  }
  if (isFloating(type)) return value !== '' && !Number.isNaN(Number(value));
  return type.kind === 'boolean' ? /^(?:true|false)$/i.test(value) : type.kind === 'string';
}

/** Days begin where the filters on time let rows through, so that rows of different tables meet on a day. */
function firstDay(wants: Wants, deciding: readonly WantedFilter[], type: SqlType, today: string): string {
  if (wants.readsToday) return laterDay(today, -3);
  const onTime = isTemporal(type)
    ? wants.filters.filter(({ values }) => values.some((v) => /^\d{4}-\d\d-\d\d/.test(v)))
    : [];
  const bounds = (ops: readonly string[], at: number): string[] =>
    [...deciding, ...onTime]
      .filter(({ op, clause }) => clause !== 'case' && ops.includes(op))
      .flatMap(({ values }) => values.at(at)?.slice(0, 10) ?? [])
      .filter((day) => fits({ kind: 'date' }, day));
  const lower = bounds(['>', '>=', 'between', '='], 0).sort().at(-1);
  if (lower !== undefined) return laterDay(lower, 1);
  const upper = bounds(['<', '<='], 0).sort()[0];
  return upper !== undefined && upper <= laterDay(FIRST_DAY, 60) ? laterDay(upper, -40) : FIRST_DAY;
}

/** Every cast of the column gives NULL for what it can not read: such a text is a row to meet, not a stop. */
function isTried({ casts }: Wants, mine: (ref: { input: string; column: string }) => boolean): boolean {
  const own = casts.filter(({ over, from }) => from.kind === 'string' && mine(over));
  return own.length > 0 && own.every(({ tries }) => tries);
}

/** How a text is written; a number is its length. */
type TextForm = 'text' | 'digits' | 'day' | number;

/** A text that a query reads as a number or a date, or whose length it tests, is written so, or every run would stop at it. */
function textForm(wants: Wants, table: InputTable, column: InputColumn): TextForm {
  const mine = (ref: { input: string; column: string }): boolean =>
    ref.input === table.name && ref.column === column.name;
  const length = wants.lengths.find((each) => mine(each.column))?.length;
  if (length !== undefined) return length;
  const cast = wants.casts.find(({ over }) => mine(over))?.to;
  if (cast !== undefined && isTemporal(cast)) return 'day';
  if (cast !== undefined && isNumeric(cast)) return 'digits';
  return wants.readsDates && /date|time|day|_ts$|_at$|_on$/i.test(column.name) ? 'day' : 'text';
}

interface Position {
  world: number;
  serial: number;
  start: string;
  form: TextForm;
}

function plainValue(column: InputColumn, { world, serial, start, form }: Position): string {
  const { type } = column;
  if (column.values !== undefined && column.values.length > 0) return column.values[world % column.values.length] ?? '';
  const day = laterDay(start, world + sideOfRange(column.name));
  switch (type.kind) {
    case 'boolean':
      return world % 2 === 0 ? 'true' : 'false';
    case 'tinyint':
      return String((serial % 120) + 1);
    case 'smallint':
    case 'int':
    case 'bigint':
      return String(1001 + serial);
    case 'decimal':
      return plainDecimal(type.precision, type.scale, serial);
    case 'float':
    case 'double':
      return String(10.5 + serial);
    case 'date':
      return day;
    case 'timestamp':
    case 'timestamp_ntz':
      return `${day} 10:${String(serial % 60).padStart(2, '0')}:00`;
    case 'string':
      if (form === 'day') return day;
      if (typeof form === 'number') return textOfLength(form, serial);
      return form === 'digits' || /(?:_id|_no|_key)$/i.test(column.name)
        ? String(1001 + serial)
        : `${column.name.toLowerCase()}_${serial}`;
    default:
      return nestedValue(type, { world, serial, start, form });
  }
}

/** Short codes are letters, long ones digits, as in currencies and account numbers. */
function textOfLength(length: number, serial: number): string {
  if (length > 3)
    return String(1001 + serial)
      .padStart(length, '0')
      .slice(-length);
  const letters = [serial, Math.floor(serial / 26), 0].map((each) => String.fromCharCode(65 + (each % 26)));
  return letters.reverse().join('').slice(-length).padStart(length, 'A');
}

/** `valid_from` is before the day, `valid_to` after it: rows of a history meet the day. */
function sideOfRange(name: string): number {
  if (/(?:^|_)(?:from|start|begin|opened|since)(?:_|$)/i.test(name)) return -30;
  return /(?:^|_)(?:to|end|until|thru|expiry|expires?|closed)(?:_|$)/i.test(name) ? 30 : 0;
}

function plainDecimal(precision: number, scale: number, serial: number): string {
  const limit = 10n ** BigInt(precision);
  const unit = 10n ** BigInt(scale);
  const value = (BigInt(10 + serial) * unit + (unit * 25n) / 100n) % limit;
  return decimalText(value, scale);
}

function nestedValue(type: SqlType, position: Position): string {
  const inner = (of: SqlType): string => plainValue({ name: 'item', type: of, nullable: true }, position);
  if (type.kind === 'array') return `[${inner(type.element)}]`;
  if (type.kind === 'map') return `{${inner(type.key)}=${inner(type.value)}}`;
  if (type.kind === 'struct')
    return `{${type.fields.map(({ name, type: of }) => `'${name}': ${inner(of)}`).join(', ')}}`;
  return 'ab';
}

/** The values that plain rows never meet, those that a filter asks about first. */
function oddValues(
  table: InputTable,
  column: InputColumn,
  filters: readonly WantedFilter[],
  { start, form, unreadable }: Pick<Position, 'start' | 'form'> & { unreadable: boolean },
): ColumnValues['odd'] {
  const { type } = column;
  const isKey = table.keys.includes(column.name);
  const near = [...new Set(filters.flatMap((fact) => boundaries(fact, fact.type)))].filter((value) =>
    fits(type, value),
  );
  const lengths = typeof form === 'number' ? [textOfLength(form, 1).slice(1), `${textOfLength(form, 1)}9`] : [];
  const declared = column.values ?? [];
  const unknown =
    type.kind === 'string' && (declared.length > 0 || filters.length > 0) && form === 'text' ? [UNKNOWN] : [];
  const empty = type.kind === 'string' && declared.length === 0 && form === 'text' ? [''] : [];
  const reference = column.identifier === true || isKey;
  const days = isTemporal(type) && !isKey ? calendar(type, start) : [];
  const told = (cells: readonly SandboxCell[], why: RowReason): { cell: SandboxCell; why: RowReason }[] =>
    cells.map((cell) => ({ cell, why }));
  return [
    ...told([...near, ...lengths, ...(unreadable ? ['n/a'] : [])], 'boundary'),
    ...told(column.nullable ? [null] : [], 'null'),
    ...told(declared, 'declared'),
    ...told(unknown, 'unknown'),
    ...told(reference ? [] : [...extremes(type), ...empty], 'extreme'),
    ...told(days, 'calendar'),
  ];
}

/** The last of a month and the leap day, in the year in which the rows are. */
function calendar(type: SqlType, start: string): string[] {
  const year = start.slice(0, 4);
  const days = ['2024-02-29', `${year}-01-31`, `${year}-12-31`];
  return type.kind === 'date' ? days : days.map((day) => `${day} 23:59:59.999`);
}
