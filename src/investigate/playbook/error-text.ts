import type { OutsideLine } from './case-file.js';
import { differing, schemaTrees } from './schema-trees.js';
import { columnsIn, type ErrorWords } from './signals.js';

/** Columns that the error names, or by which the two schemas it prints differ. */
export function columnsNamed(words: ErrorWords, errorText: string): string[] {
  const trees = schemaTrees(errorText);
  return [...new Set([...columnsIn(words, errorText), ...(trees === undefined ? [] : differing(trees))])];
}

/** Lines of the gravest level that say something: what a log warns of or tells on the way is not why it failed. */
export function gravest<T extends { line: OutsideLine }>(signals: T[]): T[] {
  const most = Math.max(...signals.map(({ line }) => levelOf(line.text)));
  return signals.filter(({ line }) => levelOf(line.text) === most);
}

function levelOf(text: string): number {
  const head = text.slice(0, 60);
  if (/\b(?:ERROR|FATAL|CRITICAL)\b/.test(head)) return 2;
  if (/\bWARN(?:ING)?\b/.test(head)) return 1;
  return /\b(?:INFO|DEBUG)\b/.test(head) ? 0 : 2;
}
