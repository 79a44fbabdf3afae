import type { Finding } from '../finding.js';
import { nearest } from '../nearest.js';
import { shown } from '../shown.js';
import { list } from '../sql/tree.js';
import {
  type ColumnTest,
  type Condition,
  compareValues,
  conjuncts,
  type LiteralValue,
  literalIn,
  mentioned,
} from './conditions.js';
import { columnOf, eachQuery, inQuery, sameName } from './context.js';
import { relationOf, tableOf } from './joins.js';

const PATTERNED = new Set([
  'to_date',
  'to_timestamp',
  'date_format',
  'unix_timestamp',
  'to_unix_timestamp',
  'from_unixtime',
]);

/** FLT001: a value that its column never has: no row is kept, or none is left out. */
export const undeclaredValues = eachQuery((context, query) =>
  query.bound.facts.filters.flatMap(({ column, op, values, place }): Finding[] => {
    const declared = columnOf(query.inputs, column)?.values;
    if (declared === undefined || !['=', '<>', 'in', 'not_in'].includes(op)) return [];
    return values
      .filter((value) => !declared.includes(value))
      .map((value) => {
        const message = `'${shown(value)}' is not a declared value of '${column.column}'`;
        const near = nearest(value, declared);
        const suggestion =
          near === undefined ? `there are ${declared.slice(0, 12).join(', ')}` : `did you mean '${near}'?`;
        return inQuery(context, query, 'FLT001', place, message, suggestion);
      });
  }),
);

/** FLT003: letters of a pattern that mean something else in Spark than they seem to; unknown units are the binder's to say. */
export const oddPatterns = eachQuery((context, query) =>
  query.shape.calls
    .filter(({ name }) => PATTERNED.has(name))
    .flatMap(({ node, span }): Finding[] => {
      const pattern = literalIn(list((node as { args?: unknown }).args)[1]);
      const better = typeof pattern === 'string' ? betterPattern(pattern) : undefined;
      if (typeof pattern !== 'string' || better === undefined) return [];
      const token = query.tokens.find(({ kind, text }) => kind === 'string' && text === pattern);
      const place = token === undefined ? query.placeOf(span) : query.placeAt(token.start, token.end);
      const message = `the pattern '${pattern.slice(0, 40)}' does not read the date: ${better.why}`;
      return [inQuery(context, query, 'FLT003', place, message, `'${better.pattern}'`)];
    }),
);

