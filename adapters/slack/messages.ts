import type { KnownBlock } from '@slack/types';
import { digestOf } from '../../src/domain/canonical.js';
import type { Card, Note, Question, Thread } from '../../src/domain/card.js';
import { SHOW_TRACE } from '../../src/domain/card-parts.js';
import type { ChatMessage, Place, Urgency } from '../../src/domain/chat.js';
import {
  hasQuotes,
  mostCalls,
  neededOf,
  noticeOf,
  placeWords,
  QUESTION_WORDS,
  statusText,
  steadySections,
} from '../../src/domain/chat-words.js';
import { plainLines } from '../../src/domain/plain-lines.js';
import { ACTION, carried } from './action-ids.js';
import type { SlackBody } from './body.js';
import { button, cardBlocks } from './card-blocks.js';
import { headlineBlocks } from './headline-blocks.js';
import { withLocalTimes } from './local-times.js';
import { PAPER } from './paper.js';
import { plainCard, plainText } from './plain-text.js';
import { box, clipped, inMrkdwn, line, MESSAGE_ROOM, rich, said, shortened, toneIcon } from './text.js';
import { shortPlanBlocks, tracePlans } from './trace-blocks.js';

/** A thread as Slack shows it: the headline in the channel first, everything else below it, as it happened. Pure. */
export function slackMessages(thread: Thread, place: Place): ChatMessage<SlackBody>[] {
  return [
    headlineMessage(thread),
    ...traceMessages(thread),
    ...inOrder([...cards(thread, place), ...calls(thread, place), ...talk(thread)]),
  ];
}

interface Dated {
  at: string;
  message: ChatMessage<SlackBody>;
}

/** By time; what came at the same time stays as it is here. Nothing that stands ever changes its place. */
function inOrder(dated: Dated[]): ChatMessage<SlackBody>[] {
  return dated.sort((a, b) => a.at.localeCompare(b.at)).map((one) => one.message);
}

/** A card of which no time is known stays behind the one before it. */
function cards(thread: Thread, place: Place): Dated[] {
  let at = '';
  return thread.cards.map((card) => {
    at = card.at ?? at;
    return { at, message: cardMessage(thread, card, place) };
  });
}

interface Shown {
  key: string;
  urgency: Urgency;
  /** For notifications and screen readers; escaped already. */
  text: string;
  blocks: KnownBlock[];
  plain: string;
}

function message({ summary }: Thread, { key, urgency, text, blocks, plain }: Shown): ChatMessage<SlackBody> {
  const body = { text, blocks: withLocalTimes(blocks, summary.openedAt) };
  return { key, digest: digestOf(body), urgency, body, plain: { text: plain } };
}

/** What a notification shows of a message. */
function notice(text: string): string {
  return inMrkdwn(clipped(text.replaceAll('\n', ' '), 400));
}

function whereRest(incident: string): string {
  return `Slack did not take the full message. All of it: \`countersign show ${inMrkdwn(incident)}\`, or the web page.`;
}

function headlineMessage(thread: Thread): ChatMessage<SlackBody> {
  const { headline, incident } = thread;
  const status = statusText(headline);
  const steady: Card = { ...headline, sections: steadySections(headline) };
  return message(thread, {
    key: 'headline',
    urgency: 'state',
    text: notice(`${headline.title}: ${status}`),
    blocks: headlineBlocks(thread),
    plain: plainCard(steady, notice(status), whereRest(incident)),
  });
}

function traceMessages(thread: Thread): ChatMessage<SlackBody>[] {
  const { incident, trace, summary } = thread;
  const running = summary.status === 'investigating' || trace.some((one) => one.status === 'running');
  return tracePlans(trace, mostCalls(thread)).map((plan, at) => {
    const cut = JSON.stringify(plan).includes(SHOW_TRACE);
    const show = button(ACTION.showTrace, SHOW_TRACE, carried({ incident, detail: 'trace' }));
    return message(thread, {
      key: `trace-${at + 1}`,
      urgency: running ? 'progress' : 'state',
      text: notice(plan.title),
      blocks: [plan, ...(cut ? [{ type: 'actions' as const, elements: [show] }] : [])],
      plain: plainText(
        inMrkdwn(plan.title),
        trace.map(({ tool, args, status, headline }) => `${tool}(${args}): ${status === 'running' ? '' : headline}`),
        whereRest(incident),
      ),
    });
  });
}

