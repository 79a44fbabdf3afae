import { arithmetic } from './arithmetic.js';
import { type Typed, unverified } from './binding.js';
import { coerced } from './coerce.js';
import { type FunctionRule, fixed, literalInt, number, type Result } from './function-kinds.js';
import { cast } from './render.js';
import {
  asDecimal,
  BIGINT,
  BOOLEAN,
  boundedDecimal,
  commonType,
  DOUBLE,
  decimal,
  isFloating,
  isInteger,
  type SqlType,
  simple,
} from './type.js';

const same: FunctionRule = {
  arity: [1, 1],
  needs: 'a number',
  bind: ([arg]) => (arg && number(arg.type) ? { type: arg.type, sql: cast(`abs(${arg.sql})`, arg.type) } : undefined),
};

/** `ceil` and `floor` without digits: BIGINT, or a decimal without digits behind the point. */
function toWhole(name: 'ceil' | 'floor'): FunctionRule {
  return {
    arity: [1, 1],
    needs: 'a number',
    bind: ([arg]) => {
      if (!arg || !number(arg.type)) return undefined;
      const { type } = arg;
      const result: SqlType =
        type.kind === 'decimal' ? boundedDecimal(type.precision - type.scale + 1, 0).type : BIGINT;
      return { type: result, sql: cast(`${name}(${arg.sql})`, result) };
    },
  };
}

/** `round(x, n)`: half up, as Spark; `bround` rounds to the even digit. */
function rounding(name: 'round' | 'round_even'): FunctionRule {
  return {
    arity: [1, 2],
    needs: 'a number and a literal number of digits',
    bind: ([arg, digits], binding, place) => {
      const count = digits === undefined ? 0 : literalInt(digits);
      if (!arg || !number(arg.type) || count === undefined) return undefined;
      if (count < 0 || count > 37) {
        unverified(binding, `rounding to ${count} digits`, place);
        return { type: arg.type, sql: cast('NULL', arg.type) };
      }
      const type = roundedType(arg.type, count);
      return { type, sql: cast(`${name}(${arg.sql}, ${count})`, type) };
    },
  };
}

function roundedType(type: SqlType, digits: number): SqlType {
  if (type.kind !== 'decimal') return type;
  if (digits >= type.scale) return decimal(type.precision, type.scale);
  const whole = type.precision - type.scale + 1;
  return boundedDecimal(whole + digits, digits).type;
}

/** The greatest or least of several; NULL is passed over. */
function extreme(name: 'greatest' | 'least'): FunctionRule {
  return {
    arity: [2, 50],
    needs: 'arguments with a common type',
    bind: (args, binding) => {
      const type = commonOf(args);
      if (type === undefined) return undefined;
      const sql = `${name}(${args.map((arg) => coerced(binding, arg, type)).join(', ')})`;
      return { type, sql, nullable: args.every(({ nullable }) => nullable) };
    },
  };
}

/** The type in which all arguments meet. */
export function commonOf(args: readonly Typed[]): SqlType | undefined {
  return args.reduce<SqlType | undefined>((type, arg) => type && commonType(type, arg.type), simple('null'));
}

const pmod: FunctionRule = {
  arity: [2, 2],
  needs: 'numbers',
  bind: ([a, b]): Result | undefined => {
    const type = a && b && commonType(a.type, b.type);
    if (!type || !number(type)) return undefined;
    const [x, y] = [cast(a.sql, type), cast(b.sql, type)];
    return {
      type,
      sql: `CASE WHEN ${y} = 0 THEN error('DIVIDE_BY_ZERO') ELSE ${cast(`((${x} % ${y}) + ${y}) % ${y}`, type)} END`,
    };
  },
};

const mod: FunctionRule = {
  arity: [2, 2],
  needs: 'numbers',
  bind: ([a, b], binding) => a && b && arithmetic(binding, 'mod', a, b),
};

const tryDivide: FunctionRule = {
  arity: [2, 2],
  needs: 'numbers',
  bind: ([a, b]) => {
    if (!a || !b || !number(a.type) || !number(b.type)) return undefined;
    if ((asDecimal(a.type) && !isInteger(a.type)) || (asDecimal(b.type) && !isInteger(b.type))) return undefined;
    return { type: DOUBLE, sql: `(${cast(a.sql, DOUBLE)} / nullif(${cast(b.sql, DOUBLE)}, 0))`, nullable: true };
  },
};

const real = (template: string): FunctionRule => fixed([number], DOUBLE, template);

/** Number functions of Spark. */
export const NUMBER_FUNCTIONS: Record<string, FunctionRule> = {
  abs: same,
  ceil: toWhole('ceil'),
  floor: toWhole('floor'),
  round: rounding('round'),
  bround: rounding('round_even'),
  greatest: extreme('greatest'),
  least: extreme('least'),
  pmod,
  mod,
  try_divide: tryDivide,
  sqrt: real('sqrt($1)'),
  cbrt: real('cbrt($1)'),
  exp: real('exp(CAST($1 AS DOUBLE))'),
  // Of what is not above zero Spark gives NULL.
  ln: { ...real('CASE WHEN $1 > 0 THEN ln($1) END'), arity: [1, 1] },
  log10: real('CASE WHEN $1 > 0 THEN log10($1) END'),
  log2: real('CASE WHEN $1 > 0 THEN log2($1) END'),
  power: fixed([number, number], DOUBLE, 'pow($1, $2)'),
  sign: real('sign($1)'),
  isnan: {
    arity: [1, 1],
    needs: 'a number',
    bind: ([arg]) => {
      if (!arg || !number(arg.type)) return undefined;
      const sql = isFloating(arg.type) ? `coalesce(isnan(${arg.sql}), FALSE)` : 'FALSE';
      return { type: BOOLEAN, sql, nullable: false };
    },
  },
  rand: {
    arity: [0, 1],
    needs: 'nothing',
    volatile: true,
    bind: () => ({ type: DOUBLE, sql: 'random()', nullable: false }),
  },
};
