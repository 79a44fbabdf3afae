import { jsonObject } from './shapes.js';

/**
 * Registries keep a text once: registering an old schema again gives its old number and makes nothing newest. So a repetition
 * carries one attribute that schema languages ignore and that says which version it repeats.
 */
const MARK = 'countersign.repeats';

/** The old schema as a text the subject does not hold yet; undefined for languages without free attributes (Protobuf). */
export function repetitionOf(
  old: { version: number; schema: string; type: string },
  latest: number,
): string | undefined {
  if (old.type !== 'AVRO' && old.type !== 'JSON') return undefined;
  const schema = jsonObject(old.schema);
  return schema && JSON.stringify({ ...schema, [MARK]: `version ${old.version} after ${latest}` });
}

/** The text of the version that this schema repeats, when that is true but for the mark; else the schema itself. */
export function withoutMark(schema: string, textOf: (version: number) => string | undefined): string {
  const { [MARK]: mark, ...rest } = jsonObject(schema) ?? {};
  const version = typeof mark === 'string' ? /^version (\d+) after \d+$/.exec(mark)?.[1] : undefined;
  const original = version === undefined ? undefined : textOf(Number(version));
  if (original === undefined) return schema;
  const { [MARK]: _, ...plain } = jsonObject(original) ?? {};
  return JSON.stringify(plain) === JSON.stringify(rest) ? original : schema;
}
