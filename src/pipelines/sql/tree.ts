import { getPosition, type Span } from './span.js';

/** A node of the parser's tree: one key that names its kind, and the body under it. */
export type Tree = Record<string, unknown>;

/** The parser knows something of this node that the binder does not: it is refused, never half understood. */
export class NotUnderstood extends Error {
  constructor(
    readonly what: string,
    readonly span: Span | undefined,
  ) {
    super(what);
  }
}

/** Kind and body of a node. Some nodes are a bare word: they have no body. */
export function kindOf(node: unknown): { kind: string; body: Tree } {
  if (typeof node === 'string') return { kind: node, body: {} };
  const [entry] = Object.entries((node ?? {}) as Tree);
  if (entry === undefined) throw new NotUnderstood('an empty expression', undefined);
  const [kind, body] = entry;
  return { kind, body: (typeof body === 'object' && body !== null ? body : {}) as Tree };
}

/** Layout and spelling: nothing of it changes what a query means. */
const QUIET = new Set([
  'span',
  'quoted',
  'alias_explicit_as',
  'double_colon_syntax',
  'kind_text',
  'start_side_text',
  'end_side_text',
  'name',
  'original_name',
  'nesting_group',
  'alias_first',
  'no_parens',
  'use_bracket_syntax',
  'inferred_type',
  'sql_standard_syntax',
  'position_explicit',
  'from_for_syntax',
]);

function isEmpty(value: unknown): boolean {
  return value === null || value === undefined || value === false || (Array.isArray(value) && value.length === 0);
}

/** Forms that people know by another name than the parser's. */
const PHRASES: Record<string, string> = {
  'select lateral_views': 'LATERAL VIEW',
  'select hint': 'a hint',
  'select cluster_by': 'CLUSTER BY',
  'select distribute_by': 'DISTRIBUTE BY',
  'select sort_by': 'SORT BY',
  'select offset': 'OFFSET',
  'table table_sample': 'TABLESAMPLE',
  'table column_aliases': 'a column list after an alias',
  'subquery column_aliases': 'a column list after an alias',
  'subquery lateral': 'a LATERAL subquery',
  'with columns': 'a column list in WITH',
  'union by_name': 'UNION BY NAME',
};

function phraseOf(kind: string, key: string): string {
  const words = (text: string): string => text.replaceAll('_', ' ');
  return PHRASES[`${kind} ${key}`] ?? `${words(kind)} with ${words(key)}`;
}

/**
 * The wanted parts of a body. A part that is there and was not asked for is a meaning that nobody read (`ceil(x, -3)` keeps its -3
 * in a key of its own): then the node is not understood.
 */
export function parts<K extends string>(kind: string, body: Tree, ...wanted: K[]): Record<K, unknown> {
  for (const [key, value] of Object.entries(body)) {
    const quiet = QUIET.has(key) || key.endsWith('comments');
    if (isEmpty(value) || quiet || (wanted as string[]).includes(key)) continue;
    throw new NotUnderstood(phraseOf(kind, key), getPosition(value) ?? getPosition(body));
  }
  return Object.fromEntries(wanted.map((key) => [key, body[key] ?? undefined])) as Record<K, unknown>;
}

export function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The name that an identifier holds. */
export function nameOf(identifier: unknown): string | undefined {
  const name = (identifier as Tree | undefined)?.['name'];
  return typeof name === 'string' ? name : undefined;
}
