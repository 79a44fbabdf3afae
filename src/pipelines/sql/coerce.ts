import { type Binding, type Typed, unverified } from './binding.js';
import { cast, duckType } from './render.js';
import { isFloating, isInteger, isNumeric, printType, type SqlType, sameType } from './type.js';

/** A value in another type, as Spark turns it; said to be unverified where DuckDB would give another value. */
export function coerced(binding: Binding, part: Pick<Typed, 'sql' | 'type' | 'place'>, to: SqlType): string {
  if (sameType(part.type, to)) return part.sql;
  const sql = converted(part.sql, part.type, to, false);
  if (sql === undefined) unverified(binding, `${printType(part.type)} as ${printType(to)}`, part.place);
  return sql ?? cast('NULL', to);
}

/**
 * The SQL of a conversion; undefined where DuckDB has none that gives Spark's value (a DOUBLE as text is printed by Java's rules).
 * With `tries`, what can not be read is NULL; else it stops the query, as in Spark under ANSI.
 */
export function converted(sql: string, from: SqlType, to: SqlType, tries: boolean): string | undefined {
  const inner = conversionOf(sql, from, to, tries);
  return inner === undefined ? undefined : `${tries ? 'TRY_CAST' : 'CAST'}(${inner} AS ${duckType(to)})`;
}

function conversionOf(sql: string, from: SqlType, to: SqlType, tries: boolean): string | undefined {
  if (from.kind === 'string' && to.kind !== 'string') return fromText(sql, to, tries);
  if (to.kind === 'string') return isFloating(from) || isNested(from) ? undefined : asText(sql, from);
  // Spark cuts the digits behind the point where a number becomes whole; DuckDB rounds.
  if (isInteger(to) && (from.kind === 'decimal' || isFloating(from))) return `trunc(${sql})`;
  if (from.kind === 'timestamp' && isNumeric(to)) return fromInstant(sql, to);
  if (to.kind === 'timestamp' && isNumeric(from)) return isInteger(from) ? seconds(sql) : undefined;
  if (from.kind === 'boolean' && to.kind === 'decimal') return `CAST(${sql} AS INTEGER)`;
  return sql;
}

const isNested = ({ kind }: SqlType): boolean => kind === 'array' || kind === 'map' || kind === 'struct';
const asText = (sql: string, from: SqlType): string => (from.kind === 'binary' ? `decode(${sql})` : sql);
const seconds = (sql: string): string => `make_timestamp(CAST(${sql} AS BIGINT) * 1000000)`;

/** DuckDB reads more as a number than Spark does (`1.5` and `1e3` as whole, `1_000`): what Spark refuses stops here as well. */
function fromText(sql: string, to: SqlType, tries: boolean): string | undefined {
  if (isNested(to)) return undefined;
  if (to.kind === 'binary') return `encode(${sql})`;
  const macro = isInteger(to) ? 'whole' : to.kind === 'decimal' ? 'number' : undefined;
  return macro === undefined ? `trim(${sql})` : `spk_${tries ? 'try_' : ''}${macro}_text(${sql})`;
}

function fromInstant(sql: string, to: SqlType): string | undefined {
  if (to.kind === 'decimal') return undefined;
  return isInteger(to) ? `floor(epoch_us(${sql}) / 1000000)` : `(epoch_us(${sql}) / 1000000)`;
}
