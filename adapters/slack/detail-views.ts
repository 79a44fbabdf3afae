import type { ModalView } from '@slack/types';
import type { Thread } from '../../src/domain/card.js';

export interface DetailArgs {
  thread: Thread;
  detail: 'trace' | 'evidence' | 'all';
  /** `evidence` and `all` are of this card (`headline` too); without it of all cards. */
  card?: string;
  /** From 0; beyond the last it is the last. */
  page: number;
  /** Stored tool answers by digest, where they could be read: quotes are shown within them. */
  observations?: ReadonlyMap<string, string>;
}

/** Everything, in pages; `callback_id` is `VIEW.detail`, Back and Next carry (`ACTION.page`) the page they lead to. */
export declare function detailView(args: DetailArgs): ModalView;

/** The stored answers that `detailView` of this evidence can use. */
export declare function evidenceDigests(thread: Thread, card?: string): string[];
