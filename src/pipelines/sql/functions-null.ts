import { coerced } from './coerce.js';
import type { FunctionRule, Result } from './function-kinds.js';
import { commonOf } from './functions-number.js';
import { cast } from './render.js';
import { BOOLEAN, commonType, INT, STRING } from './type.js';

const coalesce: FunctionRule = {
  arity: [1, 100],
  needs: 'arguments with a common type',
  bind: (args, binding): Result | undefined => {
    const type = commonOf(args);
    if (type === undefined) return undefined;
    const sql = `coalesce(${args.map((arg) => coerced(binding, arg, type)).join(', ')})`;
    return { type, sql, nullable: args.every(({ nullable }) => nullable) };
  },
};

const nullif: FunctionRule = {
  arity: [2, 2],
  needs: 'two values that can be compared',
  bind: ([a, b], binding) => {
    const type = a && b && commonType(a.type, b.type);
    if (!type) return undefined;
    return {
      type: a.type,
      sql: `CASE WHEN ${coerced(binding, a, type)} = ${coerced(binding, b, type)} THEN NULL ELSE ${a.sql} END`,
      nullable: true,
    };
  },
};

const ifRule: FunctionRule = {
  arity: [3, 3],
  needs: 'a condition and two values with a common type',
  bind: ([condition, yes, no], binding) => {
    const type = yes && no && commonType(yes.type, no.type);
    if (condition?.type.kind !== 'boolean' || !type) return undefined;
    const sql = `CASE WHEN ${condition.sql} THEN ${coerced(binding, yes, type)} ELSE ${coerced(binding, no, type)} END`;
    return { type, sql, nullable: yes.nullable || no.nullable };
  },
};

const nvl2: FunctionRule = {
  arity: [3, 3],
  needs: 'a value and two values with a common type',
  bind: ([subject, yes, no], binding) => {
    const type = yes && no && commonType(yes.type, no.type);
    if (!subject || !type) return undefined;
    const sql = `CASE WHEN ${subject.sql} IS NOT NULL THEN ${coerced(binding, yes, type)} ELSE ${coerced(binding, no, type)} END`;
    return { type, sql, nullable: yes.nullable || no.nullable };
  },
};

const zeroifnull: FunctionRule = {
  arity: [1, 1],
  needs: 'a number',
  bind: ([arg], binding) => {
    const type = arg && commonType(arg.type, INT);
    if (!arg || !type) return undefined;
    return { type, sql: `coalesce(${coerced(binding, arg, type)}, ${cast('0', type)})`, nullable: false };
  },
};

const nullness = (not: boolean): FunctionRule => ({
  arity: [1, 1],
  needs: 'one value',
  bind: ([arg]) => arg && { type: BOOLEAN, sql: `(${arg.sql} IS ${not ? 'NOT ' : ''}NULL)`, nullable: false },
});

/** Functions about NULL, and those that choose. */
export const NULL_FUNCTIONS: Record<string, FunctionRule> = {
  coalesce,
  nullif,
  if: ifRule,
  nvl2,
  zeroifnull,
  isnull: nullness(false),
  isnotnull: nullness(true),
  uuid: {
    arity: [0, 0],
    needs: 'nothing',
    volatile: true,
    bind: () => ({ type: STRING, sql: 'CAST(uuid() AS VARCHAR)', nullable: false }),
  },
};
