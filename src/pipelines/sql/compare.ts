import { type Binding, broken, type Clause, joined, type Typed, tell } from './binding.js';
import type { FilterFact } from './bound.js';
import { coerced } from './coerce.js';
import { cast, textLiteral } from './render.js';
import { BOOLEAN, commonType, isNumeric, printType, type SqlType, STRING } from './type.js';

const OPERATORS = { eq: '=', neq: '<>', lt: '<', lte: '<=', gt: '>', gte: '>=' } as const;
export type ComparisonKind = keyof typeof OPERATORS;

export function isComparison(kind: string): kind is ComparisonKind {
  return Object.hasOwn(OPERATORS, kind);
}

const MIRROR: Record<string, FilterFact['op']> = { '=': '=', '<>': '<>', '<': '>', '<=': '>=', '>': '<', '>=': '<=' };

/** `a op b`: both in their common type, as Spark compares them. */
export function comparison(binding: Binding, kind: ComparisonKind, left: Typed, right: Typed, clause: Clause): Typed {
  const op = OPERATORS[kind];
  const both = joined([left, right]);
  const nullable = left.nullable || right.nullable;
  if (both.broken) return { ...both, type: BOOLEAN, nullable, sql: 'NULL' };
  const type = comparable(binding, left, right);
  if (type === undefined) return both.broken ? left : uncomparable(binding, left, right);
  keepFilter(binding, left, op, [right], clause);
  keepFilter(binding, right, MIRROR[op] ?? op, [left], clause);
  return {
    ...both,
    type: BOOLEAN,
    nullable,
    sql: `(${coerced(binding, left, type)} ${op} ${coerced(binding, right, type)})`,
  };
}

/** The type both are compared in; a text beside a number is said, as a text identifier would lose its zeros. */
function comparable(binding: Binding, left: Typed, right: Typed): SqlType | undefined {
  const type = commonType(left.type, right.type);
  const [a, b] = [left.type, right.type];
  const mixed = (a.kind === 'string' && isNumeric(b)) || (b.kind === 'string' && isNumeric(a));
  const text = a.kind === 'string' ? left : right;
  if (type !== undefined && mixed && text.literal === undefined) {
    const message = `${printType(a)} compared with ${printType(b)}: the text is read as a number`;
    tell(binding, 'TYP008', message, left.place ?? right.place);
  }
  return type;
}

function uncomparable(binding: Binding, left: Typed, right: Typed): Typed {
  const message = `${printType(left.type)} and ${printType(right.type)} have no common type`;
  return broken(binding, 'TYP001', message, left.place ?? right.place);
}

const CLAUSES: Partial<Record<Clause, FilterFact['clause']>> = {
  where: 'where',
  having: 'having',
  on: 'on',
  case: 'case',
  filter: 'filter',
};

/** Remembers a comparison of a column with literals. */
export function keepFilter(
  binding: Binding,
  column: Typed,
  op: FilterFact['op'],
  values: readonly Typed[],
  clause: Clause,
): void {
  const where = CLAUSES[clause];
  if (where === undefined || column.plain === undefined || values.some(({ literal }) => literal === undefined)) return;
  const place = column.place ?? values[0]?.place;
  binding.filters.push({
    column: column.plain,
    op,
    values: values.map(({ literal }) => String(literal)),
    clause: where,
    place,
  });
}

/** `x IN (…)` over expressions. */
export function inList(binding: Binding, subject: Typed, items: readonly Typed[], not: boolean, clause: Clause): Typed {
  const all = joined([subject, ...items]);
  const nullable = subject.nullable || items.some((item) => item.nullable);
  if (all.broken) return { ...all, type: BOOLEAN, nullable, sql: 'NULL' };
  let type: SqlType | undefined = subject.type;
  for (const item of items) type = type && commonType(type, item.type);
  const odd = items.find((item) => commonType(subject.type, item.type) === undefined);
  if (type === undefined) return uncomparable(binding, subject, odd ?? subject);
  const common = type;
  keepFilter(binding, subject, not ? 'not_in' : 'in', items, clause);
  const list = items.map((item) => coerced(binding, item, common)).join(', ');
  return {
    ...all,
    type: BOOLEAN,
    nullable,
    sql: `(${coerced(binding, subject, common)} ${not ? 'NOT IN' : 'IN'} (${list}))`,
  };
}

