import type { Place } from '../finding.js';
import { type Binding, type Typed, tell } from './binding.js';
import { isCondition } from './compare.js';
import { bindExpression } from './expression.js';
import type { SubqueryBinder } from './expression-context.js';
import type { QueryContext, QueryResult } from './query-context.js';
import { bindSources } from './relations.js';
import { quoted } from './render.js';
import type { Relation, Scope } from './scope.js';
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
  return createSubqueries(context, (inner, tree) => bindQuery(inner, tree));
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
  const { ctes } = parts('with', clause, 'ctes');
  const queries = new Map(context.queries);
  for (const node of list(ctes)) {
    const { alias, this: inner } = parts('with', node as Tree, 'alias', 'this');
    queries.set((nameOf(alias) ?? '').toLowerCase(), bindQuery({ ...context, queries }, inner));
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
] as const;

function bindSelect(context: QueryContext, body: Tree): QueryResult {
  const { binding } = context;
  const read = parts('select', body, ...READ);
  const sources = bindSources(context, body, bindQuery);
  const where = conditionOf(context, sources.relations, read.where_clause, 'where');
  const relations =
    where === undefined
      ? sources.relations
      : narrowed(sources.relations, conjuncts((read.where_clause as Tree)['this']));
  const scope: Scope = { relations, parent: context.parent, queries: context.queries };
  const group = groupOf(context, scope, read.group_by, list(read.expressions));
  const keys = new Set(group?.map((key) => key.sql));
  const outputs = list(read.expressions).flatMap((node) => outputOf(context, scope, node, keys));
  const having = conditionOf(context, relations, read.having, 'having', keys);
  const grouped = group !== undefined || outputs.some(({ typed }) => typed.aggregate) || having !== undefined;
  if (grouped)
    for (const part of [...outputs.map(({ typed }) => typed), ...(having ? [having] : [])])
      mustBeGrouped(binding, part, keys);
  named(binding, outputs);
  leftovers(context, read);
  const distinct = read.distinct === true;
  const sql = [
    `SELECT ${distinct ? 'DISTINCT ' : ''}${outputs.map(({ typed, name }) => `${typed.sql} AS ${quoted(name)}`).join(', ')}`,
    sources.sql === '' ? '' : `FROM ${sources.sql}`,
    where === undefined ? '' : `WHERE ${where.sql}`,
    group === undefined || group.length === 0 ? '' : `GROUP BY ${group.map((key) => key.sql).join(', ')}`,
    having === undefined ? '' : `HAVING ${having.sql}`,
  ];
  const columns = outputs.map(({ name, typed, place }) => ({
    name,
    type: typed.type,
    nullable: typed.nullable,
    from: typed.from,
    plain: typed.plain,
    place,
  }));
  return { columns, sql: sql.filter((part) => part !== '').join(' '), ...grainOf(outputs, group, grouped, distinct) };
}

interface Output {
  name: string;
  typed: Typed;
  place: Place | undefined;
  unnamed: boolean;
}

function conditionOf(
  context: QueryContext,
  relations: Relation[],
  clause: unknown,
  kind: 'where' | 'having',
  keys?: ReadonlySet<string>,
): Typed | undefined {
  if (clause === undefined) return undefined;
  const scope: Scope = { relations, parent: context.parent, queries: context.queries };
  const typed = bindExpression(context.expressions(scope, kind, keys), (clause as Tree)['this']);
  isCondition(context.binding, typed);
  return typed;
}

/** Parts of a condition that all must hold. */
function conjuncts(node: unknown): unknown[] {
  const { kind, body } = kindOf(node);
  if (kind === 'paren') return conjuncts(body['this']);
  return kind === 'and' ? [...conjuncts(body['left']), ...conjuncts(body['right'])] : [node];
}

const REJECTS_NULL = new Set(['eq', 'neq', 'lt', 'lte', 'gt', 'gte', 'in', 'between', 'like']);

/** A column that the condition compares, or says to be not NULL, is not NULL in the rows that are kept. */
function narrowed(relations: readonly Relation[], parts: readonly unknown[]): Relation[] {
  const kept = parts.flatMap((node) => {
    const { kind, body } = kindOf(node);
    if (kind === 'is_null') return body['not'] === true ? [body['this']] : [];
    return REJECTS_NULL.has(kind) ? [body['left'], body['right'], body['this']] : [];
  });
  const sure = kept.flatMap((node) => {
    if (node === undefined || node === null) return [];
    const { kind, body } = kindOf(node);
    return kind === 'column'
      ? [{ name: nameOf(body['name'])?.toLowerCase(), table: nameOf(body['table'])?.toLowerCase() }]
      : [];
  });
  return relations.map((relation) => ({
    ...relation,
    columns: relation.columns.map((column) => {
      const named = sure.some(
        ({ name, table }) =>
          name === column.name.toLowerCase() && (table === undefined || table === relation.name.toLowerCase()),
      );
      return named ? { ...column, nullable: false } : column;
    }),
  }));
}

/** The keys of GROUP BY; Spark allows the number or the name of an output as well. */
function groupOf(
  context: QueryContext,
  scope: Scope,
  clause: unknown,
  select: readonly unknown[],
): Typed[] | undefined {
  if (clause === undefined) return undefined;
  const { expressions, all } = parts('group_by', clause as Tree, 'expressions', 'all');
  if (all === true) {
    const quiet = context.quietly();
    const outputs = select.flatMap((node) => outputOf(quiet, scope, node, new Set()));
    return outputs.flatMap(({ typed }) => (typed.aggregate ? [] : [typed]));
  }
  return list(expressions).map((node) => {
    const chosen = chosenOutput(scope, node, select);
    return bindExpression(context.expressions(scope, 'group'), chosen ?? node);
  });
}

