import { type Binding, tell, unverified } from './binding.js';
import { bindExpression } from './expression.js';
import type { Output } from './output.js';
import type { QueryContext } from './query-context.js';
import type { Scope } from './scope.js';
import { getPosition } from './span.js';
import { kindOf, list, nameOf, type Tree } from './tree.js';

/** ORDER BY changes no row and is not rendered; what it names must still exist. */
export function bindOrder(
  context: QueryContext,
  scope: Scope,
  clause: unknown,
  outputs: readonly Pick<Output, 'name'>[],
  keys?: ReadonlySet<string>,
): void {
  if (clause === undefined) return;
  const { binding } = context;
  const place = binding.placeOfWord(/\border\s+by\b/, getPosition(clause)) ?? binding.whole;
  binding.orderBy ??= place;
  for (const item of list((clause as Tree)['expressions'])) {
    const node = (item as Tree)['this'];
    const { kind, body } = kindOf(node);
    const name = kind === 'column' && body['table'] == null ? nameOf(body['name'])?.toLowerCase() : undefined;
    if (name !== undefined && outputs.some((output) => output.name.toLowerCase() === name)) continue;
    const number = kind === 'literal' && body['literal_type'] === 'number' ? Number(body['value']) : undefined;
    if (number === undefined) bindExpression(context.expressions(scope, 'order', keys), node);
    else if (outputs[number - 1] === undefined) {
      tell(binding, 'SQL001', `ORDER BY ${number}: there is no output column ${number}`, place);
    }
  }
}

/** LIMIT is a rule of its own (SQL013); which rows it keeps can not be known, so nothing after it is green. */
export function limited(binding: Binding): void {
  const place = binding.placeOfWord(/\blimit\b/) ?? binding.whole;
  binding.limit ??= place;
  unverified(binding, 'LIMIT', place, true);
}
