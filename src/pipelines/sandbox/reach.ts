import type { SandboxAnswer } from '../../domain/sandbox.js';
import { type Finding, finding, type Place } from '../finding.js';
import { shown } from '../shown.js';
import type { BoundQuery, FilterFact, InputColumn, InputTable } from '../sql/bound.js';
import { cast, duckType, quoted, textLiteral } from '../sql/render.js';
import { commonType, type SqlType, simple } from '../sql/type.js';
import type { ExtraQuery } from './extra-query.js';
import { ALL_ROWS, type Step } from './sandbox-plan.js';

/** One side of a filter, or a branch of CASE, and the query that counts the rows that come to it. */
export interface Side {
  query: ExtraQuery;
  path: string;
  place: Place | undefined;
  what: string;
}

const MOST_SIDES = 60;

/**
 * For each comparison with literals, both sides. That a side is reached is shown by running the query itself on the rows of that side
 * alone: a branch that no row comes to behind a filter is found, although the source has such rows.
 */
export function sidesOf(steps: readonly Step[], tables: ReadonlyMap<string, InputTable>): Side[] {
  const sides = steps.flatMap((step) => {
    const facts = step.transformer.bound?.facts.filters ?? [];
    return facts.flatMap((fact, index) => sidesOfFact(step, fact, index, tables));
  });
  return sides.slice(0, MOST_SIDES);
}

function sidesOfFact(step: Step, fact: FilterFact, index: number, tables: ReadonlyMap<string, InputTable>): Side[] {
  const { bound, path } = step.transformer;
  const column = tables.get(fact.column.input)?.columns.find(({ name }) => name === fact.column.column);
  if (bound === undefined || column === undefined || fact.clause === 'having') return [];
  const isNullTest = fact.op === 'is_null' || fact.op === 'is_not_null';
  if ((isNullTest && !column.nullable) || isOptional(bound, fact.column.input) || isOneRow(bound)) return [];
  const condition = conditionOf(fact, column);
  if (condition === undefined) return [];
  return (['true', 'false'] as const).map((name) => {
    const test = name === 'true' ? condition : `NOT coalesce(${condition}, FALSE)`;
    // A row that a WHERE drops can not come out: that there is one is all that can be shown.
    const dropped = name === 'false' && fact.clause !== 'case' && fact.clause !== 'filter';
    const sql = dropped ? counted(quoted(fact.column.input), test) : through(step.sql, fact.column.input, test);
    return {
      query: { id: `side ${step.id} ${index} ${name}`, sql, sets: [ALL_ROWS] },
      path: `${path}.sql`,
      place: fact.place,
      what: `${fact.clause.toUpperCase()} ${written(fact)} is never ${name}`,
    };
  });
}

const counted = (table: string, test: string): string => `SELECT count(*) AS n FROM ${table} WHERE ${test}`;

/** The query with one of its inputs narrowed to the rows that pass the test. */
function through(sql: string, input: string, test: string): string {
  const narrowed = `SELECT * FROM "memory"."main".${quoted(input)} WHERE ${test}`;
  return `WITH ${quoted(input)} AS (${narrowed}) SELECT count(*) AS n FROM (${sql})`;
}

/** Without GROUP BY an aggregate gives a row for no rows as well. */
const isOneRow = ({ facts }: BoundQuery): boolean =>
  facts.grain !== undefined && facts.grain.length === 0 && !facts.hiddenGrain;

/** Of a side that an outer join may leave out, the rows that come out say nothing. */
function isOptional({ facts }: BoundQuery, input: string): boolean {
  return facts.joins.some(({ kind, on, right }) => {
    if (kind === 'anti' || kind === 'full') return true;
    if (kind !== 'left' && kind !== 'right') return false;
    // An alias may stand for the input: then the pairs of the join say which it is.
    const isRight = right === input || on.some((pair) => pair.right.input === input);
    return kind === 'left' ? isRight : !isRight;
  });
}

function conditionOf({ op, values, column: { column: name } }: FilterFact, column: InputColumn): string | undefined {
  const subject = quoted(name);
  if (op === 'is_null') return `(${subject} IS NULL)`;
  if (op === 'is_not_null') return `(${subject} IS NOT NULL)`;
  if (op === 'like') return `(${cast(subject, simple('string'))} LIKE ${textLiteral(values[0] ?? '')} ESCAPE '\\')`;
  const types = values.map((value) => comparedAs(column.type, value));
  const type = types.reduce<SqlType | undefined>((met, each) => met && each && commonType(met, each), column.type);
  if (type === undefined) return undefined;
  const list = values.map((value) => `TRY_CAST(${textLiteral(value)} AS ${duckType(type)})`);
  const left = cast(subject, type);
  if (op === 'between') return `(${left} BETWEEN ${list[0]} AND ${list[1]})`;
  if (op === 'in' || op === 'not_in') return `(${left} ${op === 'in' ? 'IN' : 'NOT IN'} (${list.join(', ')}))`;
  return `(${left} ${op} ${list[0]})`;
}

/** A literal may have digits or a time of day that the column has not. */
function comparedAs(type: SqlType, value: string): SqlType | undefined {
  if (type.kind === 'date' && /\d:\d/.test(value)) return simple('timestamp');
  if (type.kind === 'decimal' || /^(?:tinyint|smallint|int|bigint)$/.test(type.kind)) {
    return /^-?\d+$/.test(value) && type.kind !== 'decimal' ? type : { kind: 'decimal', precision: 38, scale: 10 };
  }
  return type;
}

function written({ column, op, values }: FilterFact): string {
  const words = op.replaceAll('_', ' ');
  return shown(`${column.column} ${words}${values.length === 0 ? '' : ` ${values.join(', ')}`}`);
}

/** Sides that no row came to. A side whose query failed is not judged: the failure is told elsewhere. */
export function unreached(sides: readonly Side[], answers: readonly SandboxAnswer[]): Finding[] {
  const counts = new Map(answers.map(({ statement, result }) => [statement, result?.rows[0]?.[0]]));
  return sides
    .filter(({ query: { id } }) => counts.has(id) && String(counts.get(id)) === '0')
    .map(({ path, place, what }) =>
      finding('TST004', { path, place, message: `no generated row reached it: ${what} in what comes out` }),
    );
}
