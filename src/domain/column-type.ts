import { AppError } from './errors.js';

/** A column type of the closed list that may ever be rendered into SQL; dialects print it in their own words. */
export type ColumnType =
  | { kind: 'scalar'; name: ScalarType }
  | { kind: 'decimal'; precision: number; scale: number }
  | { kind: 'array'; element: ColumnType }
  | { kind: 'map'; key: ColumnType; value: ColumnType }
  | { kind: 'struct'; fields: { name: string; type: ColumnType }[] };

const SCALARS = [
  'boolean',
  'byte',
  'short',
  'integer',
  'long',
  'float',
  'double',
  'string',
  'binary',
  'date',
  'timestamp',
  'timestamp_ntz',
] as const;
export type ScalarType = (typeof SCALARS)[number];

/** Names that Spark SQL, Delta and Trino use for the same type. */
const ALIASES: Record<string, ScalarType> = {
  bool: 'boolean',
  tinyint: 'byte',
  smallint: 'short',
  int: 'integer',
  bigint: 'long',
  real: 'float',
  varchar: 'string',
  text: 'string',
  varbinary: 'binary',
};

const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;

/** Reads `decimal(18,2)`, `bigint`, `array<string>`, `struct<a:int>`… @throws AppError `invalid_input` for anything else. */
export function parseColumnType(text: string): ColumnType {
  const type = text.length <= 500 ? parse(text.trim(), 0) : undefined;
  if (type === undefined) {
    throw new AppError('invalid_input', {
      field: 'arg.type',
      safeText: 'The column type is not on the list of allowed types.',
    });
  }
  return type;
}

function parse(text: string, depth: number): ColumnType | undefined {
  if (depth > 5) return undefined;
  const lower = text.toLowerCase();
  const scalar = SCALARS.find((name) => name === lower) ?? (Object.hasOwn(ALIASES, lower) ? ALIASES[lower] : undefined);
  if (scalar !== undefined) return { kind: 'scalar', name: scalar };
  const decimal = /^(?:decimal|numeric)(?:\(\s*(\d{1,2})\s*(?:,\s*(\d{1,2})\s*)?\))?$/.exec(lower);
  if (decimal) {
    const precision = Number(decimal[1] ?? 10);
    const scale = Number(decimal[2] ?? 0);
    return precision >= 1 && precision <= 38 && scale <= precision ? { kind: 'decimal', precision, scale } : undefined;
  }
  const nested = /^(array|map|struct)\s*<(.*)>$/is.exec(text);
  return nested?.[1] && nested[2] !== undefined
    ? parseNested(nested[1].toLowerCase(), nested[2], depth + 1)
    : undefined;
}

function parseNested(kind: string, inner: string, depth: number): ColumnType | undefined {
  const parts = splitTopLevel(inner);
  if (kind === 'array') {
    const element = parts.length === 1 ? parse(parts[0] ?? '', depth) : undefined;
    return element && { kind: 'array', element };
  }
  if (kind === 'map') {
    const [key, value] = parts.map((part) => parse(part, depth));
    return parts.length === 2 && key && value ? { kind: 'map', key, value } : undefined;
  }
  const fields = parts.map((part) => {
    const colon = part.indexOf(':');
    const name = part.slice(0, colon).trim();
    const type = colon > 0 && IDENTIFIER.test(name) ? parse(part.slice(colon + 1).trim(), depth) : undefined;
    return type && { name, type };
  });
  return fields.every((field) => field !== undefined) ? { kind: 'struct', fields } : undefined;
}

/** Splits at commas that are not inside brackets of any kind. */
function splitTopLevel(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at] ?? '';
    if ('<('.includes(char)) depth += 1;
    else if ('>)'.includes(char)) depth -= 1;
    else if (char === ',' && depth === 0) {
      parts.push(text.slice(start, at).trim());
      start = at + 1;
    }
  }
  return [...parts, text.slice(start).trim()];
}
