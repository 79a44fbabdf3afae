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

/** The one table property that Trino's Delta connector changes, by Delta's name and by Trino's. */
const CHANGE_DATA_FEED = ['delta.enableChangeDataFeed', 'change_data_feed_enabled'];

/** The change as one ALTER TABLE of Trino's dialect. @throws AppError `invalid_input` when Trino's Delta connector has no such statement. */
export function renderTableChange(catalog: string, change: TableChange): string {
  const { arg } = change;
  const alter = `ALTER TABLE ${tableName(catalog, change.table)}`;
  switch (change.op) {
    case 'add_column': {
      const comment = arg['comment'] === undefined ? '' : ` COMMENT ${literal(String(arg['comment']))}`;
      return `${alter} ADD COLUMN ${newName(arg, 'name')} ${typeName(parseColumnType(named(arg, 'type')))}${comment}`;
    }
    case 'rename':
      return `${alter} RENAME COLUMN ${identifier(named(arg, 'from'))} TO ${newName(arg, 'to')}`;
    case 'set_property':
      return `${alter} SET PROPERTIES change_data_feed_enabled = ${changeDataFeed(arg)}`;
    default:
      throw new AppError('invalid_input', {
        field: 'op',
        safeText: "Trino's Delta connector can change neither a column's type nor table features; Spark SQL can.",
      });
  }
}

/** A column's new name. Trino writes it in lower case whatever the quotes say, so another is refused. */
function newName(arg: TableChange['arg'], key: string): string {
  const name = named(arg, key);
  if (name === name.toLowerCase()) return identifier(name);
  throw new AppError('invalid_input', {
    field: `arg.${key}`,
    safeText: 'Trino writes column names in lower case only; Spark SQL keeps capital letters.',
  });
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

function changeDataFeed(arg: TableChange['arg']): string {
  if (!CHANGE_DATA_FEED.includes(named(arg, 'key'))) {
    throw new AppError('invalid_input', {
      field: 'arg.key',
      safeText: 'Trino can not change this table property; Spark SQL may.',
    });
  }
  const value = String(arg['value']);
  if (value === 'true' || value === 'false') return value;
  throw new AppError('invalid_input', { field: 'arg.value', safeText: 'The value of this property is true or false.' });
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
