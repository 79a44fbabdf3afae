import { z } from 'zod';
import type { ChatMessageWords } from '../../../src/domain/alert-reading.js';
import type { MessageWords } from '../../../src/domain/alert-subject.js';

/** A message as a message extension gets it, in the fields that carry words; of the rest nothing is looked at. */
export const MessagePayload = z.object({
  id: z.string().max(200).default(''),
  createdDateTime: z.string().max(60).nullish().catch(undefined),
  subject: z.string().max(1000).nullish().catch(undefined),
  from: z
    .object({
      user: z
        .object({ id: z.string().max(100), displayName: z.string().max(250).nullish().catch(undefined) })
        .nullish(),
      application: z
        .object({ id: z.string().max(100), displayName: z.string().max(250).nullish().catch(undefined) })
        .nullish(),
    })
    .nullish()
    .catch(undefined),
  body: z
    .object({ contentType: z.string().max(20).nullish(), content: z.string().max(200_000).nullish() })
    .nullish()
    .catch(undefined),
  attachments: z
    .array(z.object({ contentType: z.string().max(200).nullish(), content: z.unknown() }))
    .max(50)
    .nullish()
    .catch(undefined),
});
export type MessagePayload = z.infer<typeof MessagePayload>;

const MAX_CHARACTERS = 40_000;
const MAX_NODES = 3000;
const MAX_DEPTH = 12;

type Json = Record<string, unknown>;

interface Reading extends MessageWords {
  seen: Set<string>;
  characters: number;
  nodes: number;
}

function emptyReading(): Reading {
  return {
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
}

/** Reads subject, body and cards in the order in which they stand; bounded, whatever is sent. */
export function messageWords(message: MessagePayload): ChatMessageWords {
  const into = emptyReading();
  const subject = (message.subject ?? '').trim();
  if (subject !== '') {
    into.title = subject;
    addLines(into, subject);
  }
  const content = message.body?.content ?? '';
  addLines(into, message.body?.contentType === 'text' ? content : htmlText(into, content));
  for (const attachment of message.attachments ?? []) addAttachment(into, attachment.content);
  const { seen, characters, nodes, ...words } = into;
  return {
    chat: 'teams',
    words,
    monitor: message.from?.user == null,
    sender: message.from?.application?.displayName ?? '',
    writtenAt: Date.parse(message.createdDateTime ?? ''),
  };
}

/** What somebody typed into a form or after a command. */
export function typedWords(text: string, now: Date): ChatMessageWords {
  const into = emptyReading();
  addLines(into, text);
  const { seen, characters, nodes, ...words } = into;
  return { chat: 'teams', words, monitor: false, sender: '', writtenAt: now.getTime() };
}

// Control characters, and the invisible ones that turn the direction of text or hide it.
const INVISIBLE = /(?![\n\t])[\p{Cc}\p{Cf}]/gu;

function addLines(into: Reading, text: string): void {
  const room = MAX_CHARACTERS - into.characters;
  if (room <= 0) return;
  const part = text.slice(0, room);
  into.characters += part.length;
  for (const [url] of part.matchAll(/https?:\/\/[^\s<>"')\]]{1,2000}/g)) addLink(into, url);
  for (const line of part.replaceAll('\r', '').replaceAll(INVISIBLE, '').split('\n')) {
    const trimmed = line.replaceAll(/[ \t\u00a0]+/g, ' ').trim();
    if (trimmed === '' || into.seen.has(trimmed)) continue;
    into.seen.add(trimmed);
    into.lines.push(trimmed);
  }
}

function addLink(into: Reading, url: string): void {
  if (into.links.length < 50 && url.length <= 2000 && !into.links.includes(url)) into.links.push(url);
}

const ENTITIES: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'", nbsp: ' ' };

/** Teams' HTML as the text that people read: tags are gone, what begins a line begins one, addresses of links are kept. */
function htmlText(into: Reading, html: string): string {
  const part = html.slice(0, MAX_CHARACTERS * 2);
  for (const [, url = ''] of part.matchAll(/<a\s[^<>]{0,200}?href="(https?:\/\/[^"<>\s]{1,2000})"/gi))
    addLink(into, decoded(url));
  return decoded(
    part
      .replaceAll(/<(?:br|\/p|\/div|\/li|\/h[1-6]|\/tr|hr)\b[^<>]{0,500}>/gi, '\n')
      .replaceAll(/<\/t[dh]>/gi, ' ')
      .replaceAll(/<attachment\b[^<>]{0,500}>/gi, '')
      .replaceAll(/<\/?[a-z][^<>]{0,4000}>/gi, ''),
  );
}

function decoded(text: string): string {
  return text.replaceAll(/&(lt|gt|amp|quot|apos|nbsp|#\d{1,6}|#x[0-9a-f]{1,5});/gi, (whole, name: string) => {
    const known = ENTITIES[name.toLowerCase()];
    if (known !== undefined) return known;
    const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
    return code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff) ? String.fromCodePoint(code) : whole;
  });
}

/** An Adaptive Card, or the card of an older connector; its content is JSON as text, or JSON. */
function addAttachment(into: Reading, content: unknown): void {
  let card = content;
  if (typeof content === 'string') {
    try {
      card = JSON.parse(content.slice(0, 200_000));
    } catch {
      return;
    }
  }
  addNode(into, card, 0);
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** All that carries words in a card of any kind, in the order in which it stands. */
function addNode(into: Reading, value: unknown, depth: number): void {
  if (depth > MAX_DEPTH || into.nodes++ > MAX_NODES || typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const one of value) addNode(into, one, depth + 1);
    return;
  }
  const node = value as Json;
  addOwnWords(into, node);
  // In the order in which cards have them; whatever else holds cards is behind a button.
  for (const name of ['sections', 'body', 'items', 'columns', 'rows', 'cells', 'facts', 'inlines', 'text'])
    if (typeof node[name] === 'object') addNode(into, node[name], depth + 1);
  const url = text(node['url']);
  if (text(node['type']) === 'Action.OpenUrl' && /^https?:\/\//.test(url)) addLink(into, url);
  if (Array.isArray(node['actions'])) addNode(into, node['actions'], depth + 1);
}

function addOwnWords(into: Reading, node: Json): void {
  const type = text(node['type']);
  if (type.startsWith('Action.') || type.startsWith('Input.')) return;
  const name = text(node['name']) || (type === '' ? text(node['title']) : '');
  const value = text(node['value']);
  if (name !== '' && value !== '' && into.pairs.length < 100) {
    into.pairs.push([name.replace(/:\s*$/, '').slice(0, 100), value.slice(0, 2000)]);
    addLines(into, `${name.replace(/:\s*$/, '').slice(0, 300)}: ${value}`);
    return;
  }
  const heading = text(node['title']) || text(node['activityTitle']);
  if (heading !== '') {
    into.title ??= heading.slice(0, 1000).trim();
    addLines(into, heading);
  }
  const colour = text(node['themeColor']);
  if (colour !== '') into.colour ??= colour.toLowerCase().slice(0, 20);
  for (const part of ['activitySubtitle', 'activityText', 'text', 'summary']) addLines(into, text(node[part]));
}
