import { tell } from './binding.js';
import type { QueryContext, QueryResult } from './query-context.js';
import { cast, quoted } from './render.js';
import { getPosition } from './span.js';
import { parts, type Tree } from './tree.js';
import { commonType, printType, type SqlType, sameType } from './type.js';

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
  const [left, right] = [bindQuery(context, read.left), bindQuery(context, read.right)];
  const place = binding.placeOf(getPosition(read.right));
  if (left.columns.length !== right.columns.length) {
    const message = `${WORDS[kind]} of ${left.columns.length} and ${right.columns.length} columns`;
    tell(binding, 'SQL007', message, place);
    return left;
  }
  if (read.limit !== undefined) binding.limit ??= binding.placeOf(getPosition(read.limit)) ?? place;
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
  const side = (query: QueryResult): string =>
    recast(
      query,
      columns.map(({ name }) => name),
      types,
    );
  const all = read.all === true;
  return {
    columns,
    sql: `${side(left)} ${WORDS[kind]}${all ? ' ALL' : ''} ${side(right)}`,
    grain: all ? undefined : columns.map(({ name }) => name),
    hiddenGrain: false,
  };
}

function recast(query: QueryResult, names: readonly string[], types: readonly SqlType[]): string {
  const items = query.columns.map((column, index) => {
    const type = types[index] ?? column.type;
    const sql = sameType(type, column.type) ? quoted(column.name) : cast(quoted(column.name), type);
    return `${sql} AS ${quoted(names[index] ?? column.name)}`;
  });
  return `SELECT ${items.join(', ')} FROM (${query.sql})`;
}
