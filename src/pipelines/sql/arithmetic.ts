import { type Binding, broken, joined, type Typed, tell } from './binding.js';
import { cast, duckType } from './render.js';
import {
  asDecimal,
  BIGINT,
  boundedDecimal,
  commonType,
  DATE,
  DOUBLE,
  isFloating,
  isInteger,
  isNumeric,
  isTemporal,
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
function decimalResult(op: ArithmeticOp, a: Dec, b: Dec): Dec {
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

interface Dec {
  precision: number;
  scale: number;
}

/** `a op b` with Spark's result type, written so that DuckDB gives the same. */
export function arithmetic(binding: Binding, op: ArithmeticOp, left: Typed, right: Typed): Typed {
  const both = joined([left, right]);
  const nullable = left.nullable || right.nullable;
  if (both.broken) return { ...both, type: DOUBLE, nullable, sql: 'NULL' };
  if (isTemporal(left.type) || isTemporal(right.type)) return withInstant(binding, op, left, right);
  const [a, b] = [numberOf(left), numberOf(right)];
  if (a === undefined || b === undefined) {
    const message = `${printType(left.type)} ${SIGNS[op]} ${printType(right.type)}: both must be numbers`;
    return broken(binding, 'TYP003', message, both.place);
  }
  const done = (type: SqlType, sql: string): Typed => ({ ...both, type, nullable, sql });
  if (op === 'int_div')
    return done(BIGINT, guarded(right, cast(`(${cast(left.sql, BIGINT)} // ${right.sql})`, BIGINT)));
  const decimals = [decimalOf(left), decimalOf(right)] as const;
  const exact = (a.kind === 'decimal' || b.kind === 'decimal') && !isFloating(a) && !isFloating(b);
  if (exact && decimals[0] && decimals[1])
    return decimalTyped(binding, op, { left, right, decimals: [decimals[0], decimals[1]] });
  if (op === 'div') return done(DOUBLE, guarded(right, `(${cast(left.sql, DOUBLE)} / ${cast(right.sql, DOUBLE)})`));
  const type = commonType(a, b) ?? DOUBLE;
  const plain = cast(`(${cast(left.sql, type)} ${SIGNS[op]} ${cast(right.sql, type)})`, type);
  return done(type, op === 'mod' ? guarded(right, plain) : plain);
}

/** A text is read as a number under ANSI. */
function numberOf({ type }: Typed): SqlType | undefined {
  if (isNumeric(type)) return type;
  if (type.kind === 'null') return BIGINT;
  return type.kind === 'string' ? DOUBLE : undefined;
}

function decimalTyped(
  binding: Binding,
  op: ArithmeticOp,
  { left, right, decimals }: { left: Typed; right: Typed; decimals: readonly [Dec, Dec] },
): Typed {
  const both = joined([left, right]);
  const nullable = left.nullable || right.nullable;
  const wanted = decimalResult(op, ...decimals);
  const { type, lostScale } = boundedDecimal(wanted.precision, wanted.scale);
  if (lostScale > 0 && op !== 'div') {
    const message = `${SIGNS[op]} needs ${wanted.precision} digits; ${lostScale} behind the point are lost at 38`;
    tell(binding, 'DEC006', message, both.place);
  }
  const wide = (part: Typed, { scale }: Dec): string => `CAST(${part.sql} AS DECIMAL(38,${scale}))`;
  if (op === 'div') {
    const quotient = `(${cast(left.sql, DOUBLE)} / ${cast(right.sql, DOUBLE)})`;
    return { ...both, type, nullable, sql: guarded(right, cast(quotient, type)) };
  }
  const [a, b] =
    op === 'mul' ? [wide(left, decimals[0]), wide(right, decimals[1])] : [cast(left.sql, type), cast(right.sql, type)];
  const result = cast(`(${a} ${SIGNS[op]} ${b})`, type);
  return { ...both, type, nullable, sql: op === 'mod' ? guarded(right, result) : result };
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
  const message = `${printType(left.type)} ${SIGNS[op]} ${printType(right.type)}: use date_add, datediff or date_trunc`;
  return broken(binding, 'TYP003', message, both.place);
}