function betterPattern(pattern: string): { pattern: string; why: string } | undefined {
  const faults = [
    { found: /Y/, why: 'Y is the year of the week', mend: (text: string) => text.replaceAll('Y', 'y') },
    { found: /DD/, why: 'D is the day of the year', mend: (text: string) => text.replaceAll('D', 'd') },
    // Minutes beside years and days, and no months and hours: months were meant.
    {
      found: /^(?=.*[yY])(?=.*[dD])(?!.*M)(?!.*H).*mm/,
      why: 'm is the minute',
      mend: (text: string) => text.replaceAll('m', 'M'),
    },
  ].filter(({ found }) => found.test(pattern.replaceAll(/'[^']*'/g, '')));
  if (faults.length === 0) return undefined;
  const mended = faults.reduce((text, { mend }) => mend(text), pattern);
  return { pattern: mended, why: faults.map(({ why }) => why).join(', ') };
}

/** FLT004: filters on one column that no value fulfils. */
export const contradictions = eachQuery((context, query) =>
  query.shape.selects.flatMap(({ where, having, branches, relations }) =>
    [where, having, ...branches, ...relations.map(({ on }) => on)].flatMap((condition) =>
      condition === undefined
        ? []
        : impossible(condition).map((tests) => {
            const last = tests.at(-1);
            const written = tests.map(told).join(' AND ');
            const place = query.placeOf(last?.column.span);
            return inQuery(context, query, 'FLT004', place, `no row can fulfil \`${written.slice(0, 160)}\``);
          }),
    ),
  ),
);

function told({ column, op, values }: ColumnTest): string {
  const name = column.table === undefined ? column.name : `${column.table}.${column.name}`;
  return [name, op.toUpperCase().replaceAll('_', ' '), values.join(op === 'between' ? ' AND ' : ', ')].join(' ').trim();
}

/** Groups of tests of one column that can not hold together; looks inside OR, where each side stands alone. */
function impossible(condition: Condition): ColumnTest[][] {
  if (condition.kind === 'any') return condition.parts.flatMap(impossible);
  if (condition.kind === 'not' || condition.kind === 'other' || condition.kind === 'constant') return [];
  const parts = conjuncts(condition);
  const groups = new Map<string, ColumnTest[]>();
  for (const part of parts) {
    if (part.kind !== 'test') continue;
    const name = `${part.column.table ?? ''}.${part.column.name}`;
    groups.set(name, [...(groups.get(name) ?? []), part]);
  }
  const here = [...groups.values()].filter(isEmptySet);
  return [...here, ...parts.flatMap((part) => (part.kind === 'any' ? impossible(part) : []))];
}

interface Range {
  low: { value: LiteralValue; open: boolean } | undefined;
  high: { value: LiteralValue; open: boolean } | undefined;
}

function isEmptySet(tests: readonly ColumnTest[]): boolean {
  if (tests.some(({ op }) => op === 'is_null')) return tests.some(({ op }) => op !== 'is_null');
  const range: Range = { low: undefined, high: undefined };
  let allowed: readonly LiteralValue[] | undefined;
  const refused: LiteralValue[] = [];
  for (const { op, values } of tests) {
    const [first, second] = values;
    if (op === '=' || op === 'in') {
      allowed = (allowed ?? values).filter((value) => values.some((other) => compareValues(value, other) === 0));
    } else if (op === '<>' || op === 'not_in') refused.push(...values);
    else if (op === 'between' && first !== undefined && second !== undefined) {
      raise(range, first, false);
      lower(range, second, false);
    } else if ((op === '>' || op === '>=') && first !== undefined) raise(range, first, op === '>');
    else if ((op === '<' || op === '<=') && first !== undefined) lower(range, first, op === '<');
  }
  if (allowed === undefined) return isEmptyRange(range);
  return !allowed.some(
    (value) => isInside(value, range) && !refused.some((other) => compareValues(value, other) === 0),
  );
}

function raise(range: Range, value: LiteralValue, open: boolean): void {
  const order = range.low === undefined ? 1 : compareValues(value, range.low.value);
  if (order > 0 || (order === 0 && open)) range.low = { value, open };
}

function lower(range: Range, value: LiteralValue, open: boolean): void {
  const order = range.high === undefined ? -1 : compareValues(value, range.high.value);
  if (order < 0 || (order === 0 && open)) range.high = { value, open };
}

function isEmptyRange({ low, high }: Range): boolean {
  if (low === undefined || high === undefined) return false;
  const order = compareValues(low.value, high.value);
  return order > 0 || (order === 0 && (low.open || high.open));
}

function isInside(value: LiteralValue, { low, high }: Range): boolean {
  const above = low === undefined ? 1 : compareValues(value, low.value);
  const below = high === undefined ? -1 : compareValues(value, high.value);
  return (above > 0 || (above === 0 && low?.open !== true)) && (below < 0 || (below === 0 && high?.open !== true));
}

/** FLT005: a day as the upper end of timestamps is its first instant. */
export const lostLastDays = eachQuery((context, query) =>
  query.bound.facts.filters.flatMap(({ column, op, values, place }): Finding[] => {
    const last = op === 'between' ? values[1] : op === '<=' ? values[0] : undefined;
    const type = columnOf(query.inputs, column)?.type.kind;
    if (last === undefined || (type !== 'timestamp' && type !== 'timestamp_ntz')) return [];
    if (!/^\d{4}-\d{2}-\d{2}$/.test(last)) return [];
    const message = `'${column.column}' is a timestamp: up to '${last}' ends at its midnight, and drops that day`;
    return [inQuery(context, query, 'FLT005', place, message, `${column.column} < '${dayAfter(last)}'`)];
  }),
);

function dayAfter(day: string): string {
  const date = new Date(`${day}T00:00:00Z`);
  if (Number.isNaN(date.getTime())) return day;
  date.setUTCDate(date.getUTCDate() + 1);
  return date.toISOString().slice(0, 10);
}

/** FLT006: all of a partitioned table is read at every run. */
export const fullReads = eachQuery((context, query) =>
  query.inputs.flatMap((table): Finding[] => {
    const index = context.config.sources.findIndex(({ id }) => id === table.name);
    const source = context.config.sources[index];
    if (source === undefined || table.partitions.length === 0 || source.cdc !== undefined) return [];
    if (source.read?.mode === 'incremental') return [];
    const filtered = query.shape.selects.some((select) =>
      [select.where, ...select.relations.map(({ on }) => on)]
        .flatMap((condition) => (condition === undefined ? [] : mentioned(condition)))
        .some(
          (column) =>
            table.partitions.some((partition) => sameName(partition, column.name)) &&
            (tableOf(query.inputs, relationOf(query, select, column))?.name ?? table.name) === table.name,
        ),
    );
    const isRead = query.shape.selects.some(({ relations }) =>
      relations.some((relation) => tableOf(query.inputs, relation)?.name === table.name),
    );
    if (filtered || !isRead) return [];
    const word = query.tokens.find(({ text }) => sameName(text, table.name));
    const place = word && query.placeAt(word.start, word.end);
    const message = `'${table.name}' is read in full: no filter on ${table.partitions.join(', ')}`;
    return [inQuery(context, query, 'FLT006', place, message, 'filter on it, or read: {mode: incremental}')];
  }),
);
