import type { Card, Section } from '../../src/domain/card.js';
import { diffLines } from './diff-lines.js';
import { clean, count, inMrkdwn } from './text.js';

/** A card without blocks, for when Slack refuses them: all in one box, so that nothing in it is read as anything but letters. */

/** Bytes: `chat.update` refuses a text of more than 4000. */
const PLAIN_MAX = 3900;
const LINE = 500;

/** `lead` is ours and stands before the box; `where` says where the rest is. */
export function plainCard(card: Card, lead: string, where: string): string {
  const shown = card.sections.filter((one) => one.folded !== true);
  return plainText(lead, [card.title, ...termsFirst(shown).flatMap(linesOf)], where);
}

/** There may be room for little: what the card turns on (risk, who, until when), then what we say, then the rest. */
function termsFirst(sections: readonly Section[]): Section[] {
  const terms = sections.find(({ kind }) => kind === 'facts');
  const rank = (one: Section): number => (one === terms ? 0 : one.kind === 'text' && one.voice === 'ours' ? 1 : 2);
  return [...sections].sort((a, b) => rank(a) - rank(b));
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

/** A section as lines of plain text, whole. */
export function linesOf(section: Section): string[] {
  switch (section.kind) {
    case 'text':
      return section.label === undefined ? [section.text] : [`${section.label}:`, section.text];
    case 'facts':
      return section.rows.map(({ name, value }) => `${name}: ${value}`);
    case 'quote':
      return section.struck === undefined
        ? [`"${section.text}"`, `  ${section.source}: ${section.supports}`]
        : [`Struck: "${section.text}"`, `  ${section.struck}`];
    case 'diff':
      return [section.title, ...diffLines(section.before, section.after).map(({ text }) => text)];
    case 'list':
      return [section.title, ...section.items.map((item) => `* ${item}`)];
    case 'tagged':
      return [
        section.title,
        ...section.rows.map(({ name, tags, text }) => `* ${[name, ...tags.map((tag) => `[${tag}]`), text].join(' ')}`),
        ...(section.more === 0 ? [] : [`and ${section.more} more`]),
      ];
    case 'patch':
      return [`Patch for a person, never executed: ${section.file}`];
  }
}
