import type { CatalogColumn } from '../catalog.js';
import { parseType, printType, type SqlType } from '../sql/type.js';

/** Columns of an Avro record, as Spark reads them. */
export interface AvroColumns {
  columns: CatalogColumn[];
  /** Fields that could not be read, and why: never left out in silence. */
  faults: string[];
}

const MAX_DEPTH = 12;
const PRIMITIVES: Record<string, string> = {
  boolean: 'BOOLEAN',
  int: 'INT',
  long: 'BIGINT',
  float: 'FLOAT',
  double: 'DOUBLE',
  string: 'STRING',
  bytes: 'BINARY',
};
const LOGICAL: Record<string, string> = {
  date: 'DATE',
  'timestamp-millis': 'TIMESTAMP',
  'timestamp-micros': 'TIMESTAMP',
  'local-timestamp-millis': 'TIMESTAMP_NTZ',
  'local-timestamp-micros': 'TIMESTAMP_NTZ',
  uuid: 'STRING',
};

type Json = Record<string, unknown>;

/** Reads a schema as the registry gives it: text or parsed JSON. */
export function avroColumns(schema: unknown): AvroColumns {
  let parsed = schema;
  if (typeof schema === 'string') {
    try {
      parsed = JSON.parse(schema);
    } catch {
      return { columns: [], faults: ['the schema is no JSON'] };
    }
  }
  const fields = isJson(parsed) && parsed['type'] === 'record' ? parsed['fields'] : undefined;
  if (!Array.isArray(fields)) return { columns: [], faults: ['the schema is no Avro record'] };
  const faults: string[] = [];
  const columns = fields.flatMap((field: unknown, index) => {
    const column = columnOf(field);
    if (column === undefined) faults.push(`field ${index + 1}${nameOf(field)}: a type that Spark has no column for`);
    return column ?? [];
  });
  return { columns, faults };
}

const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

const nameOf = (field: unknown): string =>
  isJson(field) && typeof field['name'] === 'string' ? ` '${field['name'].slice(0, 60)}'` : '';

function columnOf(field: unknown): CatalogColumn | undefined {
  if (!isJson(field) || typeof field['name'] !== 'string') return undefined;
  const branches = Array.isArray(field['type']) ? field['type'] : [field['type']];
  const inner = branches.filter((branch: unknown) => branch !== 'null');
  const [only] = inner;
  const type = inner.length === 1 ? typeOf(only, 0) : undefined;
  if (type === undefined) return undefined;
  const logical = isJson(only) ? only['logicalType'] : undefined;
  const values = isJson(only) && only['type'] === 'enum' ? texts(only['symbols']) : [];
  const aliases = texts(field['aliases']);
  const note =
    typeof logical === 'string' && logical.includes('time')
      ? logical
      : field['default'] === undefined
        ? undefined
        : JSON.stringify(field['default']);
  return {
    name: field['name'],
    type: printType(type),
    nullable: inner.length < branches.length,
    ...(values.length > 0 ? { values } : {}),
    ...(aliases.length > 0 ? { aliases } : {}),
    ...(note === undefined ? {} : { defaultText: note }),
  };
}

const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];

function typeOf(node: unknown, depth: number): SqlType | undefined {
  if (depth > MAX_DEPTH) return undefined;
  if (typeof node === 'string') return Object.hasOwn(PRIMITIVES, node) ? parseType(PRIMITIVES[node] ?? '') : undefined;
  if (Array.isArray(node)) {
    const inner = node.filter((branch: unknown) => branch !== 'null');
    return inner.length === 1 ? typeOf(inner[0], depth + 1) : undefined;
  }
  if (!isJson(node)) return undefined;
  const logical = node['logicalType'];
  if (logical === 'decimal') return parseType(`DECIMAL(${Number(node['precision'])},${Number(node['scale'] ?? 0)})`);
  if (typeof logical === 'string' && Object.hasOwn(LOGICAL, logical)) return parseType(LOGICAL[logical] ?? '');
  return nested(node, depth);
}

function nested(node: Json, depth: number): SqlType | undefined {
  switch (node['type']) {
    case 'enum':
      return { kind: 'string' };
    case 'fixed':
      return { kind: 'binary' };
    case 'array': {
      const element = typeOf(node['items'], depth + 1);
      return element && { kind: 'array', element };
    }
    case 'map': {
      const value = typeOf(node['values'], depth + 1);
      return value && { kind: 'map', key: { kind: 'string' }, value };
    }
    case 'record': {
      const fields = (Array.isArray(node['fields']) ? node['fields'] : []).map((field: unknown) => {
        const type = isJson(field) ? typeOf(field['type'], depth + 1) : undefined;
        return isJson(field) && typeof field['name'] === 'string' && type !== undefined
          ? { name: field['name'], type }
          : undefined;
      });
      const known = fields.filter((field) => field !== undefined);
      return known.length === fields.length && known.length > 0 ? { kind: 'struct', fields: known } : undefined;
    }
    default:
      return typeOf(node['type'], depth + 1);
  }
}
