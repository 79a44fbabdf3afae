import { nearest } from '../nearest.js';
import { aggregate, isAggregate } from './aggregates.js';
import { type Binding, broken, joined, type Typed, tell, unverified } from './binding.js';
import { type Call, callOf } from './calls.js';
import type { ExpressionContext } from './expression-context.js';
import { typesOf } from './function-kinds.js';
import { FUNCTIONS } from './functions.js';
import { NULL } from './literal.js';
import { getPosition } from './span.js';
import { SPARK_FUNCTIONS } from './spark-functions.js';
import { kindOf, list, NotUnderstood, nameOf, type Tree } from './tree.js';

type Bind = (context: ExpressionContext, node: unknown) => Typed;

/** The most arguments that Spark takes where that is more than what is verified: such a call is for Spark to run, not a fault. */
const SPARK_TAKES: Record<string, number> = {
  ltrim: 2,
  rtrim: 2,
  btrim: 2,
  trim: 2,
  instr: 4,
  locate: 3,
  regexp_replace: 4,
  regexp_extract: 3,
  months_between: 3,
  unix_timestamp: 2,
  to_char: 2,
  first: 2,
  last: 2,
  any_value: 2,
  mode: 2,
  ceil: 2,
  floor: 2,
  count: 100,
  approx_count_distinct: 2,
  uuid: 1,
  rand: 3,
  left: 2,
};
const SPARK_TAKES_LESS: Record<string, number> = { regexp_extract: 2, unix_timestamp: 0, concat_ws: 1 };

/** Work that keeps state over time: a person writes it. */
const STATEFUL = new Set(['window', 'session_window', 'window_time', 'transform_with_state']);

/** Binds a call of a function. @throws NotUnderstood when it is none, or a form that is not read. */
export function bindCall(context: ExpressionContext, kind: string, body: Tree, bind: Bind): Typed {
  const { binding } = context;
  const call = callOf(kind, body);
  if (call === undefined) throw new NotUnderstood(kind.replaceAll('_', ' '), getPosition(body));
  const place = placeOfCall(binding, kind, body);
  binding.calls.push({ name: call.name, place });
  if (isAggregate(call.name)) return bindAggregate(context, call, place, bind);
  const rule = Object.hasOwn(FUNCTIONS, call.name) ? FUNCTIONS[call.name] : undefined;
  if (rule === undefined) return unknownFunction(context, call, place);
  const args = call.args.map((arg) => bind(context, arg));
  const all = joined(args);
  if (rule.volatile) tell(binding, 'SQL012', `${call.name}() gives another value at every run`, place);
  if (all.broken) return { ...NULL, ...all, place };
  const [least, most] = rule.arity;
  if (args.length < least || args.length > most) return wrongCount(context, call, [least, most], place);
  const result = rule.bind(args, binding, place);
  if (result === undefined) {
    return broken(binding, 'TYP003', `${call.name}() can not take ${typesOf(args)}: it needs ${rule.needs}`, place);
  }
  const nullable = result.nullable ?? args.some((arg) => arg.nullable);
  return { ...all, type: result.type, sql: result.sql, nullable, place };
}

function refused(binding: Binding, what: string, place: Typed['place']): Typed {
  unverified(binding, what, place);
  return { ...NULL, broken: true, place };
}

/** The name of the function where it is written; the tree has places of arguments only. */
function placeOfCall(binding: Binding, kind: string, body: Tree): Typed['place'] {
  const inside = getPosition(body);
  const names = [body['original_name'], body['name'], kind, kind.replaceAll('_', '')];
  for (const name of names) {
    if (typeof name !== 'string' || !/^\w+$/.test(name)) continue;
    const place = binding.placeOfWord(new RegExp(`\\b${name}(?=\\s*\\()`), inside);
    if (place !== undefined) return place;
  }
  return binding.placeOf(inside);
}

/** A function that Spark has and the sandbox does not is for people to run; one that Spark does not have is a fault. */
function unknownFunction({ binding }: ExpressionContext, call: Call, place: Typed['place']): Typed {
  if (STATEFUL.has(call.name)) {
    tell(binding, 'WIN002', `${call.name}() keeps state over time: a person writes this part`, place);
    unverified(binding, `the function ${call.name}`, place, true);
    return { ...NULL, broken: true, place };
  }
  if (SPARK_FUNCTIONS.has(call.name)) return refused(binding, `the function ${call.name}`, place);
  const near = nearest(call.name, [...SPARK_FUNCTIONS]);
  const message = `function '${call.name.slice(0, 60)}' is not known to Spark ${binding.engine.spark}`;
  return broken(binding, 'SQL020', message, place, near && `did you mean '${near}'?`);
}

function wrongCount(
  { binding }: ExpressionContext,
  call: Call,
  [least, most]: readonly [number, number],
  place: Typed['place'],
): Typed {
  const given = call.args.length;
  const takes = [SPARK_TAKES_LESS[call.name] ?? least, SPARK_TAKES[call.name] ?? most] as const;
  if (given >= takes[0] && given <= takes[1]) return refused(binding, `${call.name} of ${given} argument(s)`, place);
  const count = least === most ? String(least) : `${least} to ${most}`;
  return broken(binding, 'TYP003', `${call.name}() takes ${count} argument(s), not ${given}`, place);
}

const PLACES = { where: 'WHERE', on: 'a join condition', group: 'GROUP BY', filter: 'FILTER' } as const;

function bindAggregate(context: ExpressionContext, call: Call, place: Typed['place'], bind: Bind): Typed {
  const { binding, clause } = context;
  const args = call.args.map((arg) => bind({ ...context, clause: 'aggregate', groupKeys: undefined }, arg));
  const filter = call.filter === undefined ? undefined : bind({ ...context, clause: 'filter' }, call.filter);
  if (clause === 'where' || clause === 'on' || clause === 'group' || clause === 'filter') {
    return broken(binding, 'SQL009', `${call.name}() can not stand in ${PLACES[clause]}`, place);
  }
  return aggregate(binding, call, args, filter, place);
}

/** Windows are for people to write: their columns are still checked, and nothing after them is green. */
export function windowed(context: ExpressionContext, body: Tree, bind: Bind): Typed {
  const { binding, scope } = context;
  const inner = kindOf(body['this']);
  const place = placeOfCall(binding, inner.kind, inner.body) ?? binding.placeOf(getPosition(body));
  const call = callOf(inner.kind, inner.body);
  const over = (body['over'] ?? {}) as Tree;
  const window = nameOf(over['window_name']);
  if (window !== undefined && !(scope.windows?.has(window.toLowerCase()) ?? false)) {
    const near = nearest(window, [...(scope.windows ?? [])]);
    const told = near && `did you mean '${near}'?`;
    const at = binding.placeOf(getPosition(over['window_name']));
    return broken(binding, 'SQL008', `window '${window}' is not declared`, at, told);
  }
  const ordered = list(over['order_by']).map((item) => (item as Tree)['this']);
  for (const node of [...(call?.args ?? []), ...list(over['partition_by']), ...ordered]) bind(context, node);
  const name = call?.name ?? inner.kind;
  binding.windows.push({ name, place });
  tell(binding, 'WIN001', `the window function ${name.replaceAll('_', ' ')}: a person writes this part`, place);
  unverified(binding, 'a window function', place, true);
  return { ...NULL, broken: true, place };
}
