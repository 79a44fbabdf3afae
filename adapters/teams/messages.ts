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
import { box, line, said } from '../../src/domain/rich-text.js';
import type { CardAction, CardElement, Mention, TeamsBody } from './body.js';
import { cardElements } from './card-elements.js';
import { cardOf, execute, notice } from './frame.js';
import { headlineElements } from './headline-card.js';
import { withLocalTimes } from './local-times.js';
import { mentionOf } from './mention.js';
import { PAPER, written } from './paper.js';
import { plainCard, plainText } from './plain-text.js';
import { clipped, row, run, shortened, toneIcon } from './text.js';
import { shortTrace, traceParts } from './trace-elements.js';

/** A thread as Teams shows it: the headline as the root post first, everything else below it, as it happened. Pure. */
export function teamsMessages(thread: Thread, place: Place): ChatMessage<TeamsBody>[] {
  return [
    headlineMessage(thread),
    ...traceMessages(thread),
    ...inOrder([...cards(thread, place), ...calls(thread, place), ...talk(thread)]),
  ];
}

/**
 * One of these messages as it is now, by its key; for the reply to a click, which replaces the card for the clicker alone. Undefined
 * when the thread has no such message any more.
 */
export function messageNow(thread: Thread, place: Place, key: string): TeamsBody | undefined {
  return teamsMessages(thread, place).find((message) => message.key === key)?.body;
}

interface Dated {
  at: string;
  message: ChatMessage<TeamsBody>;
}

/** By time; what came at the same time stays as it is here. Nothing that stands ever changes its place. */
function inOrder(dated: Dated[]): ChatMessage<TeamsBody>[] {
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
  summary: string;
  body: CardElement[];
  actions?: CardAction[];
  entities?: Mention[];
  plain: string;
}

function message({ summary: about }: Thread, shown: Shown): ChatMessage<TeamsBody> {
  const { key, urgency, plain } = shown;
  const summary = notice(shown.summary);
  const body = { summary, card: cardOf({ ...shown, body: withLocalTimes(shown.body, about.openedAt) }) };
  return { key, digest: digestOf(body), urgency, body, plain: { summary, text: plain } };
}

function whereRest(incident: string): string {
  return `Teams did not take the full message. All of it: countersign show ${incident}, or the web page.`;
}

function headlineMessage(thread: Thread): ChatMessage<TeamsBody> {
  const { headline, incident } = thread;
  const status = statusText(headline);
  const steady: Card = { ...headline, sections: steadySections(headline) };
  return message(thread, {
    key: 'headline',
    urgency: 'state',
    summary: `${headline.title}: ${status}`,
    ...headlineElements(thread),
    plain: plainCard(steady, notice(status), whereRest(incident)),
  });
}

function traceMessages(thread: Thread): ChatMessage<TeamsBody>[] {
  const { incident, trace, summary } = thread;
  const running = summary.status === 'investigating' || trace.some((one) => one.status === 'running');
  return traceParts(trace, mostCalls(thread)).map(({ title, body, unfold }, at) => {
    const key = `trace-${at + 1}`;
    return message(thread, {
      key,
      urgency: running ? 'progress' : 'state',
      summary: title,
      body,
      actions: [unfold, execute(SHOW_TRACE, { verb: 'show', incident, message: key, detail: 'trace' })],
      plain: plainText(
        title,
        trace.map(({ tool, args, status, headline }) => `${tool}(${args}): ${status === 'running' ? '' : headline}`),
        whereRest(incident),
      ),
    });
  });
}

function cardMessage(thread: Thread, card: Card, place: Place): ChatMessage<TeamsBody> {
  const { incident, trace } = thread;
  const key = `card-${card.id}`;
  const live = card.actions.length > 0;
  const needed = neededOf(card);
  const mention = needed === undefined ? undefined : mentionOf(place.notify);
  const calling: CardElement[] =
    mention === undefined ? [] : [{ type: 'TextBlock', text: `${mention.text} ${needed}`, wrap: true }];
  const quoted = thread.cards.find(hasQuotes);
  const evidence = live && quoted !== undefined ? { evidence: quoted.id } : {};
  const trailed = trace.length > 0 && (live || hasQuotes(card));
  const shown = cardElements(card, { incident, message: key, beside: calling, trace: trailed, ...evidence });
  const called = mention === undefined ? '' : `${mention.mentioned.name}: ${needed}`;
  const lead = live ? 'Decide with countersign decide, or on the web page.' : '';
  return message(thread, {
    key,
    // What was decided goes first, too: until then its old buttons still ask people to decide.
    urgency: needed === undefined && card.digest === undefined ? 'state' : 'decision',
    summary: noticeOf(card),
    body: [...calling, ...shown.body],
    actions: shown.actions,
    ...(mention === undefined ? {} : { entities: [mention] }),
    plain: plainCard(card, [called, lead].filter(Boolean).join(' '), whereRest(incident)),
  });
}

