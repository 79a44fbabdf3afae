import type { Finding } from '../../../src/pipelines/finding.js';
import { bindSql } from '../../../src/pipelines/sql/bind.js';
import type { BindResult, InputTable } from '../../../src/pipelines/sql/bound.js';
import { duckType } from '../../../src/pipelines/sql/render.js';
import { parseType, printType, type SqlType } from '../../../src/pipelines/sql/type.js';
import type { DuckAnswer, DuckCell } from './duck.js';
import type { SparkAnswer } from './spark.js';

/** What came of one query. `same…` is undefined where there was nothing to compare. */
export interface Agreement {
  id: string;
  sql: string;
  outcome: 'bound' | 'refused' | 'fault' | 'missed' | 'wrong';
  sameNames?: boolean;
  sameTypes?: boolean;
  sameNullability?: boolean;
  sameValues?: boolean;
  /** Every difference, and why a query was refused. */
  notes: readonly string[];
}

/** Rules of meaning: where one fires, Spark refuses the query as well. The others are the house's own. */
const MEANING = /^(SQL00[0-4789]|SQL020|TYP00[1-5]|CDC004)$/;

/** Binds a query and holds the result against Spark's. */
export async function agreementOf(
  query: { id: string; sql: string },
  inputs: readonly InputTable[],
  spark: SparkAnswer,
  run: (sql: string) => Promise<DuckAnswer>,
): Promise<Agreement> {
  const engine = { spark: '4.2', ansi: true, timezone: 'UTC' } as const;
  const result = bindSql(query.sql, { path: '', engine, inputs, placeInFile: () => undefined });
  const faults = result.findings.filter(({ rule }) => MEANING.test(rule));
  const open = [
    ...result.findings.filter(({ rule }) => /^(SBX|WIN|SQL010|SQL014)/.test(rule)).map(told),
    ...(result.bound?.unverified.map(({ what }) => what) ?? []),
  ];
  if ('refused' in spark) return refusedBySpark(query, spark.refused, faults, open);
  if (faults.length > 0) return { ...query, outcome: 'wrong', notes: faults.map(told) };
  const duckdb = result.bound?.duckdb;
  if (duckdb === undefined) return { ...query, outcome: 'refused', notes: [...new Set(open)] };
  return compared(query, spark, result, await run(duckdb));
}

const told = ({ rule, message }: Finding): string => `${rule} ${message}`;

function refusedBySpark(
  query: { id: string; sql: string },
  why: string,
  faults: readonly Finding[],
  open: readonly string[],
): Agreement {
  if (faults.length > 0) return { ...query, outcome: 'fault', notes: [`Spark: ${why}`, ...faults.map(told)] };
  if (open.length > 0) return { ...query, outcome: 'refused', notes: [`Spark: ${why}`, ...new Set(open)] };
  return { ...query, outcome: 'missed', notes: [`Spark refuses it: ${why}`] };
}

function compared(
  query: { id: string; sql: string },
  spark: Exclude<SparkAnswer, { refused: string }>,
  { bound }: BindResult,
  duck: DuckAnswer,
): Agreement {
  const columns = bound?.columns ?? [];
  const notes: string[] = [];
  const same = (what: string, ours: readonly string[], theirs: readonly string[]): boolean => {
    const differing = theirs.map((_, at) => at).filter((at) => ours[at] !== theirs[at]);
    for (const at of differing) notes.push(`${what} of column ${at + 1}: Spark ${theirs[at]}, here ${ours[at]}`);
    if (ours.length !== theirs.length) notes.push(`Spark has ${theirs.length} columns, here are ${ours.length}`);
    return differing.length === 0 && ours.length === theirs.length;
  };
  const theirs = spark.columns.map(({ type }) => parseType(type));
  const names = same('name', columns.map(({ name }) => name), spark.columns.map(({ name }) => name)); // biome-ignore format: one line
  const types = same('type', columns.map(({ type }) => printType(type)), spark.columns.map(({ type }, at) => typeText(theirs[at], type))); // biome-ignore format: one line
  const nullability = same('nullability', columns.map(({ nullable }) => nullText(nullable)), spark.columns.map(({ nullable }) => nullText(nullable))); // biome-ignore format: one line
  if (!('stopped' in duck)) {
    const wanted = columns.map(({ type }) => duckType(type));
    const typed = same('sandbox type', duck.types.map(plainType), wanted.map(plainType));
    if (!typed) notes.push('the sandbox gives another type than the binder says');
  }
  return {
    ...query,
    outcome: 'bound',
    sameNames: names,
    sameTypes: types,
    sameNullability: nullability,
    sameValues: sameValues(spark, duck, theirs, notes),
    notes,
  };
}

const nullText = (nullable: boolean): string => (nullable ? 'nullable' : 'not null');
const plainType = (type: string): string => type.replaceAll(/["\s]/g, '');
const typeText = (type: SqlType | undefined, written: string): string =>
  type === undefined ? written : printType(type);

function sameValues(
  spark: Exclude<SparkAnswer, { refused: string }>,
  duck: DuckAnswer,
  types: readonly (SqlType | undefined)[],
  notes: string[],
): boolean {
  const [sparkStopped, duckStopped] = ['stopped' in spark, 'stopped' in duck];
  if (sparkStopped || duckStopped) {
    if ('stopped' in spark) notes.push(`Spark stops: ${spark.stopped}`);
    if ('stopped' in duck) notes.push(`the sandbox stops: ${duck.stopped.slice(0, 120)}`);
    return sparkStopped && duckStopped;
  }
  if (!('rows' in spark) || !('rows' in duck)) return false;
  const texts = (rows: readonly (readonly DuckCell[])[]): string[] =>
    rows.map((row) => JSON.stringify(row.map((cell, at) => comparable(cell, types[at])))).sort();
  const [theirs, ours] = [texts(spark.rows), texts(duck.rows)];
  if (theirs.length === ours.length && theirs.every((row, at) => row === ours[at])) return true;
  const only = (these: string[], those: string[]): string =>
    these
      .filter((row) => !those.includes(row))
      .slice(0, 3)
      .join(' ') || 'no other row';
  notes.push(
    `values: Spark ${only(theirs, ours)}, here ${only(ours, theirs)} (${theirs.length} and ${ours.length} rows)`,
  );
  return false;
}

/** The same value in the same words: binary floating point to 12 digits (6 for FLOAT), instants without trailing zeros. */
function comparable(cell: DuckCell, type: SqlType | undefined): DuckCell {
  if (cell === null) return null;
  if (Array.isArray(cell)) {
    const element = type?.kind === 'array' ? type.element : undefined;
    return cell.map((each) => comparable(each, element));
  }
  if (type?.kind === 'double' || type?.kind === 'float') return floating(cell, type.kind === 'float' ? 6 : 12);
  // Spark's own client shows some decimals with more zeros than their type has.
  const trailing = type?.kind.startsWith('timestamp') || (type?.kind === 'decimal' && cell.includes('.'));
  return trailing ? cell.replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, '') : cell;
}

function floating(cell: string, digits: number): string {
  const value = Number(cell.replace(/^(-?)inf(inity)?$/i, '$1Infinity'));
  return value === 0 ? '0' : value.toPrecision(digits);
}
