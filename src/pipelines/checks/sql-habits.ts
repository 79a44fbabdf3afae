import type { Finding, Place } from '../finding.js';
import { FUNCTIONS } from '../sql/functions.js';
import { type ColumnTest, type Condition, compareValues } from './conditions.js';
import { type CheckedQuery, eachQuery, inQuery } from './context.js';
import type { SqlToken } from './words.js';

/** SQL011: columns that appear upstream would change the sink. A `*` inside, under a list of names, does not. */
export const starIntoSink = eachQuery((context, query) => {
  const { sink, errorHandling } = context.config;
  const id = query.transformer.id;
  if (id !== sink.input && id !== errorHandling.deadLetter?.input) return [];
  if (!query.shape.outer.some(({ star }) => star)) return [];
  const place = placeOfToken(query, starToken(query.tokens));
  const names = query.bound.columns.map(({ name }) => name);
  const list = names.length > 12 ? `${names.slice(0, 12).join(', ')}, …` : names.join(', ');
  return [inQuery(context, query, 'SQL011', place, '`SELECT *` feeds the sink', `name the columns: ${list}`)];
});

/** The first `*` that stands where an output does; as a sign of multiplication it has something on its left. */
function starToken(tokens: readonly SqlToken[]): SqlToken | undefined {
  return tokens.find(({ kind, text }, index) => {
    const before = tokens[index - 1];
    return kind === 'symbol' && text === '*' && before !== undefined && /^(?:select|distinct|,|\.)$/i.test(before.text);
  });
}

function placeOfToken(query: CheckedQuery, token: SqlToken | undefined): Place | undefined {
  return token && query.placeAt(token.start, token.end);
}

const VOLATILE = new Set([
  ...['uuid', 'randn', 'random', 'rand', 'randstr', 'uniform', 'shuffle', 'monotonically_increasing_id', 'now'],
  ...['spark_partition_id', 'input_file_name', 'localtimestamp', 'curdate', 'current_user', 'session_user', 'user'],
]);

/** SQL012: beside those that the binder knows, functions that give another value at every run. */
export const volatileCalls = eachQuery((context, query) =>
  query.bound.facts.calls
    .filter(({ name }) => VOLATILE.has(name) && FUNCTIONS[name]?.volatile !== true)
    .map(({ name, place }) => {
      const token = query.tokens.find(({ kind, text }) => kind === 'word' && text.toLowerCase() === name);
      const where = place ?? placeOfToken(query, token);
      return inQuery(context, query, 'SQL012', where, `${name}() gives another value at every run`);
    }),
);

/** SQL013: rows that a LIMIT leaves out are missing without a word. */
export const limits = eachQuery((context, query) => {
  if (query.bound.facts.limit === undefined) return [];
  const word = query.tokens.find(({ kind, text }) => kind === 'word' && /^limit$/i.test(text));
  return [inQuery(context, query, 'SQL013', placeOfToken(query, word), 'a LIMIT is left in: it drops rows at random')];
});

/** SQL018: a condition that no row can change. */
export const decidedConditions = eachQuery((context, query) => {
  const conditions = query.shape.selects.flatMap(({ relations, where, having, branches }) => [
    ...relations.flatMap(({ on }) => (on === undefined ? [] : [on])),
    ...[where, having].filter((condition) => condition !== undefined),
    ...branches,
  ]);
  const say = (written: string, value: boolean, place: Place | undefined): Finding =>
    inQuery(context, query, 'SQL018', place, `\`${written.slice(0, 60)}\` is always ${value}`);
  return conditions.flatMap((condition) => [
    ...constants(condition).map(({ written, value, span }) =>
      say(written, value, query.placeOf(span) ?? placeOfWritten(query, written)),
    ),
    ...exhaustive(condition).map(([a, b]) => say(`${told(a)} OR ${told(b)}`, true, query.placeOf(b.column.span))),
    ...(query.shape.selects.some(({ relations }) => relations.some(({ join }) => OUTER.has(join)))
      ? []
      : neverNull(query, condition).map((test) => say(told(test), false, query.placeOf(test.column.span)))),
  ]);
});

