import type { SchemaField } from './schema-fields.js';

export interface SchemaChange {
  kind: 'column_added' | 'column_dropped' | 'column_renamed' | 'type_changed' | 'enum_extended' | 'default_changed';
  field: string;
  from: string | undefined;
  to: string | undefined;
}

/** What happened between two versions of a schema, renames told apart from drop and add. */
export function schemaChanges(before: readonly SchemaField[], after: readonly SchemaField[]): SchemaChange[] {
  const had = new Map(before.map((field) => [field.path, field]));
  const has = new Map(after.map((field) => [field.path, field]));
  const dropped = before.filter(({ path }) => !has.has(path));
  const added = after.filter(({ path }) => !had.has(path));
  const renames = pairRenames(dropped, added);
  const fresh = new Set([...renames.values()]);
  return [
    ...[...renames].flatMap(([old, now]) => [
      { kind: 'column_renamed' as const, field: old.path, from: old.path, to: now.path },
      ...(old.type === now.type
        ? []
        : [{ kind: 'type_changed' as const, field: now.path, from: old.type, to: now.type }]),
    ]),
    ...dropped
      .filter((old) => !renames.has(old) && !insideRename(old.path, renames))
      .map((old) => ({ kind: 'column_dropped' as const, field: old.path, from: old.type, to: undefined })),
    ...added
      .filter((now) => !fresh.has(now) && !insideRename(now.path, renames))
      .map((now) => ({ kind: 'column_added' as const, field: now.path, from: undefined, to: now.type })),
    ...after.flatMap((now) => {
      const old = had.get(now.path);
      return old ? alterations(old, now) : [];
    }),
  ];
}

/** Each dropped field with the added one it most likely became. Same language identity or an alias settles it; else the type must agree and something more. */
function pairRenames(dropped: readonly SchemaField[], added: readonly SchemaField[]): Map<SchemaField, SchemaField> {
  const scored = dropped
    .flatMap((old) => added.map((now) => ({ old, now, score: likeness(old, now) })))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score);
  const pairs = new Map<SchemaField, SchemaField>();
  const taken = new Set<SchemaField>();
  for (const { old, now } of scored) {
    if (pairs.has(old) || taken.has(now)) continue;
    pairs.set(old, now);
    taken.add(now);
  }
  return pairs;
}

const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('.') + 1);
const leafOf = (path: string): string => path.slice(path.lastIndexOf('.') + 1);

/** 0 when the one can not have become the other. */
function likeness(old: SchemaField, now: SchemaField): number {
  if (parentOf(old.path) !== parentOf(now.path)) return 0;
  if (old.identity !== undefined && old.identity === now.identity) return 100;
  if (now.aliases.includes(leafOf(old.path))) return 100;
  if (old.type.replace('?', '') !== now.type.replace('?', '')) return 0;
  let score = 0;
  if (old.position === now.position) score += 3;
  if (old.doc !== undefined && old.doc === now.doc) score += 3;
  if (old.default !== undefined && old.default !== 'null' && old.default === now.default) score += 1;
  if (alike(leafOf(old.path), leafOf(now.path))) score += 2;
  return score >= 2 ? score : 0;
}

/** Names that share most of their letters in order at either end (`merchant_subcategory`, `merchant_subcategory_v2`). */
function alike(one: string, other: string): boolean {
  const [a, b] = [one.toLowerCase(), other.toLowerCase()];
  if (a.includes(b) || b.includes(a)) return true;
  let head = 0;
  while (head < Math.min(a.length, b.length) && a[head] === b[head]) head += 1;
  return head >= 4 && head / Math.max(a.length, b.length) >= 0.5;
}

/** A renamed record brings its fields along: they are not dropped and added as well. */
function insideRename(path: string, renames: Map<SchemaField, SchemaField>): boolean {
  return [...renames].some(([old, now]) =>
    [old.path, now.path].some((name) => path.startsWith(`${name}.`) || path.startsWith(`${name}[].`)),
  );
}

function alterations(old: SchemaField, now: SchemaField): SchemaChange[] {
  const changes: SchemaChange[] = [];
  const gone = old.symbols?.filter((symbol) => !now.symbols?.includes(symbol)) ?? [];
  const come = now.symbols?.filter((symbol) => !old.symbols?.includes(symbol)) ?? [];
  if (old.type !== now.type) changes.push({ kind: 'type_changed', field: now.path, from: old.type, to: now.type });
  else if (gone.length > 0) changes.push({ kind: 'type_changed', field: now.path, from: listed(old), to: listed(now) });
  else if (come.length > 0)
    changes.push({ kind: 'enum_extended', field: now.path, from: listed(old), to: listed(now) });
  if (old.default !== now.default) {
    changes.push({ kind: 'default_changed', field: now.path, from: old.default ?? 'none', to: now.default ?? 'none' });
  }
  return changes;
}

const listed = (field: SchemaField): string => (field.symbols ?? []).join(',');
