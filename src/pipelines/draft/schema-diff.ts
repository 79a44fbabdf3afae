import type { CatalogColumn } from '../catalog.js';
import { asDecimal, isFloating, isInteger, parseType, type SqlType, sameType } from '../sql/type.js';

/** What became of one column between two versions of a data set. */
export type ColumnChange =
  | { kind: 'renamed'; from: CatalogColumn; to: CatalogColumn; by: 'alias' | 'person' }
  | { kind: 'added'; to: CatalogColumn }
  | { kind: 'removed'; from: CatalogColumn /** New columns of the same type. */; candidates: readonly string[] }
  | { kind: 'widened' | 'narrowed' | 'retyped' | 'unit'; from: CatalogColumn; to: CatalogColumn }
  | { kind: 'nullable' | 'required'; from: CatalogColumn; to: CatalogColumn }
  | { kind: 'values'; from: CatalogColumn; to: CatalogColumn; added: readonly string[]; gone: readonly string[] };

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/**
 * Compares two versions column by column. A rename is one only where the new schema says so by an alias, or a person does: a guess by
 * likeness would read another column under an old name. Logical types are compared as well, which Avro's own resolution does not.
 */
export function diffColumns(
  from: readonly CatalogColumn[],
  to: readonly CatalogColumn[],
  said: Readonly<Record<string, string>> = {},
): ColumnChange[] {
  const changes: ColumnChange[] = [];
  const met = new Set<CatalogColumn>();
  const gone: CatalogColumn[] = [];
  for (const old of from) {
    const kept = to.find(({ name }) => same(name, old.name));
    const now = kept ?? renamed(old, from, to, said);
    if (now === undefined) {
      gone.push(old);
      continue;
    }
    met.add(now);
    const by = Object.hasOwn(said, old.name) ? 'person' : 'alias';
    if (kept === undefined) changes.push({ kind: 'renamed', from: old, to: now, by });
    changes.push(...changesOf(old, now));
  }
  const added = to.filter((column) => !met.has(column));
  const removed = gone.map((old): ColumnChange => {
    const candidates = added.filter((column) => sameText(column.type, old.type)).map(({ name }) => name);
    return { kind: 'removed', from: old, candidates };
  });
  return [...changes, ...removed, ...added.map((column): ColumnChange => ({ kind: 'added', to: column }))];
}

function renamed(
  old: CatalogColumn,
  from: readonly CatalogColumn[],
  to: readonly CatalogColumn[],
  said: Readonly<Record<string, string>>,
): CatalogColumn | undefined {
  const fresh = to.filter(({ name }) => !from.some((column) => same(column.name, name)));
  const word = Object.hasOwn(said, old.name) ? said[old.name] : undefined;
  if (word !== undefined) return fresh.find(({ name }) => same(name, word));
  const aliased = fresh.filter(({ aliases = [] }) => aliases.some((alias) => same(alias, old.name)));
  return aliased.length === 1 ? aliased[0] : undefined;
}

function changesOf(from: CatalogColumn, to: CatalogColumn): ColumnChange[] {
  const changes: ColumnChange[] = [];
  const kind = typeChange(from, to);
  if (kind !== undefined) changes.push({ kind, from, to });
  if (from.nullable !== to.nullable) changes.push({ kind: to.nullable ? 'nullable' : 'required', from, to });
  if (from.values !== undefined && to.values !== undefined) {
    const added = to.values.filter((value) => from.values?.includes(value) === false);
    const gone = from.values.filter((value) => to.values?.includes(value) === false);
    if (added.length > 0 || gone.length > 0) changes.push({ kind: 'values', from, to, added, gone });
  }
  return changes;
}

function typeChange(from: CatalogColumn, to: CatalogColumn): 'widened' | 'narrowed' | 'retyped' | 'unit' | undefined {
  const [old, now] = [parseType(from.type), parseType(to.type)];
  if (old === undefined || now === undefined) return sameText(from.type, to.type) ? undefined : 'retyped';
  if (sameType(old, now)) return isUnitChange(from, to) ? 'unit' : undefined;
  if (holds(now, old)) return 'widened';
  return holds(old, now) ? 'narrowed' : 'retyped';
}

const UNIT = /^(?:local-)?time(?:stamp)?-(?:millis|micros|nanos)$/;

/** Milliseconds or microseconds: the same type to SQL, another number to whoever reads it raw. */
function isUnitChange(from: CatalogColumn, to: CatalogColumn): boolean {
  const [old = '', now = ''] = [from.defaultText, to.defaultText];
  return old !== now && UNIT.test(old) && UNIT.test(now);
}

/** Every value of the second type is one of the first, digit by digit: Delta's rule for widening. */
function holds(wide: SqlType, narrow: SqlType): boolean {
  if (isFloating(wide) && isFloating(narrow)) return wide.kind === 'double';
  if (isInteger(wide) && isInteger(narrow)) return INTEGERS.indexOf(wide.kind) > INTEGERS.indexOf(narrow.kind);
  if (wide.kind !== 'decimal') return false;
  const [outer, inner] = [asDecimal(wide), asDecimal(narrow)];
  if (outer === undefined || inner === undefined) return false;
  return outer.precision - outer.scale >= inner.precision - inner.scale && outer.scale >= inner.scale;
}

const INTEGERS: readonly string[] = ['tinyint', 'smallint', 'int', 'bigint'];

function sameText(a: string, b: string): boolean {
  const [left, right] = [parseType(a), parseType(b)];
  return left !== undefined && right !== undefined
    ? sameType(left, right)
    : same(a.replaceAll(/\s/g, ''), b.replaceAll(/\s/g, ''));
}
