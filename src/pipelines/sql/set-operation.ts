import { type Binding, tell } from './binding.js';
import { coerced } from './coerce.js';
import { bindOrder, limited } from './order.js';
import type { QueryContext, QueryResult } from './query-context.js';
import { quoted } from './render.js';
import { getPosition } from './span.js';
import { kindOf, NotUnderstood, parts, type Tree } from './tree.js';
import { commonType, printType, type SqlType } from './type.js';

const WORDS: Record<string, string> = { union: 'UNION', intersect: 'INTERSECT', except: 'EXCEPT' };

export function isSetOperation(kind: string): boolean {
  return Object.hasOwn(WORDS, kind);
}

/** UNION, INTERSECT and EXCEPT: columns meet by position, names are those of the first query. */
export function bindSetOperation(
  context: QueryContext,
  kind: string,
  body: Tree,
  bindQuery: (context: QueryContext, tree: unknown) => QueryResult,
): QueryResult {
  const { binding } = context;
  const read = parts(kind, body, 'left', 'right', 'all', 'distinct', 'with', 'order_by', 'limit');
  if (kind === 'intersect' && [read.left, read.right].some((side) => ['union', 'except'].includes(kindOf(side).kind))) {
    // Spark takes INTERSECT before UNION and EXCEPT; the parser takes them from left to right.
    throw new NotUnderstood('INTERSECT beside UNION or EXCEPT without brackets', getPosition(body));
  }
  const [left, right] = [bindQuery(context, read.left), bindQuery(context, read.right)];
  const place = binding.placeOf(getPosition(read.right));
  if (left.columns.length !== right.columns.length) {
    const message = `${WORDS[kind]} of ${left.columns.length} and ${right.columns.length} columns`;
    tell(binding, 'SQL007', message, place);
    return left;
  }
  if (read.limit !== undefined) limited(binding);
  const relations = [{ name: '', columns: left.columns }];
  bindOrder(context, { relations, parent: undefined, queries: context.queries }, read.order_by, left.columns);
  const types = left.columns.map((column, index): SqlType => {
    const other = right.columns[index];
    const type = other && commonType(column.type, other.type);
    if (type === undefined) {
      const message = `'${column.name}' is ${printType(column.type)} above and ${other && printType(other.type)} below`;
      tell(binding, 'TYP001', message, other?.place ?? place);
    }
    return type ?? column.type;
  });
  const columns = left.columns.map((column, index) => ({
    ...column,
    type: types[index] ?? column.type,
    nullable: column.nullable || (right.columns[index]?.nullable ?? true),
    from: [...column.from, ...(right.columns[index]?.from ?? [])],
    plain: undefined,
  }));
  const side = (query: QueryResult): string => recast(binding, query, columns);
  const all = read.all === true;
  return {
    columns,
    sql: `${side(left)} ${WORDS[kind]}${all ? ' ALL' : ''} ${side(right)}`,
    grain: all ? undefined : columns.map(({ name }) => name),
    hiddenGrain: false,
  };
}

function recast(binding: Binding, query: QueryResult, columns: QueryResult['columns']): string {
  const items = query.columns.map(({ name, type, place }, index) => {
    const wanted = columns[index] ?? { name, type };
    return `${coerced(binding, { sql: quoted(name), type, place }, wanted.type)} AS ${quoted(wanted.name)}`;
  });
  return `SELECT ${items.join(', ')} FROM (${query.sql})`;
}
