import { z } from 'zod';
import type { MessageWords } from '../../../src/domain/alert-subject.js';
import { plainText } from './plain-text.js';

/** Anything that Slack calls a message, in the fields that carry words; of the rest nothing is looked at. */
export const MessagePayload = z.object({
  ts: z.string().max(30).default(''),
  thread_ts: z.string().max(30).optional(),
  user: z.string().max(30).optional(),
  bot_id: z.string().max(30).nullish(),
  subtype: z.string().max(60).optional(),
  username: z.string().max(250).optional().catch(undefined),
  bot_profile: z
    .object({ name: z.string().max(250).optional() })
    .optional()
    .catch(undefined),
  text: z.string().nullish().catch(undefined),
  attachments: z.array(z.unknown()).nullish().catch(undefined),
  blocks: z.array(z.unknown()).nullish().catch(undefined),
});
export type MessagePayload = z.infer<typeof MessagePayload>;

const MAX_CHARACTERS = 40_000;
const MAX_NODES = 3000;
const MAX_DEPTH = 8;
const NAME_LOOKED_AT = 300;

type Json = Record<string, unknown>;

interface Reading extends MessageWords {
  seen: Set<string>;
  characters: number;
  nodes: number;
}

/** Reads text, blocks and attachments in the order in which they stand; bounded, whatever is sent. */
export function messageWords(message: MessagePayload): MessageWords {
  const into: Reading = {
    title: undefined,
    titleLink: undefined,
    lines: [],
    pairs: [],
    links: [],
    colour: undefined,
    footer: undefined,
    at: undefined,
    seen: new Set(),
    characters: 0,
    nodes: 0,
  };
  addMarkup(into, message.text ?? '');
  // A person's text comes twice, as text and as blocks; a program's text is often only the short form of its blocks.
  const saidByPerson = message.bot_id == null && (message.text ?? '') !== '';
  if (!saidByPerson) for (const block of message.blocks ?? []) addBlock(into, block);
  for (const attachment of message.attachments ?? []) addAttachment(into, attachment);
  const { seen, characters, nodes, ...words } = into;
  return words;
}

function object(value: unknown): Json | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
}
function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function addMarkup(into: Reading, markup: string): void {
  const room = MAX_CHARACTERS - into.characters;
  if (markup === '' || room <= 0) return;
  const part = markup.slice(0, room);
  into.characters += part.length;
  for (const [, url = ''] of part.matchAll(/<(https?:\/\/[^<>|\s]{1,2000})(?:\|[^<>]{0,4000})?>/g)) {
    if (into.links.length < 50) into.links.push(url.replaceAll('&amp;', '&'));
  }
  for (const line of plainText(part).split('\n')) {
    const trimmed = line.trim();
    if (trimmed === '' || into.seen.has(trimmed)) continue;
    into.seen.add(trimmed);
    into.lines.push(trimmed);
  }
}

function addPair(into: Reading, name: string, value: string): void {
  // Cut first: to find the end of a long row of marks takes the square of its length.
  const cleanName = plainText(name.slice(0, NAME_LOOKED_AT))
    .replaceAll(/[*_`:]+$|^[*_`]+/g, '')
    .trim();
  if (cleanName === '' || into.pairs.length >= 100) return;
  into.pairs.push([cleanName.slice(0, 100), plainText(value).trim()]);
  addMarkup(into, `${name.trim()}${name.trim().endsWith(':') ? '' : ':'} ${value}`);
}

function addAttachment(into: Reading, value: unknown): void {
  const attachment = object(value);
  if (attachment === undefined || into.nodes++ > MAX_NODES) return;
  const { title, title_link: titleLink, color: colour, footer, ts } = attachment;
  if (text(title) !== '') into.title ??= plainText(text(title)).slice(0, 1000).split('\n')[0]?.trim();
  if (isWebAddress(titleLink)) {
    into.titleLink ??= titleLink;
    into.links.push(titleLink);
  }
  if (text(colour) !== '') into.colour ??= text(colour).toLowerCase().slice(0, 20);
  if (text(footer) !== '') into.footer ??= plainText(text(footer)).slice(0, 250);
  into.at ??= Number.isFinite(Number(ts)) && Number(ts) > 0 ? Number(ts) : undefined;
  const before = into.lines.length;
  for (const part of [attachment['pretext'], title, attachment['text']]) addMarkup(into, text(part));
  for (const field of list(attachment['fields'])) {
    const one = object(field);
    if (one !== undefined) addPair(into, text(one['title']), text(one['value']));
  }
  for (const block of list(attachment['blocks'])) addBlock(into, block);
  // Stands for all the rest where a client can show no attachment.
  if (into.lines.length === before) addMarkup(into, text(attachment['fallback']));
}

function isWebAddress(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 2000 && /^https?:\/\/[^\s<>"]+$/i.test(value);
}

function addBlock(into: Reading, value: unknown): void {
  const block = object(value);
  if (block === undefined || into.nodes++ > MAX_NODES) return;
  const words = text(object(block['text'])?.['text']);
  if (block['type'] === 'header') into.title ??= plainText(words).slice(0, 1000).trim() || undefined;
  addMarkup(into, block['type'] === 'section' ? words : blockMarkup(into, block));
  if (block['type'] !== 'section') return;
  for (const field of list(block['fields'])) addFieldText(into, text(object(field)?.['text']));
}

function blockMarkup(into: Reading, block: Json): string {
  const elements = list(block['elements']);
  switch (block['type']) {
    case 'header':
      return text(object(block['text'])?.['text']);
    case 'markdown':
      return text(block['text']);
    case 'context':
      return elements.map((element) => text(object(element)?.['text'])).join(' ');
    case 'rich_text':
      return elements.map((element) => richText(into, element, 0)).join('\n');
    default:
      return '';
  }
}

/** `*Name:*\nvalue`, as most apps write the fields of a section. */
function addFieldText(into: Reading, markup: string): void {
  const field = markup.trimStart();
  const end = field.indexOf('\n');
  const heading = field.slice(0, Math.max(end, 0)).trimEnd();
  const name = heading.length > 110 ? undefined : /^\*?([^*:]{1,100}):?\*?:?$/.exec(heading)?.[1];
  if (name === undefined) addMarkup(into, markup);
  else addPair(into, name, field.slice(end + 1));
}

/** As markup, so that there is one way from markup to text. */
function richText(into: Reading, value: unknown, depth: number): string {
  const element = object(value);
  if (element === undefined || depth > MAX_DEPTH || into.nodes++ > MAX_NODES) return '';
  const inner = (): string[] => list(element['elements']).map((child) => richText(into, child, depth + 1));
  switch (element['type']) {
    case 'rich_text_list':
      return inner()
        .map((item) => `• ${item}`)
        .join('\n');
    case 'rich_text_section':
    case 'rich_text_quote':
    case 'rich_text_preformatted':
      return inner().join('');
    case 'text':
      return escaped(text(element['text']));
    case 'link':
      return isWebAddress(element['url']) ? `<${element['url']}|${escaped(text(element['text']))}>` : '';
    case 'emoji':
      return `:${text(element['name'])}:`;
    case 'user':
      return `<@${text(element['user_id'])}>`;
    case 'channel':
      return `<#${text(element['channel_id'])}>`;
    case 'usergroup':
      return `<!subteam^${text(element['usergroup_id'])}>`;
    case 'broadcast':
      return `<!${text(element['range'])}>`;
    case 'date':
      return escaped(text(element['fallback']));
    default:
      return '';
  }
}

function escaped(plain: string): string {
  return plain.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