/** The next approver: the card says it as well, but an edit wakes nobody. */
function calls(thread: Thread, place: Place): Dated[] {
  return thread.calls.map(({ id, at, text, needed }) => {
    const mention = needed ? mentionOf(place.notify) : undefined;
    const called: CardElement[] = mention === undefined ? [] : [{ type: 'TextBlock', text: mention.text, wrap: true }];
    const shown: Shown = {
      key: `call-${id}`,
      urgency: needed ? 'decision' : 'state',
      summary: text,
      body: [...called, written([line(said(text))])],
      ...(mention === undefined ? {} : { entities: [mention] }),
      plain: [mention?.mentioned.name, text].filter((part) => part !== undefined).join(': '),
    };
    return { at, message: message(thread, shown) };
  });
}

/** What people wrote elsewhere, and questions with their answers. What was written here stands here already. */
function talk(thread: Thread): Dated[] {
  const notes = thread.notes
    .filter(({ via }) => via !== 'teams')
    .map((note) => ({ at: note.at, message: noteMessage(thread, note) }));
  const questions = thread.questions.map((question) => ({
    at: question.at,
    message: questionMessage(thread, question),
  }));
  return [...notes, ...questions];
}

const WORDS = 4000;

function noteMessage(thread: Thread, { id, by, via, text }: Note): ChatMessage<TeamsBody> {
  const lead = `${by} wrote ${placeWords(via, 'teams')}:`;
  return message(thread, {
    key: `note-${id}`,
    urgency: 'state',
    summary: `${lead} ${text}`,
    body: [
      written([line(said(clipped(lead, 400), { bold: true })), box(said(shortened(text, WORDS, 'the web page')))]),
    ],
    plain: plainText(notice(lead), [text], whereRest(thread.incident)),
  });
}

const QUESTION = 800;
const ECHO = 120;
/** For the calls beside the question. */
const CALLS = 16_000;

function questionMessage(thread: Thread, question: Question): ChatMessage<TeamsBody> {
  const { incident } = thread;
  const { id, by, text, state, answer } = question;
  const key = `question-${id}`;
  const asked = askedElement(question);
  const shown =
    answer === undefined
      ? { body: [statusElement(question), ...shortTrace(question.trace, CALLS)], actions: [] }
      : cardElements(answer, { incident, message: key, beside: [asked] });
  const told = answer === undefined ? QUESTION_WORDS[state] : answer.title;
  const lead = `${by} asked:`;
  const lines = answer?.sections.flatMap((one) => plainLines(one, PAPER)) ?? [];
  return message(thread, {
    key,
    urgency: state === 'waiting' || state === 'working' ? 'progress' : 'state',
    summary: `${told} ${lead} ${text}`,
    body: [asked, ...shown.body],
    actions: shown.actions,
    plain: plainText(
      notice(told),
      [lead, text, ...(answer === undefined ? [] : [answer.title, ...lines])],
      whereRest(incident),
    ),
  });
}

/** What was asked here stands here already; its beginning tells which of several questions this is. */
function askedElement({ by, via, text }: Question): CardElement {
  const lead = clipped(`${by} asked:`, 400);
  return via === 'teams'
    ? written([line(said(`${lead} `, { bold: true }), said(clipped(text.replaceAll('\n', ' '), ECHO)))])
    : written([line(said(lead, { bold: true })), box(said(shortened(text, QUESTION, 'the web page')))]);
}

function statusElement({ state }: Question): CardElement {
  return row(run(`${toneIcon(state === 'failed' ? 'bad' : 'working')}${QUESTION_WORDS[state]}`));
}
