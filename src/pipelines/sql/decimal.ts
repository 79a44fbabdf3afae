import { duckType } from './render.js';
import type { SqlType } from './type.js';

/** Precision and scale. */
export interface Digits {
  precision: number;
  scale: number;
}

/** A decimal operand: its SQL, and the scale in which its digits are whole. */
export interface Operand {
  sql: string;
  scale: number;
}

const power = (digits: number): string => `CAST('1${'0'.repeat(digits)}' AS HUGEINT)`;
const unscaled = ({ sql }: Operand, more = 0): string =>
  more === 0 ? `spk_unscaled(${sql})` : `(spk_unscaled(${sql}) * ${power(more)})`;

/** A whole number of units of the type's scale as a value of that decimal type. */
function scaled(sql: string, type: SqlType & { kind: 'decimal' }): string {
  return `CAST(spk_decimal_text(${sql}, ${type.scale}) AS ${duckType(type)})`;
}

/** `a / b` to the last digit; undefined where 128 bits may not hold the dividend. */
export function exactQuotient(a: Operand, b: Operand, wanted: Digits, type: SqlType): string | undefined {
  if (type.kind !== 'decimal') return undefined;
  const more = type.scale + b.scale - a.scale;
  if (more < 0 || wanted.precision - wanted.scale > 38 - type.scale) return undefined;
  return scaled(`spk_round_divide(${unscaled(a, more)}, ${unscaled(b)})`, type);
}

/** `a DIV b`: cut, not rounded. */
export function wholeQuotient(a: Operand, b: Operand): string {
  const scale = Math.max(a.scale, b.scale);
  return `CAST(${unscaled(a, scale - a.scale)} // ${unscaled(b, scale - b.scale)} AS BIGINT)`;
}

/** `+`, `-` or `*` whose exact result has more digits behind the point than the type: computed whole, then rounded once. */
export function roundedResult(sign: string, a: Operand, b: Operand, wanted: Digits, type: SqlType): string | undefined {
  if (type.kind !== 'decimal') return undefined;
  const [left, right] =
    sign === '*'
      ? [unscaled(a), unscaled(b)]
      : [unscaled(a, wanted.scale - a.scale), unscaled(b, wanted.scale - b.scale)];
  return scaled(`spk_round_divide(${left} ${sign} ${right}, ${power(wanted.scale - type.scale)})`, type);
}

/** The mean of decimals: their exact sum by their number. */
export function exactMean(sum: Operand, count: string, type: SqlType): string | undefined {
  if (type.kind !== 'decimal' || type.scale < sum.scale) return undefined;
  return scaled(`spk_round_divide(${unscaled(sum, type.scale - sum.scale)}, ${count})`, type);
}
