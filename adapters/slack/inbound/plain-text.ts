/** Slack's own markup of what people and programs write, as the plain text that is stored and shown elsewhere. */

// Control characters, and the invisible ones that turn the direction of text or hide it.
const INVISIBLE = /(?![\n\t])[\p{Cc}\p{Cf}]/gu;
const TAG = /<([^<>\n]{1,4000})>/g;

/** Links, mentions, dates and entities as people read them; a link whose text is another address shows both. */
export function plainText(markup: string): string {
  return decodeEntities(markup.replaceAll(TAG, (_, inside: string) => tagText(inside)))
    .replaceAll('\r\n', '\n')
    .replaceAll(INVISIBLE, '');
}

function decodeEntities(text: string): string {
  return text.replaceAll(/&(lt|gt|amp);/g, (_, name: string) => (name === 'lt' ? '<' : name === 'gt' ? '>' : '&'));
}

function tagText(inside: string): string {
  const bar = inside.indexOf('|');
  const target = bar === -1 ? inside : inside.slice(0, bar);
  const label = bar === -1 ? '' : inside.slice(bar + 1).trim();
  if (target.startsWith('@')) return `@${(label || target.slice(1)).replace(/^@/, '')}`;
  if (target.startsWith('#')) return `#${(label || target.slice(1)).replace(/^#/, '')}`;
  if (target.startsWith('!subteam^')) return `@${(label || target.slice(9)).replace(/^@/, '')}`;
  if (target.startsWith('!date^')) return label || target;
  if (target.startsWith('!')) return `@${label || target.slice(1).split('^')[0]}`;
  const address = target.replace(/^(mailto|tel):/, '');
  // Not a link at all, e.g. a generic type that somebody typed and Slack did not escape.
  if (address === target && !/^[a-z][a-z0-9+.-]*:/i.test(target)) return `<${inside}>`;
  if (label === '' || label === address || sameAddress(label, address)) return address;
  return `${label} (${address})`;
}

function sameAddress(label: string, address: string): boolean {
  const bare = (text: string): string => text.replace(/^https?:\/\//, '').replace(/\/$/, '');
  return bare(label) === bare(address);
}

export function mentions(markup: string, botUserId: string): boolean {
  return markup.includes(`<@${botUserId}>`) || markup.includes(`<@${botUserId}|`);
}

/** What was said to the bot, without its name. */
export function withoutMention(markup: string, botUserId: string): string {
  return markup
    .replaceAll(new RegExp(`<@${botUserId}(\\|[^<>]{0,200})?>[,:]?`, 'g'), ' ')
    .replaceAll(/[ \t]{2,}/g, ' ')
    .trim();
}
