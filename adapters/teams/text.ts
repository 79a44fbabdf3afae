import type { Tone } from '../../src/domain/card.js';
import { clean, textFitting } from '../../src/domain/visible-text.js';
import type { CardElement, TextRun } from './body.js';

/**
 * Text for Teams. Whatever is not ours goes into the text runs of a RichTextBlock, in which Teams reads no Markdown, no mention and
 * no HTML; what clients read into any text (dates, addresses) is broken by a space that nobody sees.
 */

/** Bytes of the JSON of one UTF-16 code unit; half of a pair is half of its four bytes. */
function bytesOfUnit(unit: number): number {
  if (unit === 0x22 || unit === 0x5c || unit === 0x0a || unit === 0x09) return 2;
  if (unit < 0x20) return 6;
  if (unit < 0x80) return 1;
  if (unit < 0x800) return 2;
  return unit >= 0xd800 && unit <= 0xdfff ? 2 : 3;
}

export const { sizeOf, beginning, clipped, shortened, inPieces } = textFitting(bytesOfUnit);

/** As it is sent, in bytes. */
export function bytesOf(json: unknown): number {
  return Buffer.byteLength(JSON.stringify(json));
}

/** Letters only: no mention, no date to be worked out, no address that a phone would make a link of. */
export function inert(text: string): string {
  return clean(text)
    .replace(/\{\{(?=\s*(?:DATE|TIME)\b)/gi, '{\u200b{')
    .replace(/<(?=\/?at\b)/gi, '<\u200b')
    .replace(/\b(https?|ftp|mailto|javascript|msteams):(?=\S)/gi, '$1:\u200b')
    .replace(/\bwww\.(?=\S)/gi, 'www\u200b.');
}

/** Lines that are indented stay so, where clients would fold the spaces. */
export function indented(text: string): string {
  return text.replace(/^ +| {2,}/gm, (spaces) => '\u00a0'.repeat(spaces.length));
}

/** A text run; empty ones are refused. */
export function run(text: string, look: Omit<TextRun, 'type' | 'text'> = {}): TextRun {
  const letters = inert(text);
  return { type: 'TextRun', text: letters === '' ? ' ' : letters, ...look };
}

export function row(...inlines: TextRun[]): CardElement {
  return { type: 'RichTextBlock', inlines: inlines.length > 0 ? inlines : [run('')] };
}

const TONE_ICONS: Record<Exclude<Tone, 'neutral'>, string> = {
  working: '\u{1f535}',
  waiting: '\u{1f7e1}',
  good: '\u{1f7e2}',
  bad: '\u{1f534}',
};

/** With a space behind it; nothing where there is nothing to look out for. */
export function toneIcon(tone: Tone): string {
  return tone === 'neutral' ? '' : `${TONE_ICONS[tone]} `;
}
