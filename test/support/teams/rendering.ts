import { asObject, type Json } from './core.js';
import type { TeamsMessage } from './types.js';

/** What a person reads on a card, line by line, and what a suspicious reader finds in it. */

/** Markdown as Teams' TextBlocks understand it, as the letters that are left to read. */
export function readMarkdown(text: string): string {
  const kept: string[] = [];
  const keep = (letter: string): string => `\u0000${kept.push(letter) - 1}\u0000`;
  return (
    text
      .replace(/\\([!-/:-@[-`{-~])/g, (_, letter: string) => keep(letter))
      .replace(/`([^`\n]+)`/g, (_, code: string) => keep(code))
      .replace(TIMES, '$1')
      .replaceAll('\u200b', '')
      .replace(/\[([^\]\n]*)\]\([^)\s]*\)/g, '$1')
      .replace(/\*\*(?=\S)([^*\n]+?)\*\*/g, '$1')
      .replace(/(?<![\w*])\*(?=\S)([^*\n]+?)\*(?![\w*])/g, '$1')
      .replace(/(?<![\w_])_(?=\S)([^_\n]+?)_(?![\w_])/g, '$1')
      .replace(/^\s*[-*] /gm, '')
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&quot;', '"')
      .replaceAll('&#39;', "'")
      .replaceAll('&amp;', '&')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: NUL marks what must not be read as Markdown.
      .replace(/\u0000(\d+)\u0000/g, (_, at: string) => kept[Number(at)] ?? '')
  );
}

/** Teams puts the reader's own date or time there, in every text of a card. */
const TIMES = /\{\{(?:DATE|TIME)\(([^,)]+)[^)]*\)\}\}/g;

/** Text without Markdown, as it reads: a space of no width is nothing to a reader. */
function readPlain(text: string): string {
  return text.replace(TIMES, '$1').replaceAll('\u200b', '');
}

/** A card as lines of text, in the order in which it stands; buttons in brackets. `open` reads behind toggles and ShowCards, too. */
export function cardLines(part: unknown, open = true): string[] {
  const json = asObject(part);
  if (json === undefined || (!open && json['isVisible'] === false)) return [];
  const below = (name: string): string[] =>
    Array.isArray(json[name]) ? (json[name] as unknown[]).flatMap((one) => cardLines(one, open)) : [];
  const plain = (name: string): string => String(json[name] ?? '');
  switch (json['type']) {
    case 'TextBlock':
      return readMarkdown(plain('text')).split('\n');
    case 'RichTextBlock':
      return readPlain(runs(json['inlines'])).split('\n');
    case 'FactSet':
      return ((json['facts'] as Json[] | undefined) ?? []).map(
        ({ title, value }) => `${readMarkdown(String(title))} ${readMarkdown(String(value))}`,
      );
    case 'TableRow':
      return [((json['cells'] as unknown[]) ?? []).map((cell) => cardLines(cell, open).join('\n')).join(' ')];
    case 'Image':
      return json['altText'] === undefined ? [] : [plain('altText')];
    case 'Input.ChoiceSet':
      return [plain('label'), ...((json['choices'] as Json[]) ?? []).map(({ title }) => String(title))];
    default:
      break;
  }
  const type = plain('type');
  if (type.startsWith('Input.'))
    return [`${plain('label')}: [${plain('value')}]${json['errorMessage'] === undefined ? '' : ''}`];
  if (type.startsWith('Action.')) return [`[${plain('title')}]`, ...(open ? cardLines(json['card'], open) : [])];
  // A table's columns are widths, a column set's are its content.
  const columns = type === 'Table' ? [] : below('columns');
  return [...below('body'), ...below('items'), ...columns, ...below('rows'), ...below('actions')];
}

function runs(inlines: unknown): string {
  if (!Array.isArray(inlines)) return '';
  return inlines.map((one) => (typeof one === 'string' ? one : String(asObject(one)?.['text'] ?? ''))).join('');
}

export function cardText(card: unknown): string {
  return cardLines(card).join('\n');
}

/** A message as everybody reads it; of plain text, its words. */
export function messageText({ card, text }: Pick<TeamsMessage, 'card' | 'text'>): string {
  const written = text === '' ? [] : readMarkdown(text).split('\n');
  return [...written, ...(card === undefined ? [] : cardLines(card))].join('\n');
}

/** Tags that Teams' text makes something of. */
const LIVE_TAGS =
  /<\/?(?:at|a|b|i|u|s|em|strong|script|img|iframe|pre|code|blockquote|h[1-6]|ul|ol|li|p|div|span|br)\b[^>]*>/gi;

/** Markup that takes effect in a text with Markdown: links, images, calls for people, HTML. */
export function marksIn(text: string): string[] {
  const letters = text.replace(/\\[!-/:-@[-`{-~]/g, '').replace(/`[^`\n]+`/g, '');
  return [
    ...(letters.match(/!?\[[^\]\n]*\]\([^)]*\)/g) ?? []),
    ...(letters.match(/<(?:https?|mailto|javascript):[^>]*>/gi) ?? []),
    ...(letters.match(LIVE_TAGS) ?? []),
  ];
}

/**
 * Everything in a message that Teams would bring alive: links, mentions, HTML, buttons that lead away. `ours` are addresses that may be
 * followed, because they are our own. Empty when there is nothing.
 */
export function readings(activity: Json, ours: readonly string[] = []): string[] {
  const found: string[] = [];
  const mentions = [activity['entities'], ...cardsIn(activity).map((card) => asObject(card['msteams'])?.['entities'])];
  for (const list of mentions)
    for (const one of Array.isArray(list) ? list : []) if (asObject(one)?.['type'] === 'mention') found.push('mention');
  for (const name of ['text', 'summary'])
    found.push(...textReadings(String(activity[name] ?? ''), activity['textFormat']));
  for (const card of cardsIn(activity)) found.push(...cardReadings(card));
  return found.filter((one) => !ours.some((address) => one.includes(address)));
}

/** Clients link bare addresses wherever they find them, some of them in cards, too. */
function addressesIn(text: string): string[] {
  return text.match(/\b(?:https?|ftp|mailto|javascript|msteams):[^\s\u200b]+|\bwww\.\w\S*/gi) ?? [];
}

/** Of a message's own text. */
function textReadings(text: string, format: unknown): string[] {
  return [...(format === 'plain' ? [] : marksIn(text)), ...addressesIn(text)];
}

/** Of a run there is no Markdown; calls for people are found in any text of a card. */
function runReadings(run: unknown): string[] {
  const text = typeof run === 'string' ? run : String(asObject(run)?.['text'] ?? '');
  return [...(text.match(/<\/?at\b/gi) ?? []), ...addressesIn(text)];
}

function cardReadings(part: unknown): string[] {
  if (Array.isArray(part)) return part.flatMap((one) => cardReadings(one));
  const json = asObject(part);
  if (json === undefined) return [];
  const { type, data: _data, ...rest } = json;
  const here =
    type === 'TextBlock'
      ? textReadings(String(json['text'] ?? ''), 'markdown')
      : [json['url'], json['iconUrl']].flatMap((one) => (typeof one === 'string' ? [`${String(type)} ${one}`] : []));
  const facts = type === 'FactSet' ? ((json['facts'] as Json[] | undefined) ?? []) : [];
  return [
    ...here,
    ...(Array.isArray(json['inlines']) ? json['inlines'].flatMap(runReadings) : []),
    ...facts.flatMap(({ title, value }) => [...textReadings(String(title), ''), ...textReadings(String(value), '')]),
    ...Object.values(rest).flatMap(cardReadings),
  ];
}

export function cardsIn(activity: Json): Json[] {
  const attachments = Array.isArray(activity['attachments']) ? (activity['attachments'] as Json[]) : [];
  return attachments.map(({ content }) => asObject(content)).filter((card) => card !== undefined);
}
