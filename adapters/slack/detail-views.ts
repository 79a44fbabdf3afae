import type { KnownBlock, ModalView } from '@slack/types';
import type { Card, Thread } from '../../src/domain/card.js';
import { ACTION, type Carried, carried, VIEW } from './action-ids.js';
import { button, titleBlock, wroteOf } from './card-blocks.js';
import { fullQuote, fullSection, fullTrace } from './full-blocks.js';
import { steadySections } from './steady.js';
import { clipped, costOf, line, MESSAGE_ROOM, rich, said } from './text.js';
import { modal } from './view-frame.js';

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

/** Of 100; the others are for the page's own lines and buttons. */
const BLOCKS_MOST = 90;
const PAGES_MOST = 200;

const TITLES: Record<DetailArgs['detail'], string> = { trace: 'Trace', evidence: 'Evidence', all: 'All of it' };

/** Everything, in pages; `callback_id` is `VIEW.detail`, Back and Next carry (`ACTION.page`) the page they lead to. */
export function detailView(args: DetailArgs): ModalView {
  const { thread, detail, card } = args;
  const pages = pagesOf(blocksOf(args));
  const page = Math.max(0, Math.min(args.page, pages.length - 1));
  const here: Carried = { incident: thread.incident, detail, ...(card === undefined ? {} : { card }) };
  const to = (target: number): string => carried({ ...here, page: target });
  const back: KnownBlock[] =
    page === 0 ? [] : [{ type: 'actions', elements: [button(ACTION.page, 'Back', to(page - 1))] }];
  const next: KnownBlock[] =
    page === pages.length - 1
      ? []
      : [
          {
            type: 'actions',
            elements: [button(ACTION.page, `Next: page ${page + 2} of ${pages.length}`, to(page + 1))],
          },
        ];
  return modal({
    callback: VIEW.detail,
    title: pages.length === 1 ? TITLES[detail] : `${TITLES[detail]}, ${page + 1} of ${pages.length}`,
    close: 'Close',
    metadata: to(page),
    blocks: [...back, ...(pages[page] ?? []), ...next],
  });
}

/** The stored answers that `detailView` of this evidence can use. */
export function evidenceDigests(thread: Thread, card?: string): string[] {
  const found = cardsOf(thread, card)
    .flatMap(({ sections }) => sections)
    .flatMap((section) => (section.kind === 'quote' ? (section.observation ?? []) : []));
  return [...new Set(found)];
}

function blocksOf({ thread, detail, card, observations }: DetailArgs): KnownBlock[] {
  if (detail === 'trace') return traceBlocks(thread);
  const cards = cardsOf(thread, card);
  if (cards.length === 0) return [nothing('This card is no longer part of the thread.')];
  return detail === 'all' ? cards.flatMap(allOf) : evidenceBlocks(cards, observations);
}

/** Cards of the thread, the headline and the answers to questions, by the id that a button carries. */
function cardsOf(thread: Thread, card: string | undefined): Card[] {
  if (card === undefined) return [thread.headline, ...thread.cards];
  const answers = thread.questions.flatMap(({ answer }) => answer ?? []);
  return [thread.headline, ...thread.cards, ...answers].filter((one) => one.id === card).slice(0, 1);
}

function traceBlocks({ trace }: Thread): KnownBlock[] {
  return trace.length === 0 ? [nothing('No tool was called yet.')] : trace.flatMap(fullTrace);
}

function allOf(card: Card): KnownBlock[] {
  const wrote = wroteOf(card);
  return [titleBlock(card), ...steadySections(card.sections).flatMap((section) => fullSection(section, wrote))];
}

function evidenceBlocks(cards: readonly Card[], observations: ReadonlyMap<string, string> | undefined): KnownBlock[] {
  const blocks = cards.flatMap((card) => {
    const quotes = card.sections.flatMap((section) => (section.kind === 'quote' ? [section] : []));
    const shown = quotes.flatMap((quote, at) => fullQuote(quote, `${at + 1} of ${quotes.length}`, observations));
    return shown.length === 0 ? [] : [titleBlock(card), ...shown];
  });
  return blocks.length === 0 ? [nothing('There are no quotes on this card.')] : blocks;
}

function nothing(text: string): KnownBlock {
  return rich(line(said(text)));
}

/** Blocks in pages of what Slack takes; each block is far smaller than a page. */
function pagesOf(blocks: readonly KnownBlock[]): KnownBlock[][] {
  const pages: KnownBlock[][] = [[]];
  let left = MESSAGE_ROOM - 300;
  for (const block of blocks) {
    const cost = costOf([block]);
    const page = pages.at(-1) ?? [];
    if (page.length > 0 && (cost > left || page.length >= BLOCKS_MOST)) {
      pages.push([]);
      left = MESSAGE_ROOM - 300;
    }
    left -= cost;
    pages.at(-1)?.push(block);
  }
  if (pages.length <= PAGES_MOST) return pages;
  const more = `${pages.length - PAGES_MOST} more pages are on the web page only.`;
  return [...pages.slice(0, PAGES_MOST - 1), [...(pages[PAGES_MOST - 1] ?? []), nothing(clipped(more, 200))]];
}
