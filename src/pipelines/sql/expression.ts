import { type ArithmeticOp, arithmetic } from './arithmetic.js';
import { bindCall, windowed } from './bind-call.js';
import { broken, joined, type Typed, unverified } from './binding.js';
import { bindCase, bindCast, type CastNode } from './choose.js';
import { coerced } from './coerce.js';
import { between, comparison, inList, isComparison, like, logical, nullSafe, nullTest, truthTest } from './compare.js';
import type { ExpressionContext } from './expression-context.js';
import { FALSE, interval, literalOf, NULL, TRUE } from './literal.js';
import { cast } from './render.js';
import { resolveColumn } from './scope.js';
import { getPosition } from './span.js';
import { kindOf, list, NotUnderstood, nameOf, parts, type Tree } from './tree.js';
import { isNumeric, printType, STRING } from './type.js';

const ARITHMETIC: Record<string, ArithmeticOp> = { add: 'add', sub: 'sub', mul: 'mul', div: 'div', mod: 'mod' };

/** Binds one expression: its type as Spark gives it, and the SQL for the sandbox. What it can not read is a finding, never a guess. */
export function bindExpression(context: ExpressionContext, node: unknown): Typed {
  const { binding } = context;
  try {
    const { kind, body } = kindOf(node);
    const typed = known(context, kind, body) ?? bindCall(context, kind, body, bindExpression);
    return context.groupKeys?.has(typed.sql) ? { ...typed, loose: [] } : typed;
  } catch (thrown) {
    if (!(thrown instanceof NotUnderstood)) throw thrown;
    const place = binding.placeOf(thrown.span ?? getPosition(node));
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
      return windowed(context, body, bindExpression);
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
      const sql = `(${both.map((part) => coerced(binding, part, STRING)).join(' || ')})`;
      return { ...joined(both), type: STRING, nullable: both.some((part) => part.nullable), sql };
    }
    case 'null_safe_eq':
    case 'null_safe_neq': {
      const { left, right } = parts(kind, body, 'left', 'right');
      return nullSafe(binding, bind(left), bind(right), kind === 'null_safe_neq');
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
    case 'is_true':
    case 'is_false': {
      const { this: subject, not } = parts(kind, body, 'this', 'not');
      return truthTest(binding, bind(subject), kind === 'is_true', not === true);
    }
    case 'union':
    case 'intersect':
    case 'except':
      // `x = (SELECT …) UNION …` is read by the parser as one comparison with the union, by Spark as a union of two queries.
      throw new NotUnderstood(
        `${kind.toUpperCase()} after a subquery in a comparison (move the subquery into WITH)`,
        getPosition(body),
      );
    case 'exists':
      return subqueries.exists(parts(kind, body, 'this').this, scope);
    default:
      return undefined;
  }
}
