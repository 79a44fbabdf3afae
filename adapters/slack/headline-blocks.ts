import type { KnownBlock, RichTextElement } from '@slack/types';
import type { Card, FactRow, Thread } from '../../src/domain/card.js';
import { layOut, type Part, SHOW_ALL } from '../../src/domain/card-parts.js';
import { isOurs, wroteOf } from '../../src/domain/chat-words.js';
import { partsOf } from '../../src/domain/section-parts.js';
import { ACTION, carried } from './action-ids.js';
import { button, titleBlock } from './card-blocks.js';
import { PAPER, written } from './paper.js';
import { dateMrkdwn, inMrkdwn, line, rich, said, shortened } from './text.js';

/** Said by their value alone; everybody knows what they are. */
const NAMELESS: ReadonlySet<string> = new Set(['Severity', 'Pipeline', 'Owner']);
/** A line of their own: what is the matter and what is to be done. */
const TOLD_FIRST: ReadonlySet<string> = new Set(['Cause', 'Proposed', 'Repair']);
const REMARKS_MOST = 4;
const REMARKS_ROOM = 3000;
const STATUS_ROOM = 1500;
const FACTS_ROOM = 1500;

/**
 * The one message in the channel. What is the matter and what to do stand in the first two lines, as a phone shows no more; what only
 * the clock changes is left out, as each change is an edit.
 */
export function headlineBlocks(thread: Thread): KnownBlock[] {
  const { headline, summary, incident } = thread;
  return [
    titleBlock(headline),
    rich(line(...statusElements(headline)), line(...factElements(headline))),
    {
      type: 'context',
      elements: [
        {
          type: 'mrkdwn',
          text: `Opened ${dateMrkdwn(summary.openedAt)} · ${inMrkdwn(incident)}`,
          verbatim: true,
        },
      ],
    },
    ...layOut(remarksOf(headline), REMARKS_ROOM, PAPER).map(written),
    {
      type: 'actions',
      elements: [button(ACTION.showAll, SHOW_ALL, carried({ incident, card: headline.id, detail: 'all' }))],
    },
  ];
}

function statusElements({ sections }: Card): RichTextElement[] {
  const status = sections.find(isOurs);
  if (status === undefined) return [said('')];
  const label = status.label === undefined ? [] : [said(`${status.label}. `, { bold: true })];
  return [...label, said(shortened(status.text, STATUS_ROOM, SHOW_ALL))];
}

function factElements({ sections }: Card): RichTextElement[] {
  const rows = sections.flatMap((section) => (section.kind === 'facts' ? section.rows : []));
  const shown = rows.filter((row) => row.passing !== true && !isNoise(row));
  const text = (row: FactRow): string => {
    const value = shortened(row.value, 200, SHOW_ALL).replaceAll('\n', ' ');
    return NAMELESS.has(row.name) ? value : `${row.name}: ${value}`;
  };
  const whose = shown.filter(({ name }) => NAMELESS.has(name)).map(text);
  const others = shown.filter(({ name }) => !NAMELESS.has(name) && !TOLD_FIRST.has(name)).map(text);
  const lines = [whose, others].filter((one) => one.length > 0).map((one) => one.join(' · '));
  const told = [...shown.filter(({ name }) => TOLD_FIRST.has(name)).map(text), ...lines];
  return [said(shortened(told.join('\n'), FACTS_ROOM, SHOW_ALL))];
}

/** True on every incident, or said by the trace below: it would stand between a reader at night and what matters. */
function isNoise({ name, value }: FactRow): boolean {
  if (name === 'Tool calls') return true;
  return (name === 'Alerts' && value === '1') || (name === 'Cost so far' && value.startsWith('none'));
}

/** What else is not folded: names that are not in the inventory, a change of the reasoner. */
function remarksOf(headline: Card): Part[] {
  const status = headline.sections.find(isOurs);
  const others = headline.sections.filter((one) => one !== status && one.kind !== 'facts' && one.folded !== true);
  return partsOf(others, wroteOf(headline), PAPER).map((part) => ({
    ...part,
    most: Math.min(part.most, REMARKS_MOST),
  }));
}
