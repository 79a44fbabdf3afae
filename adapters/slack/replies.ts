import type { KnownBlock } from '@slack/types';
import type { Digest, IncidentSummary } from '../../src/domain/card.js';
import type { LogState } from '../../src/domain/ports.js';
import { count } from '../../src/domain/visible-text.js';
import { COMMAND } from './action-ids.js';
import type { SlackBody } from './body.js';
import type { LinkTo } from './home.js';
import { digestLines, summaryElements } from './summary-lines.js';
import { bullets, clipped, inMrkdwn, line, rich, said } from './text.js';

/** Answers to `/countersign`, seen by the one who asked. */

const LISTED = 20;
const UNFINISHED = 10;

const COMMANDS: [string, string][] = [
  ['help', 'this list'],
  ['status', 'what waits for you, what is open, and whether the log is sealed'],
  ['list', 'open incidents'],
  ['open', 'have an incident investigated that no alert reported'],
  ['digest', 'the numbers of the last 7 days'],
];

/** Answer to `/countersign help`, and to what is not understood. */
export function helpReply(): SlackBody {
  return reply(`${COMMAND} help, status, list, open or digest`, [
    rich(
      line(said('Countersign investigates data pipeline incidents and changes nothing without a person’s approval.')),
      bullets(COMMANDS.map(([word, what]) => [said(`${COMMAND} ${word}`, { code: true }), said(`  ${what}`)])),
      line(
        said(
          'In an incident’s thread, mention Countersign to ask it something. On any message, "Investigate this alert" is under More actions.',
        ),
      ),
    ),
  ]);
}

export function listReply(summaries: readonly IncidentSummary[], linkTo?: LinkTo): SlackBody {
  const head = summaries.length === 0 ? 'Nothing is open.' : `${count(summaries.length, 'open incident')}.`;
  return reply(head, [rich(line(said(head, { bold: true }))), ...rows(summaries, LISTED, linkTo)]);
}

export function digestReply(digest: Digest): SlackBody {
  const from = digest.from.slice(0, 10);
  const to = digest.to.slice(0, 10);
  const lines = digestLines(digest);
  return reply(`${from} to ${to}. ${lines[0] ?? ''}`, [
    rich(line(said(`${from} to ${to}`, { bold: true })), bullets(lines.map((text) => [said(text)]))),
    ...(digest.unfinished.length === 0
      ? []
      : [rich(line(said('Not over, longest open first', { bold: true }))), ...rows(digest.unfinished, UNFINISHED)]),
  ]);
}

export interface StatusArgs {
  waiting: readonly IncidentSummary[];
  open: readonly IncidentSummary[];
  log: LogState;
  /** How far Slack is behind the log and why, one sentence each; ours. */
  deliveries?: readonly string[];
}

const DELIVERIES = 10;

export function statusReply({ waiting, open, log, deliveries = [] }: StatusArgs): SlackBody {
  const unsealed = log.entries - log.sealed;
  const seal =
    unsealed <= 0
      ? 'The log is sealed to its end.'
      : `${count(unsealed, 'newest log entry', 'newest log entries')} not sealed yet.`;
  const head = `${waiting.length === 0 ? 'Nothing waits for you' : `${count(waiting.length, 'decision')} waiting for you`}. ${count(open.length, 'open incident')}. ${seal}`;
  const told = deliveries.slice(0, DELIVERIES).map((text) => [said(clipped(text, 400))]);
  return reply(head, [
    rich(line(said(head)), ...(told.length === 0 ? [] : [bullets(told)])),
    ...rows(waiting, UNFINISHED),
  ]);
}

/** One sentence of ours to one person. */
export function sayReply(text: string): SlackBody {
  return reply(text, [rich(line(said(clipped(text, 2800))))]);
}

function rows(summaries: readonly IncidentSummary[], most: number, linkTo?: LinkTo): KnownBlock[] {
  const left = summaries.length - most;
  return [
    ...summaries.slice(0, most).map((one) => {
      const url = linkTo?.(one.incident);
      const link = url === undefined ? [] : [said('  '), { type: 'link' as const, url, text: 'thread' }];
      return rich(line(...summaryElements(one), ...link));
    }),
    ...(left <= 0 ? [] : [rich(line(said(`and ${left} more: the web page lists all.`, { italic: true })))]),
  ];
}

function reply(text: string, blocks: KnownBlock[]): SlackBody {
  return { text: inMrkdwn(clipped(text, 1000)), blocks };
}
