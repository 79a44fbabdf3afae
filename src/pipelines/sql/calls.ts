import { getPosition } from './span.js';
import { kindOf, list, NotUnderstood, parts, type Tree } from './tree.js';

/** A call as the binder reads it, whatever the parser made of it. */
export interface Call {
  name: string;
  args: readonly unknown[];
  distinct: boolean;
  ignoreNulls: boolean;
  /** Condition of `FILTER (WHERE …)`. */
  filter: unknown;
  star: boolean;
}

/** Functions for which the parser has nodes of their own: their Spark name, and where the arguments lie, in order. */
const NODES: Record<string, readonly [name: string, ...keys: string[]]> = {
  sum: ['sum', 'this'],
  min: ['min', 'this'],
  max: ['max', 'this'],
  avg: ['avg', 'this'],
  count: ['count', 'this'],
  count_if: ['count_if', 'this'],
  any_value: ['any_value', 'this'],
  first: ['first', 'this'],
  last: ['last', 'this'],
  logical_and: ['bool_and', 'this'],
  logical_or: ['bool_or', 'this'],
  array_agg: ['array_agg', 'this'],
  stddev: ['stddev', 'this'],
  stddev_samp: ['stddev_samp', 'this'],
  stddev_pop: ['stddev_pop', 'this'],
  variance: ['variance', 'this'],
  var_samp: ['var_samp', 'this'],
  var_pop: ['var_pop', 'this'],
  median: ['median', 'this'],
  mode: ['mode', 'this'],
  approx_count_distinct: ['approx_count_distinct', 'this'],
  nvl: ['coalesce', 'this', 'expression'],
  nvl2: ['nvl2', 'this', 'true_value', 'false_value'],
  upper: ['upper', 'this'],
  lower: ['lower', 'this'],
  length: ['length', 'this'],
  substring: ['substring', 'this', 'start', 'length'],
  str_position: ['instr', 'this', 'substr'],
  initcap: ['initcap', 'this'],
  contains: ['contains', 'this', 'expression'],
  starts_with: ['startswith', 'this', 'expression'],
  ends_with: ['endswith', 'this', 'expression'],
  abs: ['abs', 'this'],
  ceil: ['ceil', 'this'],
  floor: ['floor', 'this'],
  sqrt: ['sqrt', 'this'],
  power: ['power', 'this', 'expression'],
  exp: ['exp', 'this'],
  ln: ['ln', 'this'],
  mod_func: ['mod', 'this', 'expression'],
  year: ['year', 'this'],
  month: ['month', 'this'],
  day: ['day', 'this'],
  day_of_month: ['day', 'this'],
  quarter: ['quarter', 'this'],
  hour: ['hour', 'this'],
  minute: ['minute', 'this'],
  second: ['second', 'this'],
  day_of_week: ['dayofweek', 'this'],
  day_of_year: ['dayofyear', 'this'],
  week_of_year: ['weekofyear', 'this'],
  add_months: ['add_months', 'this', 'expression'],
  months_between: ['months_between', 'this', 'expression'],
  last_day: ['last_day', 'this'],
  zero_if_null: ['zeroifnull', 'this'],
  regexp_like: ['regexp_like', 'this', 'pattern'],
  rand: ['rand', 'this'],
  random: ['rand'],
};

/** Other names of the same function. */
const SYNONYMS: Record<string, string> = {
  mean: 'avg',
  some: 'bool_or',
  any: 'bool_or',
  every: 'bool_and',
  first_value: 'first',
  last_value: 'last',
  ifnull: 'coalesce',
  pow: 'power',
  ceiling: 'ceil',
  date_diff: 'datediff',
  dateadd: 'date_add',
  signum: 'sign',
  std: 'stddev',
  random: 'rand',
  character_length: 'length',
  now: 'current_timestamp',
};

/** The call that a node is; undefined when it is none. */
export function callOf(kind: string, body: Tree): Call | undefined {
  if (kind === 'function' || kind === 'aggregate_function') {
    const { args, distinct, filter } = parts(kind, body, 'args', 'distinct', 'filter');
    const written = call(String(body['name']), list(args), { distinct: distinct === true, filter });
    return written.name === 'date_part' || written.name === 'datepart' ? datePart(written) : withoutUnit(written, body);
  }
  if (kind === 'coalesce') return call('coalesce', list(parts(kind, body, 'expressions').expressions));
  if (kind === 'if_func') {
    const { condition, true_value, false_value } = parts(kind, body, 'condition', 'true_value', 'false_value');
    return call('if', [condition, true_value, false_value]);
  }
  if (kind === 'trim') return trim(body);
  if (kind === 'extract') return extract(body);
  const known = Object.hasOwn(NODES, kind) ? NODES[kind] : undefined;
  if (known === undefined) return undefined;
  const [name, ...keys] = known;
  const read = parts(kind, body, ...keys, 'distinct', 'filter', 'ignore_nulls', 'star');
  const args = keys.map((key) => read[key]).filter((arg) => arg !== undefined);
  const extras = { distinct: read['distinct'] === true, filter: read['filter'], star: read['star'] === true };
  return { ...call(name, args, extras), ignoreNulls: read['ignore_nulls'] === true };
}

/** Fields of EXTRACT that are functions as well; SECOND has digits behind the point and is none. */
const FIELDS: Record<string, string> = {
  year: 'year',
  quarter: 'quarter',
  month: 'month',
  week: 'weekofyear',
  day: 'day',
  hour: 'hour',
  minute: 'minute',
  doy: 'dayofyear',
};

function extract(body: Tree): Call {
  const { this: subject, field } = parts('extract', body, 'this', 'field');
  const name = Object.hasOwn(FIELDS, String(field).toLowerCase()) ? FIELDS[String(field).toLowerCase()] : undefined;
  if (name === undefined) throw new NotUnderstood('EXTRACT of that field', getPosition(body));
  return call(name, [subject]);
}

function datePart(written: Call): Call {
  const [field, subject] = written.args;
  const { kind, body } = kindOf(field);
  const value = kind === 'literal' ? String(body['value']).toLowerCase() : '';
  const name = Object.hasOwn(FIELDS, value) ? FIELDS[value] : undefined;
  return name === undefined || written.args.length !== 2 ? written : call(name, [subject]);
}

const WITH_UNIT = new Set(['datediff', 'date_add', 'timestampadd', 'timestampdiff']);

/** `datediff(DAY, a, b)`: the unit is a word and no column. */
function withoutUnit(written: Call, body: Tree): Call {
  if (WITH_UNIT.has(written.name) && written.args.length === 3)
    throw new NotUnderstood(`${written.name} with a unit`, getPosition(body));
  return written;
}

function trim(body: Tree): Call {
  const { this: subject, position } = parts('trim', body, 'this', 'position');
  const name = position === 'Leading' ? 'ltrim' : position === 'Trailing' ? 'rtrim' : 'trim';
  return call(name, [subject]);
}

function call(name: string, args: readonly unknown[], more: Partial<Call> = {}): Call {
  const plain = name.toLowerCase();
  return {
    name: Object.hasOwn(SYNONYMS, plain) ? (SYNONYMS[plain] ?? plain) : plain,
    args,
    distinct: false,
    ignoreNulls: false,
    filter: undefined,
    star: false,
    ...more,
  };
}
