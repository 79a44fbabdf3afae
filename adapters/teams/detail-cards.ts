import type { Thread } from '../../src/domain/card.js';
import type { Carried } from './action-data.js';
import type { AdaptiveCardJson, TeamsDialog } from './body.js';

export interface DetailArgs {
  thread: Thread;
  detail: 'trace' | 'evidence' | 'all';
  /** `evidence` and `all` are of this card (`headline` too); without it of all cards. */
  card?: string;
  /** From 0; beyond the last it is the last. */
  page: number;
  /** Stored tool answers by digest, where they could be read: quotes are shown within them. */
  observations?: ReadonlyMap<string, string>;
  /** What the click carried: message and delivery lead back. */
  carried?: Carried;
}

/** Everything, in pages; Back and Next are `show` with the page they lead to. */
export function detailDialog(_args: DetailArgs): TeamsDialog {
  throw new Error('being written');
}

/** The same within the message, for the one who clicked; `cancel` leads back to the card. */
export function detailCard(_args: DetailArgs): AdaptiveCardJson {
  throw new Error('being written');
}

/** The stored answers that the evidence of this card can use. */
export function evidenceDigests(_thread: Thread, _card?: string): string[] {
  throw new Error('being written');
}
