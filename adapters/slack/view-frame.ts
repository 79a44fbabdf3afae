import type { KnownBlock, ModalView } from '@slack/types';
import { clipped, line, rich, said } from './text.js';

const VIEW_TITLE = 24;

export interface ModalParts {
  callback: string;
  title: string;
  submit?: string;
  close?: string;
  metadata?: string;
  blocks: KnownBlock[];
}

/** A modal within the limits of its frame; it always has a block, as Slack wants one. */
export function modal({ callback, title, submit, close = 'Cancel', metadata, blocks }: ModalParts): ModalView {
  const plain = (text: string): { type: 'plain_text'; text: string; emoji: false } => ({
    type: 'plain_text',
    text: clipped(text, VIEW_TITLE) || '-',
    emoji: false,
  });
  return {
    type: 'modal',
    callback_id: callback,
    title: plain(title),
    close: plain(close),
    ...(submit === undefined ? {} : { submit: plain(submit) }),
    ...(metadata === undefined ? {} : { private_metadata: metadata }),
    blocks: blocks.length > 0 ? blocks : [rich(line(said('Nothing more is asked.')))],
  };
}
