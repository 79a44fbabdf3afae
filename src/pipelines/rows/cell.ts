import type { SandboxCell } from '../../domain/sandbox.js';
import type { FilterFact } from '../sql/bound.js';
import { isFloating, isNumeric, isTemporal, type SqlType } from '../sql/type.js';

/** A decimal as a whole number of its last digit. */
function scaled(text: string, digits: number): bigint | undefined {
  const found = /^\s*([+-]?)(\d*)(?:\.(\d*))?\s*$/.exec(text);
  if (found === null || ((found[2] ?? '') === '' && (found[3] ?? '') === '')) return undefined;
  const value = BigInt(`${found[2] === '' ? '0' : found[2]}${(found[3] ?? '').padEnd(digits, '0').slice(0, digits)}`);
  return found[1] === '-' ? -value : value;
}

const DIGITS = 38;

/** A date, or date and time, as text that sorts by time. */
export function instantText(text: string): string {
  const [day = '', time = ''] = text.trim().replace('T', ' ').replace(/Z$/, '').split(' ');
  const [whole = '', micros = ''] = time.split('.');
  return `${day} ${whole === '' ? '00:00:00' : whole.padEnd(8, ':00')}.${micros.padEnd(6, '0')}`;
}

/** Compares two values of a column as its type orders them; undefined when one of them can not be read. */
export function compareCells(type: SqlType, a: string, b: string): number | undefined {
  if (isFloating(type)) {
    const difference = Number(a) - Number(b);
    return Number.isNaN(difference) ? undefined : Math.sign(difference);
  }
  if (isNumeric(type)) {
    const [left, right] = [scaled(a, DIGITS), scaled(b, DIGITS)];
    if (left === undefined || right === undefined) return undefined;
    return left < right ? -1 : left > right ? 1 : 0;
  }
  const read = (text: string): string => {
    if (isTemporal(type)) return instantText(text);
    return type.kind === 'boolean' ? text.toLowerCase() : text;
  };
  const [left, right] = [read(a), read(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

const ORDERED: Partial<Record<FilterFact['op'], (order: number) => boolean>> = {
  '=': (order) => order === 0,
  '<>': (order) => order !== 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
};

/** Whether a value passes a filter; undefined is SQL's "not known". */
export function holds({ op, values }: FilterFact, type: SqlType, cell: SandboxCell): boolean | undefined {
  if (op === 'is_null') return cell === null;
  if (op === 'is_not_null') return cell !== null;
  if (cell === null) return undefined;
  const orders = values.map((value) => compareCells(type, cell, value));
  if (op === 'in') return orders.includes(0);
  if (op === 'not_in') return !orders.includes(0);
  if (op === 'like') return values[0] === undefined ? undefined : likePattern(values[0]).test(cell);
  const [first, second] = orders;
  if (first === undefined) return undefined;
  if (op === 'between') return second === undefined ? undefined : first >= 0 && second <= 0;
  return ORDERED[op]?.(first);
}

/** LIKE as a regular expression: `%` is any text, `_` any letter, a backslash makes them plain. */
function likePattern(pattern: string): RegExp {
  const parts = [...pattern.matchAll(/\\(.)|([\s\S])/g)].map(([, plain, other]) => {
    if (plain === undefined && other === '%') return '[\\s\\S]*';
    if (plain === undefined && other === '_') return '[\\s\\S]';
    return (plain ?? other ?? '').replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`^${parts.join('')}$`);
}

const DAY_MS = 86_400_000;

/** A day so many days later, as `2024-02-29`. */
export function laterDay(day: string, days: number): string {
  const at = Date.parse(`${day.slice(0, 10)}T00:00:00Z`);
  return Number.isNaN(at) ? day : new Date(at + days * DAY_MS).toISOString().slice(0, 10);
}

/** One unit of the last digit more or less. */
function stepped(type: SqlType, value: string, by: 1 | -1): string | undefined {
  if (type.kind === 'date') return laterDay(value, by);
  if (isTemporal(type)) {
    const at = Date.parse(`${instantText(value).slice(0, 19).replace(' ', 'T')}Z`);
    return Number.isNaN(at) ? undefined : new Date(at + by * 1000).toISOString().slice(0, 19).replace('T', ' ');
  }
  if (isFloating(type)) return Number.isNaN(Number(value)) ? undefined : String(Number(value) + by);
  if (!isNumeric(type)) return undefined;
  const digits = type.kind === 'decimal' ? type.scale : 0;
  const whole = scaled(value, digits);
  return whole === undefined ? undefined : decimalText(whole + BigInt(by), digits);
}

/** A whole number of last digits as a decimal. */
export function decimalText(value: bigint, digits: number): string {
  const sign = value < 0n ? '-' : '';
  const text = (value < 0n ? -value : value).toString().padStart(digits + 1, '0');
  return digits === 0 ? `${sign}${text}` : `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

/** The values around a filter's literals: each, and its neighbours on both sides. */
export function boundaries({ op, values }: FilterFact, type: SqlType): string[] {
  if (op === 'like') return values.flatMap((value) => [value.replaceAll('%', 'x').replaceAll('_', 'y'), `no ${value}`]);
  if (type.kind === 'boolean') return ['true', 'false'];
  return values.flatMap((value) => {
    const near = [stepped(type, value, -1), value, stepped(type, value, 1)];
    return near.filter((each) => each !== undefined);
  });
}

/** The smallest and largest that a number's type holds, zero, and one below it. */
export function extremes(type: SqlType): string[] {
  if (type.kind !== 'decimal') return isNumeric(type) ? ['0', '-1'] : [];
  const largest = 10n ** BigInt(type.precision) - 1n;
  return [0n, -1n, largest].map((value) => decimalText(value, type.scale));
}
