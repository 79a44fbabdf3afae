import type { Finding } from '../../src/pipelines/finding.js';
import { bindSql } from '../../src/pipelines/sql/bind.js';
import type { BindResult, BoundQuery, InputColumn, InputTable, PlaceInFile } from '../../src/pipelines/sql/bound.js';
import type { Parameter } from '../../src/pipelines/sql/parameter.js';
import { parseType, printType } from '../../src/pipelines/sql/type.js';

const table = (name: string, columns: string, more: Partial<InputTable> = {}): InputTable => ({
  name,
  keys: [],
  rawChanges: false,
  partitions: [],
  ...more,
  columns: columns.split('; ').map((text): InputColumn => {
    const [, column = '', type = '', not] = /^(\w+) (.+?)( NOT NULL)?$/.exec(text) ?? [];
    const parsed = parseType(type);
    if (parsed === undefined) throw new Error(`${name}.${column} has the unknown type ${type}`);
    return { name: column, type: parsed, nullable: not === undefined };
  }),
});

/** Inputs of the binder's tests: payments, customers, rates, a raw change stream. */
export const INPUTS: readonly InputTable[] = [
  table(
    'txn',
    'txn_id BIGINT NOT NULL; customer_id BIGINT; account_code STRING; amount DECIMAL(18,4); currency STRING NOT NULL; txn_ts TIMESTAMP NOT NULL; book_date DATE; status STRING; qty INT; fee DECIMAL(9,2) NOT NULL; flag BOOLEAN; ratio DOUBLE; small FLOAT; huge DECIMAL(38,10); tags ARRAY<STRING>',
  ),
  table('customer', 'customer_id BIGINT NOT NULL; name STRING; segment STRING NOT NULL; joined DATE'),
  table('fx', 'currency STRING NOT NULL; rate_date DATE NOT NULL; rate DECIMAL(18,8) NOT NULL'),
  table('raw', 'op STRING NOT NULL; id BIGINT', { rawChanges: true }),
];

export interface BinderCase {
  inputs?: readonly InputTable[];
  placeInFile?: PlaceInFile;
  parameters?: Readonly<Record<string, Parameter>>;
}

const onOneLine: PlaceInFile = (start, end) => ({ line: 1, column: start + 1, endLine: 1, endColumn: end + 1 });

/** Binds a query to the inputs of the tests. Places are offsets plus 1, on one line, unless told otherwise. */
export function bindCase(
  sql: string,
  { inputs = INPUTS, placeInFile = onOneLine, parameters }: BinderCase = {},
): BindResult {
  const engine = { spark: '4.2', ansi: true, timezone: 'UTC' } as const;
  return bindSql(sql, { path: 'transformers.0.sql', engine, inputs, placeInFile, ...(parameters && { parameters }) });
}

/** A query that must be sound. @throws Error with what was found. */
export function boundCase(sql: string): BoundQuery {
  const { bound, findings } = bindCase(sql);
  if (bound !== undefined && !findings.some(({ severity }) => severity === 'error')) return bound;
  throw new Error(`${sql}: ${findings.map(({ rule, message }) => `${rule} ${message}`).join('; ')}`);
}

/** Output types as text, `name TYPE` or `name TYPE NOT NULL`, with the nullability that the binder proves. */
export function columnsOf(sql: string): string[] {
  return boundCase(sql).columns.map(
    ({ name, type, nullable }) => `${name} ${printType(type)}${nullable ? '' : ' NOT NULL'}`,
  );
}

/** The text of the query at which a finding points. */
export function pointedAt(sql: string, { place }: Finding): string | undefined {
  return place && sql.slice(place.column - 1, place.endColumn - 1);
}
