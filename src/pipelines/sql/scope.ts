import { nearest } from '../nearest.js';
import { type Binding, broken, type Typed, unverified } from './binding.js';
import type { ColumnRef, InputColumn, InputTable } from './bound.js';
import { quoted } from './render.js';
import type { Span } from './span.js';
import { printType, type SqlType } from './type.js';

export interface RelationColumn {
  name: string;
  type: SqlType;
  nullable: boolean;
  /** The columns of inputs that it is made of. */
  from: readonly ColumnRef[];
  plain: ColumnRef | undefined;
}

/** Something with columns that an expression can read, by its name or alias. */
export interface Relation {
  name: string;
  columns: RelationColumn[];
  /** The input it is, unchanged. */
  input?: string;
}

/** What can be read at one place; a subquery sees what is around it. */
export interface Scope {
  relations: Relation[];
  parent?: Scope | undefined;
  /** Queries of WITH, by name. */
  queries: ReadonlyMap<string, { columns: RelationColumn[] }>;
  /** Outputs that can be read by their alias where no column has the name, in small letters. */
  aliases?: ReadonlyMap<string, Typed>;
  /** Windows declared with WINDOW, in small letters. */
  windows?: ReadonlySet<string>;
}

/** Parts of a Debezium message. */
const ENVELOPE = new Set(['before', 'after']);

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** An input as a relation: a column is itself. */
export function relationOf(table: InputTable, alias: string): Relation {
  const columns = table.columns.map(({ name, type, nullable }: InputColumn): RelationColumn => {
    const ref = { input: table.name, column: name };
    return { name, type, nullable, from: [ref], plain: ref };
  });
  return { name: alias, columns, input: table.name };
}

/** Resolves `column` or `relation.column`. */
export function resolveColumn(
  binding: Binding,
  scope: Scope,
  name: string,
  qualifier: string | undefined,
  span: Span | undefined,
): Typed {
  const place = binding.placeOf(span);
  for (let at: Scope | undefined = scope; at !== undefined; at = at.parent) {
    const relations = at.relations.filter((relation) => qualifier === undefined || same(relation.name, qualifier));
    const found = relations.flatMap((relation) =>
      relation.columns.filter((column) => same(column.name, name)).map((column) => ({ relation, column })),
    );
    if (found.length > 1) {
      const list = found.map(({ relation }) => `${relation.name}.${name}`).join(', ');
      return broken(binding, 'SQL003', `'${name}' is ambiguous: ${list}`, place);
    }
    const [only] = found;
    if (only !== undefined) return read(binding, only.relation, only.column, place);
    const alias = qualifier === undefined ? at.aliases?.get(name.toLowerCase()) : undefined;
    if (alias !== undefined) return { ...alias, place };
  }
  return unknownColumn(binding, scope, name, qualifier, span);
}

function read(binding: Binding, relation: Relation, column: RelationColumn, place: Typed['place']): Typed {
  for (const ref of column.from) binding.reads.set(`${ref.input}.${ref.column}`, ref);
  const sql = `${quoted(relation.name)}.${quoted(column.name)}`;
  const { type, nullable, from, plain } = column;
  return { type, nullable, sql, from, plain, loose: [{ sql, name: column.name, place }], place };
}

function unknownColumn(
  binding: Binding,
  scope: Scope,
  name: string,
  qualifier: string | undefined,
  span: Span | undefined,
): Typed {
  const place = binding.placeOf(span);
  const relations = scope.relations.filter((relation) => qualifier === undefined || same(relation.name, qualifier));
  const isEnvelope = ENVELOPE.has(qualifier?.toLowerCase() ?? name.toLowerCase());
  if (isEnvelope && scope.relations.some(({ input }) => isRaw(binding, input))) {
    const message = `'${qualifier ?? name}' is the envelope of the change stream: unwrap it with cdc, and read its columns by name`;
    return broken(binding, 'CDC004', message, place);
  }
  if (qualifier !== undefined && relations.length === 0) {
    const holder = scope.relations.flatMap(({ columns }) => columns).find((column) => same(column.name, qualifier));
    if (holder !== undefined) return fieldOf(binding, holder, name, place);
    const near = nearest(
      qualifier,
      scope.relations.map((relation) => relation.name),
    );
    const message = `'${qualifier}' is no table of this query`;
    return broken(binding, 'SQL002', message, place, near && `did you mean '${near}'?`);
  }
  const known = relations.flatMap(({ columns }) => columns.map((column) => column.name));
  const near = nearest(name, known);
  const suggestion = near === undefined ? `there are ${known.slice(0, 12).join(', ')}` : `did you mean '${near}'?`;
  return broken(binding, 'SQL001', `column '${name}' does not exist`, place, suggestion);
}

/** `column.field`: of a struct it is for Spark to read, of anything else it is a fault. */
function fieldOf(binding: Binding, holder: RelationColumn, name: string, place: Typed['place']): Typed {
  if (holder.type.kind !== 'struct') {
    return broken(binding, 'TYP003', `'${holder.name}' is ${printType(holder.type)} and has no field '${name}'`, place);
  }
  unverified(binding, `a field of '${holder.name}'`, place);
  return { type: holder.type, nullable: true, sql: 'NULL', from: holder.from, loose: [], broken: true, place };
}

function isRaw(binding: Binding, input: string | undefined): boolean {
  return binding.inputs.some((table) => table.name === input && table.rawChanges);
}
