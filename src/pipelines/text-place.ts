import { isScalar, type Scalar } from 'yaml';
import type { ConfigText } from './document.js';
import type { Place } from './finding.js';
import type { PlaceInFile } from './sql/bound.js';

/** Where one unit of a value stands in the file: an escape such as `\u0041` is longer there than in the value. */
interface Unit {
  start: number;
  end: number;
}

/**
 * Turns offsets of a text value (SQL, an expression) into places of the file, whatever YAML did to it: indentation that was taken
 * off a block, lines that were folded, escapes in quotes. What can not be found is the place of the whole value.
 */
export function placeInText(source: ConfigText, path: readonly PropertyKey[]): PlaceInFile {
  const whole = source.placeOf(path);
  const node: unknown = source.document.getIn(path, true);
  if (!isScalar(node) || typeof node.value !== 'string' || !node.range) return () => whole;
  const units = unitsOf(source.text, node, node.value);
  if (units === undefined) return () => whole;
  const placeOf = lineFinder(source.text);
  return (start, end) => {
    const first = units[Math.min(start, units.length - 1)];
    const last = units[Math.min(Math.max(end - 1, start), units.length - 1)];
    if (first === undefined || last === undefined) return whole;
    // Past the end of the value, as where a closing bracket is missing: right behind its last character.
    const from = start >= units.length ? last.end : first.start;
    return placeOf(from, Math.max(last.end, from));
  };
}

const isSpace = (text: string | undefined): boolean => text !== undefined && /\s/.test(text);

/**
 * Reads value and file side by side. YAML only adds or takes away white space, so every other character is found again, in order;
 * white space itself may be placed a little beside where it stood.
 */
function unitsOf(text: string, node: Scalar, value: string): Unit[] | undefined {
  const [begin = 0, end = text.length] = node.range ?? [];
  const block = node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED';
  const quote = node.type === 'QUOTE_DOUBLE' ? '"' : node.type === 'QUOTE_SINGLE' ? "'" : '';
  let at = block ? text.indexOf('\n', begin) + 1 : begin + quote.length;
  const units: Unit[] = [];
  while (units.length < value.length) {
    const wanted = value[units.length] ?? '';
    if (!isSpace(wanted)) at = skipSpace(text, at, end, quote);
    const token = tokenAt(text, at, quote);
    if (isSpace(wanted) && !isSpace(token.value)) {
      units.push({ start: at, end: at });
      continue;
    }
    if (!isSpace(wanted) && !value.startsWith(token.value, units.length)) return undefined;
    for (let unit = 0; unit < token.value.length; unit += 1) units.push({ start: at, end: at + token.length });
    at += token.length;
  }
  return units;
}

/** White space that the value does not have, a line break behind a backslash among it. */
function skipSpace(text: string, from: number, end: number, quote: string): number {
  let at = from;
  while (at < end) {
    const escaped = quote === '"' ? /^\\(?:\r?\n|[ tnr])/.exec(text.slice(at, at + 3))?.[0].length : undefined;
    if (escaped !== undefined) at += escaped;
    else if (isSpace(text[at])) at += 1;
    else break;
  }
  return at;
}

const ESCAPES: Record<string, string> = {
  '0': '\0',
  a: '\x07',
  b: '\b',
  t: '\t',
  n: '\n',
  v: '\v',
  f: '\f',
  r: '\r',
  e: '\x1b',
  ' ': ' ',
  '"': '"',
  '/': '/',
  '\\': '\\',
  N: '\u0085',
  _: '\u00a0',
  L: '\u2028',
  P: '\u2029',
};

/** One character as it is written, and what it stands for. */
function tokenAt(text: string, at: number, quote: string): { value: string; length: number } {
  const plain = { value: text[at] ?? '', length: 1 };
  if (quote === "'" && text.startsWith("''", at)) return { value: "'", length: 2 };
  if (quote !== '"' || plain.value !== '\\') return plain;
  const code = /^\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8}))/.exec(text.slice(at, at + 10));
  const digits = code?.[1] ?? code?.[2] ?? code?.[3];
  if (code !== null && digits !== undefined) {
    const point = Number.parseInt(digits, 16);
    return point > 0x10ffff ? plain : { value: String.fromCodePoint(point), length: code[0].length };
  }
  const value = ESCAPES[text[at + 1] ?? ''];
  return value === undefined ? plain : { value, length: 2 };
}

/** Offsets as lines and columns from 1, by binary search over the beginnings of lines. */
function lineFinder(text: string): (start: number, end: number) => Place {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  const lineOf = (offset: number): [line: number, column: number] => {
    let [low, high] = [0, starts.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return [low + 1, offset - (starts[low] ?? 0) + 1];
  };
  return (start, end) => {
    const [[line, column], [endLine, endColumn]] = [lineOf(start), lineOf(end)];
    return { line, column, endLine, endColumn };
  };
}
