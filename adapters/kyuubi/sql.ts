import { type ColumnType, parseColumnType, type ScalarType } from '../../src/domain/column-type.js';
import { AppError } from '../../src/domain/errors.js';
import type { TableChange } from '../../src/domain/platform-ports.js';

const TYPES: Record<ScalarType, string> = {
  boolean: 'BOOLEAN',
  byte: 'TINYINT',
  short: 'SMALLINT',
  integer: 'INT',
  long: 'BIGINT',
  float: 'FLOAT',
  double: 'DOUBLE',
  string: 'STRING',
  binary: 'BINARY',
  date: 'DATE',
  timestamp: 'TIMESTAMP',
  timestamp_ntz: 'TIMESTAMP_NTZ',
};

/** The change as one ALTER TABLE of Spark SQL with Delta. @throws AppError `invalid_input` when an argument is not what it must be. */
export function renderTableChange(change: TableChange): string {
  const { arg } = change;
  const alter = `ALTER TABLE ${tableName(change.table)}`;
  switch (change.op) {
    case 'add_column': {
      const comment = arg['comment'] === undefined ? '' : ` COMMENT ${literal(String(arg['comment']))}`;
      return `${alter} ADD COLUMNS (${identifier(named(arg, 'name'))} ${typeName(parseColumnType(named(arg, 'type')))}${comment})`;
    }
    case 'rename':
      return `${alter} RENAME COLUMN ${identifier(named(arg, 'from'))} TO ${identifier(named(arg, 'to'))}`;
    case 'set_type':
    case 'revert_type':
      return `${alter} ALTER COLUMN ${identifier(named(arg, 'column'))} TYPE ${typeName(parseColumnType(named(arg, 'type')))}`;
    case 'set_property':
      return `${alter} SET TBLPROPERTIES (${literal(propertyKey(named(arg, 'key')))} = ${literal(valueText(arg['value']))})`;
    case 'add_feature':
      return `${alter} SET TBLPROPERTIES (${literal(`delta.feature.${featureName(arg)}`)} = 'supported')`;
    case 'drop_feature':
      return `${alter} DROP FEATURE ${featureName(arg)}`;
  }
}

function tableName(table: string): string {
  const parts = table.split('.');
  if (parts.length < 2 || parts.length > 3) {
    throw new AppError('invalid_input', { field: 'table', safeText: 'A table is named like schema.table.' });
  }
  return parts.map(identifier).join('.');
}

function named(arg: TableChange['arg'], key: string): string {
  const text = arg[key];
  if (typeof text === 'string' && text !== '') return text;
  throw new AppError('invalid_input', { field: `arg.${key}`, safeText: `The change needs the text "${key}".` });
}

function identifier(name: string): string {
  if (name.length === 0 || name.length > 128 || /\p{C}/u.test(name)) {
    throw new AppError('invalid_input', { safeText: 'A name can not be used as an SQL identifier.' });
  }
  return `\`${name.replaceAll('`', '``')}\``;
}

function featureName(arg: TableChange['arg']): string {
  const feature = named(arg, 'feature');
  if (/^[A-Za-z][A-Za-z0-9]{0,60}(-preview)?$/.test(feature)) return feature;
  throw new AppError('invalid_input', { field: 'arg.feature', safeText: 'That is not the name of a table feature.' });
}

function propertyKey(key: string): string {
  if (/^[A-Za-z][A-Za-z0-9_.-]{0,120}$/.test(key)) return key;
  throw new AppError('invalid_input', { field: 'arg.key', safeText: 'That is not the name of a table property.' });
}

function valueText(raw: TableChange['arg'][string] | undefined): string {
  if (raw !== undefined) return String(raw);
  throw new AppError('invalid_input', { field: 'arg.value', safeText: 'The change needs a "value".' });
}

/** Whether a backslash escapes depends on a Spark setting, so a text with quotes or backslashes is refused instead of escaped. */
function literal(text: string): string {
  if (text.length <= 500 && !/['"\\]|\p{Cc}/u.test(text)) return `'${text}'`;
  throw new AppError('invalid_input', { safeText: 'A text with quotes or backslashes can not be used in Spark SQL.' });
}

function typeName(type: ColumnType): string {
  switch (type.kind) {
    case 'scalar':
      return TYPES[type.name];
    case 'decimal':
      return `DECIMAL(${type.precision},${type.scale})`;
    case 'array':
      return `ARRAY<${typeName(type.element)}>`;
    case 'map':
      return `MAP<${typeName(type.key)}, ${typeName(type.value)}>`;
    case 'struct':
      return `STRUCT<${type.fields.map((field) => `${identifier(field.name)}: ${typeName(field.type)}`).join(', ')}>`;
  }
}
