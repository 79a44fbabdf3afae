import type { Digest, IncidentSummary } from '../../src/domain/card.js';
import { line, said } from '../../src/domain/rich-text.js';
import { count } from '../../src/domain/visible-text.js';
import type { CardElement, TeamsBody } from './body.js';
import { cardOf, execute, notice, titleElement } from './frame.js';
import { timeHere } from './local-times.js';
import { written } from './paper.js';
import { digestText, summaryRows } from './summary-rows.js';
import { row, run } from './text.js';

export interface WaitingArgs {
  /** Who looks at it; undefined when Teams shows no account of ours for them. */
  person: string | undefined;
  waiting: readonly IncidentSummary[];
  open: readonly IncidentSummary[];
  /** This week. */
  digest: Digest;
  now: Date;
}

/** Together they stay within the room of a message. */
const WAITING_MOST = 8;
const OPEN_MOST = 8;
const MORE = 'write “list”.';

/** Answer to `waiting` in the personal chat: what waits for them, what is open, this week's numbers. */
export function waitingCard({ person, waiting, open, digest, now }: WaitingArgs): TeamsBody {
  const mine = new Set(person === undefined ? [] : waiting.map(({ incident }) => incident));
  const others = open.filter(({ incident }) => !mine.has(incident));
  const head = mine.size === 0 ? 'Nothing waits for you' : `${count(mine.size, 'decision')} waiting for you`;
  const title = { title: head, tone: mine.size === 0 ? ('good' as const) : ('waiting' as const) };
  const summary = notice(`${head}. ${count(open.length, 'open incident')}.`);
  return {
    summary,
    card: cardOf({
      summary,
      body: [
        titleElement(title),
        ...waitingElements(person, waiting),
        heading(mine.size === 0 ? 'Open incidents' : 'Other open incidents'),
        ...listed(others, OPEN_MOST, mine.size === 0 ? 'Nothing is open.' : 'Nothing else is open.'),
        heading('Last 7 days'),
        written(digestText(digest)),
        { type: 'TextBlock', text: `As of ${timeHere(now.toISOString())}.`, wrap: true, isSubtle: true },
      ],
      actions: [execute('Look again', { verb: 'command', incident: '', command: 'waiting' })],
    }),
  };
}

const NOBODY =
  'Your Teams account is no member of this organisation whom Countersign knows, so no decision can wait for you. Ask whoever runs Countersign.';

function waitingElements(person: string | undefined, waiting: readonly IncidentSummary[]): CardElement[] {
  if (person === undefined) return [row(run(NOBODY))];
  return listed(waiting, WAITING_MOST, 'Nothing waits for a decision of yours.');
}

function listed(summaries: readonly IncidentSummary[], most: number, none: string): CardElement[] {
  return summaries.length === 0 ? [row(run(none))] : summaryRows(summaries, most, MORE);
}

function heading(text: string): CardElement {
  return { ...written([line(said(text, { bold: true }))]), separator: true };
}