/** `x BETWEEN low AND high`. */
export function between(binding: Binding, parts: readonly [Typed, Typed, Typed], not: boolean, clause: Clause): Typed {
  const [subject, low, high] = parts;
  const all = joined(parts);
  const nullable = parts.some((part) => part.nullable);
  if (all.broken) return { ...all, type: BOOLEAN, nullable, sql: 'NULL' };
  const edge = commonType(low.type, high.type);
  const type = edge && commonType(subject.type, edge);
  if (type === undefined) return uncomparable(binding, subject, low);
  if (!not) keepFilter(binding, subject, 'between', [low, high], clause);
  const sql = `(${coerced(binding, subject, type)} ${not ? 'NOT ' : ''}BETWEEN ${coerced(binding, low, type)} AND ${coerced(binding, high, type)})`;
  return { ...all, type: BOOLEAN, nullable, sql };
}

/** `x IS NULL` is never NULL itself. */
export function nullTest(binding: Binding, subject: Typed, not: boolean, clause: Clause): Typed {
  keepFilter(binding, subject, not ? 'is_not_null' : 'is_null', [], clause);
  return { ...joined([subject]), type: BOOLEAN, nullable: false, sql: `(${subject.sql} IS ${not ? 'NOT ' : ''}NULL)` };
}

/** `AND`, `OR`, `NOT` over conditions. */
export function logical(binding: Binding, op: 'AND' | 'OR' | 'NOT', parts: readonly Typed[]): Typed {
  for (const part of parts) isCondition(binding, part);
  const sql = op === 'NOT' ? `(NOT ${parts[0]?.sql})` : `(${parts.map((part) => part.sql).join(` ${op} `)})`;
  return { ...joined(parts), type: BOOLEAN, nullable: parts.some((part) => part.nullable), sql };
}

/** Says so when something that decides is no condition. */
export function isCondition(binding: Binding, part: Typed): boolean {
  if (part.broken || part.type.kind === 'boolean' || part.type.kind === 'null') return true;
  tell(binding, 'TYP002', `the condition is ${printType(part.type)}, not BOOLEAN`, part.place);
  return false;
}

/** `x LIKE 'a%'`. */
export function like(binding: Binding, subject: Typed, pattern: Typed, caseless: boolean, clause: Clause): Typed {
  const both = joined([subject, pattern]);
  if (both.broken) return { ...both, type: BOOLEAN, nullable: true, sql: 'NULL' };
  if (subject.type.kind !== 'string' || pattern.type.kind !== 'string') {
    const message = `LIKE needs text, not ${printType(subject.type)}`;
    return broken(binding, 'TYP003', message, subject.place);
  }
  keepFilter(binding, subject, 'like', [pattern], clause);
  // Spark takes a backslash as the escape by itself; DuckDB only when told.
  const sql = `(${cast(subject.sql, STRING)} ${caseless ? 'ILIKE' : 'LIKE'} ${pattern.sql} ESCAPE ${textLiteral('\\')})`;
  return { ...both, type: BOOLEAN, nullable: subject.nullable || pattern.nullable, sql };
}

/** `a <=> b` is never NULL itself. */
export function nullSafe(binding: Binding, left: Typed, right: Typed, not: boolean): Typed {
  const both = joined([left, right]);
  if (both.broken) return { ...both, type: BOOLEAN, nullable: false, sql: 'NULL' };
  const type = comparable(binding, left, right);
  if (type === undefined) return uncomparable(binding, left, right);
  const word = not ? 'IS DISTINCT FROM' : 'IS NOT DISTINCT FROM';
  const sql = `(${coerced(binding, left, type)} ${word} ${coerced(binding, right, type)})`;
  return { ...both, type: BOOLEAN, nullable: false, sql };
}

/** `x IS TRUE`, `x IS NOT FALSE`. */
export function truthTest(binding: Binding, subject: Typed, truth: boolean, not: boolean): Typed {
  isCondition(binding, subject);
  const sql = `(${subject.sql} IS ${not ? 'NOT ' : ''}${truth ? 'TRUE' : 'FALSE'})`;
  return { ...joined([subject]), type: BOOLEAN, nullable: false, sql };
}