function cardMessage(thread: Thread, card: Card, place: Place): ChatMessage<SlackBody> {
  const { incident, trace } = thread;
  const live = card.actions.length > 0;
  const needed = neededOf(card);
  const call = needed === undefined ? undefined : mention(place.notify);
  const calling: KnownBlock[] =
    call === undefined
      ? []
      : [{ type: 'section', text: { type: 'mrkdwn', text: `${call} ${needed}`, verbatim: true } }];
  const room = MESSAGE_ROOM - (calling.length === 0 ? 0 : 150);
  const quoted = thread.cards.find(hasQuotes);
  const asked = live || hasQuotes(card);
  const evidence = live && quoted !== undefined ? { evidence: quoted.id } : {};
  const lead = live ? 'Decide with `countersign decide`, or on the web page.' : '';
  return message(thread, {
    key: `card-${card.id}`,
    // What was decided goes first, too: until then its old buttons still ask people to decide.
    urgency: needed === undefined && card.digest === undefined ? 'state' : 'decision',
    text: `${call === undefined ? '' : `${call} `}${notice(noticeOf(card))}`,
    blocks: [...calling, ...cardBlocks(card, { incident, room, trace: trace.length > 0 && asked, ...evidence })],
    plain: plainCard(card, [call, lead].filter(Boolean).join(' '), whereRest(incident)),
  });
}

/** The next approver: the card says it as well, but an edit wakes nobody. */
function calls(thread: Thread, place: Place): Dated[] {
  return thread.calls.map(({ id, at, text, needed }) => {
    const words = [needed ? mention(place.notify) : undefined, inMrkdwn(text)]
      .filter((part) => part !== undefined)
      .join(' ');
    const blocks: KnownBlock[] = [{ type: 'section', text: { type: 'mrkdwn', text: words, verbatim: true } }];
    const shown: Shown = {
      key: `call-${id}`,
      urgency: needed ? 'decision' : 'state',
      text: words,
      blocks,
      plain: words,
    };
    return { at, message: message(thread, shown) };
  });
}

/** How Slack calls a user group or a user; undefined for anything that is neither. */
function mention(notify: string | undefined): string | undefined {
  if (notify === undefined) return undefined;
  if (/^S[A-Z0-9]+$/.test(notify)) return `<!subteam^${notify}>`;
  return /^[UW][A-Z0-9]+$/.test(notify) ? `<@${notify}>` : undefined;
}

/** What people wrote elsewhere, and questions with their answers. What was written here stands here already. */
function talk(thread: Thread): Dated[] {
  const notes = thread.notes
    .filter(({ via }) => via !== 'slack')
    .map((note) => ({ at: note.at, message: noteMessage(thread, note) }));
  const questions = thread.questions.map((question) => ({
    at: question.at,
    message: questionMessage(thread, question),
  }));
  return [...notes, ...questions];
}

const WORDS = 3000;

function noteMessage(thread: Thread, { id, by, via, text }: Note): ChatMessage<SlackBody> {
  const { incident } = thread;
  const lead = `${by} wrote ${placeWords(via, 'slack')}:`;
  return message(thread, {
    key: `note-${id}`,
    urgency: 'state',
    text: notice(`${lead} ${text}`),
    blocks: [rich(line(said(clipped(lead, 400), { bold: true })), box(said(shortened(text, WORDS, 'the web page'))))],
    plain: plainText(notice(lead), [text], whereRest(incident)),
  });
}

const QUESTION = 600;
const ECHO = 120;

function questionMessage(thread: Thread, question: Question): ChatMessage<SlackBody> {
  const { incident } = thread;
  const { id, by, via, text, state, answer, trace } = question;
  const lead = `${by} asked:`;
  // What was asked here stands here already; its beginning tells which of several questions this is.
  const asked =
    via === 'slack'
      ? rich(line(said(`${clipped(lead, 400)} `, { bold: true }), said(clipped(text.replaceAll('\n', ' '), ECHO))))
      : rich(line(said(clipped(lead, 400), { bold: true })), box(said(shortened(text, QUESTION, 'the web page'))));
  const under =
    answer === undefined
      ? [statusBlock(question), ...shortPlanBlocks(trace, MESSAGE_ROOM - 3500)]
      : cardBlocks(answer, { incident, room: MESSAGE_ROOM - 3500 });
  const told = answer === undefined ? QUESTION_WORDS[state] : answer.title;
  return message(thread, {
    key: `question-${id}`,
    urgency: state === 'waiting' || state === 'working' ? 'progress' : 'state',
    text: notice(`${told} ${lead} ${text}`),
    blocks: [asked, ...under],
    plain: plainText(
      notice(told),
      [
        lead,
        text,
        ...(answer === undefined ? [] : [answer.title, ...answer.sections.flatMap((one) => plainLines(one, PAPER))]),
      ],
      whereRest(incident),
    ),
  });
}

function statusBlock({ state }: Question): KnownBlock {
  return rich(line(...toneIcon(state === 'failed' ? 'bad' : 'working'), said(QUESTION_WORDS[state])));
}
