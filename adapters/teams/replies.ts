import type { Digest, IncidentSummary } from '../../src/domain/card.js';
import type { LogState } from '../../src/domain/ports.js';
import { bullets, line, said } from '../../src/domain/rich-text.js';
import { count } from '../../src/domain/visible-text.js';
import type { Carried } from './action-data.js';
import type { CardAction, CardElement, TeamsBody } from './body.js';
import { cardOf, execute, notice } from './frame.js';
import { PAPER, written } from './paper.js';
import { digestText, numbersOf, summaryRows } from './summary-rows.js';
import { clipped } from './text.js';

/** Answers to commands, and to what was said to the bot. */

const LISTED = 15;
const UNFINISHED = 10;
const DELIVERIES = 10;
const MORE = 'the web page lists all.';

const COMMANDS: [Exclude<Carried['command'], undefined> | 'open', string][] = [
  ['help', 'this list'],
  ['status', 'what waits for you, what is open, and whether the log is sealed'],
  ['waiting', 'what waits for a decision of yours'],
  ['list', 'open incidents'],
  ['open', 'have an incident investigated that no alert reported'],
  ['digest', 'the numbers of the last 7 days'],
];

/** Answer to `help`, and to what is not understood. */
export function helpReply(): TeamsBody {
  const summary = `Countersign knows ${COMMANDS.map(([word]) => word).join(', ')}.`;
  const press = (word: Exclude<Carried['command'], undefined>, title: string): CardAction =>
    execute(title, { verb: 'command', incident: '', command: word });
  return reply(
    summary,
    [
      written([
        line(said('Countersign investigates data pipeline incidents and changes nothing without a person’s approval.')),
        bullets(COMMANDS.map(([word, what]) => [said(word, { code: true }), said(`  ${what}`)])),
        line(
          said(
            'In a channel, mention Countersign before the word. In an incident’s thread, mention it to ask something. On any message, "Investigate this alert" is under More actions.',
          ),
        ),
      ]),
    ],
    [
      press('waiting', 'Waiting for me'),
      press('list', 'Open incidents'),
      press('digest', 'Last 7 days'),
      execute('Open an incident', { verb: 'open_alert', incident: '' }),
    ],
  );
}

export function listReply(summaries: readonly IncidentSummary[]): TeamsBody {
  const head = summaries.length === 0 ? 'Nothing is open.' : `${count(summaries.length, 'incident')}.`;
  return reply(head, [heading(head), ...summaryRows(summaries, LISTED, MORE)]);
}

export function digestReply(digest: Digest): TeamsBody {
  const stretch = `${digest.from.slice(0, 10)} to ${digest.to.slice(0, 10)}`;
  const { unfinished } = digest;
  return reply(`${stretch}. ${numbersOf(digest)[0] ?? ''}`, [
    heading(stretch),
    written(digestText(digest)),
    ...(unfinished.length === 0
      ? []
      : [heading('Not over, longest open first'), ...summaryRows(unfinished, UNFINISHED, MORE)]),
  ]);
}

export interface StatusArgs {
  waiting: readonly IncidentSummary[];
  open: readonly IncidentSummary[];
  log: LogState;
  /** How far Teams is behind the log and why, one sentence each; ours. */
  deliveries?: readonly string[];
}

export function statusReply({ waiting, open, log, deliveries = [] }: StatusArgs): TeamsBody {
  const unsealed = log.entries - log.sealed;
  const seal =
    unsealed <= 0
      ? 'The log is sealed to its end.'
      : `${count(unsealed, 'newest log entry', 'newest log entries')} not sealed yet.`;
  const head = `${waiting.length === 0 ? 'Nothing waits for you' : `${count(waiting.length, 'decision')} waiting for you`}. ${count(open.length, 'open incident')}. ${seal}`;
  const told = deliveries.slice(0, DELIVERIES).map((text) => [said(clipped(text, 400))]);
  return reply(head, [
    written([line(said(head)), ...(told.length === 0 ? [] : [bullets(told)])]),
    ...summaryRows(waiting, UNFINISHED, MORE),
  ]);
}

/** A few sentences of ours. */
export function sayReply(text: string): TeamsBody {
  return reply(text, [written([line(said(PAPER.shortened(text, 4000, 'the web page')))])]);
}

export interface GrantArgs {
  text: string;
  incident: string;
  question: string;
  /** Calls that the button grants. */
  grant: number;
}

const QUESTION = 2000;

/** A question that needs more calls, with a button that grants them. */
export function grantReply({ text, incident, question, grant }: GrantArgs): TeamsBody {
  if (question.length > QUESTION)
    return sayReply(`${text}\nTo allow ${grant} more, ask again and begin with “grant ${grant}”.`);
  const press = execute(`Grant ${grant} calls and ask`, { verb: 'grant', incident, question });
  return reply(text, [written([line(said(PAPER.shortened(text, 4000, 'the web page')))])], [press]);
}

function heading(text: string): CardElement {
  return written([line(said(text, { bold: true }))]);
}

function reply(text: string, body: CardElement[], actions: CardAction[] = []): TeamsBody {
  const summary = notice(text);
  return { summary, card: cardOf({ summary, body, actions }) };
}
