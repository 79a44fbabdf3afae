import type { Binding, Clause, Typed } from './binding.js';
import type { Scope } from './scope.js';

/** How a query inside an expression is bound: by whoever binds queries. */
export interface SubqueryBinder {
  scalar(tree: unknown, scope: Scope): Typed;
  exists(tree: unknown, scope: Scope): Typed;
  within(subject: Typed, tree: unknown, not: boolean, scope: Scope): Typed;
}

export interface ExpressionContext {
  binding: Binding;
  scope: Scope;
  clause: Clause;
  /** Keys of GROUP BY, by their SQL: what is one of them is grouped, whole. */
  groupKeys?: ReadonlySet<string> | undefined;
  subqueries: SubqueryBinder;
}
