import { broken, joined, type Typed, tell } from './binding.js';
import type { SubqueryBinder } from './expression-context.js';
import type { QueryContext, QueryResult } from './query-context.js';
import { cast } from './render.js';
import type { Scope } from './scope.js';
import { BOOLEAN, commonType, printType } from './type.js';

/** Binds queries that stand inside expressions; they see the columns around them. */
export function createSubqueries(
  context: QueryContext,
  bindQuery: (context: QueryContext, tree: unknown) => QueryResult,
): SubqueryBinder {
  const { binding } = context;
  const bound = (tree: unknown, scope: Scope): QueryResult => bindQuery({ ...context, parent: scope }, tree);
  const result = (query: QueryResult, more: Pick<Typed, 'type' | 'nullable' | 'sql'>): Typed => ({
    ...more,
    from: query.columns.flatMap(({ from }) => from),
    loose: [],
    place: query.columns[0]?.place,
  });
  const single = (query: QueryResult): QueryResult['columns'][number] | undefined => {
    const [column, ...others] = query.columns;
    if (others.length === 0) return column;
    tell(binding, 'SQL007', `a subquery of ${query.columns.length} columns where one is needed`, column?.place);
    return undefined;
  };
  return {
    scalar(tree, scope) {
      const query = bound(tree, scope);
      const column = single(query);
      if (column === undefined)
        return { ...result(query, { type: BOOLEAN, nullable: true, sql: 'NULL' }), broken: true };
      return result(query, { type: column.type, nullable: true, sql: `(${query.sql})` });
    },
    exists(tree, scope) {
      const query = bound(tree, scope);
      return result(query, { type: BOOLEAN, nullable: false, sql: `EXISTS (${query.sql})` });
    },
    within(subject, tree, not, scope) {
      const query = bound(tree, scope);
      const column = single(query);
      const type = column && commonType(subject.type, column.type);
      if (column === undefined || subject.broken)
        return { ...joined([subject]), type: BOOLEAN, nullable: true, sql: 'NULL', broken: true };
      if (type === undefined) {
        const message = `${printType(subject.type)} IN a subquery of ${printType(column.type)}: no common type`;
        return broken(binding, 'TYP001', message, subject.place);
      }
      if (not && column.nullable) {
        tell(binding, 'SQL015', `NOT IN, and '${column.name}' may be NULL: then no row is kept`, column.place);
      }
      const sql = `(${cast(subject.sql, type)} ${not ? 'NOT IN' : 'IN'} (${query.sql}))`;
      return { ...joined([subject]), type: BOOLEAN, nullable: subject.nullable || column.nullable, sql };
    },
  };
}
