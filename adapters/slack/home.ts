import type { Button, HomeView, KnownBlock } from '@slack/types';
import type { Digest, IncidentSummary } from '../../src/domain/card.js';
import { count } from '../../src/domain/visible-text.js';
import { ACTION, carried } from './action-ids.js';
import { button } from './card-blocks.js';
import { digestLines, summaryElements } from './summary-lines.js';
import { bullets, dateMrkdwn, line, rich, said } from './text.js';

/** Address of an incident's thread in Slack, where it is known. */
export type LinkTo = (incident: string) => string | undefined;

export interface HomeArgs {
  /** Who looks at it; undefined when Slack has no address for them that counts. */
  person: string | undefined;
  waiting: readonly IncidentSummary[];
  open: readonly IncidentSummary[];
  /** This week. */
  digest: Digest;
  now: Date;
  /** Without an address the button carries `ACTION.openThread` and the incident. */
  linkTo?: LinkTo;
}

/** Two blocks each, so that all stay under Slack's 100; the rest is counted. */
const WAITING_MOST = 15;
const OPEN_MOST = 20;

/** The App Home of one person: what waits for them, what is open, this week's numbers. */
export function homeView({ person, waiting, open, digest, now, linkTo }: HomeArgs): HomeView {
  const mine = new Set(person === undefined ? [] : waiting.map(({ incident }) => incident));
  const others = open.filter(({ incident }) => !mine.has(incident));
  return {
    type: 'home',
    blocks: [
      heading('Waiting for you'),
      ...waitingBlocks(person, waiting, linkTo),
      { type: 'divider' },
      heading(mine.size === 0 ? 'Open incidents' : 'Other open incidents'),
      ...listed(others, OPEN_MOST, mine.size === 0 ? 'Nothing is open.' : 'Nothing else is open.', linkTo),
      { type: 'divider' },
      heading('Last 7 days'),
      rich(bullets(digestLines(digest).map((text) => [said(text)]))),
      {
        type: 'context',
        elements: [{ type: 'mrkdwn', text: `As of ${dateMrkdwn(now.toISOString())}.`, verbatim: true }],
      },
    ],
  };
}

function waitingBlocks(
  person: string | undefined,
  waiting: readonly IncidentSummary[],
  linkTo: LinkTo | undefined,
): KnownBlock[] {
  if (person === undefined)
    return [
      rich(
        line(
          said(
            'Your Slack account shows no confirmed e-mail address, so no decision can wait for you. Ask whoever runs Countersign.',
          ),
        ),
      ),
    ];
  return listed(waiting, WAITING_MOST, 'Nothing waits for a decision of yours.', linkTo);
}

function listed(
  summaries: readonly IncidentSummary[],
  most: number,
  none: string,
  linkTo: LinkTo | undefined,
): KnownBlock[] {
  if (summaries.length === 0) return [rich(line(said(none)))];
  const left = summaries.length - most;
  return [
    ...summaries
      .slice(0, most)
      .flatMap((one): KnownBlock[] => [
        rich(line(...summaryElements(one))),
        { type: 'actions', elements: [openButton(one.incident, linkTo)] },
      ]),
    ...(left <= 0 ? [] : [rich(line(said(`${count(left, 'more incident')}: /countersign list`, { italic: true })))]),
  ];
}

function openButton(incident: string, linkTo: LinkTo | undefined): Button {
  const url = linkTo?.(incident);
  return {
    ...button(ACTION.openThread, 'Open the thread', carried({ incident })),
    ...(url === undefined ? {} : { url }),
  };
}

function heading(text: string): KnownBlock {
  return { type: 'header', text: { type: 'plain_text', text, emoji: false } };
}
