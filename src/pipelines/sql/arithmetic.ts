import { type Binding, broken, joined, type Typed, tell, unverified } from './binding.js';
import { coerced } from './coerce.js';
import { type Digits, exactQuotient, roundedResult, wholeQuotient } from './decimal.js';
import { cast, duckType } from './render.js';
import {
  asDecimal,
  BIGINT,
  boundedDecimal,
  commonType,
  DATE,
  DOUBLE,
  decimal,
  isFloating,
  isInteger,
  isNumeric,
  isTemporal,
  NULL_TYPE,
  printType,
  type SqlType,
} from './type.js';

export type ArithmeticOp = 'add' | 'sub' | 'mul' | 'div' | 'mod' | 'int_div';
const SIGNS: Record<ArithmeticOp, string> = { add: '+', sub: '-', mul: '*', div: '/', mod: '%', int_div: '//' };

/** The decimal of an operand; a whole literal is as narrow as its digits (`3` is DECIMAL(1,0)). */
function decimalOf({ type, literal }: Typed): { precision: number; scale: number } | undefined {
  if (typeof literal === 'number' && Number.isInteger(literal) && isInteger(type)) {
    return { precision: String(Math.abs(literal)).length, scale: 0 };
  }
  return asDecimal(type);
}

/** Precision and scale of the result before the limit of 38 digits: Spark's `DecimalArithmetic`. */
function decimalResult(op: ArithmeticOp, a: Digits, b: Digits): Digits {
  const scale = Math.max(a.scale, b.scale);
  const [wholeA, wholeB] = [a.precision - a.scale, b.precision - b.scale];
  switch (op) {
    case 'mul':
      return { precision: a.precision + b.precision + 1, scale: a.scale + b.scale };
    case 'div': {
      const behind = Math.max(6, a.scale + b.precision + 1);
      return { precision: wholeA + b.scale + behind, scale: behind };
    }
    case 'mod':
      return { precision: Math.min(wholeA, wholeB) + scale, scale };
    default:
      return { precision: Math.max(wholeA, wholeB) + scale + 1, scale };
  }
}

/** `a op b` with Spark's result type, written so that DuckDB gives the same. */
export function arithmetic(binding: Binding, op: ArithmeticOp, left: Typed, right: Typed): Typed {
  const both = joined([left, right]);
  const nullable = left.nullable || right.nullable;
  if (both.broken) return { ...both, type: DOUBLE, nullable, sql: 'NULL' };
  if (isTemporal(left.type) || isTemporal(right.type)) return withInstant(binding, op, left, right);
  const [a, b] = [numberOf(left, right), numberOf(right, left)];
  if (a === undefined || b === undefined) {
    const message = `${printType(left.type)} ${SIGNS[op]} ${printType(right.type)}: both must be numbers`;
    return broken(binding, 'TYP003', message, both.place);
  }
  const numbers = {
    left: { ...left, sql: coerced(binding, left, a) },
    right: { ...right, sql: coerced(binding, right, b) },
  };
  const decimals = [decimalOf({ ...left, type: a }), decimalOf({ ...right, type: b })] as const;
  if (op === 'int_div') return wholeDivision(binding, numbers, [a, b]);
  const exact = (a.kind === 'decimal' || b.kind === 'decimal') && !isFloating(a) && !isFloating(b);
  if (exact && decimals[0] && decimals[1])
    return decimalTyped(binding, op, { ...numbers, decimals: [decimals[0], decimals[1]] });
  return { ...both, nullable, ...binaryNumber(op, numbers, [a, b]) };
}

interface Numbers {
  left: Typed;
  right: Typed;
}

function binaryNumber(
  op: ArithmeticOp,
  { left, right }: Numbers,
  [a, b]: readonly [SqlType, SqlType],
): Pick<Typed, 'type' | 'sql'> {
  if (op === 'div') {
    return { type: DOUBLE, sql: guarded(right, `(${cast(left.sql, DOUBLE)} / ${cast(right.sql, DOUBLE)})`) };
  }
  const type = commonType(a, b) ?? DOUBLE;
  const plain = cast(`(${cast(left.sql, type)} ${SIGNS[op]} ${cast(right.sql, type)})`, type);
  return { type, sql: op === 'mod' ? guarded(right, plain) : plain };
}

