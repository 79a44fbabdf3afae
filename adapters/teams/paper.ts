import type { Paper, Piece, RichText, Run } from '../../src/domain/rich-text.js';
import { clean } from '../../src/domain/visible-text.js';
import type { CardElement, TextRun } from './body.js';
import { allLines, diffLines } from './diff-lines.js';
import { beginning, bytesOf, clipped, indented, inPieces, row, run, shortened, sizeOf } from './text.js';

/** Neutral text as the elements of a card. What belongs together stands close together. */
export function written(text: RichText): CardElement {
  const items = text.flatMap(elementsOf);
  const [only] = items;
  if (only === undefined) return row();
  return items.length === 1 ? only : { type: 'Container', items: items.map(close) };
}

function close(element: CardElement, at: number): CardElement {
  return at === 0 || element.spacing !== undefined ? element : { ...element, spacing: 'Small' };
}

function elementsOf(piece: Piece): CardElement[] {
  switch (piece.kind) {
    case 'line':
      return rowsOf(piece.runs);
    case 'box':
      return [boxOf(rowsOf(piece.runs))];
    case 'code':
      return [boxOf([row(run(indented(piece.text), { fontType: 'Monospace' }))])];
    case 'bullets':
      return piece.items.flatMap((item) => rowsOf([{ text: '•  ' }, ...item]));
    case 'steps':
      return piece.items.flatMap((item, at) => rowsOf([{ text: `${at + 1}.  ${item}` }]));
  }
}

/** Somebody's words, on a ground of their own. */
export function boxOf(items: CardElement[]): CardElement {
  return { type: 'Container', style: 'emphasis', items };
}

/**
 * Line ends within a run stay in it. At the edges of one they make a row of their own, as not every client shows a line end there.
 */
function rowsOf(runs: readonly Run[]): CardElement[] {
  const rows: TextRun[][] = [[]];
  for (const one of runs) {
    const all = clean(one.text);
    const text = all.replace(/^\n+|\n+$/g, '');
    if (all.startsWith('\n')) rows.push([]);
    if (text !== '') rows.at(-1)?.push(runOf({ ...one, text }));
    if (all.endsWith('\n')) rows.push([]);
  }
  const filled = rows.filter((inlines) => inlines.length > 0);
  return filled.map((inlines, at) => (at === 0 ? row(...inlines) : { ...row(...inlines), spacing: 'None' }));
}

function runOf({ text, bold, italic, strike, code }: Run): TextRun {
  return run(text, {
    ...(bold ? { weight: 'Bolder' } : {}),
    ...(italic ? { italic: true } : {}),
    ...(strike ? { strikethrough: true } : {}),
    ...(code ? { fontType: 'Monospace' } : {}),
  });
}

/** Teams, as the parts of a card are laid out on it: everything in bytes of JSON. */
export const PAPER: Paper = {
  sizeOf,
  beginning,
  clipped,
  shortened,
  inPieces,
  diffLines,
  allLines,
  least: 450,
  item: 120,
  costOf: (text) => bytesOf(written(text)) + 1,
};
