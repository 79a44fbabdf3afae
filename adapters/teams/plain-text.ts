import type { Card } from '../../src/domain/card.js';
import { plainLines, termsFirst } from '../../src/domain/plain-lines.js';
import { clean, count } from '../../src/domain/visible-text.js';
import { PAPER } from './paper.js';
import { inert, sizeOf } from './text.js';

/** A message without a card, for when Teams refuses it: letters and line ends. */

/** Bytes; a text is no place to read for long. */
const PLAIN_MAX = 8000;
const LINE = 500;

/** `lead` is ours and stands first; `where` says where the rest is. */
export function plainCard(card: Card, lead: string, where: string): string {
  const shown = card.sections.filter((one) => one.folded !== true);
  const lines = termsFirst(shown).flatMap((one) => plainLines(one, PAPER));
  return plainText(lead, [card.title, ...lines], where);
}

export function plainText(lead: string, lines: readonly string[], where: string): string {
  const all = lines.flatMap((one) => clean(one).split('\n')).map((one) => inert(shortLine(one)));
  const room = PLAIN_MAX - sizeOf(lead) - sizeOf(where) - 60;
  const shown: string[] = [];
  let used = 0;
  for (const one of all) {
    used += sizeOf(one) + 2;
    if (used > room) break;
    shown.push(one);
  }
  const left = all.length - shown.length;
  const more = left === 0 ? '' : `${count(left, 'more line')}.`;
  return [inert(lead), ...shown, more, inert(where)].filter((one) => one !== '').join('\n');
}

function shortLine(text: string): string {
  const points = [...text];
  return points.length <= LINE ? text : `${points.slice(0, LINE).join('')}… (${points.length - LINE} more characters)`;
}
