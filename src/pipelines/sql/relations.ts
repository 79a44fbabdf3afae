import { nearest } from '../nearest.js';
import { type Typed, tell } from './binding.js';
import type { JoinFact } from './bound.js';
import { isCondition } from './compare.js';
import { bindExpression } from './expression.js';
import { conjuncts } from './narrow.js';
import type { QueryContext, QueryResult } from './query-context.js';
import { quoted } from './render.js';
import { type Relation, relationOf, type Scope } from './scope.js';
import { getPosition } from './span.js';
import { kindOf, list, NotUnderstood, nameOf, parts, type Tree } from './tree.js';
import { isTemporal } from './type.js';

type BindQuery = (context: QueryContext, tree: unknown) => QueryResult;

/** What FROM and the joins give: relations to read, and the text for the sandbox. */
export interface Sources {
  relations: Relation[];
  sql: string;
}

const JOINS: Record<string, { kind: JoinFact['kind']; text: string }> = {
  Inner: { kind: 'inner', text: 'JOIN' },
  Left: { kind: 'left', text: 'LEFT JOIN' },
  Right: { kind: 'right', text: 'RIGHT JOIN' },
  Full: { kind: 'full', text: 'FULL JOIN' },
  Cross: { kind: 'cross', text: 'CROSS JOIN' },
  LeftSemi: { kind: 'semi', text: 'SEMI JOIN' },
  LeftAnti: { kind: 'anti', text: 'ANTI JOIN' },
};

/** Binds FROM with all its joins, from left to right. */
export function bindSources(context: QueryContext, select: Tree, bindQuery: BindQuery): Sources {
  const { binding } = context;
  const from = list((select['from'] as Tree | null)?.['expressions']);
  const [first, ...comma] = from.map((item) => bindRelation(context, item, bindQuery));
  if (first === undefined) return { relations: [], sql: '' };
  let sources: Sources = { relations: [first.relation], sql: first.sql };
  for (const each of comma) {
    tell(
      binding,
      'SQL006',
      `'${each.relation.name}' is joined without a condition: every row meets every row`,
      each.place,
    );
    sources = { relations: [...sources.relations, each.relation], sql: `${sources.sql} CROSS JOIN ${each.sql}` };
  }
  for (const node of list(select['joins'])) sources = bindJoin(context, sources, node as Tree, bindQuery);
  return sources;
}

const FORMS: Record<string, string> = { values: 'VALUES', pivot: 'PIVOT', unpivot: 'UNPIVOT' };

interface BoundRelation {
  relation: Relation;
  sql: string;
  place: Typed['place'];
}

function bindRelation(context: QueryContext, node: unknown, bindQuery: BindQuery): BoundRelation {
  const { kind, body } = kindOf(node);
  const place = context.binding.placeOf(getPosition(body));
  if (kind === 'subquery') {
    const { this: inner, alias } = parts(kind, body, 'this', 'alias');
    const result = bindQuery({ ...context, parent: undefined }, inner);
    const name = nameOf(alias) ?? '__subquery';
    nameAlias(context, alias);
    return { relation: { name, columns: result.columns }, sql: `(${result.sql}) AS ${quoted(name)}`, place };
  }
  if (kind !== 'table')
    throw new NotUnderstood(`${FORMS[kind] ?? kind.replaceAll('_', ' ')} in FROM`, getPosition(body));
  const {
    name: identifier,
    schema,
    catalog,
    alias,
  } = {
    ...parts(kind, body, 'schema', 'catalog', 'alias'),
    name: body['name'],
  };
  const name = nameOf(identifier) ?? '';
  const as = nameOf(alias) ?? name;
  context.binding.names.push({ name, place });
  nameAlias(context, alias);
  const written = [catalog, schema, identifier].flatMap((part) => nameOf(part) ?? []).join('.');
  return { ...tableOf(context, written, as, place), place };
}

function nameAlias({ binding }: QueryContext, alias: unknown): void {
  const name = nameOf(alias);
  if (name !== undefined) binding.names.push({ name, place: binding.placeOf(getPosition(alias)) });
}

function tableOf(context: QueryContext, name: string, as: string, place: Typed['place']): Omit<BoundRelation, 'place'> {
  const { binding, queries } = context;
  const lower = name.toLowerCase();
  const query = queries.get(lower);
  if (query !== undefined) {
    return { relation: { name: as, columns: query.columns }, sql: `(${query.sql}) AS ${quoted(as)}` };
  }
  const input = binding.inputs.find((table) => table.name.toLowerCase() === lower);
  if (input !== undefined) return { relation: relationOf(input, as), sql: `${quoted(input.name)} AS ${quoted(as)}` };
  const known = [...binding.inputs.map((table) => table.name), ...queries.keys()];
  const near = nearest(name, known);
  const suggestion = near === undefined ? `inputs are ${known.join(', ')}` : `did you mean '${near}'?`;
  tell(binding, 'SQL002', `'${name}' is not an input of this transformer`, place, suggestion);
  throw new Unbound();
}

