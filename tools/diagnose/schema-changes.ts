import { isWhole, type SchemaField } from './schema-field.js';
import { leafOf, parentOf, type Rename, renamesBetween } from './schema-renames.js';

export interface SchemaChange {
  kind: 'column_added' | 'column_dropped' | 'column_renamed' | 'type_changed' | 'enum_extended' | 'default_changed';
  field: string;
  from: string | undefined;
  to: string | undefined;
}

/** What else is different and no change of a column: an alias, a reserved number, the order. */
export interface SchemaDetail {
  /** Empty for the schema as a whole. */
  field: string;
  what: string;
  from: string | undefined;
  to: string | undefined;
}

export interface SchemaDifference {
  changes: SchemaChange[];
  renames: Rename[];
  details: SchemaDetail[];
}

/** What happened between two versions of a schema, renames told apart from drop and add. */
export function schemaDifference(before: readonly SchemaField[], after: readonly SchemaField[]): SchemaDifference {
  const [old, now] = [before.filter((field) => !isWhole(field)), after.filter((field) => !isWhole(field))];
  const [had, has] = [byPath(old), byPath(now)];
  const dropped = old.filter(({ path }) => !has.has(path));
  const added = now.filter(({ path }) => !had.has(path));
  const renames = renamesBetween(dropped, added);
  const settled = renames.filter(({ confidence }) => confidence !== 'possible');
  const paths = pathsOf(settled);
  return {
    changes: [
      ...settled.flatMap(renamed),
      ...unpaired('column_dropped', dropped, settled),
      ...unpaired('column_added', added, settled),
      ...now.flatMap((field) => {
        const earlier = had.get(field.path);
        return earlier ? alterations(earlier, field) : [];
      }),
    ],
    renames: renames.filter(({ from }) => !isInside(from.path, paths)),
    details: [...traitDetails(before, after), ...reordered(old, now)],
  };
}

const byPath = (fields: readonly SchemaField[]): Map<string, SchemaField> =>
  new Map(fields.map((field) => [field.path, field]));

const pathsOf = (renames: readonly Rename[]): Set<string> =>
  new Set(renames.flatMap(({ from, to }) => [from.path, to.path]));

function renamed({ from, to }: Rename): SchemaChange[] {
  const change: SchemaChange = { kind: 'column_renamed', field: from.path, from: from.path, to: to.path };
  return [change, ...alterations(from, to)];
}

function unpaired(
  kind: 'column_dropped' | 'column_added',
  fields: readonly SchemaField[],
  renames: readonly Rename[],
): SchemaChange[] {
  const paired = new Set(renames.flatMap(({ from, to }) => [from, to]));
  const paths = pathsOf(renames);
  return fields
    .filter((field) => !paired.has(field) && !isInside(field.path, paths))
    .map(({ path, type }) => ({
      kind,
      field: path,
      from: kind === 'column_dropped' ? type : undefined,
      to: kind === 'column_added' ? type : undefined,
    }));
}

/** A renamed record brings its fields along: they are not dropped and added as well. */
function isInside(path: string, renamedPaths: ReadonlySet<string>): boolean {
  for (let dot = path.indexOf('.'); dot >= 0; dot = path.indexOf('.', dot + 1)) {
    if (renamedPaths.has(path.slice(0, dot).replace(/\[\]$/, ''))) return true;
  }
  return false;
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

function traitDetails(before: readonly SchemaField[], after: readonly SchemaField[]): SchemaDetail[] {
  const key = (field: SchemaField): string => `${isWhole(field)} ${field.path}`;
  const had = new Map(before.map((field) => [key(field), field]));
  const known = new Set(after.map(key));
  const gone = before.filter((field) => isWhole(field) && !known.has(key(field)));
  return [
    ...after.flatMap((now) => {
      const old = had.get(key(now));
      // Of a field that is new, everything is; of the whole, a trait may be.
      return old || isWhole(now) ? traitsBetween(now.path, old?.traits ?? {}, now.traits) : [];
    }),
    ...gone.flatMap((old) => traitsBetween(old.path, old.traits, {})),
  ];
}

function traitsBetween(field: string, had: Record<string, string>, has: Record<string, string>): SchemaDetail[] {
  return [...new Set([...Object.keys(had), ...Object.keys(has)])]
    .filter((what) => had[what] !== has[what])
    .map((what) => ({ field, what, from: had[what], to: has[what] }));
}

/** Fields that stayed, in another order: who reads by place reads something else now. */
function reordered(old: readonly SchemaField[], now: readonly SchemaField[]): SchemaDetail[] {
  const [before, after] = [orderOf(old, now), orderOf(now, old)];
  return [...after].flatMap(([parent, to]) => {
    const from = before.get(parent);
    return from === undefined || from.join() === to.join()
      ? []
      : [{ field: parent.slice(0, -1), what: 'order', from: from.join(), to: to.join() }];
  });
}

/** The names of the fields that the others have as well, by the record they are in. */
function orderOf(fields: readonly SchemaField[], others: readonly SchemaField[]): Map<string, string[]> {
  const there = new Set(others.map(({ path }) => path));
  const names = new Map<string, string[]>();
  for (const { path } of fields) {
    if (!there.has(path)) continue;
    const siblings = names.get(parentOf(path)) ?? [];
    siblings.push(leafOf(path));
    names.set(parentOf(path), siblings);
  }
  return names;
}
