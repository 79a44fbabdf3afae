import { type ColumnType, parseColumnType, type ScalarType } from '../../src/domain/column-type.js';
import { AppError } from '../../src/domain/errors.js';
import type { TableChange } from '../../src/domain/platform-ports.js';

const TYPES: Record<ScalarType, string> = {
  boolean: 'boolean',
  byte: 'tinyint',
  short: 'smallint',
  integer: 'integer',
  long: 'bigint',
  float: 'real',
  double: 'double',
  string: 'varchar',
  binary: 'varbinary',
  date: 'date',
  timestamp: 'timestamp(3) with time zone',
  timestamp_ntz: 'timestamp(6)',
};

/** The change as one ALTER TABLE of Trino's dialect. @throws AppError `invalid_input` when Trino's Delta connector has no such statement. */
export function renderTableChange(catalog: string, change: TableChange): string {
  const { arg } = change;
  const alter = `ALTER TABLE ${tableName(catalog, change.table)}`;
  switch (change.op) {
    case 'add_column': {
      const comment = arg['comment'] === undefined ? '' : ` COMMENT ${literal(String(arg['comment']))}`;
      return `${alter} ADD COLUMN ${identifier(named(arg, 'name'))} ${typeName(parseColumnType(named(arg, 'type')))}${comment}`;
    }
    case 'rename':
      return `${alter} RENAME COLUMN ${identifier(named(arg, 'from'))} TO ${identifier(named(arg, 'to'))}`;
    case 'set_type':
    case 'revert_type':
      return `${alter} ALTER COLUMN ${identifier(named(arg, 'column'))} SET DATA TYPE ${typeName(parseColumnType(named(arg, 'type')))}`;
    case 'set_property':
      return `${alter} SET PROPERTIES ${propertyKey(named(arg, 'key'))} = ${value(arg['value'])}`;
    default:
      throw new AppError('invalid_input', {
        field: 'op',
        safeText: 'Trino can not change table features; Spark SQL can.',
      });
  }
}

/** `schema.table` in the configured catalog, quoted. */
function tableName(catalog: string, table: string): string {
  const parts = table.split('.');
  if (parts.length === 3 && parts[0] === catalog) parts.shift();
  if (parts.length !== 2) {
    throw new AppError('invalid_input', { field: 'table', safeText: 'A table is named like schema.table.' });
  }
  return [catalog, ...parts].map(identifier).join('.');
}

function named(arg: TableChange['arg'], key: string): string {
  const text = arg[key];
  if (typeof text === 'string' && text !== '') return text;
  throw new AppError('invalid_input', { field: `arg.${key}`, safeText: `The change needs the text "${key}".` });
}

/** Quoted with doubled quotes; control characters and over-long names are refused. */
function identifier(name: string): string {
  if (name.length === 0 || name.length > 128 || /\p{C}/u.test(name)) {
    throw new AppError('invalid_input', { safeText: 'A name can not be used as an SQL identifier.' });
  }
  return `"${name.replaceAll('"', '""')}"`;
}

/** Trino's own table properties are lower-case words; keys with dots (`delta.…`) belong to Spark. */
function propertyKey(key: string): string {
  if (/^[a-z][a-z0-9_]{0,60}$/.test(key)) return key;
  throw new AppError('invalid_input', {
    field: 'arg.key',
    safeText: 'Trino does not know this table property; Spark SQL may.',
  });
}

function value(raw: TableChange['arg'][string] | undefined): string {
  if (typeof raw === 'boolean') return String(raw);
  if (typeof raw === 'number' && Number.isFinite(raw)) return String(raw);
  if (typeof raw === 'string') return /^(true|false)$/.test(raw) ? raw : literal(raw);
  throw new AppError('invalid_input', { field: 'arg.value', safeText: 'The change needs a "value".' });
}

function literal(text: string): string {
  if (text.length > 500 || /\p{Cc}/u.test(text)) {
    throw new AppError('invalid_input', { safeText: 'A text can not be used as an SQL literal.' });
  }
  return `'${text.replaceAll("'", "''")}'`;
}

function typeName(type: ColumnType): string {
  switch (type.kind) {
    case 'scalar':
      return TYPES[type.name];
    case 'decimal':
      return `decimal(${type.precision},${type.scale})`;
    case 'array':
      return `array(${typeName(type.element)})`;
    case 'map':
      return `map(${typeName(type.key)}, ${typeName(type.value)})`;
    case 'struct':
      return `row(${type.fields.map((field) => `${identifier(field.name)} ${typeName(field.type)}`).join(', ')})`;
  }
}
