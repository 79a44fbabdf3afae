import { type Binding, broken, joined, type Typed, tell, unverified } from './binding.js';
import { coerced, converted } from './coerce.js';
import { comparison, isCondition } from './compare.js';
import type { ExpressionContext } from './expression-context.js';

import { getPosition } from './span.js';
import { list, NotUnderstood, parts, type Tree } from './tree.js';
import { canCast, commonType, isFloating, parseType, printType, type SqlType, simple } from './type.js';

type Bind = (context: ExpressionContext, node: unknown) => Typed;

/** CASE in both forms: the values meet in one type; without ELSE it may be NULL. */
export function bindCase(context: ExpressionContext, body: Tree, bind: Bind): Typed {
  const { binding } = context;
  const { operand, whens, else_: otherwise } = parts('case', body, 'operand', 'whens', 'else_');
  const subject = operand === undefined ? undefined : bind(context, operand);
  const branches = list(whens).map((pair) => {
    const [when, then] = list(pair);
    const test = bind({ ...context, clause: 'case' }, when);
    if (subject === undefined) isCondition(binding, test);
    const condition = subject === undefined ? test : comparison(binding, 'eq', subject, test, 'case');
    return { condition, value: bind(context, then) };
  });
  const rest = otherwise === undefined ? undefined : bind(context, otherwise);
  const values = [...branches.map(({ value }) => value), ...(rest === undefined ? [] : [rest])];
  const all = joined([...branches.map(({ condition }) => condition), ...values]);
  const type = values.reduce<SqlType | undefined>((met, { type: own }) => met && commonType(met, own), simple('null'));
  if (all.broken) return { ...all, type: type ?? simple('null'), nullable: true, sql: 'NULL' };
  if (type === undefined) {
    const types = [...new Set(values.map((value) => printType(value.type)))].join(' and ');
    const place = values.find((value) => value.place !== undefined)?.place ?? all.place;
    return broken(binding, 'TYP001', `the branches of CASE are ${types}: no common type`, place);
  }
  const text = branches
    .map(({ condition, value }) => `WHEN ${condition.sql} THEN ${coerced(binding, value, type)}`)
    .join(' ');
  const last = rest === undefined ? '' : ` ELSE ${coerced(binding, rest, type)}`;
  const nullable = rest === undefined || values.some((value) => value.nullable);
  return { ...all, type, nullable, sql: `CASE ${text}${last} END` };
}

export interface CastNode extends Tree {
  to?: { data_type?: string; name?: string; precision?: number; scale?: number; length?: number };
}

/** CAST stops at an unreadable value under ANSI; TRY_CAST gives NULL. The two are kept apart. */
export function bindCast(context: ExpressionContext, subject: Typed, kind: 'cast' | 'try_cast', body: CastNode): Typed {
  const { binding } = context;
  parts(kind, body, 'this', 'to');
  const nested = body.to?.data_type ?? '';
  if (NESTED.has(nested)) throw new NotUnderstood(`a cast to ${nested.toUpperCase()}`, getPosition(body));
  const written = writtenType(body.to);
  const to = parseType(written);
  if (to === undefined) return broken(binding, 'TYP004', `unknown type ${written.slice(0, 60)}`, subject.place);
  const { literal: _literal, plain, ...rest } = subject;
  if (subject.broken) return { ...rest, type: to };
  if (!canCast(subject.type, to)) {
    return broken(binding, 'TYP005', `${printType(subject.type)} can not be cast to ${printType(to)}`, subject.place);
  }
  binding.casts.push({ from: subject.type, to, tries: kind === 'try_cast', over: plain, place: subject.place });
  lossyCast(binding, subject, to);
  const tries = kind === 'try_cast';
  const sql = converted(subject.sql, subject.type, to, tries);
  if (sql === undefined)
    unverified(binding, `the cast from ${printType(subject.type)} to ${printType(to)}`, subject.place);
  return { ...rest, type: to, nullable: subject.nullable || tries, sql: sql ?? 'NULL' };
}

const NESTED = new Set(['array', 'map', 'struct', 'interval']);

function writtenType(to: CastNode['to']): string {
  if (to?.data_type === undefined) return 'of that form';
  const { data_type, name: custom, precision, scale } = to;
  const name = data_type === 'custom' && custom !== undefined ? custom : data_type;
  if (name === 'decimal' && precision !== undefined) return `decimal(${precision},${scale ?? 0})`;
  return name
    .replace(/^(?:var_?char|char|text)$/i, 'string')
    .replace(/^timestamp_?(ntz|ltz)$/i, 'timestamp-$1')
    .replace(/^big_int$/i, 'bigint')
    .replaceAll('_', '')
    .replace('-', '_');
}

function lossyCast(binding: Binding, { type: from, place }: Typed, to: SqlType): void {
  if (from.kind === 'decimal' && isFloating(to)) {
    tell(binding, 'DEC003', `${printType(from)} to ${printType(to)} is binary floating point: digits change`, place);
  }
  if (from.kind !== 'decimal' || to.kind !== 'decimal') return;
  const digits = from.precision - from.scale - (to.precision - to.scale);
  if (digits > 0)
    tell(
      binding,
      'DEC001',
      `the cast from ${printType(from)} to ${printType(to)} loses ${digits} digits before the point`,
      place,
    );
  else if (from.scale > to.scale) {
    tell(
      binding,
      'DEC001',
      `the cast from ${printType(from)} to ${printType(to)} loses ${from.scale - to.scale} digits behind the point`,
      place,
    );
  }
}
