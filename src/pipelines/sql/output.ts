import type { Place } from '../finding.js';
import { nearest } from '../nearest.js';
import { type Binding, type Typed, tell } from './binding.js';
import { bindExpression } from './expression.js';
import type { QueryContext } from './query-context.js';
import { quoted } from './render.js';
import type { Relation, Scope } from './scope.js';
import { getPosition } from './span.js';
import { kindOf, list, nameOf, parts, type Tree } from './tree.js';

/** One column that a SELECT gives. */
export interface Output {
  name: string;
  typed: Typed;
  place: Place | undefined;
  unnamed: boolean;
}

/** Binds the list of SELECT. A later item can read an earlier one by its alias, where no column has that name. */
export function bindOutputs(
  context: QueryContext,
  scope: Scope,
  select: readonly unknown[],
  keys: ReadonlySet<string>,
): Output[] {
  const aliases = new Map<string, Typed>();
  return select.flatMap((node) => {
    const outputs = outputOf(context, { ...scope, aliases }, node, keys);
    if (kindOf(node).kind === 'alias') {
      for (const { name, typed } of outputs) aliases.set(name.toLowerCase(), typed);
    }
    return outputs;
  });
}

function outputOf(context: QueryContext, scope: Scope, node: unknown, keys: ReadonlySet<string>): Output[] {
  const { binding } = context;
  const { kind, body } = kindOf(node);
  if (kind === 'star') return starOf(context, scope, body);
  if (kind !== 'alias') {
    const typed = bindExpression(context.expressions(scope, 'select', keys), node);
    const name = kind === 'column' ? (nameOf(body['name']) ?? '') : '';
    const place = (kind === 'column' ? binding.placeOf(getPosition(node)) : typed.place) ?? binding.whole;
    return [{ name, typed, place, unnamed: name === '' }];
  }
  const { this: inner, alias } = parts(kind, body, 'this', 'alias');
  const name = nameOf(alias) ?? '';
  const place = binding.placeOf(getPosition(alias));
  binding.names.push({ name, place });
  return [{ name, typed: bindExpression(context.expressions(scope, 'select', keys), inner), place, unnamed: false }];
}

function starOf({ binding }: QueryContext, scope: Scope, body: Tree): Output[] {
  const { table, except } = parts('star', body, 'table', 'except');
  const place = binding.placeOf(getPosition(body)) ?? binding.placeOfWord(/(?<=\bselect\s+|,\s*)\*/) ?? binding.whole;
  binding.star ??= place;
  const wanted = nameOf(table);
  const relations = scope.relations.filter(({ name }) => wanted === undefined || same(name, wanted));
  if (wanted !== undefined && relations.length === 0) {
    const near = nearest(
      wanted,
      scope.relations.map(({ name }) => name),
    );
    tell(binding, 'SQL002', `'${wanted}' is no table of this query`, place, near && `did you mean '${near}'?`);
  }
  const left = exceptions(binding, relations, list(except));
  return relations.flatMap((relation) =>
    relation.columns
      .filter(({ name }) => !left.has(name.toLowerCase()))
      .map(({ name, type, nullable, from, plain }): Output => {
        for (const ref of from) binding.reads.set(`${ref.input}.${ref.column}`, ref);
        const sql = `${quoted(relation.name)}.${quoted(name)}`;
        const typed: Typed = { type, nullable, sql, from, plain, loose: [{ sql, name, place }], place };
        return { name, typed, place, unnamed: false };
      }),
  );
}

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** What `EXCEPT (…)` leaves out: a name that is no column would leave out nothing, silently. */
function exceptions(binding: Binding, relations: readonly Relation[], items: readonly unknown[]): Set<string> {
  const known = relations.flatMap(({ columns }) => columns.map(({ name }) => name));
  const left = new Set<string>();
  for (const item of items) {
    const name = nameOf(item) ?? '';
    left.add(name.toLowerCase());
    if (known.some((column) => same(column, name))) continue;
    const near = nearest(name, known);
    const place = binding.placeOf(getPosition(item));
    tell(binding, 'SQL001', `column '${name}' does not exist`, place, near && `did you mean '${near}'?`);
  }
  return left;
}

/** Every output column has a name of its own. */
export function nameOutputs(binding: Binding, outputs: Output[]): void {
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
