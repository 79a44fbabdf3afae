import type { ActionsBlock, Button, KnownBlock } from '@slack/types';
import type { Card } from '../../src/domain/card.js';
import { layOut, type Part, RANK, SHOW_ALL, SHOW_EVIDENCE, SHOW_TRACE } from '../../src/domain/card-parts.js';
import { hasQuotes, shownSections, withoutPeople, wroteOf } from '../../src/domain/chat-words.js';
import { partsOf } from '../../src/domain/section-parts.js';
import { ACTION, carried } from './action-ids.js';
import { PAPER, written } from './paper.js';
import { clipped, costOf, line, MESSAGE_ROOM, rich, said, toneIcon } from './text.js';

export interface CardBlocksOptions {
  incident: string;
  /** What the blocks may cost; a whole message by default. */
  room?: number;
  /** The trace can be shown from this card. */
  trace?: boolean;
  /** The card with the quotes that this one rests on, where they are not its own. */
  evidence?: string;
}

const BUTTON = 75;

/** A card as the blocks of one message: title, what is not folded as far as there is room, what is left out counted, buttons. */
export function cardBlocks(card: Card, options: CardBlocksOptions): KnownBlock[] {
  const title = titleBlock(card);
  const room = (options.room ?? MESSAGE_ROOM) - costOf([title, ...buttonRows(card, options, true)]);
  const blocks = layOut(partsOf(shownSections(card), wroteOf(card), PAPER), room, PAPER).map(written);
  const more = card.sections.some((section) => section.folded) || JSON.stringify(blocks).includes(SHOW_ALL);
  return [title, ...blocks, ...buttonRows(card, options, more)];
}

/**
 * What must have been read by somebody who decides, for their form: `above` the fields what changes and how risky that is, so that
 * the field is near on a phone; `below` what comes with it.
 */
export function essentialBlocks(card: Card, room: number): { above: KnownBlock[]; below: KnownBlock[] } {
  const parts = partsOf(shownSections(card).map(withoutPeople), wroteOf(card), PAPER);
  const laidOut = (some: readonly Part[]): KnownBlock[] => layOut(some, room / 2, PAPER).map(written);
  return {
    above: laidOut(parts.filter(({ rank }) => rank <= RANK.change)),
    below: laidOut(parts.filter(({ rank }) => rank === RANK.terms)),
  };
}

export function titleBlock(card: Card): KnownBlock {
  return rich(line(...toneIcon(card.tone), said(clipped(card.title, 400), { bold: true })));
}

function buttonRows(card: Card, { incident, trace, evidence }: CardBlocksOptions, all: boolean): ActionsBlock[] {
  const digest = card.digest === undefined ? {} : { digest: card.digest };
  const decide = card.actions.map(({ verdict, label, style }): Button => {
    const text = clipped(label, BUTTON);
    return {
      ...button(ACTION[verdict], text, carried({ incident, ...digest, verdict, card: card.id })),
      ...(style === 'plain' ? {} : { style }),
    };
  });
  const quotes = hasQuotes(card) ? card.id : evidence;
  const show: Button[] = [
    ...(quotes === undefined
      ? []
      : [button(ACTION.showEvidence, SHOW_EVIDENCE, carried({ incident, card: quotes, detail: 'evidence' }))]),
    ...(trace ? [button(ACTION.showTrace, SHOW_TRACE, carried({ incident, detail: 'trace' }))] : []),
    ...(all ? [button(ACTION.showAll, SHOW_ALL, carried({ incident, card: card.id, detail: 'all' }))] : []),
  ];
  return [decide, show].filter((row) => row.length > 0).map((elements) => ({ type: 'actions', elements }));
}

/** A button that carries names, or leads to an address. */
export function button(action: string, text: string, value: string): Button {
  return { type: 'button', action_id: action, text: { type: 'plain_text', text, emoji: false }, value };
}
