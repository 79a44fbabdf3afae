import type { Thread } from '../../src/domain/card.js';
import { layOut, SHOW_ALL } from '../../src/domain/card-parts.js';
import { isOurs } from '../../src/domain/chat-words.js';
import { headlineFacts, headlineRemarks } from '../../src/domain/headline-words.js';
import { line, type RichText, said } from '../../src/domain/rich-text.js';
import type { CardAction, CardElement } from './body.js';
import { execute, titleElement } from './frame.js';
import { timeHere } from './local-times.js';
import { PAPER, written } from './paper.js';
import { shortened } from './text.js';

const STATUS_ROOM = 1500;
const REMARKS_ROOM = 6000;

/**
 * The root post. What is the matter and what to do stand in the first lines, as a phone shows no more; what only the clock changes is
 * left out, as each change is an edit.
 */
export function headlineElements({ headline, summary, incident }: Thread): {
  body: CardElement[];
  actions: CardAction[];
} {
  const status = headline.sections.find(isOurs);
  const label = status?.label === undefined ? [] : [said(`${status.label}. `, { bold: true })];
  const told: RichText = [
    ...(status === undefined ? [] : [line(...label, said(shortened(status.text, STATUS_ROOM, SHOW_ALL)))]),
    line(said(headlineFacts(headline, PAPER))),
  ];
  return {
    body: [
      titleElement(headline),
      written(told),
      {
        type: 'TextBlock',
        // Read as Markdown, so only what cannot be any: clients do not agree on how it is escaped.
        text: `Opened ${timeHere(summary.openedAt)} · ${incident.replace(/[^A-Za-z0-9-]/g, '')}`,
        wrap: true,
        isSubtle: true,
      },
      ...layOut(headlineRemarks(headline, PAPER), REMARKS_ROOM, PAPER).map(written),
    ],
    actions: [execute(SHOW_ALL, { verb: 'show', incident, message: 'headline', card: headline.id, detail: 'all' })],
  };
}
