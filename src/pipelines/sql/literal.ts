import { type Binding, broken, type Typed, unverified } from './binding.js';
import { cast, textLiteral } from './render.js';
import type { Span } from './span.js';
import { parts, type Tree } from './tree.js';
import {
  BIGINT,
  BOOLEAN,
  DATE,
  DOUBLE,
  decimal,
  INT,
  NULL_TYPE,
  type SqlType,
  STRING,
  simple,
  TIMESTAMP,
} from './type.js';

const INT_MAX = 2_147_483_647;
const SUFFIXES: Record<string, SqlType> = {
  L: BIGINT,
  S: simple('smallint'),
  Y: simple('tinyint'),
  D: DOUBLE,
  F: simple('float'),
};

const constant = (type: SqlType, sql: string, literal: NonNullable<Typed['literal']> | null): Typed => ({
  type,
  nullable: literal === null,
  sql,
  from: [],
  loose: [],
  literal,
});

/** A literal as Spark types it: `1` INT, `1.50` DECIMAL(3,2), `1e3` DOUBLE, `1L` BIGINT. */
export function literalOf(binding: Binding, body: Tree, span: Span | undefined): Typed {
  const { literal_type: kind, value } = parts('literal', body, 'literal_type', 'value');
  const text = String(value);
  if (kind === 'string') return constant(STRING, textLiteral(text), text);
  if (kind === 'number') return numberLiteral(binding, text, span);
  if (kind === 'date') return constant(DATE, `CAST(${textLiteral(text)} AS DATE)`, text);
  if (kind === 'timestamp') return constant(TIMESTAMP, `CAST(${textLiteral(text)} AS TIMESTAMP)`, text);
  return broken(binding, 'TYP004', `a literal of the form ${String(kind)}`, binding.placeOf(span));
}

function numberLiteral(binding: Binding, text: string, span: Span | undefined): Typed {
  const suffixed = /^([\d.]+)(BD|[LSYDF])$/i.exec(text);
  const digits = suffixed?.[1] ?? text;
  const suffix = suffixed?.[2]?.toUpperCase();
  const type = suffix === undefined || suffix === 'BD' ? numberType(digits) : SUFFIXES[suffix];
  if (type === undefined) return broken(binding, 'TYP004', `the number ${text.slice(0, 60)}`, binding.placeOf(span));
  return constant(type, cast(digits, type), Number(digits));
}

function numberType(digits: string): SqlType | undefined {
  if (/^\d+$/.test(digits)) {
    const value = Number(digits);
    if (value <= INT_MAX) return INT;
    if (digits.length <= 18) return BIGINT;
    return digits.length <= 38 ? decimal(digits.length, 0) : undefined;
  }
  if (/e/i.test(digits)) return DOUBLE;
  const [whole = '', behind = ''] = digits.split('.');
  const scale = behind.length;
  const precision = Math.max(whole.replace(/^0+/, '').length + scale, scale, 1);
  return precision <= 38 ? decimal(precision, scale) : undefined;
}

export const TRUE = constant(BOOLEAN, 'TRUE', true);
export const FALSE = constant(BOOLEAN, 'FALSE', false);
export const NULL = constant(NULL_TYPE, 'NULL', null);

/** An interval stands beside a date in Spark; in a config it is written as date_add or add_months. */
export function interval(binding: Binding, span: Span | undefined): Typed {
  const place = binding.placeOf(span);
  unverified(binding, 'INTERVAL', place);
  return { ...constant(NULL_TYPE, 'NULL', null), broken: true, place };
}
