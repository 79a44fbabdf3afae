import type { SqlType } from './type.js';

const NAMES: Partial<Record<SqlType['kind'], string>> = {
  int: 'INTEGER',
  string: 'VARCHAR',
  binary: 'BLOB',
  timestamp_ntz: 'TIMESTAMP',
  null: 'INTEGER',
};

/** The DuckDB type that holds a Spark type. */
export function duckType(type: SqlType): string {
  switch (type.kind) {
    case 'decimal':
      return `DECIMAL(${type.precision},${type.scale})`;
    case 'array':
      return `${duckType(type.element)}[]`;
    case 'map':
      return `MAP(${duckType(type.key)}, ${duckType(type.value)})`;
    case 'struct':
      return `STRUCT(${type.fields.map(({ name, type: inner }) => `${quoted(name)} ${duckType(inner)}`).join(', ')})`;
    default:
      return NAMES[type.kind] ?? type.kind.toUpperCase();
  }
}

/** A name that can be nothing but a name. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A text that can be nothing but a text. */
export function textLiteral(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

export function cast(sql: string, type: SqlType): string {
  return `CAST(${sql} AS ${duckType(type)})`;
}
