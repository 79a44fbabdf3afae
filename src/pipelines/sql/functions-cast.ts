import { type Typed, unverified } from './binding.js';
import { converted } from './coerce.js';
import type { FunctionRule } from './function-kinds.js';
import {
  BIGINT,
  BOOLEAN,
  canCast,
  DATE,
  DOUBLE,
  INT,
  printType,
  type SqlType,
  STRING,
  simple,
  TIMESTAMP,
} from './type.js';

/** `int(x)` is `CAST(x AS INT)`. */
const castTo = (to: SqlType): FunctionRule => ({
  arity: [1, 1],
  needs: `a value that can be cast to ${printType(to)}`,
  bind: ([arg]: readonly Typed[], binding, place) => {
    if (!arg || !canCast(arg.type, to)) return undefined;
    const sql = converted(arg.sql, arg.type, to, false);
    if (sql === undefined) unverified(binding, `the cast from ${printType(arg.type)} to ${printType(to)}`, place);
    return { type: to, sql: sql ?? 'NULL' };
  },
});

/** Casts that are written as functions. */
export const CAST_FUNCTIONS: Record<string, FunctionRule> = {
  boolean: castTo(BOOLEAN),
  tinyint: castTo(simple('tinyint')),
  smallint: castTo(simple('smallint')),
  int: castTo(INT),
  bigint: castTo(BIGINT),
  float: castTo(simple('float')),
  double: castTo(DOUBLE),
  string: castTo(STRING),
  date: castTo(DATE),
  timestamp: castTo(TIMESTAMP),
};
