import type { Card, Thread } from '../../src/domain/card.js';
import { steadySections, wroteOf } from '../../src/domain/chat-words.js';
import { fullQuote, fullSection, fullTrace } from '../../src/domain/full-sections.js';
import { line, said } from '../../src/domain/rich-text.js';
import type { Carried } from './action-data.js';
import type { AdaptiveCardJson, CardAction, CardElement, TeamsDialog } from './body.js';
import { CARD_ROOM, cardOf, dialogOf, execute, openDialog, submit, titleElement } from './frame.js';
import { PAPER, written } from './paper.js';
import { bytesOf } from './text.js';

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

const PAGES_MOST = 200;
/** A page is read on a phone, and its buttons carry what leads back. */
const PAGE_ROOM = CARD_ROOM - 4000;

const TITLES: Record<DetailArgs['detail'], string> = { trace: 'Trace', evidence: 'Evidence', all: 'All of it' };

/** Everything, in pages; Back and Next are `show` with the page they lead to. */
export function detailDialog(args: DetailArgs): TeamsDialog {
  const { title, body, turns } = pageOf(args);
  const actions = turns.map(({ label, carried }) => submit(label, carried));
  return dialogOf(title, cardOf({ summary: title, body, actions }));
}

/** The same within the message, for the one who clicked; `cancel` leads back to the card. */
export function detailCard(args: DetailArgs): AdaptiveCardJson {
  const { title, body, turns, here } = pageOf(args);
  return cardOf({
    summary: title,
    body: [titleElement({ title, tone: 'neutral' }), ...body],
    actions: [
      ...turns.map(({ label, carried }) => execute(label, carried)),
      back(here),
      openDialog('Open as a dialog', here),
    ],
  });
}

/** Where there is no message in a thread, the click came from the list of one person. */
function back(here: Carried): CardAction {
  if (here.message !== undefined) return execute('Back to the card', { ...here, verb: 'cancel' });
  return execute('Waiting for me', { verb: 'command', incident: '', command: 'waiting' });
}

interface Page {
  title: string;
  body: CardElement[];
  turns: { label: string; carried: Carried }[];
  here: Carried;
}

function pageOf(args: DetailArgs): Page {
  const { thread, detail, card, carried } = args;
  const pages = pagesOf(elementsOf(args));
  const page = Math.max(0, Math.min(args.page, pages.length - 1));
  const to = (target: number): Carried => ({
    ...carried,
    verb: 'show',
    incident: thread.incident,
    detail,
    ...(card === undefined ? {} : { card }),
    page: target,
  });
  return {
    title: pages.length === 1 ? TITLES[detail] : `${TITLES[detail]}, ${page + 1} of ${pages.length}`,
    body: pages[page] ?? [],
    turns: [
      ...(page === 0 ? [] : [{ label: 'Previous page', carried: to(page - 1) }]),
      ...(page === pages.length - 1
        ? []
        : [{ label: `Next: page ${page + 2} of ${pages.length}`, carried: to(page + 1) }]),
    ],
    here: to(page),
  };
}

/** The stored answers that the evidence of this card can use. */
export function evidenceDigests(thread: Thread, card?: string): string[] {
  const found = cardsOf(thread, card)
    .flatMap(({ sections }) => sections)
    .flatMap((section) => (section.kind === 'quote' ? (section.observation ?? []) : []));
  return [...new Set(found)];
}

function elementsOf({ thread, detail, card, observations }: DetailArgs): CardElement[] {
  if (detail === 'trace') return traceElements(thread);
  const cards = cardsOf(thread, card);
  if (cards.length === 0) return [nothing('This card is no longer part of the thread.')];
  return detail === 'all' ? cards.flatMap(allOf) : evidenceElements(cards, observations);
}

/** Cards of the thread, the headline and the answers to questions, by the id that a button carries. */
function cardsOf(thread: Thread, card: string | undefined): Card[] {
  if (card === undefined) return [thread.headline, ...thread.cards];
  const answers = thread.questions.flatMap(({ answer }) => answer ?? []);
  return [thread.headline, ...thread.cards, ...answers].filter((one) => one.id === card).slice(0, 1);
}

function traceElements({ trace }: Thread): CardElement[] {
  return trace.length === 0 ? [nothing('No tool was called yet.')] : trace.flatMap(fullTrace).map(written);
}

function allOf(card: Card): CardElement[] {
  const wrote = wroteOf(card);
  return [
    titleElement(card),
    ...steadySections(card).flatMap((section) => fullSection(section, wrote, PAPER).map(written)),
  ];
}

function evidenceElements(
  cards: readonly Card[],
  observations: ReadonlyMap<string, string> | undefined,
): CardElement[] {
  const elements = cards.flatMap((card) => {
    const quotes = card.sections.flatMap((section) => (section.kind === 'quote' ? [section] : []));
    const shown = quotes.flatMap((quote, at) =>
      fullQuote(quote, `${at + 1} of ${quotes.length}`, observations, PAPER).map(written),
    );
    return shown.length === 0 ? [] : [titleElement(card), ...shown];
  });
  return elements.length === 0 ? [nothing('There are no quotes on this card.')] : elements;
}

function nothing(text: string): CardElement {
  return written([line(said(text))]);
}

/** Elements in pages; each element is far smaller than a page. */
function pagesOf(elements: readonly CardElement[]): CardElement[][] {
  const pages: CardElement[][] = [[]];
  let left = PAGE_ROOM;
  for (const element of elements) {
    const cost = bytesOf(element) + 1;
    if (cost > left && (pages.at(-1)?.length ?? 0) > 0) {
      pages.push([]);
      left = PAGE_ROOM;
    }
    left -= cost;
    pages.at(-1)?.push(element);
  }
  if (pages.length <= PAGES_MOST) return pages;
  const more = `${pages.length - PAGES_MOST} more pages are on the web page only.`;
  return [...pages.slice(0, PAGES_MOST - 1), [...(pages[PAGES_MOST - 1] ?? []), nothing(more)]];
}