/** What stands in FROM or WITH is unknown and said to be: nothing that reads its columns can be said. */
export class Unbound extends Error {}

function bindJoin(context: QueryContext, left: Sources, node: Tree, bindQuery: BindQuery): Sources {
  const { binding } = context;
  const {
    this: table,
    on,
    using,
    kind,
  } = parts('join', node, 'this', 'on', 'using', 'kind', 'use_outer_keyword', 'use_inner_keyword');
  const join = JOINS[String(kind)];
  if (join === undefined) throw new NotUnderstood(`a ${String(kind).toUpperCase()} JOIN`, getPosition(node));
  if (list(using).length > 0) throw new NotUnderstood('USING in a join: write ON', getPosition(node));
  const right = bindRelation(context, table, bindQuery);
  const relations = [...left.relations, right.relation];
  const scope: Scope = { relations, parent: context.parent, queries: context.queries };
  const condition = on === undefined ? undefined : bindExpression(context.expressions(scope, 'on'), on);
  if (condition === undefined && join.kind !== 'cross') {
    tell(
      binding,
      'SQL006',
      `'${right.relation.name}' is joined without a condition: every row meets every row`,
      right.place,
    );
  }
  if (condition !== undefined) isCondition(binding, condition);
  if (on !== undefined && overTime(context, scope, left.relations, right.relation, on)) {
    const message = `'${right.relation.name}' is the same input joined over time: a person writes this part`;
    tell(binding, 'WIN003', message, right.place);
  }
  binding.joins.push({
    kind: join.kind,
    left: left.relations.at(-1)?.name,
    right: right.relation.name,
    on: on === undefined ? [] : equalities(context, scope, on),
    place: right.place,
  });
  return {
    relations: nullableAfter(join.kind, left.relations, right.relation),
    sql: `${left.sql} ${join.text} ${right.sql}${condition === undefined ? '' : ` ON ${condition.sql}`}`,
  };
}

/** A side that may be missing gives NULL in every column; of a semi join only the left side can be read. */
function nullableAfter(kind: JoinFact['kind'], left: Relation[], right: Relation): Relation[] {
  const missing = (relation: Relation): Relation => ({
    ...relation,
    columns: relation.columns.map((column) => ({ ...column, nullable: true })),
  });
  if (kind === 'semi' || kind === 'anti') return left;
  const [a, b] = [
    kind === 'right' || kind === 'full' ? left.map(missing) : left,
    kind === 'left' || kind === 'full' ? missing(right) : right,
  ];
  return [...a, b];
}

/** Pairs of columns of inputs that the condition wants to be equal. */
function equalities(context: QueryContext, scope: Scope, on: unknown): JoinFact['on'] {
  const { kind, body } = kindOf(on);
  if (kind === 'paren') return equalities(context, scope, body['this']);
  if (kind === 'and')
    return [...equalities(context, scope, body['left']), ...equalities(context, scope, body['right'])];
  if (kind !== 'eq') return [];
  // Bound a second time, silently: what is wrong in it was said the first time.
  const quiet = context.quietly();
  const [left, right] = [body['left'], body['right']].map((side) =>
    bindExpression(quiet.expressions(scope, 'on'), side),
  );
  return left?.plain && right?.plain ? [{ left: left.plain, right: right.plain }] : [];
}

const ORDERED = new Set(['lt', 'lte', 'gt', 'gte', 'between']);

/** A join of an input with itself in which one instant is before or after another: work that keeps state, written as a join. */
function overTime(
  context: QueryContext,
  scope: Scope,
  left: readonly Relation[],
  right: Relation,
  on: unknown,
): boolean {
  if (right.input === undefined || !left.some(({ input }) => input === right.input)) return false;
  const quiet = context.quietly();
  return conjuncts(on).some((node) => {
    const { kind, body } = kindOf(node);
    if (!ORDERED.has(kind)) return false;
    const sides = [body['left'], body['right'], body['this'], body['low'], body['high']].filter((side) => side != null);
    return sides.some((side) => isTemporal(bindExpression(quiet.expressions(scope, 'on'), side).type));
  });
}
