import type { KnownBlock, RichTextElement } from '@slack/types';
import type { Card, Thread } from '../../src/domain/card.js';
import { layOut, SHOW_ALL } from '../../src/domain/card-parts.js';
import { isOurs } from '../../src/domain/chat-words.js';
import { headlineFacts, headlineRemarks } from '../../src/domain/headline-words.js';
import { ACTION, carried } from './action-ids.js';
import { button, titleBlock } from './card-blocks.js';
import { PAPER, written } from './paper.js';
import { dateMrkdwn, inMrkdwn, line, rich, said, shortened } from './text.js';

const REMARKS_ROOM = 3000;
const STATUS_ROOM = 1500;

/**
 * The one message in the channel. What is the matter and what to do stand in the first two lines, as a phone shows no more; what only
 * the clock changes is left out, as each change is an edit.
 */
export function headlineBlocks(thread: Thread): KnownBlock[] {
  const { headline, summary, incident } = thread;
  return [
    titleBlock(headline),
    rich(line(...statusElements(headline)), line(said(headlineFacts(headline, PAPER)))),
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
    ...layOut(headlineRemarks(headline, PAPER), REMARKS_ROOM, PAPER).map(written),
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
