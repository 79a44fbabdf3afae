import { attachedBlocks, validateAttachments } from './attachments.js';
import { block } from './blocks.js';
import { type Checking, codePoints, type Refusal } from './fault.js';
import { blocksLength, MAX_BLOCKS_LENGTH, renderedBlocks } from './length.js';
import { validateMetadata } from './metadata.js';
import { list } from './rules.js';
import { markdownTogether, planOrTasks, tablesIn, uniqueBlockIds } from './whole.js';

const MAX_BLOCKS = 50;
const MAX_MARKDOWN_TEXT = 12_000;
/** Of the text of an edit. Installations measured it in bytes of UTF-8: 1,993 characters in 4,121 bytes were refused. */
const MAX_UPDATE_BYTES = 4000;

export interface MessageArgs {
  method: 'chat.postMessage' | 'chat.update' | 'chat.postEphemeral';
  text?: string;
  markdown_text?: string;
  /** As parsed from the request's JSON. */
  blocks?: unknown;
  attachments?: unknown;
  metadata?: unknown;
}

/**
 * What Slack would answer to a message it does not take; undefined when it takes it. A text over 40,000 characters is no fault: it is
 * cut where it is stored.
 */
export function validateMessage(args: MessageArgs): Refusal | undefined {
  return (
    textFault(args) ??
    blocksFault(args.blocks) ??
    validateAttachments(args.attachments) ??
    togetherFault(args) ??
    (args.method === 'chat.postEphemeral' ? undefined : validateMetadata(args.metadata, args.method === 'chat.update'))
  );
}

const only = (error: string): Refusal => ({ error, messages: [] });
const isEmptyList = (value: unknown): boolean => value === undefined || (Array.isArray(value) && value.length === 0);

function textFault({ method, text, markdown_text, blocks, attachments }: MessageArgs): Refusal | undefined {
  if (markdown_text !== undefined) {
    if (text !== undefined || blocks !== undefined) return only('markdown_text_conflict');
    if (codePoints(markdown_text) > MAX_MARKDOWN_TEXT) return only('msg_too_long');
  }
  const words = markdown_text ?? text ?? '';
  if (words.trim() === '' && isEmptyList(blocks) && isEmptyList(attachments)) return only('no_text');
  if (method === 'chat.update' && Buffer.byteLength(text ?? '') > MAX_UPDATE_BYTES) return only('msg_too_long');
  return undefined;
}

function blocksFault(blocks: unknown): Refusal | undefined {
  if (blocks === undefined) return undefined;
  if (!Array.isArray(blocks)) return only('invalid_blocks_format');
  const checking: Checking = { surface: 'message', faults: [] };
  list(block, 0, MAX_BLOCKS)(blocks, '/blocks', checking);
  uniqueBlockIds(blocks, '/blocks', checking);
  markdownTogether(blocks, '/blocks', checking);
  planOrTasks(blocks, '/blocks', checking);
  return checking.faults.length === 0 ? undefined : { error: 'invalid_blocks', messages: checking.faults };
}

/** What is counted over blocks and attachments together. */
function togetherFault({ blocks, attachments }: MessageArgs): Refusal | undefined {
  const everything = [...(Array.isArray(blocks) ? blocks : []), ...attachedBlocks(attachments)];
  if (tablesIn(everything) > 1) return { error: 'invalid_attachments', messages: ['[ERROR] only_one_table_allowed'] };
  if (renderedBlocks(everything) > MAX_BLOCKS || blocksLength(everything) > MAX_BLOCKS_LENGTH)
    return only('msg_blocks_too_long');
  return undefined;
}
