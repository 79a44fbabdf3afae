import { type ColumnType, parseColumnType } from './column-type.js';
import { AppError } from './errors.js';

/** What a column may become without a value being lost or files being rewritten: the table format's own widening rules. */
const WIDER: Record<string, readonly string[]> = {
  byte: ['short', 'integer', 'long', 'double'],
  short: ['integer', 'long', 'double'],
  integer: ['long', 'double'],
  float: ['double'],
  date: ['timestamp_ntz'],
};
/** Digits an integer needs when it becomes a decimal. */
const DIGITS: Record<string, number> = { byte: 10, short: 10, integer: 10, long: 20 };

/** The type in the words of the Delta log: `bigint` is `long`, `decimal( 18 , 2 )` is `decimal(18,2)`; unknown text as it is. */
export function canonicalType(text: string): string {
  try {
    return print(parseColumnType(text));
  } catch (thrown) {
    if (thrown instanceof AppError) return text.trim();
    throw thrown;
  }
}

function print(type: ColumnType): string {
  switch (type.kind) {
    case 'scalar':
      return type.name;
    case 'decimal':
      return `decimal(${type.precision},${type.scale})`;
    case 'array':
      return `array<${print(type.element)}>`;
    case 'map':
      return `map<${print(type.key)},${print(type.value)}>`;
    case 'struct':
      return `struct<${type.fields.map((field) => `${field.name}:${print(field.type)}`).join(',')}>`;
  }
}

/** True when every value of `from` is a value of `to` and readers of the table keep working on old files. */
export function isWidening(from: string, to: string): boolean {
  const [old, now] = [canonicalType(from), canonicalType(to)];
  if (WIDER[old]?.includes(now)) return true;
  const wide = decimalOf(now);
  if (!wide) return false;
  const narrow = decimalOf(old) ?? (DIGITS[old] === undefined ? undefined : { precision: DIGITS[old], scale: 0 });
  if (!narrow || (decimalOf(old) && old === now)) return false;
  const more = wide.scale - narrow.scale;
  return more >= 0 && wide.precision - narrow.precision >= more;
}

function decimalOf(type: string): { precision: number; scale: number } | undefined {
  const read = /^decimal\((\d+),(\d+)\)$/.exec(type);
  return read ? { precision: Number(read[1]), scale: Number(read[2]) } : undefined;
}

/** The types a new or widened column may be given instead of `type`: itself and what it widens to, narrowest first. */
export function widerTypes(type: string): string[] {
  const own = canonicalType(type);
  const decimal = decimalOf(own);
  const wider = decimal
    ? [decimal.precision + 4, decimal.precision + 10]
        .filter((p) => p <= 38)
        .map((p) => `decimal(${p},${decimal.scale})`)
    : [...(WIDER[own] ?? [])];
  return [own, ...wider];
}
