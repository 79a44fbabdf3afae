import { line, type Paper, type Piece, type RichText, said } from './rich-text.js';
import { count } from './visible-text.js';

/** The sections of a card as parts that can be shown in part: each knows its items, what they cost and what is said about the rest. */
export interface Part {
  /** Rooms are given out by this, the lowest first: what somebody decides on before what it rests on. */
  rank: number;
  /** For the line that says what is not shown at all. */
  name: string;
  /** How many items a chat should show at most, whatever room there is. */
  most: number;
  items: number;
  /** The text with the first so many items, and what is said about the others. */
  text(shown: number): RichText;
}

export const RANK = { turns: 0, ours: 1, change: 2, terms: 3, reach: 4, words: 5, evidence: 6, rest: 7 } as const;

/** Where a person finds what a message has no room for; the buttons are called so. */
export const SHOW_ALL = 'Show all';
export const SHOW_EVIDENCE = 'Show evidence';
export const SHOW_TRACE = 'Show trace';

/** What is said about items that are not shown. */
export function rest(left: number, unit: string, where: string, units = `${unit}s`): Piece[] {
  if (left <= 0) return [];
  return [line(said(`${count(left, `more ${unit}`, `more ${units}`)}: ${where}`, { italic: true }))];
}

/** The most items of a part that fit into this room; undefined when not even its title does. */
function fitting(part: Part, room: number, paper: Paper): number | undefined {
  const fits = (shown: number): boolean => paper.costOf(part.text(shown)) <= room;
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

/** Parts of one message: with its title, call, buttons and what is hidden they stay under fifty blocks, Slack's most. */
const PARTS_MOST = 42;
/** Room for the line that says what is not shown at all. */
const HIDDEN_ROOM = 500;

/** Gives the room out by rank, then lays the parts out in their own order. */
export function layOut(parts: readonly Part[], room: number, paper: Paper): RichText[] {
  const ranked = parts.map((part, at) => ({ part, at })).sort((a, b) => a.part.rank - b.part.rank || a.at - b.at);
  const shown = new Map<Part, number>();
  let left = room - HIDDEN_ROOM;
  for (const [at, { part }] of ranked.slice(0, PARTS_MOST).entries()) {
    const waiting = Math.min(ranked.length, PARTS_MOST) - at - 1;
    const fair = Math.max(left - waiting * paper.least, Math.min(left, paper.least * 3));
    const items = fitting(part, fair, paper);
    if (items === undefined) continue;
    shown.set(part, items);
    left -= paper.costOf(part.text(items));
  }
  const hidden = parts.filter((part) => !shown.has(part));
  const texts = parts.flatMap((part) => {
    const items = shown.get(part);
    return items === undefined ? [] : [part.text(items)];
  });
  return hidden.length === 0 ? texts : [...texts, hiddenText(hidden, paper)];
}

function hiddenText(hidden: readonly Part[], paper: Paper): RichText {
  const names = paper.clipped(hidden.map(({ name }) => name).join('; '), HIDDEN_ROOM - 150);
  return [line(said(`${count(hidden.length, 'more part')} of this card: ${SHOW_ALL} (${names})`, { italic: true }))];
}
