import type { Relation } from './scope.js';
import { kindOf, nameOf } from './tree.js';

/** Parts of a condition that all must hold. */
export function conjuncts(node: unknown): unknown[] {
  const { kind, body } = kindOf(node);
  if (kind === 'paren') return conjuncts(body['this']);
  return kind === 'and' ? [...conjuncts(body['left']), ...conjuncts(body['right'])] : [node];
}

const REJECTS_NULL = new Set(['eq', 'neq', 'lt', 'lte', 'gt', 'gte', 'in', 'between', 'like']);

/** A column that the condition compares, or says to be not NULL, is not NULL in the rows that are kept. */
export function narrowed(relations: readonly Relation[], condition: unknown): Relation[] {
  const sure = conjuncts(condition).flatMap(provenBy).flatMap(columnOf);
  return relations.map((relation) => ({
    ...relation,
    columns: relation.columns.map((column) => {
      const proven = sure.some(
        ({ name, table }) =>
          name === column.name.toLowerCase() && (table === undefined || table === relation.name.toLowerCase()),
      );
      return proven ? { ...column, nullable: false } : column;
    }),
  }));
}

function provenBy(node: unknown): unknown[] {
  const { kind, body } = kindOf(node);
  if (kind === 'is_null') return body['not'] === true ? [body['this']] : [];
  // `NULL NOT IN (SELECT …)` of an empty result is true: only a list rejects NULL.
  if (kind === 'in' && body['query'] != null) return body['not'] === true ? [] : [body['this']];
  return REJECTS_NULL.has(kind) ? [body['left'], body['right'], body['this']] : [];
}

function columnOf(node: unknown): { name: string | undefined; table: string | undefined }[] {
  if (node === undefined || node === null) return [];
  const { kind, body } = kindOf(node);
  if (kind !== 'column') return [];
  return [{ name: nameOf(body['name'])?.toLowerCase(), table: nameOf(body['table'])?.toLowerCase() }];
}
