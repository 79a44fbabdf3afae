/** A Spark SQL type as the binder works with it. Decimal: `precision` digits in all, `scale` of them behind the point. */
export type SqlType =
  | { kind: SimpleKind }
  | { kind: 'decimal'; precision: number; scale: number }
  | { kind: 'array'; element: SqlType }
  | { kind: 'map'; key: SqlType; value: SqlType }
  | { kind: 'struct'; fields: readonly { name: string; type: SqlType }[] };

const SIMPLE = {
  boolean: 'BOOLEAN',
  tinyint: 'TINYINT',
  smallint: 'SMALLINT',
  int: 'INT',
  bigint: 'BIGINT',
  float: 'FLOAT',
  double: 'DOUBLE',
  string: 'STRING',
  binary: 'BINARY',
  date: 'DATE',
  timestamp: 'TIMESTAMP',
  timestamp_ntz: 'TIMESTAMP_NTZ',
  null: 'VOID',
} as const;
export type SimpleKind = keyof typeof SIMPLE;

const ALIASES: Record<string, SimpleKind> = {
  boolean: 'boolean',
  bool: 'boolean',
  tinyint: 'tinyint',
  byte: 'tinyint',
  smallint: 'smallint',
  short: 'smallint',
  int: 'int',
  integer: 'int',
  bigint: 'bigint',
  long: 'bigint',
  float: 'float',
  real: 'float',
  double: 'double',
  string: 'string',
  binary: 'binary',
  date: 'date',
  timestamp: 'timestamp',
  timestamp_ltz: 'timestamp',
  timestamp_ntz: 'timestamp_ntz',
  void: 'null',
};

const MAX_PRECISION = 38;
const MAX_DEPTH = 16;

export const simple = (kind: SimpleKind): SqlType => ({ kind });
export const decimal = (precision: number, scale: number): SqlType => ({ kind: 'decimal', precision, scale });
export const BOOLEAN = simple('boolean');
export const INT = simple('int');
export const BIGINT = simple('bigint');
export const DOUBLE = simple('double');
export const STRING = simple('string');
export const DATE = simple('date');
export const TIMESTAMP = simple('timestamp');
export const NULL_TYPE = simple('null');

/** Reads a type as Spark writes it (`DECIMAL(18,4)`, `array<struct<a:int>>`); undefined when it is none of Spark's. */
export function parseType(text: string): SqlType | undefined {
  const reader = { text, at: 0 };
  const type = readType(reader, 0);
  skip(reader);
  return type !== undefined && reader.at === text.length ? type : undefined;
}

interface Reader {
  text: string;
  at: number;
}

function skip(reader: Reader): void {
  while (/\s/.test(reader.text[reader.at] ?? '')) reader.at += 1;
}

function take(reader: Reader, wanted: string): boolean {
  skip(reader);
  if (!reader.text.startsWith(wanted, reader.at)) return false;
  reader.at += wanted.length;
  return true;
}

function word(reader: Reader): string {
  skip(reader);
  const quoted = /^`((?:[^`]|``)+)`/.exec(reader.text.slice(reader.at));
  const found = quoted ?? /^\w+/.exec(reader.text.slice(reader.at));
  reader.at += found?.[0].length ?? 0;
  return quoted?.[1]?.replaceAll('``', '`') ?? found?.[0] ?? '';
}

function readType(reader: Reader, depth: number): SqlType | undefined {
  if (depth > MAX_DEPTH) return undefined;
  const name = word(reader).toLowerCase();
  if (name === 'decimal' || name === 'dec' || name === 'numeric') return readDecimal(reader);
  if (name === 'varchar' || name === 'char' || name === 'character') return readText(reader);
  if (name === 'array' || name === 'map' || name === 'struct') return readNested(reader, name, depth);
  const kind = Object.hasOwn(ALIASES, name) ? ALIASES[name] : undefined;
  return kind === undefined ? undefined : simple(kind);
}

function readDecimal(reader: Reader): SqlType | undefined {
  if (!take(reader, '(')) return decimal(10, 0);
  const precision = Number(word(reader));
  const scale = take(reader, ',') ? Number(word(reader)) : 0;
  const sound = Number.isInteger(precision) && Number.isInteger(scale) && precision >= 1 && precision <= MAX_PRECISION;
  return take(reader, ')') && sound && scale >= 0 && scale <= precision ? decimal(precision, scale) : undefined;
}

/** A length says what a table may hold; in an expression Spark treats the value as a string. */
function readText(reader: Reader): SqlType | undefined {
  return take(reader, '(') && /^\d+$/.test(word(reader)) && take(reader, ')') ? STRING : undefined;
}

function readNested(reader: Reader, name: 'array' | 'map' | 'struct', depth: number): SqlType | undefined {
  if (!take(reader, '<')) return undefined;
  const inner = (): SqlType | undefined => readType(reader, depth + 1);
  if (name === 'array') {
    const element = inner();
    return element !== undefined && take(reader, '>') ? { kind: 'array', element } : undefined;
  }
  if (name === 'map') {
    const key = inner();
    const value = take(reader, ',') ? inner() : undefined;
    return key && value && take(reader, '>') ? { kind: 'map', key, value } : undefined;
  }
  const fields: { name: string; type: SqlType }[] = [];
  while (!take(reader, '>')) {
    if (fields.length > 0 && !take(reader, ',')) return undefined;
    const field = word(reader);
    take(reader, ':');
    const type = inner();
    if (field === '' || type === undefined || fields.length > 500) return undefined;
    fields.push({ name: field, type });
  }
  return { kind: 'struct', fields };
}

