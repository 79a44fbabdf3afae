import { aggregate, isAggregate } from './aggregates.js';
import { type ArithmeticOp, arithmetic } from './arithmetic.js';
import { broken, joined, type Typed, tell, unverified } from './binding.js';
import { type Call, callOf } from './calls.js';
import { bindCase, bindCast, type CastNode } from './choose.js';
import { between, comparison, inList, isComparison, like, logical, nullTest } from './compare.js';
import type { ExpressionContext } from './expression-context.js';
import { typesOf } from './function-kinds.js';
import { FUNCTIONS } from './functions.js';
import { FALSE, interval, literalOf, NULL, TRUE } from './literal.js';
import { cast } from './render.js';
import { resolveColumn } from './scope.js';
import { getPosition } from './span.js';
import { kindOf, list, NotUnderstood, nameOf, parts, type Tree } from './tree.js';
import { BOOLEAN, isNumeric, printType, STRING } from './type.js';

const ARITHMETIC: Record<string, ArithmeticOp> = { add: 'add', sub: 'sub', mul: 'mul', div: 'div', mod: 'mod' };

/** Binds one expression: its type as Spark gives it, and the SQL for the sandbox. What it can not read is a finding, never a guess. */
export function bindExpression(context: ExpressionContext, node: unknown): Typed {
  const { binding } = context;
  try {
    const { kind, body } = kindOf(node);
    const typed = known(context, kind, body) ?? bindCall(context, kind, body);
    return context.groupKeys?.has(typed.sql) ? { ...typed, loose: [] } : typed;
  } catch (thrown) {
    if (!(thrown instanceof NotUnderstood)) throw thrown;
    const place = binding.placeOf(thrown.span ?? getPosition(node));
    tell(binding, 'SBX002', `${thrown.what} is not verified: it needs a run on Spark`, place);
    unverified(binding, thrown.what, place);
    return { ...NULL, broken: true, place };
  }
}

function known(context: ExpressionContext, kind: string, body: Tree): Typed | undefined {
  return reading(context, kind, body) ?? operator(context, kind, body) ?? condition(context, kind, body);
}

function reading(context: ExpressionContext, kind: string, body: Tree): Typed | undefined {
  const { binding, scope } = context;
  const bind = (part: unknown): Typed => bindExpression(context, part);
  switch (kind) {
    case 'column': {
      const { table } = parts(kind, body, 'table', 'column');
      const name = nameOf(body['name']) ?? '';
      binding.names.push({ name, place: binding.placeOf(getPosition(body)) });
      return resolveColumn(binding, scope, name, nameOf(table), getPosition(body));
    }
    case 'literal':
      return literalOf(binding, body, getPosition(body));
    case 'boolean':
      return body['value'] === true ? TRUE : FALSE;
    case 'null':
      return NULL;
    case 'paren':
      return bind(parts(kind, body, 'this').this);
    case 'interval':
      return interval(binding, getPosition(body));
    case 'cast':
    case 'try_cast':
      return bindCast(context, bind(body['this']), kind, body as CastNode);
    case 'case':
      return bindCase(context, body, bindExpression);
    case 'subquery':
      return context.subqueries.scalar(parts(kind, body, 'this').this, scope);
    case 'window_function':
      return windowed(context, body);
    default:
      return undefined;
  }
}

function operator(context: ExpressionContext, kind: string, body: Tree): Typed | undefined {
  const { binding, clause } = context;
  const bind = (part: unknown): Typed => bindExpression(context, part);
  const op = Object.hasOwn(ARITHMETIC, kind) ? ARITHMETIC[kind] : undefined;
  if (op !== undefined || isComparison(kind)) {
    const { left, right } = parts(kind, body, 'left', 'right');
    const [a, b] = [bind(left), bind(right)];
    return op === undefined ? comparison(binding, kind as 'eq', a, b, clause) : arithmetic(binding, op, a, b);
  }
  switch (kind) {
    case 'int_div': {
      const { this: left, expression } = parts(kind, body, 'this', 'expression');
      return arithmetic(binding, 'int_div', bind(left), bind(expression));
    }
    case 'neg':
      return negated(context, bind(parts(kind, body, 'this').this));
    case 'concat': {
      const { left, right } = parts(kind, body, 'left', 'right');
      const both = [bind(left), bind(right)];
      const sql = `(${both.map((part) => cast(part.sql, STRING)).join(' || ')})`;
      return { ...joined(both), type: STRING, nullable: both.some((part) => part.nullable), sql };
    }
    case 'null_safe_eq':
    case 'null_safe_neq': {
      const { left, right } = parts(kind, body, 'left', 'right');
      const both = [bind(left), bind(right)] as const;
      const word = kind === 'null_safe_eq' ? 'IS NOT DISTINCT FROM' : 'IS DISTINCT FROM';
      return { ...joined(both), type: BOOLEAN, nullable: false, sql: `(${both[0].sql} ${word} ${both[1].sql})` };
    }
    default:
      return undefined;
  }
}