/** `DIV`: whole numbers and decimals only, and always BIGINT. */
function wholeDivision(binding: Binding, { left, right }: Numbers, types: readonly [SqlType, SqlType]): Typed {
  const both = joined([left, right]);
  const operands = [asDecimal(types[0]), asDecimal(types[1])] as const;
  if (operands[0] === undefined || operands[1] === undefined) {
    const message = `${printType(types[0])} DIV ${printType(types[1])}: whole numbers or decimals`;
    return broken(binding, 'TYP003', message, both.place);
  }
  const sql = types.every(isInteger)
    ? cast(`(${cast(left.sql, BIGINT)} // ${right.sql})`, BIGINT)
    : wholeQuotient({ sql: left.sql, scale: operands[0].scale }, { sql: right.sql, scale: operands[1].scale });
  return { ...both, type: BIGINT, nullable: left.nullable || right.nullable, sql: guarded(right, sql) };
}

/** A text beside a whole number is read as BIGINT under ANSI, beside any other number as DOUBLE; two texts are no numbers. */
function numberOf({ type }: Typed, { type: other }: Typed): SqlType | undefined {
  if (isNumeric(type)) return type;
  if (type.kind === 'null') return isNumeric(other) ? other : BIGINT;
  if (type.kind !== 'string' || other.kind === 'string') return undefined;
  return isInteger(other) ? BIGINT : DOUBLE;
}

function decimalTyped(
  binding: Binding,
  op: Exclude<ArithmeticOp, 'int_div'>,
  { left, right, decimals }: Numbers & { decimals: readonly [Digits, Digits] },
): Typed {
  const both = joined([left, right]);
  const wanted = decimalResult(op, ...decimals);
  const { type, lostScale } = boundedDecimal(wanted.precision, wanted.scale);
  if (lostScale > 0 && op !== 'div') {
    const message = `${SIGNS[op]} needs ${wanted.precision} digits; ${lostScale} behind the point are lost at 38`;
    tell(binding, 'DEC006', message, both.place);
  }
  const sql = decimalSql(op, { left, right, decimals }, wanted, type);
  if (sql === undefined) unverified(binding, `${SIGNS[op]} of decimals this wide`, both.place);
  return { ...both, type, nullable: left.nullable || right.nullable, sql: sql ?? cast('NULL', type) };
}

function decimalSql(
  op: Exclude<ArithmeticOp, 'int_div'>,
  { left, right, decimals: [a, b] }: Numbers & { decimals: readonly [Digits, Digits] },
  wanted: Digits,
  type: SqlType,
): string | undefined {
  const operands = [
    { sql: left.sql, scale: a.scale },
    { sql: right.sql, scale: b.scale },
  ] as const;
  if (op === 'div') {
    const quotient = exactQuotient(...operands, wanted, type);
    return quotient && guarded(right, quotient);
  }
  if (op === 'mod') {
    const scale = Math.max(a.scale, b.scale);
    const whole = Math.max(a.precision - a.scale, b.precision - b.scale);
    if (whole + scale > 38) return undefined;
    const wide = decimal(whole + scale, scale);
    return guarded(right, cast(`(${cast(left.sql, wide)} % ${cast(right.sql, wide)})`, type));
  }
  if (type.kind === 'decimal' && type.scale < wanted.scale) return roundedResult(SIGNS[op], ...operands, wanted, type);
  const wide = (part: Typed, { scale }: Digits): string => cast(part.sql, decimal(38, scale));
  const parts = op === 'mul' ? [wide(left, a), wide(right, b)] : [cast(left.sql, type), cast(right.sql, type)];
  return cast(`(${parts[0]} ${SIGNS[op]} ${parts[1]})`, type);
}

/** Spark stops at a division by zero; DuckDB would give NULL. */
function guarded(divisor: Typed, sql: string): string {
  return `CASE WHEN ${divisor.sql} = 0 THEN error('DIVIDE_BY_ZERO') ELSE ${sql} END`;
}

/** Dates and whole days; intervals are not for a config that somebody reviews in a channel. */
function withInstant(binding: Binding, op: ArithmeticOp, left: Typed, right: Typed): Typed {
  const both = joined([left, right]);
  const nullable = left.nullable || right.nullable;
  if (left.type.kind === 'date' && isInteger(right.type) && (op === 'add' || op === 'sub')) {
    return {
      ...both,
      type: DATE,
      nullable,
      sql: `CAST((${left.sql} ${SIGNS[op]} ${cast(right.sql, { kind: 'int' })}) AS ${duckType(DATE)})`,
    };
  }
  const what = `${printType(left.type)} ${SIGNS[op]} ${printType(right.type)}`;
  if (op === 'sub' && isTemporal(left.type) && isTemporal(right.type)) {
    unverified(binding, `${what} (an interval: use datediff)`, both.place);
    return { ...both, type: NULL_TYPE, nullable, sql: 'NULL', broken: true };
  }
  const message = `${what}: use date_add, datediff or date_trunc`;
  return broken(binding, 'TYP003', message, both.place);
}
