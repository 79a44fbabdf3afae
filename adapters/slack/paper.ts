import type { RichTextBlock, RichTextBlockElement, RichTextElement } from '@slack/types';
import type { Paper, Piece, RichText, Run } from '../../src/domain/rich-text.js';
import { allLines, diffLines } from './diff-lines.js';
import {
  beginning,
  box,
  bullets,
  clipped,
  code,
  costOf,
  inPieces,
  line,
  rich,
  said,
  shortened,
  sizeOf,
} from './text.js';

/** Neutral text as one block, in which Slack reads nothing but letters. */
export function written(text: RichText): RichTextBlock {
  return rich(...text.map(elementOf));
}

function elementOf(piece: Piece): RichTextBlockElement {
  switch (piece.kind) {
    case 'line':
      return line(...piece.runs.map(runOf));
    case 'box':
      return box(...piece.runs.map(runOf));
    case 'code':
      return code(piece.text);
    case 'bullets':
      return bullets(piece.items.map((item) => item.map(runOf)));
    case 'steps':
      return { type: 'rich_text_list', style: 'ordered', elements: piece.items.map((item) => line(said(item))) };
  }
}

function runOf({ text, ...style }: Run): RichTextElement {
  return Object.keys(style).length === 0 ? said(text) : said(text, style);
}

/** Slack, as the parts of a card are laid out on it. */
export const PAPER: Paper = {
  sizeOf,
  beginning,
  clipped,
  shortened,
  inPieces,
  diffLines,
  allLines,
  least: 180,
  item: 10,
  costOf: (text) => costOf([written(text)]),
};
