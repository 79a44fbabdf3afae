import type { Card } from '../../src/domain/card.js';
import { plainLines, termsFirst } from '../../src/domain/plain-lines.js';
import { clean, count } from '../../src/domain/visible-text.js';
import { PAPER } from './paper.js';
import { inMrkdwn } from './text.js';

/** A card without blocks, for when Slack refuses them: all in one box, so that nothing in it is read as anything but letters. */

/** Bytes: `chat.update` refuses a text of more than 4000. */
const PLAIN_MAX = 3900;
const LINE = 500;

/** `lead` is ours and stands before the box; `where` says where the rest is. */
export function plainCard(card: Card, lead: string, where: string): string {
  const shown = card.sections.filter((one) => one.folded !== true);
  return plainText(lead, [card.title, ...termsFirst(shown).flatMap((one) => plainLines(one, PAPER))], where);
}

export function plainText(lead: string, lines: readonly string[], where: string): string {
  const boxed = lines.flatMap((one) => clean(one).split('\n')).map((one) => inMrkdwn(shortLine(one)));
  const room = PLAIN_MAX - bytes(lead) - bytes(where) - 60;
  const shown: string[] = [];
  let used = 0;
  for (const one of boxed) {
    used += bytes(one) + 1;
    if (used > room) break;
    shown.push(one);
  }
  const left = boxed.length - shown.length;
  const more = left === 0 ? '' : `\n${count(left, 'more line')}.`;
  return [lead, '```', shown.join('\n'), `\`\`\`${more}`, where].filter((one) => one !== '').join('\n');
}

function bytes(text: string): number {
  return Buffer.byteLength(text);
}

function shortLine(text: string): string {
  const points = [...text];
  return points.length <= LINE ? text : `${points.slice(0, LINE).join('')}… (${points.length - LINE} more characters)`;
}
