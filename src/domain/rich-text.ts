import type { DiffLine } from './diff-lines.js';
import type { TextFitting } from './visible-text.js';

/** Text with a little form, as every chat can show it. Nothing in it is markup: each chat writes it so that letters stay letters. */

export interface Style {
  bold?: true;
  italic?: true;
  strike?: true;
  code?: true;
}

export interface Run extends Style {
  text: string;
}

export type Piece =
  | { kind: 'line'; runs: Run[] }
  /** Somebody's words, set off from ours. */
  | { kind: 'box'; runs: Run[] }
  /** Text as it is, in fixed letter widths. */
  | { kind: 'code'; text: string }
  | { kind: 'bullets'; items: Run[][] }
  /** Numbered from 1 on. */
  | { kind: 'steps'; items: string[] };

/** What belongs together, one piece below the other. */
export type RichText = Piece[];

export function said(text: string, style: Style = {}): Run {
  return { text, ...style };
}

export function line(...runs: Run[]): Piece {
  return { kind: 'line', runs };
}

export function box(...runs: Run[]): Piece {
  return { kind: 'box', runs };
}

export function code(text: string): Piece {
  return { kind: 'code', text };
}

export function bullets(items: readonly (readonly Run[])[]): Piece {
  return { kind: 'bullets', items: items.map((item) => [...item]) };
}

/** Texts one below the other. Those that are numbered from 1 on already get the chat's numbers, not a dot and a number. */
export function listed(texts: readonly string[]): Piece {
  const numbered = texts.length > 1 && texts.every((text, at) => text.startsWith(`${at + 1}. `));
  if (!numbered) return bullets(texts.map((text) => [said(text)]));
  return { kind: 'steps', items: texts.map((text) => text.slice(text.indexOf(' ') + 1)) };
}

/** What a chat takes: how it measures a text, and how it compares two. */
export interface Paper extends TextFitting {
  /** In the same measure as the texts, with what the chat's own form adds. */
  costOf(text: RichText): number;
  /** A title and "38 more": what each part of a card must at least get before another gets more. */
  least: number;
  /** What one item of a list costs beside its letters. */
  item: number;
  /** Every line that changes, with a little of what stays around it. */
  diffLines(before: string, after: string): DiffLine[];
  /** Every line of both sides. */
  allLines(before: string, after: string): DiffLine[];
}
