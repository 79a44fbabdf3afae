import { type Binding, type Typed, tell, unverified } from './binding.js';
import { isCondition } from './compare.js';
import { bindExpression } from './expression.js';
import type { SubqueryBinder } from './expression-context.js';
import { bindGroup, grainOf, mustBeGrouped } from './group.js';
import { narrowed } from './narrow.js';
import { bindOrder, limited } from './order.js';
import { bindOutputs, nameOutputs, type Output } from './output.js';
import type { QueryContext, QueryResult } from './query-context.js';
import { bindSources, Unbound } from './relations.js';
import { quoted } from './render.js';
import type { Scope } from './scope.js';
import { bindSetOperation, isSetOperation } from './set-operation.js';
import { getPosition } from './span.js';
import { createSubqueries } from './subquery.js';
import { kindOf, list, NotUnderstood, nameOf, parts, type Tree } from './tree.js';

/** Makes the context of a whole query. */
export function queryContext(binding: Binding): QueryContext {
  const context = (of: Binding, queries: QueryContext['queries'], parent: Scope | undefined): QueryContext => {
    const self: QueryContext = {
      binding: of,
      queries,
      parent,
      expressions: (scope, clause, groupKeys) => ({
        binding: of,
        scope,
        clause,
        groupKeys,
        subqueries: subqueriesOf(self),
      }),
      quietly: () => context(silent(of), queries, parent),
    };
    return self;
  };
  return context(binding, new Map(), undefined);
}

function subqueriesOf(context: QueryContext): SubqueryBinder {
  return createSubqueries(context, bindQuery);
}

function silent(binding: Binding): Binding {
  return {
    ...binding,
    findings: [],
    unverified: [],
    reads: new Map(),
    aggregates: [],
    casts: [],
    filters: [],
    joins: [],
    calls: [],
    windows: [],
    names: [],
  };
}

/** Binds a query of any form. @throws Unbound when a table is unknown, NotUnderstood when the form is. */
export function bindQuery(context: QueryContext, tree: unknown): QueryResult {
  const { kind, body } = kindOf(tree);
  if (kind === 'subquery' || kind === 'paren') return bindQuery(context, parts(kind, body, 'this').this);
  const inside = withQueries(context, body);
  if (isSetOperation(kind)) return bindSetOperation(inside, kind, body, bindQuery);
  if (kind !== 'select') throw new NotUnderstood(kind.replaceAll('_', ' '), getPosition(body));
  return bindSelect(inside, body);
}

function withQueries(context: QueryContext, body: Tree): QueryContext {
  const clause = body['with'] as Tree | null | undefined;
  if (clause === null || clause === undefined) return context;
  if (clause['recursive'] === true) {
    const place = context.binding.placeOf(getPosition(clause));
    tell(context.binding, 'WIN002', 'a recursive query: a person writes this part', place);
    throw new Unbound();
  }
  const { ctes } = parts('with', clause, 'ctes');
  const queries = new Map(context.queries);
  const own = new Set<string>();
  for (const node of list(ctes)) {
    const { alias, this: inner } = parts('with', node as Tree, 'alias', 'this');
    const name = nameOf(alias) ?? '';
    const place = context.binding.placeOf(getPosition(alias));
    context.binding.names.push({ name, place });
    if (own.has(name.toLowerCase()))
      tell(context.binding, 'SQL003', `'${name}' is ambiguous: two queries of WITH have this name`, place);
    own.add(name.toLowerCase());
    queries.set(name.toLowerCase(), bindQuery({ ...context, queries }, inner));
  }
  return { ...context, queries };
}

const READ = [
  'expressions',
  'from',
  'joins',
  'where_clause',
  'group_by',
  'having',
  'order_by',
  'limit',
  'distinct',
  'with',
  'qualify',
  'windows',
] as const;

function bindSelect(context: QueryContext, body: Tree): QueryResult {
  const { binding, parent, queries } = context;
  const read = parts('select', body, ...READ);
  const windows = new Set(list(read.windows).map((node) => (nameOf((node as Tree)['name']) ?? '').toLowerCase()));
  const sources = bindSources(context, body, bindQuery);
  const all: Scope = { relations: sources.relations, parent, queries, windows };
  const where = conditionOf(context, all, read.where_clause, 'where');
  const kept = where === undefined ? all.relations : narrowed(all.relations, (read.where_clause as Tree)['this']);
  const scope: Scope = { ...all, relations: kept };
  const group = bindGroup(context, scope, read.group_by, list(read.expressions));
  const keys = new Set(group?.map((key) => key.sql));
  const outputs = bindOutputs(context, scope, list(read.expressions), keys);
  const aliases = new Map(outputs.map(({ name, typed }) => [name.toLowerCase(), typed]));
  const having = conditionOf(context, { ...scope, aliases }, read.having, 'having', keys);
  const grouped = group !== undefined || outputs.some(({ typed }) => typed.aggregate) || having !== undefined;
  const checked = [...outputs.map(({ typed }) => typed), ...(having ? [having] : [])];
  if (grouped) for (const part of checked) mustBeGrouped(binding, part, keys);
  nameOutputs(binding, outputs);
  bindOrder(context, { ...scope, aliases }, read.order_by, outputs, keys);
  leftovers(context, read);
  const distinct = read.distinct === true;
  const columns = outputs.map(({ name, typed: { type, nullable, from, plain }, place }) => ({
    ...{ name, type, nullable, from, plain, place },
  }));
  const sql = selectText({ outputs, distinct, from: sources.sql, where, group, having });
  return { columns, sql, ...grainOf(outputs, group, grouped, distinct) };
}

function selectText(select: {
  outputs: readonly Output[];
  distinct: boolean;
  from: string;
  where: Typed | undefined;
  group: readonly Typed[] | undefined;
  having: Typed | undefined;
}): string {
  const { outputs, distinct, from, where, group, having } = select;
  const items = outputs.map(({ typed, name }) => `${typed.sql} AS ${quoted(name)}`).join(', ');
  const clauses = [
    `SELECT ${distinct ? 'DISTINCT ' : ''}${items}`,
    from === '' ? '' : `FROM ${from}`,
    where === undefined ? '' : `WHERE ${where.sql}`,
    group === undefined || group.length === 0 ? '' : `GROUP BY ${group.map((key) => key.sql).join(', ')}`,
    having === undefined ? '' : `HAVING ${having.sql}`,
  ];
  return clauses.filter((clause) => clause !== '').join(' ');
}

function conditionOf(
  context: QueryContext,
  scope: Scope,
  clause: unknown,
  kind: 'where' | 'having',
  keys?: ReadonlySet<string>,
): Typed | undefined {
  if (clause === undefined) return undefined;
  const typed = bindExpression(context.expressions(scope, kind, keys), (clause as Tree)['this']);
  isCondition(context.binding, typed);
  return typed;
}

/** What stands behind the rows: no place for it in a pipeline. */
function leftovers({ binding }: QueryContext, read: Record<(typeof READ)[number], unknown>): void {
  if (read.limit !== undefined) limited(binding);
  if (read.qualify !== undefined) {
    const place = binding.placeOf(getPosition(read.qualify));
    tell(binding, 'WIN001', 'QUALIFY: a person writes this part', place);
    binding.windows.push({ name: 'qualify', place });
    unverified(binding, 'QUALIFY', place, true);
  }
}
