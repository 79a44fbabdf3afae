import type { BoundConfig } from '../bind-config.js';
import type { BoundQuery, CastFact, ColumnRef, FilterFact, InputColumn, InputTable } from '../sql/bound.js';
import { isTemporal, type SqlType } from '../sql/type.js';

/** What the queries of a config want of the columns of its sources. */
export interface Wants {
  sources: readonly InputTable[];
  /** Filters on a column of a source, whichever query says them. */
  filters: readonly WantedFilter[];
  /** `LENGTH(column) = n`. */
  lengths: readonly { column: ColumnRef; length: number }[];
  casts: readonly (CastFact & { over: ColumnRef })[];
  /** Columns that a query reads. */
  isRead(table: string, column: string): boolean;
  /** Columns that are joined with each other draw their values from one domain; undefined for a column of its own. */
  domainOf(table: string, column: string): string | undefined;
  /** Texts are read as dates, and the day of the run counts. */
  /** `HAVING COUNT(*) >= n`: so many rows a group must have. */
  groupSize: number;
  readsDates: boolean;
  readsToday: boolean;
}

/** A filter with the type in which it compares. */
export interface WantedFilter extends FilterFact {
  type: SqlType;
  /** It compares something made of the column alone, such as the number that its text holds. */
  derived: boolean;
}

const key = (table: string, column: string): string => `${table}.${column.toLowerCase()}`;

/** Gathers what all queries of a config say about their sources, through the transformers in between. */
export function wantsOf({ sourceTables, transformers }: BoundConfig): Wants {
  // What Scala gives is known by its columns alone: for the queries after it it is a source.
  const opaque = [...transformers.values()].filter(({ bound }) => bound === undefined).map(({ table }) => table);
  const sources = [...[...sourceTables.values()].map(({ table }) => table), ...opaque];
  const isSource = new Set(sources.map(({ name }) => name));
  const origin = (ref: ColumnRef, made = false, depth = 0): ColumnRef | undefined => {
    if (isSource.has(ref.input)) return ref;
    const bound = transformers.get(ref.input)?.bound;
    const column = bound?.columns.find(({ name }) => name.toLowerCase() === ref.column.toLowerCase());
    const [only, ...others] = column?.from ?? [];
    const from = column?.plain ?? (made && others.length === 0 && bound?.facts.grain === undefined ? only : undefined);
    return from === undefined || depth > 20 ? undefined : origin(from, made, depth + 1);
  };
  const queries = [...transformers.values()].flatMap(({ bound }) => bound ?? []);
  const facts = queries.map((query) => query.facts);
  const typeOf = (ref: ColumnRef): SqlType | undefined =>
    (transformers.get(ref.input)?.table ?? sources.find(({ name }) => name === ref.input))?.columns.find(
      ({ name }) => name.toLowerCase() === ref.column.toLowerCase(),
    )?.type;
  const reads = new Set(facts.flatMap((each) => each.reads).map((ref) => key(ref.input, ref.column)));
  const pairs = facts
    .flatMap(({ joins }) => joins.flatMap(({ on }) => on))
    .flatMap(({ left, right }) => {
      const [a, b] = [origin(left), origin(right)];
      return a && b ? [[key(a.input, a.column), key(b.input, b.column)] as const] : [];
    });
  const calls = new Set(facts.flatMap((each) => each.calls.map(({ name }) => name)));
  return {
    sources,
    filters: facts.flatMap(({ filters }) =>
      filters.flatMap((fact): WantedFilter[] => {
        const [plain, made, type] = [origin(fact.column), origin(fact.column, true), typeOf(fact.column)];
        const column = plain ?? made;
        return column && type ? [{ ...fact, column, type, derived: plain === undefined }] : [];
      }),
    ),
    lengths: queries.flatMap((query) => lengthsIn(query, (ref) => origin(ref, true))),
    casts: facts.flatMap(({ casts }) =>
      casts.flatMap((fact) => {
        const over = fact.over && origin(fact.over);
        return over === undefined ? [] : [{ ...fact, over }];
      }),
    ),
    isRead: (table, column) => reads.has(key(table, column)),
    domainOf: domains(sources, pairs, (table, column) => reads.has(key(table, column))),
    groupSize: Math.max(1, ...queries.map(groupSizeIn)),
    readsDates: calls.has('to_date') || calls.has('to_timestamp'),
    readsToday: calls.has('current_date') || calls.has('current_timestamp'),
  };
}

function groupSizeIn({ duckdb }: BoundQuery): number {
  const [, op, size] =
    /HAVING .*?count\([^()]*\)(?: AS BIGINT\))?,? ?(>=?|=) ?CAST\((?:CAST\()?(\d{1,2}) /.exec(duckdb ?? '') ?? [];
  return Number(size ?? 0) + (op === '>' ? 1 : 0);
}

/** A hint from the rendered query: facts do not hold what a function of a column is compared with. */
function lengthsIn(query: BoundQuery, origin: (ref: ColumnRef) => ColumnRef | undefined): Wants['lengths'] {
  const found = (query.duckdb ?? '').matchAll(
    /length\("[^"]+"\."([^"]+)"\) AS INTEGER\) = CAST\((\d{1,3}) AS INTEGER\)/g,
  );
  return [...found].flatMap(([, name, length]) => {
    const ref = query.facts.reads.find(({ column }) => column === name);
    const column = ref && origin(ref);
    return column === undefined ? [] : [{ column, length: Number(length) }];
  });
}

/** Joined columns share a domain; so do days, where a day is part of a key, as they are joined by expressions. */
function domains(
  sources: readonly InputTable[],
  pairs: readonly (readonly [string, string])[],
  isRead: (table: string, column: string) => boolean,
): Wants['domainOf'] {
  const parent = new Map<string, string>();
  const root = (name: string): string => {
    const up = parent.get(name);
    return up === undefined || up === name ? name : root(up);
  };
  const unite = (a: string, b: string): void => {
    const [x, y] = [root(a), root(b)];
    parent.set(x, y);
    parent.set(y, y);
  };
  for (const [a, b] of pairs) unite(a, b);
  const columns = sources.flatMap((table) => table.columns.map((column) => ({ table, column })));
  if (
    sources.length > 1 &&
    columns.some(({ table, column }) => table.keys.includes(column.name) && isTemporal(column.type))
  ) {
    for (const { table, column } of columns) {
      if (isTemporal(column.type) && isRead(table.name, column.name)) unite(key(table.name, column.name), 'day');
    }
  }
  if (pairs.length === 0 && sources.length > 1) uniteByName(columns, unite);
  const members = new Map<string, number>();
  for (const { table, column } of columns) {
    const at = root(key(table.name, column.name));
    members.set(at, (members.get(at) ?? 0) + 1);
  }
  return (table, column) => {
    const at = root(key(table, column));
    return (members.get(at) ?? 0) > 1 ? at : undefined;
  };
}

/** Joined by an expression only, as no pair of plain columns is known: references of one name are taken to be one thing. */
function uniteByName(
  columns: readonly { table: InputTable; column: InputColumn }[],
  unite: (a: string, b: string) => void,
): void {
  const first = new Map<string, string>();
  for (const { table, column } of columns) {
    const name = column.name.toLowerCase();
    if (column.identifier !== true && column.money !== 'currency' && !/(?:_id|_code|_key|_no)$/.test(name)) continue;
    const at = key(table.name, column.name);
    const other = first.get(name);
    if (other === undefined) first.set(name, at);
    else unite(at, other);
  }
}
