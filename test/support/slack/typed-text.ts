import type { SlackBlock } from './types.js';

const CALL = /<[@#!][^<>\s]+>/;
const URL_IN_TEXT = /https?:\/\/[^\s<>|]+/;
const PIECE = new RegExp(`(${CALL.source})|(${URL_IN_TEXT.source})`, 'g');

/** What Slack makes of typed text: `&<>` escaped, addresses as `<https://…>`, calls (`<@U…>`) as they are. */
export function typedText(typed: string): string {
  return piecesOf(typed)
    .map(({ kind, text }) => (kind === 'text' ? escaped(text) : kind === 'url' ? `<${escaped(text)}>` : text))
    .join('');
}

/** The rich text block that a person's message carries beside its text. */
export function typedBlocks(typed: string): SlackBlock[] {
  const elements = piecesOf(typed).map(({ kind, text }) => {
    if (kind === 'url') return { type: 'link', url: text };
    const user = /^<@([A-Z0-9]+)/.exec(text)?.[1];
    return kind === 'call' && user !== undefined ? { type: 'user', user_id: user } : { type: 'text', text };
  });
  return [{ type: 'rich_text', elements: [{ type: 'rich_text_section', elements }] }];
}

function piecesOf(typed: string): { kind: 'text' | 'call' | 'url'; text: string }[] {
  const pieces: { kind: 'text' | 'call' | 'url'; text: string }[] = [];
  let at = 0;
  for (const match of typed.matchAll(PIECE)) {
    if (match.index > at) pieces.push({ kind: 'text', text: typed.slice(at, match.index) });
    pieces.push({ kind: match[1] === undefined ? 'url' : 'call', text: match[0] });
    at = match.index + match[0].length;
  }
  if (at < typed.length) pieces.push({ kind: 'text', text: typed.slice(at) });
  return pieces;
}

export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
