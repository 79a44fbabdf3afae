import type { Card } from '../../src/domain/card.js';
import { layOut, type Part, RANK, SHOW_ALL, SHOW_EVIDENCE, SHOW_TRACE } from '../../src/domain/card-parts.js';
import { hasQuotes, shownSections, withoutPeople, wroteOf } from '../../src/domain/chat-words.js';
import { partsOf } from '../../src/domain/section-parts.js';
import type { CardAction, CardElement } from './body.js';
import { execute, roomBeside, titleElement } from './frame.js';
import { PAPER, written } from './paper.js';

export interface CardElementsOptions {
  incident: string;
  /** Key of the message. */
  message: string;
  /** What stands in the message besides, and costs room. */
  beside?: readonly CardElement[];
  /** The trace can be shown from this card. */
  trace?: boolean;
  /** The card with the quotes that this one rests on, where they are not its own. */
  evidence?: string;
}

/** A card as a message's elements: title, what is not folded as far as there is room, what is left out counted; and its buttons. */
export function cardElements(card: Card, options: CardElementsOptions): { body: CardElement[]; actions: CardAction[] } {
  const title = titleElement(card);
  const room = roomBeside([title, ...(options.beside ?? [])], buttons(card, options, true));
  const parts = layOut(partsOf(shownSections(card), wroteOf(card), PAPER), room, PAPER).map(written);
  const more = card.sections.some((section) => section.folded) || JSON.stringify(parts).includes(SHOW_ALL);
  return { body: [title, ...parts], actions: buttons(card, options, more) };
}

/** What must have been read by somebody who decides, for their form: what changes and how risky that is, then what comes with it. */
export function essentials(card: Card, room: number): CardElement[] {
  const parts = partsOf(shownSections(card).map(withoutPeople), wroteOf(card), PAPER);
  const laidOut = (some: readonly Part[]): CardElement[] => layOut(some, room / 2, PAPER).map(written);
  return [
    ...laidOut(parts.filter(({ rank }) => rank <= RANK.change)),
    ...laidOut(parts.filter(({ rank }) => rank === RANK.terms)),
  ];
}

/** At most six, all of which Teams shows. */
function buttons(card: Card, { incident, message, trace, evidence }: CardElementsOptions, all: boolean): CardAction[] {
  const here = { incident, message };
  const digest = card.digest === undefined ? {} : { digest: card.digest };
  const quotes = hasQuotes(card) ? card.id : evidence;
  return [
    ...card.actions.map(({ verdict, label, style, form }) =>
      execute(
        label,
        { verb: form === undefined ? 'decide' : 'ask', ...here, ...digest, verdict, card: card.id },
        style,
      ),
    ),
    ...(quotes === undefined
      ? []
      : [execute(SHOW_EVIDENCE, { verb: 'show', ...here, card: quotes, detail: 'evidence' })]),
    ...(trace ? [execute(SHOW_TRACE, { verb: 'show', ...here, detail: 'trace' })] : []),
    ...(all ? [execute(SHOW_ALL, { verb: 'show', ...here, card: card.id, detail: 'all' })] : []),
  ];
}
