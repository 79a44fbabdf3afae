import type { Finding } from '../finding.js';
import type { InputTable } from '../sql/bound.js';
import { type ColumnName, conjuncts } from './conditions.js';
import { type CheckedQuery, eachQuery, inQuery, sameName } from './context.js';
import type { SelectShape, ShapeRelation } from './query-shape.js';

/** The relation that a column belongs to: by the name before the point, else the only one that has it. */
export function relationOf(
  { inputs }: Pick<CheckedQuery, 'inputs'>,
  { relations }: SelectShape,
  column: ColumnName,
): ShapeRelation | undefined {
  if (column.table !== undefined) return relations.find(({ alias }) => alias === column.table);
  if (relations.length === 1) return relations[0];
  const owners = relations.filter((relation) =>
    tableOf(inputs, relation)?.columns.some(({ name }) => sameName(name, column.name)),
  );
  return owners.length === 1 ? owners[0] : undefined;
}

/** The input that a relation is. */
export function tableOf(inputs: readonly InputTable[], relation: ShapeRelation | undefined): InputTable | undefined {
  return inputs.find(({ name }) => relation?.table !== undefined && sameName(name, relation.table));
}

/** SQL016: a comparison in WHERE drops the rows that a LEFT JOIN keeps. `IS NULL` and COALESCE do not. */
export const undoneLeftJoins = eachQuery((context, query) =>
  query.shape.selects.flatMap((select): Finding[] => {
    if (select.where === undefined) return [];
    return conjuncts(select.where).flatMap((part) => {
      if (part.kind !== 'test' || part.op === 'is_null') return [];
      const relation = relationOf(query, select, part.column);
      if (relation === undefined || !isOptional(select, relation)) return [];
      const message = `WHERE on '${relation.alias}.${part.column.name}' drops the rows that the ${relation.join === 'left' ? 'LEFT' : 'outer'} JOIN keeps`;
      const place = query.placeOf(part.column.span);
      return [inQuery(context, query, 'SQL016', place, message, 'move it into ON, or write an inner JOIN')];
    });
  }),
);

function isOptional(select: SelectShape, relation: ShapeRelation): boolean {
  const at = select.relations.indexOf(relation);
  return relation.join === 'left' || select.relations.slice(at + 1).some(({ join }) => join === 'right');
}

/** Aggregates that a row counted twice does not change. */
const STEADY = new Set(['min', 'max', 'bool_and', 'bool_or', 'approx_count_distinct', 'any_value', 'collect_set']);

/** SQL017: a join on less than a key gives a row several times, and the sum counts each of them. */
export const multipliedRows = eachQuery((context, query) => {
  const { facts } = query.bound;
  const counted = facts.aggregates.filter(({ name, distinct }) => !distinct && !STEADY.has(name));
  if (counted.length === 0) return [];
  return facts.joins.flatMap((join): Finding[] => {
    if (join.on.length === 0 || join.kind === 'semi' || join.kind === 'anti') return [];
    const sides = (['left', 'right'] as const).map((side) => {
      const input = join.on[0]?.[side].input;
      const table = query.inputs.find(({ name }) => name === input);
      const columns = join.on.flatMap((pair) => (pair[side].input === input ? [pair[side].column] : []));
      return { table, many: table !== undefined && !isUnique(query, table, columns) };
    });
    const [left, right] = sides;
    if (!left?.table || !right?.table || left.table.name === right.table.name) return [];
    const many = sides.filter((side) => side.many).flatMap(({ table }) => table ?? []);
    const hit = many.flatMap((table) =>
      counted
        .filter(({ over }) =>
          over.length === 0
            ? many.length === 2
            : over.some(({ input }) => input !== table.name && isJoined(sides, input)),
        )
        .slice(0, 1)
        .map((aggregate) => ({ table, aggregate })),
    );
    return hit.slice(0, 1).map(({ table, aggregate }) => {
      const keys = table.keys.length > 0 ? ` (its key is ${table.keys.join(', ')})` : '';
      const message = `the join on '${table.name}' is not on its whole key${keys}: ${aggregate.name}() counts rows several times`;
      return inQuery(
        context,
        query,
        'SQL017',
        join.place,
        message,
        'join on the whole key, or aggregate before the join',
      );
    });
  });
});

const isJoined = (sides: readonly { table: InputTable | undefined }[], input: string): boolean =>
  sides.some(({ table }) => table?.name === input);

/** Only where a key is known can it be said that a join misses it; columns fixed by a filter or another condition count. */
function isUnique(query: CheckedQuery, table: InputTable, columns: readonly string[]): boolean {
  if (table.keys.length === 0) return true;
  const fixed = query.bound.facts.filters
    .filter(
      ({ column, op, clause, values }) =>
        column.input === table.name && op === '=' && clause !== 'case' && values.length === 1,
    )
    .map(({ column }) => column.column);
  const compared = query.shape.selects.flatMap((select) =>
    select.relations.flatMap(({ on }) =>
      on === undefined
        ? []
        : conjuncts(on).flatMap((part) =>
            part.kind === 'other'
              ? part.columns.filter(
                  (column) => tableOf(query.inputs, relationOf(query, select, column))?.name === table.name,
                )
              : [],
          ),
    ),
  );
  const bound = [...columns, ...fixed, ...compared.map(({ name }) => name)];
  return table.keys.every((key) => bound.some((column) => sameName(column, key)));
}
