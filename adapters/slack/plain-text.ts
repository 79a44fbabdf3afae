import type { Card, Section } from '../../src/domain/card.js';
import { clean, count, inMrkdwn, sizeOf } from './text.js';

/** A card without blocks, for when Slack refuses them: all in one box, so that nothing in it is read as anything but letters. */

/** `chat.update` refuses more than 4000 characters. */
const PLAIN_MAX = 3900;
const LINE = 500;

/** `lead` is ours and stands before the box; `where` says where the rest is. */
export function plainCard(card: Card, lead: string, where: string): string {
  return plainText(lead, [card.title, ...card.sections.filter((one) => one.folded !== true).flatMap(linesOf)], where);
}

export function plainText(lead: string, lines: readonly string[], where: string): string {
  const boxed = lines.flatMap((one) => clean(one).split('\n')).map((one) => inMrkdwn(shortLine(one)));
  const room = PLAIN_MAX - sizeLike(lead) - sizeLike(where) - 60;
  const shown: string[] = [];
  let used = 0;
  for (const one of boxed) {
    if (used + one.length + 1 > room) break;
    used += one.length + 1;
    shown.push(one);
  }
  const left = boxed.length - shown.length;
  const more = left === 0 ? '' : `\n${count(left, 'more line')}.`;
  return [lead, '```', shown.join('\n'), `\`\`\`${more}`, where].filter((one) => one !== '').join('\n');
}

/** Text that is escaped already. */
function sizeLike(text: string): number {
  return sizeOf(text) + 1;
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
      return [section.title, ...signed(section.before, '- '), ...signed(section.after, '+ ')];
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

function signed(text: string, sign: string): string[] {
  return text === '' ? [] : text.split('\n').map((one) => `${sign}${one}`);
}
