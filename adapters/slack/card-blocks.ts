import type { ActionsBlock, Button, KnownBlock } from '@slack/types';
import type { Card, Section } from '../../src/domain/card.js';
import { ACTION, carried } from './action-ids.js';
import { fitting, type Part, RANK, SHOW_ALL, SHOW_EVIDENCE } from './part.js';
import { partsOf } from './section-blocks.js';
import { clipped, costOf, count, line, MESSAGE_ROOM, rich, said, toneIcon } from './text.js';

export interface CardBlocksOptions {
  incident: string;
  /** What the blocks may cost; a whole message by default. */
  room?: number;
  /** The trace can be shown from this card. */
  trace?: boolean;
  /** The card with the quotes that this one rests on, where they are not its own. */
  evidence?: string;
}

/** Blocks of one message besides the parts: call, title, what is hidden, two rows of buttons. */
const PARTS_MOST = 42;
const BUTTON = 75;

/** A card as the blocks of one message: title, what is not folded as far as there is room, what is left out counted, buttons. */
export function cardBlocks(card: Card, options: CardBlocksOptions): KnownBlock[] {
  const title = titleBlock(card);
  const room = (options.room ?? MESSAGE_ROOM) - costOf([title, ...buttonRows(card, options, true)]);
  const blocks = layOut(partsOf(shownSections(card), wroteOf(card)), room);
  const more = card.sections.some((section) => section.folded) || JSON.stringify(blocks).includes(SHOW_ALL);
  return [title, ...blocks, ...buttonRows(card, options, more)];
}

/**
 * What must have been read by somebody who decides, for their form: `above` the fields what changes and how risky that is, so that
 * the field is near on a phone; `below` what comes with it.
 */
export function essentialBlocks(card: Card, room: number): { above: KnownBlock[]; below: KnownBlock[] } {
  const parts = partsOf(shownSections(card).map(withoutPeople), wroteOf(card));
  return {
    above: layOut(
      parts.filter(({ rank }) => rank <= RANK.change),
      room / 2,
    ),
    below: layOut(
      parts.filter(({ rank }) => rank === RANK.terms),
      room / 2,
    ),
  };
}

/** Who may decide was read on the card; whoever has the form open may. */
const PEOPLE: ReadonlySet<string> = new Set(['Approval', 'Who may approve', 'Who may not']);

function withoutPeople(section: Section): Section {
  if (section.kind !== 'facts') return section;
  return { ...section, rows: section.rows.filter(({ name }) => !PEOPLE.has(name)) };
}

export function titleBlock(card: Card): KnownBlock {
  return rich(line(...toneIcon(card.tone), said(clipped(card.title, 400), { bold: true })));
}

/** Folded sections are behind "Show all"; a patch is named. */
function shownSections(card: Card): Section[] {
  return card.sections.filter((section) => section.folded !== true || section.kind === 'patch');
}

/** How the card labels the model's words, for the lists that have no label of their own. */
export function wroteOf(card: Card): string {
  const labelled = card.sections.find((one) => one.kind === 'text' && one.voice === 'model' && one.label !== undefined);
  return labelled?.kind === 'text' && labelled.label !== undefined
    ? labelled.label
    : 'Written by the model, not checked by a person';
}

/** Room for the line that says what is not shown at all. */
const HIDDEN_ROOM = 500;
/** A title and "38 more": what each part must at least get before another gets more. */
const LEAST = 180;

/** Gives the room out by rank, then lays the parts out in their own order. */
export function layOut(parts: readonly Part[], room: number): KnownBlock[] {
  const ranked = parts.map((part, at) => ({ part, at })).sort((a, b) => a.part.rank - b.part.rank || a.at - b.at);
  const shown = new Map<Part, number>();
  let left = room - HIDDEN_ROOM;
  for (const [at, { part }] of ranked.slice(0, PARTS_MOST).entries()) {
    const waiting = Math.min(ranked.length, PARTS_MOST) - at - 1;
    const fair = Math.max(left - waiting * LEAST, Math.min(left, LEAST * 3));
    const items = fitting(part, fair);
    if (items === undefined) continue;
    shown.set(part, items);
    left -= costOf([part.block(items)]);
  }
  const hidden = parts.filter((part) => !shown.has(part));
  const blocks = parts.flatMap((part) => {
    const items = shown.get(part);
    return items === undefined ? [] : [part.block(items)];
  });
  return hidden.length === 0 ? blocks : [...blocks, hiddenBlock(hidden)];
}

function hiddenBlock(hidden: readonly Part[]): KnownBlock {
  const names = clipped(hidden.map(({ name }) => name).join('; '), HIDDEN_ROOM - 150);
  return rich(
    line(said(`${count(hidden.length, 'more part')} of this card: ${SHOW_ALL} (${names})`, { italic: true })),
  );
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
  const quotes = card.sections.some(({ kind }) => kind === 'quote') ? card.id : evidence;
  const show: Button[] = [
    ...(quotes === undefined
      ? []
      : [button(ACTION.showEvidence, SHOW_EVIDENCE, carried({ incident, card: quotes, detail: 'evidence' }))]),
    ...(trace ? [button(ACTION.showTrace, 'Show trace', carried({ incident, detail: 'trace' }))] : []),
    ...(all ? [button(ACTION.showAll, SHOW_ALL, carried({ incident, card: card.id, detail: 'all' }))] : []),
  ];
  return [decide, show].filter((row) => row.length > 0).map((elements) => ({ type: 'actions', elements }));
}

/** A button that carries names, or leads to an address. */
export function button(action: string, text: string, value: string): Button {
  return { type: 'button', action_id: action, text: { type: 'plain_text', text, emoji: false }, value };
}