/** The type as Spark prints it, in capitals. */
export function printType(type: SqlType): string {
  switch (type.kind) {
    case 'decimal':
      return `DECIMAL(${type.precision},${type.scale})`;
    case 'array':
      return `ARRAY<${printType(type.element)}>`;
    case 'map':
      return `MAP<${printType(type.key)}, ${printType(type.value)}>`;
    case 'struct':
      return `STRUCT<${type.fields.map(({ name, type: inner }) => `${name}: ${printType(inner)}`).join(', ')}>`;
    default:
      return SIMPLE[type.kind];
  }
}

export function sameType(a: SqlType, b: SqlType): boolean {
  return printType(a) === printType(b);
}

const INTEGERS = ['tinyint', 'smallint', 'int', 'bigint'] as const;
/** Digits that a whole number type can need: how Spark reads it where it meets a decimal. */
const DIGITS = { tinyint: 3, smallint: 5, int: 10, bigint: 20 } as const;

type IntegerKind = (typeof INTEGERS)[number];

export function isInteger(type: SqlType): type is { kind: IntegerKind } {
  return (INTEGERS as readonly string[]).includes(type.kind);
}

export function isFloating(type: SqlType): boolean {
  return type.kind === 'float' || type.kind === 'double';
}

export function isNumeric(type: SqlType): boolean {
  return isInteger(type) || isFloating(type) || type.kind === 'decimal';
}

export function isTemporal(type: SqlType): boolean {
  return type.kind === 'date' || type.kind === 'timestamp' || type.kind === 'timestamp_ntz';
}

/** A whole number type as the decimal that holds all its values; a decimal as itself. */
export function asDecimal(type: SqlType): { precision: number; scale: number } | undefined {
  if (type.kind === 'decimal') return type;
  return isInteger(type) ? { precision: DIGITS[type.kind], scale: 0 } : undefined;
}

/**
 * A decimal as Spark keeps it: above 38 digits it gives up digits behind the point, but at least 6 of them stay
 * (`DecimalType.adjustPrecisionScale`).
 */
export function boundedDecimal(precision: number, scale: number): { type: SqlType; lostScale: number } {
  if (precision <= MAX_PRECISION) return { type: decimal(precision, scale), lostScale: 0 };
  const whole = precision - scale;
  const kept = Math.max(MAX_PRECISION - whole, Math.min(scale, 6));
  return { type: decimal(MAX_PRECISION, kept), lostScale: scale - kept };
}

/** The type in which both can be compared, joined by UNION or chosen by CASE under ANSI; undefined when there is none. */
export function commonType(a: SqlType, b: SqlType): SqlType | undefined {
  if (sameType(a, b) || b.kind === 'null') return a;
  if (a.kind === 'null') return b;
  if (isNumeric(a) && isNumeric(b)) return commonNumber(a, b);
  if (isTemporal(a) && isTemporal(b)) return commonInstant(a, b);
  // Under ANSI a text gives way to the other type: it is read, and an unreadable one is an error.
  if (a.kind === 'string') return givesWayTo(b);
  if (b.kind === 'string') return givesWayTo(a);
  if (a.kind === 'array' && b.kind === 'array') {
    const element = commonType(a.element, b.element);
    return element && { kind: 'array', element };
  }
  return undefined;
}

function givesWayTo(other: SqlType): SqlType | undefined {
  if (isInteger(other)) return BIGINT;
  if (isNumeric(other)) return DOUBLE;
  return other.kind === 'boolean' || other.kind === 'binary' || isTemporal(other) ? other : undefined;
}

function commonNumber(a: SqlType, b: SqlType): SqlType {
  if (isFloating(a) || isFloating(b)) return a.kind === 'float' && b.kind === 'float' ? a : DOUBLE;
  if (isInteger(a) && isInteger(b))
    return simple(INTEGERS[Math.max(INTEGERS.indexOf(a.kind), INTEGERS.indexOf(b.kind))] ?? 'bigint');
  const [left, right] = [asDecimal(a) ?? { precision: 38, scale: 0 }, asDecimal(b) ?? { precision: 38, scale: 0 }];
  const scale = Math.max(left.scale, right.scale);
  const whole = Math.max(left.precision - left.scale, right.precision - right.scale);
  return boundedDecimal(whole + scale, scale).type;
}

function commonInstant(a: SqlType, b: SqlType): SqlType {
  if (a.kind === 'timestamp' || b.kind === 'timestamp') return TIMESTAMP;
  return simple('timestamp_ntz');
}

const ANYTHING_TO_TEXT: ReadonlySet<string> = new Set(['string']);
const CASTS: Record<string, readonly string[]> = {
  boolean: ['number', 'string'],
  number: ['number', 'boolean', 'string', 'timestamp'],
  string: ['number', 'boolean', 'date', 'timestamp', 'timestamp_ntz', 'binary', 'string'],
  date: ['string', 'timestamp', 'timestamp_ntz', 'date'],
  timestamp: ['string', 'date', 'timestamp_ntz', 'number', 'timestamp'],
  timestamp_ntz: ['string', 'date', 'timestamp', 'timestamp_ntz'],
  binary: ['string', 'binary'],
};

const castGroup = (type: SqlType): string => (isNumeric(type) ? 'number' : type.kind);

/** Whether Spark has this cast under ANSI at all; that a value can not be read is another matter. */
export function canCast(from: SqlType, to: SqlType): boolean {
  if (from.kind === 'null' || sameType(from, to)) return true;
  if (from.kind === 'array' && to.kind === 'array') return canCast(from.element, to.element);
  if (from.kind === 'map' && to.kind === 'map') return canCast(from.key, to.key) && canCast(from.value, to.value);
  if (from.kind === 'array' || from.kind === 'map' || from.kind === 'struct') return ANYTHING_TO_TEXT.has(to.kind);
  return CASTS[castGroup(from)]?.includes(castGroup(to)) ?? false;
}
