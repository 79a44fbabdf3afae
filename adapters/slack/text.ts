import type { KnownBlock, RichTextBlock, RichTextBlockElement, RichTextElement, RichTextSection } from '@slack/types';
import type { Tone } from '../../src/domain/card.js';
import { clean, textFitting } from '../../src/domain/visible-text.js';

/**
 * Text for Slack. Whatever is not ours goes into rich text, which Slack shows as it is: no mention, link or emoji code in it is
 * read. Where only mrkdwn can be sent, it is escaped.
 */

/** What Slack takes in one text; code units, so never more than it counts. */
export const TEXT_MAX = 3000;
/** Under the 12,000 characters at which Slack refuses a message as too long (measured, not documented). */
export const MESSAGE_ROOM = 11_500;

/** How Slack counts a letter against the sum of a message: `&`, `<` and `>` as entities. */
function costOfLetter(letter: number): number {
  if (letter === 0x26) return 5;
  return letter === 0x3c || letter === 0x3e ? 4 : 1;
}

export const { sizeOf, beginning, clipped, shortened, inPieces } = textFitting(costOfLetter);

/** Emoji codes, @here and addresses, broken by a space that nobody sees. */
function unread(text: string): string {
  return text
    .replace(/:(?=[\w+'-]+:)/g, ':\u200b')
    .replace(/@(?=here|channel|everyone)/gi, '@\u200b')
    .replaceAll('://', ':\u200b//');
}

/** Escaped for mrkdwn: `&<>` as entities, and nothing left in it that Slack reads as more than letters. */
export function inMrkdwn(text: string): string {
  const escaped = clean(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return unread(escaped.replaceAll('```', "'''"));
}

/** For fields of which Slack does not say how it reads them: nothing in it can be a mention or an emoji code in any reading. */
export function asName(text: string, room: number): string {
  const tidy = clean(text).replaceAll('<', '‹').replaceAll('>', '›').replaceAll('\n', ' ');
  return clipped(unread(tidy), room) || '-';
}

/** An instant in the reader's own time zone. */
export function dateMrkdwn(instant: string): string {
  const seconds = Math.floor(Date.parse(instant) / 1000);
  if (!Number.isFinite(seconds)) return inMrkdwn(instant);
  return `<!date^${seconds}^{date_short_pretty} {time}|${instant.slice(0, 16).replace('T', ' ')} UTC>`;
}

/** A text of rich text; empty ones are refused by Slack. */
export function said(
  text: string,
  style?: { bold?: true; italic?: true; strike?: true; code?: true },
): RichTextElement {
  const tidy = clean(text);
  return { type: 'text', text: tidy === '' ? ' ' : tidy, ...(style === undefined ? {} : { style }) };
}

export function line(...elements: RichTextElement[]): RichTextSection {
  return { type: 'rich_text_section', elements: filled(elements) };
}

/** Without parts Slack refuses it. */
export function rich(...elements: RichTextBlockElement[]): RichTextBlock {
  return { type: 'rich_text', elements: elements.length > 0 ? elements : [line()] };
}

/** Text as it is, in a box with fixed letter widths. */
export function code(text: string): RichTextBlockElement {
  return {
    type: 'rich_text_preformatted',
    elements: textsOf(clean(text)).map((piece) => ({ type: 'text', text: piece })),
  };
}

/** Somebody's words, set off from ours. */
export function box(...elements: RichTextElement[]): RichTextBlockElement {
  return { type: 'rich_text_quote', elements: filled(elements) };
}

/** At least one element, and none longer than a text of Slack may be. */
function filled(elements: readonly RichTextElement[]): RichTextElement[] {
  if (elements.length === 0) return [said('')];
  return elements.flatMap((one): RichTextElement[] =>
    one.type === 'text' ? textsOf(one.text).map((text) => ({ ...one, text })) : [one],
  );
}

/** A clean text in as many as are needed, side by side as one. */
function textsOf(text: string): string[] {
  const found: string[] = [];
  let rest = text === '' ? ' ' : text;
  while (rest.length > TEXT_MAX) {
    const piece = beginning(rest, TEXT_MAX);
    found.push(piece);
    rest = rest.slice(piece.length);
  }
  return [...found, rest];
}

export function bullets(items: readonly (readonly RichTextElement[])[]): RichTextBlockElement {
  return { type: 'rich_text_list', style: 'bullet', elements: items.map((item) => line(...item)) };
}

const TONE_ICONS: Record<Exclude<Tone, 'neutral'>, string> = {
  working: 'large_blue_circle',
  waiting: 'large_yellow_circle',
  good: 'large_green_circle',
  bad: 'red_circle',
};

/** With a space behind it; nothing where there is nothing to look out for. */
export function toneIcon(tone: Tone): RichTextElement[] {
  return tone === 'neutral' ? [] : [{ type: 'emoji', name: TONE_ICONS[tone] }, said(' ')];
}

const HEADER = 100;
const BLOCK = 30;
const ELEMENT = 8;
const COUNTED: ReadonlySet<string> = new Set(['text', 'title', 'fallback', 'alt_text', 'name']);

/** What these blocks come to in Slack's sum of a message; a little more than measured, never less. */
export function costOf(blocks: readonly KnownBlock[]): number {
  return blocks.reduce((sum, block) => sum + BLOCK + (block.type === 'header' ? HEADER : 0) + costOfParts(block), 0);
}

function costOfParts(part: unknown): number {
  if (Array.isArray(part)) return part.reduce((sum: number, one) => sum + ELEMENT + costOfParts(one), 0);
  if (typeof part !== 'object' || part === null) return 0;
  return Object.entries(part).reduce((sum, [key, value]) => {
    if (typeof value === 'string') return COUNTED.has(key) ? sum + sizeOf(value) : sum;
    return sum + costOfParts(value);
  }, 0);
}
