import { codePoints, isObject } from './fault.js';

/**
 * The limit over all blocks of a message that Slack does not publish. Measured by others: markdown alone is refused from 13,298
 * characters on; 20 headings leave room for 10,563 further characters, 40 for 7,875, so one costs about 100 beside its text; `&`, `<`
 * and `>` count as the entities they are stored as. What other containers cost was not measured and is put high here.
 */
export const MAX_BLOCKS_LENGTH = 13_200;

const HEADER = 100;
const BLOCK = 25;
const PART = 10;

/** What is shown to people; all else (ids, values, addresses behind a label) is not counted. */
const SHOWN: ReadonlySet<string> = new Set(['text', 'title', 'alt_text', 'caption', 'fallback', 'author_name']);

/** The length that Slack would find, rather too long than too short. */
export function blocksLength(blocks: readonly unknown[]): number {
  return blocks.reduce<number>((sum, block) => sum + overhead(block) + shown(block), 0);
}

/** How many blocks a payload becomes: Slack takes a `markdown` block apart, and the limit of 50 counts afterwards. */
export function renderedBlocks(blocks: readonly unknown[]): number {
  return blocks.reduce<number>((sum, block) => sum + Math.max(1, markdownParts(block).length), 0);
}

type Kind = 'fence' | 'heading' | 'rule' | 'table' | 'text';

/** Each heading, fence, rule and table of a `markdown` block becomes a block, and so does each stretch of text between them. */
function markdownParts(block: unknown): Kind[] {
  if (!isObject(block) || block['type'] !== 'markdown' || typeof block['text'] !== 'string') return [];
  const kinds: Kind[] = [];
  let fenced = false;
  for (const line of block['text'].split('\n')) {
    const fence = /^ {0,3}(```|~~~)/.test(line);
    const kind = fenced || fence ? 'fence' : kindOf(line);
    if (fence) fenced = !fenced;
    if (kind === undefined) continue;
    if (kind === 'heading' || kind === 'rule' || kind !== kinds.at(-1)) kinds.push(kind);
  }
  return kinds;
}

function kindOf(line: string): Kind | undefined {
  if (/^ {0,3}#{1,6}\s/.test(line)) return 'heading';
  if (/^ {0,3}([-*_])( *\1){2,} *$/.test(line)) return 'rule';
  if (line.trimStart().startsWith('|')) return 'table';
  return line.trim() === '' ? undefined : 'text';
}

function overhead(block: unknown): number {
  if (!isObject(block)) return 0;
  if (block['type'] === 'header') return HEADER;
  return BLOCK + HEADER * markdownParts(block).filter((kind) => kind === 'heading').length;
}

function shown(value: unknown): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, one) => sum + shown(one), 0);
  if (!isObject(value)) return 0;
  let sum = String(value['type']).startsWith('rich_text') || value['type'] === 'task_card' ? PART : 0;
  for (const [key, member] of Object.entries(value)) {
    if (typeof member === 'object') sum += shown(member);
    else if (typeof member === 'string' && SHOWN.has(key)) sum += codePoints(asStored(member));
  }
  if (value['type'] === 'link' && value['text'] === undefined) sum += codePoints(asStored(String(value['url'])));
  if (value['type'] === 'emoji') sum += codePoints(String(value['name'])) + 2;
  return sum;
}

/** Texts that are escaped already are not escaped again. */
function asStored(text: string): string {
  return text
    .replaceAll(/&(?!amp;|lt;|gt;)/g, '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}
