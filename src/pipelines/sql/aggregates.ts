import { type Binding, broken, joined, type Typed, tell, unverified } from './binding.js';
import type { Call } from './calls.js';
import { exactMean } from './decimal.js';
import { filled, typesOf } from './function-kinds.js';
import { cast } from './render.js';
import { BIGINT, BOOLEAN, DOUBLE, decimal, isFloating, isInteger, isNumeric, type SqlType } from './type.js';

interface AggregateRule {
  arity: 1 | 2;
  result(args: readonly SqlType[]): SqlType | undefined;
  /** `$1`, `$2` are the arguments, `$d` is DISTINCT. */
  template: string;
  neverNull?: boolean;
  /** What depends on an order that nobody states. */
  unsure?: string;
}

const same = ([type]: readonly SqlType[]): SqlType | undefined => type;
const ordered = ([type]: readonly SqlType[]): SqlType | undefined => (type?.kind === 'map' ? undefined : type);
const real = ([type]: readonly SqlType[]): SqlType | undefined => (type && isNumeric(type) ? DOUBLE : undefined);
const truth = ([type]: readonly SqlType[]): SqlType | undefined => (type?.kind === 'boolean' ? BOOLEAN : undefined);
const listed = ([type]: readonly SqlType[]): SqlType | undefined => type && { kind: 'array', element: type };

function summed([type]: readonly SqlType[]): SqlType | undefined {
  if (type === undefined) return undefined;
  if (type.kind === 'decimal') return decimal(Math.min(type.precision + 10, 38), type.scale);
  if (isInteger(type)) return BIGINT;
  return isFloating(type) ? DOUBLE : undefined;
}

function averaged([type]: readonly SqlType[]): SqlType | undefined {
  if (type?.kind === 'decimal') return decimal(Math.min(type.precision + 4, 38), Math.min(type.scale + 4, 38));
  return type && isNumeric(type) ? DOUBLE : undefined;
}

const AGGREGATES: Record<string, AggregateRule> = {
  sum: { arity: 1, result: summed, template: 'sum($d$1)' },
  avg: { arity: 1, result: averaged, template: 'avg($d$1)' },
  min: { arity: 1, result: ordered, template: 'min($1)' },
  max: { arity: 1, result: ordered, template: 'max($1)' },
  count: { arity: 1, result: () => BIGINT, template: 'count($d$1)', neverNull: true },
  count_if: { arity: 1, result: (args) => truth(args) && BIGINT, template: 'count_if($1)', neverNull: true },
  bool_and: { arity: 1, result: truth, template: 'bool_and($1)' },
  bool_or: { arity: 1, result: truth, template: 'bool_or($1)' },
  max_by: { arity: 2, result: same, template: 'arg_max_null($1, $2)' },
  min_by: { arity: 2, result: same, template: 'arg_min_null($1, $2)' },
  stddev: { arity: 1, result: real, template: 'stddev_samp($1)' },
  stddev_samp: { arity: 1, result: real, template: 'stddev_samp($1)' },
  stddev_pop: { arity: 1, result: real, template: 'stddev_pop($1)' },
  variance: { arity: 1, result: real, template: 'var_samp($1)' },
  var_samp: { arity: 1, result: real, template: 'var_samp($1)' },
  var_pop: { arity: 1, result: real, template: 'var_pop($1)' },
  median: { arity: 1, result: real, template: 'quantile_cont($1, 0.5)' },
  any_value: { arity: 1, result: same, template: 'first($1)', unsure: 'any_value takes any row' },
  first: { arity: 1, result: same, template: 'first($1)', unsure: 'first without an order takes any row' },
  last: { arity: 1, result: same, template: 'last($1)', unsure: 'last without an order takes any row' },
  mode: { arity: 1, result: same, template: 'mode($1)', unsure: 'mode of equal counts takes any value' },
  collect_list: { arity: 1, result: listed, template: 'list($1)', unsure: 'collect_list in no order', neverNull: true },
  collect_set: {
    arity: 1,
    result: listed,
    template: 'list(DISTINCT $1)',
    unsure: 'collect_set in no order',
    neverNull: true,
  },
  array_agg: { arity: 1, result: listed, template: 'list($1)', unsure: 'array_agg in no order', neverNull: true },
  approx_count_distinct: {
    arity: 1,
    result: () => BIGINT,
    template: 'count(DISTINCT $1)',
    neverNull: true,
    unsure: 'approx_count_distinct is approximate',
  },
};

export function isAggregate(name: string): boolean {
  return Object.hasOwn(AGGREGATES, name);
}

/** An aggregate over bound arguments, with Spark's result type. */
export function aggregate(
  binding: Binding,
  call: Call,
  args: readonly Typed[],
  filter: Typed | undefined,
  place: Typed['place'],
): Typed {
  const rule = AGGREGATES[call.name];
  if (rule === undefined) return broken(binding, 'SQL020', `function '${call.name}' is not known`, place);
  const all = joined(filter === undefined ? args : [...args, filter]);
  if (args.some((arg) => arg.aggregate)) {
    return broken(binding, 'SQL009', `an aggregate inside ${call.name}()`, place);
  }
  binding.aggregates.push({ name: call.name, over: all.from, distinct: call.distinct, place });
  const done = (type: SqlType, sql: string, neverNull: boolean): Typed => ({
    type,
    nullable: !neverNull,
    sql: filter === undefined ? sql : `${sql} FILTER (WHERE ${filter.sql})`,
    from: all.from,
    loose: [],
    aggregate: true,
    broken: all.broken ?? false,
    place,
  });
  if (call.name === 'count' && call.star) return done(BIGINT, 'count(*)', true);
  if (args.length !== rule.arity) {
    return broken(binding, 'TYP003', `${call.name}() takes ${rule.arity} argument(s), not ${args.length}`, place);
  }
  const type = all.broken ? BIGINT : rule.result(args.map((arg) => arg.type));
  if (type === undefined) return broken(binding, 'TYP003', `${call.name}() can not take ${typesOf(args)}`, place);
  warn(binding, call, rule, args, place);
  const only = filter === undefined ? '' : ` FILTER (WHERE ${filter.sql})`;
  const fill = (template: string): string =>
    filled(template.replace('$d', call.distinct ? 'DISTINCT ' : ''), args) + only;
  const mean = call.name === 'avg' ? meanOf(args[0], type, fill) : undefined;
  if (mean === false) unverified(binding, 'avg of decimals this wide', place);
  return { ...done(type, '', rule.neverNull ?? false), sql: mean || cast(fill(rule.template), type) };
}

/** Decimals have an exact mean; false when it can not be had, undefined when it is a number in floating point. */
function meanOf(arg: Typed | undefined, type: SqlType, fill: (template: string) => string): string | false | undefined {
  if (arg?.type.kind !== 'decimal') return undefined;
  const sum = { sql: fill('sum($d$1)'), scale: arg.type.scale };
  return exactMean(sum, fill('count($d$1)'), type) ?? false;
}

function warn(binding: Binding, call: Call, rule: AggregateRule, args: readonly Typed[], place: Typed['place']): void {
  if (rule.unsure !== undefined) unverified(binding, rule.unsure, place);
  if (call.distinct && !rule.template.includes('$d')) unverified(binding, `DISTINCT in ${call.name}`, place);
  const [type] = args.map((arg) => arg.type);
  if (call.name === 'sum' && type?.kind === 'decimal' && type.precision > 28) {
    tell(binding, 'DEC004', `the sum of DECIMAL(${type.precision},${type.scale}) can overflow 38 digits`, place);
  }
}