function chosenOutput(scope: Scope, node: unknown, select: readonly unknown[]): unknown {
  const { kind, body } = kindOf(node);
  if (kind === 'literal' && body['literal_type'] === 'number') return unaliased(select[Number(body['value']) - 1]);
  const name = kind === 'column' && body['table'] == null ? nameOf(body['name'])?.toLowerCase() : undefined;
  if (name === undefined) return undefined;
  const isColumn = scope.relations.some(({ columns }) => columns.some((column) => column.name.toLowerCase() === name));
  const alias = select.find((item) => {
    const output = kindOf(item);
    return output.kind === 'alias' && nameOf(output.body['alias'])?.toLowerCase() === name;
  });
  return isColumn ? undefined : unaliased(alias);
}

function unaliased(node: unknown): unknown {
  if (node === undefined) return undefined;
  const { kind, body } = kindOf(node);
  return kind === 'alias' ? body['this'] : node;
}

function outputOf(context: QueryContext, scope: Scope, node: unknown, keys: ReadonlySet<string>): Output[] {
  const { binding } = context;
  const { kind, body } = kindOf(node);
  if (kind === 'star') return starOf(context, scope, body);
  if (kind !== 'alias') {
    const typed = bindExpression(context.expressions(scope, 'select', keys), node);
    const name = kind === 'column' ? (nameOf(body['name']) ?? '') : '';
    return [{ name, typed, place: binding.placeOf(getPosition(node)), unnamed: name === '' }];
  }
  const { this: inner, alias } = parts(kind, body, 'this', 'alias');
  const name = nameOf(alias) ?? '';
  const place = binding.placeOf(getPosition(alias));
  binding.names.push({ name, place });
  return [{ name, typed: bindExpression(context.expressions(scope, 'select', keys), inner), place, unnamed: false }];
}

function starOf({ binding }: QueryContext, scope: Scope, body: Tree): Output[] {
  const { table, except } = parts('star', body, 'table', 'except');
  const place = binding.placeOf(getPosition(body));
  binding.star ??= place ?? { line: 1, column: 1, endLine: 1, endColumn: 1 };
  const left = new Set(list(except).map((item) => nameOf(item)?.toLowerCase()));
  const wanted = nameOf(table)?.toLowerCase();
  return scope.relations
    .filter(({ name }) => wanted === undefined || name.toLowerCase() === wanted)
    .flatMap((relation) =>
      relation.columns
        .filter(({ name }) => !left.has(name.toLowerCase()))
        .map(({ name, type, nullable, from, plain }): Output => {
          for (const ref of from) binding.reads.set(`${ref.input}.${ref.column}`, ref);
          const sql = `${quoted(relation.name)}.${quoted(name)}`;
          return {
            name,
            typed: { type, nullable, sql, from, plain, loose: [{ sql, name, place }], place },
            place,
            unnamed: false,
          };
        }),
    );
}

function mustBeGrouped(binding: Binding, typed: Typed, keys: ReadonlySet<string>): void {
  if (typed.broken || keys.has(typed.sql)) return;
  for (const { sql, name, place } of typed.loose) {
    if (!keys.has(sql)) tell(binding, 'SQL004', `'${name}' is neither grouped nor aggregated`, place);
  }
}

/** Every output column has a name of its own. */
function named(binding: Binding, outputs: Output[]): void {
  const seen = new Set<string>();
  outputs.forEach((output, index) => {
    if (output.unnamed) {
      tell(binding, 'SQL005', `output column ${index + 1} has no name: write AS`, output.place);
      output.name = `_c${index}`;
    }
    const lower = output.name.toLowerCase();
    if (seen.has(lower)) tell(binding, 'SQL005', `two output columns are called '${output.name}'`, output.place);
    seen.add(lower);
  });
}

/** What stands behind the rows: no place for it in a pipeline. */
function leftovers({ binding }: QueryContext, read: Record<(typeof READ)[number], unknown>): void {
  const whole = { line: 1, column: 1, endLine: 1, endColumn: 1 };
  if (read.limit !== undefined) binding.limit ??= binding.placeOf(getPosition(read.limit)) ?? whole;
  if (read.order_by !== undefined) binding.orderBy ??= binding.placeOf(getPosition(read.order_by)) ?? whole;
  if (read.qualify !== undefined) {
    const place = binding.placeOf(getPosition(read.qualify));
    tell(binding, 'WIN001', 'QUALIFY: a person writes this part', place);
    binding.windows.push({ name: 'qualify', place });
    binding.unverified.push({ what: 'QUALIFY', place });
  }
}

function grainOf(
  outputs: readonly Output[],
  group: readonly Typed[] | undefined,
  grouped: boolean,
  distinct: boolean,
): Pick<QueryResult, 'grain' | 'hiddenGrain'> {
  if (grouped) {
    const names = (group ?? []).map((key) => outputs.find(({ typed }) => typed.sql === key.sql)?.name);
    const known = names.filter((name) => name !== undefined);
    return { grain: known, hiddenGrain: known.length < names.length };
  }
  return { grain: distinct ? outputs.map(({ name }) => name) : undefined, hiddenGrain: false };
}