function negated({ binding }: ExpressionContext, part: Typed): Typed {
  if (!part.broken && !isNumeric(part.type)) {
    return broken(binding, 'TYP003', `- needs a number, not ${printType(part.type)}`, part.place);
  }
  const value = typeof part.literal === 'number' ? { literal: -part.literal } : {};
  const { plain: _plain, ...rest } = part;
  return { ...rest, ...value, sql: cast(`(- ${part.sql})`, part.type) };
}

function condition(context: ExpressionContext, kind: string, body: Tree): Typed | undefined {
  const { binding, clause, scope, subqueries } = context;
  const bind = (part: unknown): Typed => bindExpression(context, part);
  switch (kind) {
    case 'and':
    case 'or': {
      const { left, right } = parts(kind, body, 'left', 'right');
      return logical(binding, kind === 'and' ? 'AND' : 'OR', [bind(left), bind(right)]);
    }
    case 'not':
      return logical(binding, 'NOT', [bind(parts(kind, body, 'this').this)]);
    case 'in': {
      const { this: subject, expressions, query, not } = parts(kind, body, 'this', 'expressions', 'query', 'not');
      if (query !== undefined) return subqueries.within(bind(subject), query, not === true, scope);
      return inList(binding, bind(subject), list(expressions).map(bind), not === true, clause);
    }
    case 'between': {
      const { this: subject, low, high, not } = parts(kind, body, 'this', 'low', 'high', 'not');
      return between(binding, [bind(subject), bind(low), bind(high)], not === true, clause);
    }
    case 'is_null': {
      const { this: subject, not } = parts(kind, body, 'this', 'not');
      return nullTest(binding, bind(subject), not === true, clause);
    }
    case 'like':
    case 'i_like': {
      const { left, right } = parts(kind, body, 'left', 'right');
      return like(binding, bind(left), bind(right), kind === 'i_like', clause);
    }
    case 'exists':
      return subqueries.exists(parts(kind, body, 'this').this, scope);
    default:
      return undefined;
  }
}

/** Windows are for people to write: their columns are still checked, and nothing after them is green. */
function windowed(context: ExpressionContext, body: Tree): Typed {
  const { binding } = context;
  const place = binding.placeOf(getPosition(body));
  const { kind } = kindOf(body['this']);
  binding.windows.push({ name: kind, place });
  tell(binding, 'WIN001', `the window function ${kind.replaceAll('_', ' ')}: a person writes this part`, place);
  unverified(binding, 'a window function', place);
  return { ...NULL, broken: true, place };
}

function bindCall(context: ExpressionContext, kind: string, body: Tree): Typed {
  const { binding } = context;
  const place = binding.placeOf(getPosition(body));
  const call = callOf(kind, body);
  if (call === undefined) throw new NotUnderstood(kind.replaceAll('_', ' '), getPosition(body));
  binding.calls.push({ name: call.name, place });
  if (isAggregate(call.name)) return bindAggregate(context, call, place);
  const rule = Object.hasOwn(FUNCTIONS, call.name) ? FUNCTIONS[call.name] : undefined;
  if (rule === undefined) throw new NotUnderstood(`the function ${call.name}`, getPosition(body));
  const args = call.args.map((arg) => bindExpression(context, arg));
  const all = joined(args);
  if (rule.volatile) tell(binding, 'SQL012', `${call.name}() gives another value at every run`, place);
  if (all.broken) return { ...NULL, ...all, place };
  const [least, most] = rule.arity;
  if (args.length < least || args.length > most) {
    const count = least === most ? String(least) : `${least} to ${most}`;
    return broken(binding, 'TYP003', `${call.name}() takes ${count} argument(s), not ${args.length}`, place);
  }
  const result = rule.bind(args, binding, place);
  if (result === undefined) {
    return broken(binding, 'TYP003', `${call.name}() can not take ${typesOf(args)}: it needs ${rule.needs}`, place);
  }
  const nullable = result.nullable ?? args.some((arg) => arg.nullable);
  return { ...all, type: result.type, sql: result.sql, nullable, place };
}

function bindAggregate(context: ExpressionContext, call: Call, place: Typed['place']): Typed {
  const { binding, clause } = context;
  const args = call.args.map((arg) => bindExpression({ ...context, clause: 'aggregate' }, arg));
  const filter = call.filter === undefined ? undefined : bindExpression({ ...context, clause: 'filter' }, call.filter);
  if (clause === 'where' || clause === 'on' || clause === 'group' || clause === 'filter') {
    const where = { where: 'WHERE', on: 'a join condition', group: 'GROUP BY', filter: 'FILTER' }[clause];
    return broken(binding, 'SQL009', `${call.name}() can not stand in ${where}`, place);
  }
  return aggregate(binding, call, args, filter, place);
}
