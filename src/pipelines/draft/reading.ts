import { findColumn, type NamedSource, nearestColumns, timeColumns } from './columns.js';
import type { OpenPoint, SourceColumn } from './intent.js';
import type { LinkedRequest } from './link-request.js';
import type { Phrases } from './phrases.js';

/** What the readers of a request share. Mutable: each takes its phrases and adds what it leaves open. */
export interface Reading {
  linked: LinkedRequest;
  phrases: Phrases;
  sources: readonly NamedSource[];
  open: OpenPoint[];
  /** The column that "monthly", "since" and the like are about, once it was chosen. */
  time?: SourceColumn;
}

/** Leaves something to the asker. Without `assumed` nothing is drafted before the answer. */
export function ask(
  reading: Pick<Reading, 'open'>,
  what: string,
  choices: readonly string[] = [],
  assumed?: string,
): void {
  if (reading.open.some((point) => point.what === what)) return;
  const point: OpenPoint = {
    rule: 'INT001',
    what: short(what, 400),
    choices: choices.slice(0, 12).map((text) => short(text)),
  };
  reading.open.push(assumed === undefined ? point : { ...point, assumed: short(assumed) });
}

/** Untrusted text: short, on one line. */
export function short(text: string, most = 200): string {
  return text
    .replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim()
    .slice(0, most);
}

/** The column that a word of the request means; one that nobody knows is asked for. */
export function columnFor(reading: Reading, word: string): SourceColumn | undefined {
  const found = findColumn(reading.sources, word);
  if (found === undefined)
    ask(reading, `no source has a column '${short(word, 60)}'`, nearestColumns(reading.sources, word));
  return found;
}

/** The column of time of the first source; where there are several the first is taken and the asker is told. */
export function timeColumn(reading: Reading): SourceColumn | undefined {
  if (reading.time !== undefined) return reading.time;
  const [source] = reading.sources;
  if (source === undefined) return undefined;
  const [first, ...others] = timeColumns(source);
  if (first === undefined) {
    ask(reading, `'${source.dataset.name}' has no column of time: which column does the time in the request mean?`);
    return undefined;
  }
  if (others.length > 0) ask(reading, 'which column of time is meant?', [first, ...others], first);
  reading.time = { source: source.id, column: first };
  return reading.time;
}

/** A literal as the request wrote it: a quoted text without its quotes, a number without marks of thousands. */
export function literalOf(reading: Reading, value: string): string {
  const quote = /^@q(\d+)$/.exec(value);
  if (quote !== null) return reading.linked.quotes[Number(quote[1])] ?? '';
  return /^-?\d[\d,'_]*(?:\.\d+)?$/.test(value) ? value.replaceAll(/[,'_]/g, '') : value;
}
