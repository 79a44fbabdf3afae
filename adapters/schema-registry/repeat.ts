import { canonicalJson } from '../../src/domain/canonical.js';
import { jsonOf } from './shapes.js';

/**
 * Registries keep a text once: registering an old schema again gives its old number and makes nothing newest (Confluent before 7.7,
 * Apicurio 3). So a repetition carries something that changes its text and means nothing.
 */

/** Avro and JSON Schema ignore attributes they do not know; this one says which version is repeated. */
const MARK = 'countersign.repeats';

/**
 * Protobuf has no such place: comments are dropped before texts are compared, and a reserved name must be kept for ever. File options
 * at their own default change neither code nor data, and no compatibility rule looks at them.
 */
const IDLE_OPTIONS = ['deprecated', 'java_generic_services', 'cc_generic_services', 'py_generic_services'];

export interface SchemaText {
  version: number;
  type: string;
  schema: string;
}

/** The old schema as a text that the subject does not hold yet; undefined where the language leaves no room for it (an Avro union). */
export function repetitionOf(old: SchemaText, latest: number): string | undefined {
  if (old.type === 'PROTOBUF') return protobufRepetition(old.schema, latest);
  const plain = plainJson(old.schema);
  return plain && JSON.stringify({ ...plain, [MARK]: `version ${old.version} after ${latest}` });
}

/** Whether one schema is the other one again: the same but for a mark. */
export function repeats(one: Omit<SchemaText, 'version'>, other: Omit<SchemaText, 'version'>): boolean {
  if (one.type !== other.type) return false;
  if (one.schema === other.schema) return true;
  if (one.type === 'PROTOBUF') return plainProtobuf(one.schema) === plainProtobuf(other.schema);
  const [a, b] = [plainJson(one.schema), plainJson(other.schema)];
  // Registries write a schema anew in an order of their own.
  return a !== undefined && b !== undefined && canonicalJson(a) === canonicalJson(b);
}

/** The text of the earlier version that this one repeats; its own text when it repeats none. */
export function originalOf(one: SchemaText, earlier: readonly SchemaText[]): string {
  if (one.type === 'PROTOBUF') return earlier.find((old) => repeats(old, one))?.schema ?? one.schema;
  const mark = asObject(jsonOf(one.schema))?.[MARK];
  const version = typeof mark === 'string' ? /^version (\d+) after \d+$/.exec(mark)?.[1] : undefined;
  const old = version === undefined ? undefined : earlier.find((item) => item.version === Number(version));
  return old && repeats(old, one) ? old.schema : one.schema;
}

function asObject(value: unknown): Record<string, unknown> | undefined {
  // Avro writes a plain type as a string: "long" is {"type": "long"}.
  if (typeof value === 'string') return { type: value };
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

function plainJson(schema: string): Record<string, unknown> | undefined {
  const whole = asObject(jsonOf(schema));
  if (!whole) return undefined;
  const { [MARK]: _, ...plain } = whole;
  return plain;
}

/** Which of the options are written down tells one repetition from the last fourteen. */
function protobufRepetition(schema: string, latest: number): string {
  const plain = schema.replace(idleOption(), '');
  const taken = withoutComments(plain);
  const free = IDLE_OPTIONS.filter((name) => !new RegExp(`\\boption\\s+${name}\\b`).test(taken));
  const bits = 1 + ((latest - 1) % (2 ** free.length - 1));
  const chosen = free.filter((_, index) => (bits >> index) % 2 === 1);
  return `${plain.trimEnd()}\n${chosen.map((name) => `option ${name} = false;`).join('\n')}\n`;
}

const idleOption = (): RegExp => new RegExp(`\\boption\\s+(?:${IDLE_OPTIONS.join('|')})\\s*=\\s*false\\s*;`, 'g');

function plainProtobuf(schema: string): string {
  return withoutComments(schema)
    .replace(idleOption(), '')
    .replace(/\s+/g, ' ')
    .replace(/ ?([{}[\]();=,<>]) ?/g, '$1')
    .trim();
}

/** Comments out, strings kept: a string may hold what looks like a comment. */
function withoutComments(schema: string): string {
  return schema.replace(
    /("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|\/\/[^\n]*|\/\*[\s\S]*?\*\//g,
    (_, text) => text ?? ' ',
  );
}
