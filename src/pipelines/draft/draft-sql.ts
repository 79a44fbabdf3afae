import { printType, type SqlType } from '../sql/type.js';
import type { GrainKey, IntentCard, IntentFilter, Measure, SourceColumn, TimeGrain } from './intent.js';

/** The type of a source's column, as the catalogue declares it. */
export type TypeOf = (ref: SourceColumn) => SqlType | undefined;

const LINE = 118;
const PLAIN_NAME = /^[A-Za-z_]\w*$/;

/** The query that an intent card stands for. */
export function draftSql(card: IntentCard, typeOf: TypeOf): string {
  const qualified = card.sources.length > 1;
  const name = (ref: SourceColumn): string => (qualified ? `${ref.source}.${quoted(ref.column)}` : quoted(ref.column));
  const key = (each: GrainKey): string =>
    each.every === undefined ? name(each.of) : periodSql(name(each.of), each.every, typeOf(each.of));
  const items = [
    ...card.grain.map((each) => aliased(key(each), each.name, each.every === undefined ? each.of.column : undefined)),
    ...card.measures.map((each) => aliased(measureSql(each, name), each.name, undefined)),
    ...card.columns.map((ref) => name(ref)),
  ];
  const [first, ...others] = card.sources;
  const joins = others
    .flatMap(({ id }) => card.joins.filter(({ source }) => source === id))
    .map((join) => {
      const on = join.on.map(({ left, right }) => `${name(left)} = ${name(right)}`).join(' AND ');
      return `${join.kind === 'left' ? 'LEFT JOIN' : 'JOIN'} ${join.source} ON ${on}`;
    });
  const where = card.filters.map((filter) => filterSql(filter, name(filter.of), typeOf(filter.of)));
  const group = card.measures.length > 0 && card.grain.length > 0 ? [`GROUP BY ${card.grain.map(key).join(', ')}`] : [];
  return [
    select(items),
    `FROM ${first?.id ?? ''}`,
    ...joins,
    ...(where.length > 0 ? [`WHERE ${where.join('\n  AND ')}`] : []),
    ...group,
  ]
    .join('\n')
    .concat('\n');
}

function select(items: readonly string[]): string {
  const line = `SELECT ${items.join(', ')}`;
  return line.length <= LINE ? line : `SELECT\n  ${items.join(',\n  ')}`;
}

const quoted = (name: string): string => (PLAIN_NAME.test(name) ? name : `\`${name.replaceAll('`', '``')}\``);

const aliased = (sql: string, name: string, plain: string | undefined): string =>
  plain === name ? sql : `${sql} AS ${quoted(name)}`;

function periodSql(column: string, every: TimeGrain, type: SqlType | undefined): string {
  const unit = every.toUpperCase();
  if (type?.kind === 'date') return every === 'day' ? column : `TRUNC(${column}, '${unit}')`;
  return every === 'day' ? `CAST(${column} AS DATE)` : `DATE_TRUNC('${unit}', ${column})`;
}

function measureSql({ function: kind, of }: Measure, name: (ref: SourceColumn) => string): string {
  if (of === undefined) return 'COUNT(*)';
  return kind === 'count_distinct' ? `COUNT(DISTINCT ${name(of)})` : `${kind.toUpperCase()}(${name(of)})`;
}

function filterSql({ op, values }: IntentFilter, column: string, type: SqlType | undefined): string {
  const literals = values.map((value) => literalSql(value, type));
  switch (op) {
    case 'is_null':
      return `${column} IS NULL`;
    case 'is_not_null':
      return `${column} IS NOT NULL`;
    case 'in':
    case 'not_in':
      return `${column} ${op === 'in' ? 'IN' : 'NOT IN'} (${literals.join(', ')})`;
    case 'between':
      return `${column} BETWEEN ${literals[0]} AND ${literals[1]}`;
    default:
      return `${column} ${op} ${literals[0]}`;
  }
}

/** A value as a literal of its column's type; what the request wrote is never SQL. */
export function literalSql(value: string, type: SqlType | undefined): string {
  const text = `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  switch (type?.kind) {
    case 'date':
      return `DATE ${text}`;
    case 'timestamp':
      return `TIMESTAMP '${value.replaceAll(/[^\d: -]/g, '')} 00:00:00'`;
    case 'timestamp_ntz':
      return `TIMESTAMP_NTZ '${value.replaceAll(/[^\d: -]/g, '')} 00:00:00'`;
    case 'boolean':
      return /^true$/i.test(value) ? 'TRUE' : 'FALSE';
    case undefined:
    case 'string':
      return text;
    default:
      return /^-?\d+(?:\.\d+)?$/.test(value) ? value : `CAST(${text} AS ${printType(type ?? { kind: 'string' })})`;
  }
}
