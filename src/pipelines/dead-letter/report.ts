import type { RowCheck } from '../config.js';
import { type Finding, finding } from '../finding.js';
import type { InputColumn, InputTable } from '../sql/bound.js';
import { readFault } from './fault.js';

/** What a validation report says, as the list of what is expected of a row. */
export interface ReportReading {
  /** Records that failed in all, where the report says so. */
  total: number | undefined;
  checks: readonly (RowCheck & { failed: number | undefined })[];
  /** What the report leaves open: a person answers before anything is drafted. */
  questions: readonly Finding[];
}

interface Item {
  text: string;
  failed: number | undefined;
}

const MAX_TEXT = 20_000;
const MAX_ITEMS = 50;
const MAX_ITEM = 300;
const NUMBER = '\\d{1,3}(?:[,. \u00a0\u202f]\\d{3})+|\\d+';
const RECORDS = '(?:records?|rows?|events?|messages?|lines?)';
const COUNTED = new RegExp(
  `^(.*?)\\s*(?:\\(\\s*(${NUMBER})\\s*${RECORDS}?\\s*\\)|(?::|\\s[-–—]\\s)\\s*(${NUMBER})\\s*${RECORDS}?)\\s*[.]?$`,
  'is',
);
const COUNT_FIRST = new RegExp(
  `^(${NUMBER})\\s+(?:${RECORDS}\\s+)?(?:with|where|have|having|had|of|for)?\\s*(.+?)[.]?$`,
  'is',
);
const HEADING = new RegExp(
  `^[^:]*?(${NUMBER})\\s+(?:of\\s+[\\d,.]+\\s+)?${RECORDS}?\\s*(?:failed|rejected|invalid|did not pass)[^:]*:?`,
  'i',
);

/**
 * Reads a validation report ("10,000 records failed: customer_id IS NULL (8,000), amount < 0 (2,000)") into expectations: what is
 * wrong becomes what is expected. What can be meant in two ways is a question, never a guess.
 */
export function readReport(text: string, table: InputTable): ReportReading {
  const body = text.slice(0, MAX_TEXT);
  const heading = HEADING.exec(body);
  const total = numberOf(heading?.[1]);
  const items = itemsOf(heading === null ? body : body.slice(heading[0].length)).slice(0, MAX_ITEMS);
  const checks: (RowCheck & { failed: number | undefined })[] = [];
  const questions: Finding[] = [];
  const ask = (message: string, suggestion?: string): void => {
    questions.push(finding('INT001', { message, suggestion }));
  };
  for (const { text: fault, failed } of items) {
    const reading = readFault(fault, table);
    if (reading.question !== undefined) ask(reading.question, reading.suggestion);
    if (reading.expect === undefined || reading.reason === undefined) continue;
    if (checks.some(({ expect }) => expect === reading.expect)) continue;
    checks.push({ reason: freeReason(checks, reading.reason), expect: reading.expect, failed });
  }
  askAboutNull(checks, table, ask);
  if (items.length === 0) ask('the report names no reason: what is wrong with the records?');
  askAboutRest(total, items, ask);
  return { total, checks, questions };
}

function numberOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text.replaceAll(/[^\d]/g, ''));
}

/** The reasons one by one: commas inside brackets, quotes and numbers part nothing. */
function itemsOf(text: string): Item[] {
  const parts: string[] = [''];
  let depth = 0;
  let quote = '';
  const letters = [...text];
  for (const [at, letter] of letters.entries()) {
    const isNumber = /\d/.test(letters[at - 1] ?? '') && /^\d{3}(?!\d)/.test(letters.slice(at + 1, at + 5).join(''));
    if (quote !== '') quote = letter === quote ? '' : quote;
    else if (letter === "'" || letter === '"') quote = letter;
    else if (letter === '(') depth += 1;
    else if (letter === ')') depth -= 1;
    const parted = quote === '' && depth <= 0 && (/[;\n•]/.test(letter) || (letter === ',' && !isNumber));
    if (parted) parts.push('');
    else parts[parts.length - 1] += letter;
  }
  return parts.flatMap((part) => {
    const clean = part
      .slice(0, MAX_ITEM)
      .replace(/^[\s*-]+(?:and\s+)?|^\s*and\s+/i, '')
      .trim();
    if (!/\p{L}/u.test(clean)) return [];
    const counted = COUNTED.exec(clean);
    if (counted !== null) return [{ text: counted[1] ?? '', failed: numberOf(counted[2] ?? counted[3]) }];
    const first = COUNT_FIRST.exec(clean);
    return [first === null ? { text: clean, failed: undefined } : { text: first[2] ?? '', failed: numberOf(first[1]) }];
  });
}

function freeReason(checks: readonly RowCheck[], wanted: string): string {
  let reason = wanted;
  for (let number = 2; checks.some((check) => check.reason === reason); number += 1) reason = `${wanted}_${number}`;
  return reason;
}

/** `amount >= 0` rejects a NULL, too. Where the report speaks of other values only, that may not be meant. */
function askAboutNull(
  checks: readonly RowCheck[],
  table: InputTable,
  ask: (message: string, s?: string) => void,
): void {
  const named = (column: InputColumn): RowCheck | undefined =>
    checks.find(({ expect }) => new RegExp(`^${column.name} (?!IS )`, 'i').test(expect));
  for (const column of table.columns.filter(({ nullable }) => nullable)) {
    const check = named(column);
    if (check === undefined || checks.some(({ expect }) => expect === `${column.name} IS NOT NULL`)) continue;
    ask(
      `'${column.name}' may be NULL, and "${check.expect}" rejects NULL as well: is that meant?`,
      `if NULL is valid: ${column.name} IS NULL OR ${check.expect}`,
    );
  }
}

function askAboutRest(total: number | undefined, items: readonly Item[], ask: (message: string) => void): void {
  const counted = items.flatMap(({ failed }) => failed ?? []);
  if (total === undefined || counted.length === 0 || counted.length < items.length) return;
  const named = counted.reduce((sum, count) => sum + count, 0);
  if (named < total)
    ask(`${total - named} of ${total} failed records have no reason in the report: what is wrong with them?`);
}
