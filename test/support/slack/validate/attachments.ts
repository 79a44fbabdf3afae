import type { MessageAttachment } from '@slack/types';
import { block } from './blocks.js';
import { below, type Checking, fault, isObject, type Refusal } from './fault.js';
import { list } from './rules.js';

const MAX_ATTACHMENTS = 100;

const KNOWN: Record<keyof MessageAttachment, true> = {
  blocks: true,
  fallback: true,
  color: true,
  pretext: true,
  author_name: true,
  author_link: true,
  author_icon: true,
  author_subname: true,
  title: true,
  title_link: true,
  text: true,
  fields: true,
  image_url: true,
  thumb_url: true,
  footer: true,
  footer_icon: true,
  ts: true,
  actions: true,
  callback_id: true,
  mrkdwn_in: true,
  app_unfurl_url: true,
  is_app_unfurl: true,
  app_id: true,
  bot_id: true,
  preview: true,
};

/** Attachments are checked for their names, their number and the blocks in them; the rest of them is legacy and not used. */
export function validateAttachments(attachments: unknown): Refusal | undefined {
  if (attachments === undefined) return undefined;
  if (!Array.isArray(attachments)) return { error: 'invalid_attachments', messages: ['[ERROR] must provide an array'] };
  if (attachments.length > MAX_ATTACHMENTS) return { error: 'too_many_attachments', messages: [] };
  const checking: Checking = { surface: 'message', faults: [] };
  for (const [index, one] of attachments.entries()) {
    const at = `/attachments/${index}`;
    if (!isObject(one)) {
      fault(checking, at, 'must provide an object');
      continue;
    }
    for (const key of Object.keys(one)) if (!Object.hasOwn(KNOWN, key)) fault(checking, at, `invalid_keys: ${key}`);
    const color = one['color'];
    if (color !== undefined && !/^(good|warning|danger|#?[0-9A-Fa-f]{6})$/.test(String(color)))
      fault(checking, below(at, 'color'), 'must match pattern');
    if (one['blocks'] !== undefined) list(block, 1, 50)(one['blocks'], below(at, 'blocks'), checking);
  }
  return checking.faults.length === 0 ? undefined : { error: 'invalid_attachments', messages: checking.faults };
}

/** The blocks of all attachments. */
export function attachedBlocks(attachments: unknown): unknown[] {
  if (!Array.isArray(attachments)) return [];
  return attachments.filter(isObject).flatMap((one) => (Array.isArray(one['blocks']) ? one['blocks'] : []));
}
