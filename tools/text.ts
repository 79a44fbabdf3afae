import { excerptOf } from '../src/domain/excerpt.js';

/** What a field may hold; `undefined`, `null` and the empty string leave the field out. */
export type FieldValue = string | number | boolean | undefined | null;

const LONGEST_VALUE = 600;
const ESC = String.fromCharCode(27);
const BEL = String.fromCharCode(7);
const ANSI = new RegExp(`${ESC}(?:\\[[0-?]*[ -/]*[@-~]|\\][^${BEL}${ESC}]*(?:${BEL}|${ESC}\\\\)|[@-Z\\\\^_])`, 'g');
/** Line breaks of every kind, so that none can hide inside a line. */
const LINE_BREAK = /\r\n|[\n\r\v\f\u0085\u2028\u2029]/;
/** Control and format characters: terminal codes, zero-width and bidirectional marks, tag characters. Tab and line feed stay. */
const INVISIBLE = /[^\P{Cc}\t\n]|\p{Cf}/gu;

/** Text without terminal codes and without characters that a person would not see. */
export function visible(text: string): string {
  return text.replace(ANSI, '').replace(INVISIBLE, '');
}

/** The lines of a text from outside, cleaned; breaks of every kind end a line. */
export function linesOf(text: string): string[] {
  return text.replace(ANSI, '').split(LINE_BREAK).map(visible);
}

/** One record line: `name key=value key="JSON string"`. Values can not end the line or imitate another field. */
export function record(name: string, fields: Record<string, FieldValue>): string {
  const pairs = Object.entries(fields).flatMap(([key, value]) =>
    value === undefined || value === null || value === '' ? [] : [`${key}=${fieldText(value)}`],
  );
  return [name, ...pairs].join(' ');
}

function fieldText(value: string | number | boolean): string {
  if (typeof value !== 'string') return String(value);
  const whole = linesOf(value).join('\n').trim();
  const text = whole.length > LONGEST_VALUE ? `${whole.slice(0, LONGEST_VALUE)}…` : whole;
  return /^[^\s"=|][^\s"=]*$/.test(text) ? text : JSON.stringify(text);
}

/** Text from outside within `maxBytes`, every line behind `| `: head, errors and causes, tail; says what it cut. */
export function outside(text: string, maxBytes: number): string[] {
  const lines = linesOf(text);
  while (lines.length > 0 && lines.at(-1)?.trim() === '') lines.pop();
  return excerptOf(lines.join('\n'), maxBytes)
    .split('\n')
    .map((line) => `| ${line}`);
}

/** An error text as a field when it is one line, and as lines behind the record when it is more. */
export function withDetail(
  name: string,
  fields: Record<string, FieldValue>,
  key: string,
  text: string | undefined,
  maxBytes: number,
): string[] {
  const lines = linesOf(text ?? '').filter((line) => line.trim() !== '');
  if (lines.length === 0) return [record(name, fields)];
  const line = record(name, { ...fields, [key]: lines[0] });
  return lines.length === 1 && (lines[0]?.length ?? 0) <= LONGEST_VALUE
    ? [line]
    : [line, ...outside(lines.join('\n'), maxBytes)];
}

/** Time since `at` as `35m`, `6h` or `47d`; undefined when `at` is no time. */
export function ageOf(at: string | undefined, now: Date): string | undefined {
  const then = Date.parse(at ?? '');
  if (Number.isNaN(then)) return undefined;
  const minutes = Math.max(0, Math.floor((now.getTime() - then) / 60_000));
  if (minutes < 60) return `${minutes}m`;
  return minutes < 48 * 60 ? `${Math.floor(minutes / 60)}h` : `${Math.floor(minutes / 1440)}d`;
}

const UNIT_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** What `since` and `step` look like: `90s`, `30m`, `24h`, `7d`, `2w`. */
export const SPAN = /^(\d{1,4})([smhdw])$/;

/** Milliseconds of a span like `24h`. @throws RangeError when it is none; schemas check with SPAN first. */
export function spanMs(span: string): number {
  const read = SPAN.exec(span);
  if (!read) throw new RangeError(`not a span: ${span}`);
  return Number(read[1]) * UNIT_MS[read[2] as keyof typeof UNIT_MS];
}

/** The first instant of a window that reaches `span` back from now. */
export function since(span: string, now: Date): Date {
  return new Date(now.getTime() - spanMs(span));
}

/** A number with at most six significant digits. */
export function short(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(6))) : String(value);
}
