import type { RichTextBlock, RichTextBlockElement } from '@slack/types';
import { costOf, count, line, said } from './text.js';

/** The sections of a card as parts that can be shown in part: each knows its items, what they cost and what is said about the rest. */
export interface Part {
  /** Rooms are given out by this, the lowest first: what somebody decides on before what it rests on. */
  rank: number;
  /** For the line that says what is not shown at all. */
  name: string;
  /** How many items a chat should show at most, whatever room there is. */
  most: number;
  items: number;
  /** The block with the first so many items, and what is said about the others. */
  block(shown: number): RichTextBlock;
}

export const RANK = { turns: 0, ours: 1, change: 2, terms: 3, reach: 4, words: 5, evidence: 6, rest: 7 } as const;

/** Where a person finds what a message has no room for; the buttons are called so. */
export const SHOW_ALL = 'Show all';
export const SHOW_EVIDENCE = 'Show evidence';

/** What is said about items that are not shown. */
export function rest(left: number, unit: string, where: string, units = `${unit}s`): RichTextBlockElement[] {
  if (left <= 0) return [];
  return [line(said(`${count(left, `more ${unit}`, `more ${units}`)}: ${where}`, { italic: true }))];
}

/** The most items of a part that fit into this room; undefined when not even its title does. */
export function fitting(part: Part, room: number): number | undefined {
  const fits = (shown: number): boolean => costOf([part.block(shown)]) <= room;
  let low = 0;
  let high = Math.min(part.most, part.items);
  if (fits(high)) return high;
  if (!fits(low)) return undefined;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle;
  }
  return low;
}
