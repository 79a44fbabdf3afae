import type { Place } from '../finding.js';
import type { Binding, Clause } from './binding.js';
import type { ExpressionContext } from './expression-context.js';
import type { RelationColumn, Scope } from './scope.js';

/** What a bound query gives to whatever is around it. */
export interface QueryResult {
  columns: (RelationColumn & { place: Place | undefined })[];
  sql: string;
  grain: readonly string[] | undefined;
  hiddenGrain: boolean;
}

export interface QueryContext {
  binding: Binding;
  /** Queries of WITH that can be read here, by name in small letters. */
  queries: ReadonlyMap<string, QueryResult>;
  /** What is around a correlated subquery. */
  parent: Scope | undefined;
  expressions(scope: Scope, clause: Clause, groupKeys?: ReadonlySet<string>): ExpressionContext;
  /** The same place, with nothing said or kept. */
  quietly(): QueryContext;
}
