/** One field of a schema, whatever its language: `path` is dotted, `[]` stands for the elements of an array or the values of a map. */
export interface SchemaField {
  path: string;
  type: string;
  /** Place among its siblings. */
  position: number;
  default: string | undefined;
  doc: string | undefined;
  aliases: string[];
  symbols: string[] | undefined;
  /** What the language itself holds to be the field's identity (Protobuf's number). */
  identity: string | undefined;
  /** What else may be told of it, by name: the oneof it is in, a pattern. An empty path speaks of the whole schema. */
  traits: Record<string, string>;
}

/** Schemas that contain themselves would go on for ever. */
export const DEEPEST = 8;
export const MOST_FIELDS = 4_000;

export type Node = Record<string, unknown>;
export const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
export const asNode = (value: unknown): Node => (isNode(value) ? value : {});
export const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
export const strings = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
export const literal = (value: unknown): string | undefined =>
  value === undefined ? undefined : JSON.stringify(value);

/** The given entries without those that say nothing. */
export function traitsOf(entries: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(entries).filter((pair): pair is [string, string] => pair[1] !== undefined && pair[1] !== ''),
  );
}

/** Traits of the schema as a whole, or of the object at `path`, carried by a field that is none. */
export function whole(path: string, traits: Record<string, string>): SchemaField {
  return {
    path,
    type: WHOLE,
    position: -1,
    default: undefined,
    doc: undefined,
    aliases: [],
    symbols: undefined,
    identity: undefined,
    traits,
  };
}
const WHOLE = '';
export const isWhole = (field: SchemaField): boolean => field.type === WHOLE;
