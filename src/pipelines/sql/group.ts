import { type Binding, broken, type Typed, tell } from './binding.js';
import { bindExpression } from './expression.js';
import { bindOutputs, type Output } from './output.js';
import type { QueryContext, QueryResult } from './query-context.js';
import type { Scope } from './scope.js';
import { getPosition } from './span.js';
import { kindOf, list, NotUnderstood, nameOf, parts, type Tree } from './tree.js';

const SEVERAL_GROUPINGS = new Set(['rollup', 'cube', 'grouping sets', 'grouping_sets']);

/** The keys of GROUP BY; Spark allows the number or the name of an output as well. Undefined when there is none. */
export function bindGroup(
  context: QueryContext,
  scope: Scope,
  clause: unknown,
  select: readonly unknown[],
): Typed[] | undefined {
  if (clause === undefined) return undefined;
  const { expressions, all } = parts('group_by', clause as Tree, 'expressions', 'all');
  if (all === true) {
    const outputs = bindOutputs(context.quietly(), scope, select, new Set());
    return outputs.flatMap(({ typed }) => (typed.aggregate ? [] : [typed]));
  }
  return list(expressions).map((node) => {
    const { kind, body } = kindOf(node);
    const word = (kind === 'function' ? String(body['name']) : kind).toLowerCase();
    if (SEVERAL_GROUPINGS.has(word))
      throw new NotUnderstood(word.replaceAll('_', ' ').toUpperCase(), getPosition(node));
    const number = kind === 'literal' && body['literal_type'] === 'number' ? Number(body['value']) : undefined;
    if (number !== undefined && select[number - 1] === undefined) return outOfRange(context.binding, number, clause);
    const chosen = number === undefined ? namedOutput(scope, node, select) : unaliased(select[number - 1]);
    return bindExpression(context.expressions(scope, 'group'), chosen ?? node);
  });
}

function outOfRange(binding: Binding, number: number, clause: unknown): Typed {
  const message = `GROUP BY ${number}: there is no output column ${number}`;
  return broken(binding, 'SQL001', message, binding.placeOf(getPosition(clause)));
}

function namedOutput(scope: Scope, node: unknown, select: readonly unknown[]): unknown {
  const { kind, body } = kindOf(node);
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

/** Says which columns stand outside of every aggregate and are no key. */
export function mustBeGrouped(binding: Binding, typed: Typed, keys: ReadonlySet<string>): void {
  if (typed.broken || keys.has(typed.sql)) return;
  for (const { sql, name, place } of typed.loose) {
    if (!keys.has(sql)) tell(binding, 'SQL004', `'${name}' is neither grouped nor aggregated`, place);
  }
}

/** What one row of the result stands for. */
export function grainOf(
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