const OUTER = new Set(['left', 'right', 'full']);

function constants(condition: Condition): Extract<Condition, { kind: 'constant' }>[] {
  if (condition.kind === 'constant') return [condition];
  if (condition.kind === 'not') return constants(condition.part);
  return condition.kind === 'all' || condition.kind === 'any' ? condition.parts.flatMap(constants) : [];
}

/** Tests of one column that leave nothing out, joined by OR. */
function exhaustive(condition: Condition): [ColumnTest, ColumnTest][] {
  if (condition.kind === 'not') return exhaustive(condition.part);
  if (condition.kind !== 'any' && condition.kind !== 'all') return [];
  const inner = condition.parts.flatMap(exhaustive);
  if (condition.kind === 'all') return inner;
  const tests = condition.parts.filter((part) => part.kind === 'test');
  const pairs = tests.flatMap((a, index) => tests.slice(index + 1).map((b): [ColumnTest, ColumnTest] => [a, b]));
  return [...inner, ...pairs.filter(([a, b]) => sameColumn(a, b) && (covers(a, b) || covers(b, a)))];
}

const sameColumn = (a: ColumnTest, b: ColumnTest): boolean =>
  a.column.name === b.column.name && a.column.table === b.column.table;

function covers(a: ColumnTest, b: ColumnTest): boolean {
  if (a.op === 'is_null') return b.op === 'is_not_null';
  const [x, y] = [a.values[0], b.values[0]];
  if (x === undefined || y === undefined) return false;
  const order = compareValues(x, y);
  if (a.op === '=' && b.op === '<>') return order === 0;
  if (!a.op.startsWith('>') || !b.op.startsWith('<') || b.op === '<>') return false;
  return order < 0 || (order === 0 && (a.op === '>=' || b.op === '<='));
}

/** `IS NULL` of a column that is declared NOT NULL. */
function neverNull({ inputs }: CheckedQuery, condition: Condition): ColumnTest[] {
  if (condition.kind === 'not' || condition.kind === 'other' || condition.kind === 'constant') return [];
  if (condition.kind !== 'test') return condition.parts.flatMap((part) => neverNull({ inputs } as CheckedQuery, part));
  if (condition.op !== 'is_null') return [];
  const columns = inputs.flatMap((table) =>
    table.columns.filter(({ name }) => name.toLowerCase() === condition.column.name),
  );
  return columns.length > 0 && columns.every(({ nullable }) => !nullable) ? [condition] : [];
}

function told({ column, op, values }: ColumnTest): string {
  const name = column.table === undefined ? column.name : `${column.table}.${column.name}`;
  return [name, op.toUpperCase().replaceAll('_', ' '), ...values.map(String)].join(' ');
}

/** A condition without a column has no place of its own: its first words are looked for. */
function placeOfWritten(query: CheckedQuery, written: string): Place | undefined {
  const [first, ...rest] = written.split(' ');
  const length = rest.length === 0 ? 1 : 3;
  const index = query.tokens.findIndex(
    (token, at) =>
      token.text.toLowerCase() === first && (length === 1 || sameOperator(query.tokens, at + 1, rest.join(' '))),
  );
  const [begin, end] = [query.tokens[index], query.tokens[index + length - 1]];
  return begin && query.placeAt(begin.start, (end ?? begin).end);
}

function sameOperator(tokens: readonly SqlToken[], at: number, rest: string): boolean {
  const [op = '', value = ''] = rest.split(' ');
  const symbols = `${tokens[at]?.text ?? ''}${op.length === 2 ? (tokens[at + 1]?.text ?? '') : ''}`.replace('!=', '<>');
  return symbols === op && tokens[at + op.length]?.text === value;
}

/** SQL019: rows of a table have no order, and a subquery keeps none. */
export const orders = eachQuery((context, query) =>
  query.shape.orders.map(({ span }) => {
    const word = query.tokens.find(({ kind, text }) => kind === 'word' && /^order$/i.test(text));
    const place = query.placeOf(span) ?? placeOfToken(query, word);
    return inQuery(context, query, 'SQL019', place, 'ORDER BY has no effect: the sink keeps no order');
  }),
);
