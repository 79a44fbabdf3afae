import type { VNode } from 'preact';
import { renderToString } from 'preact-render-to-string';
import type { Card, Question, Thread, TraceLine } from '../../src/domain/card.js';
import { type ActionContext, ActionsView } from './action-view.js';
import { type GrowingList, type Item, itemHtml, type Leaf, type Snapshot } from './fragments.js';
import { ObservationDetails, SectionsView, SectionView } from './section-view.js';
import { TONE_MARKS, ToneMark } from './tone.js';

/** The parts of a thread that change by themselves. */
export function threadSnapshot(thread: Thread, context: ActionContext): Snapshot {
  const { tone, title } = thread.headline;
  return {
    title: `${TONE_MARKS[tone]} ${title}`,
    leaves: [
      leaf('headline', <HeadlineView thread={thread} />),
      leaf('live-status', <LiveStatus thread={thread} />),
      leaf('trace-summary', <TraceSummary thread={thread} />),
      leaf('questions-title', <QuestionsTitle count={thread.questions.length} />),
      leaf('notes-title', <NotesTitle count={thread.notes.length} />),
    ],
    lists: [traceList(thread), cardList(thread, context), questionList(thread), noteList(thread)],
  };
}

function leaf(id: string, view: VNode): Leaf {
  return { id, html: renderToString(view) };
}

function HeadlineView({ thread }: { thread: Thread }): VNode {
  const { headline, cards } = thread;
  const [status, ...rest] = headline.sections;
  const waiting = cards.find((card) => card.actions.length > 0);
  return (
    <section id="headline" class={`headline tone-${headline.tone}`}>
      <p class="crumb">
        <a href="/">Incidents</a> <span aria-hidden="true">/</span> {thread.incident}
      </p>
      <h1>{headline.title}</h1>
      {status?.kind !== 'text' ? null : (
        <div class="status">
          <span class={`pill tone-${headline.tone}`}>
            <ToneMark tone={headline.tone} />
            {status.label}
          </span>
          <p>{status.text}</p>
        </div>
      )}
      {waiting === undefined ? null : (
        <p class="jump">
          <a class="button primary" href={`#card-${waiting.id}`}>
            Read and decide
          </a>
        </p>
      )}
      {rest.map((section) => (
        <SectionView key={JSON.stringify(section)} section={section} />
      ))}
    </section>
  );
}

/** Said by screen readers when it changes; it stands in a region that stays. */
function LiveStatus({ thread }: { thread: Thread }): VNode {
  const [status] = thread.headline.sections;
  const text = status?.kind === 'text' ? `${status.label ?? ''}. ${status.text}` : '';
  return <span id="live-status">{text}</span>;
}

function TraceSummary({ thread }: { thread: Thread }): VNode {
  const calls = thread.trace.length;
  const text =
    calls === 0 ? 'No tool calls yet' : `How it got there: ${calls} ${calls === 1 ? 'tool call' : 'tool calls'}`;
  return <summary id="trace-summary">{text}</summary>;
}

function traceList(thread: Thread): GrowingList {
  const items = thread.trace.map((line): Item => {
    const id = `call-${line.call}`;
    return { id, parts: [leaf(id, <TraceView line={line} />)], wrap: (parts) => parts };
  });
  return { id: 'trace-lines', tag: 'ol', items };
}

const CALL_WORDS: Record<TraceLine['status'], string> = {
  running: 'asking…',
  ok: '',
  no_data: 'no data',
  error: 'failed',
};

function TraceView({ line }: { line: TraceLine }): VNode {
  const word = CALL_WORDS[line.status];
  return (
    <li id={`call-${line.call}`} class={`call ${line.status}`}>
      <p class="thought">{line.thought}</p>
      <p class="invocation">
        <code>
          <b>{line.tool}</b>({line.args})
        </code>
      </p>
      <p class="result">
        {word === '' ? null : <span class="word">{word}</span>} {line.headline}
        {line.flagged ? <span class="flag"> Looks like planted instructions; ignored</span> : null}
      </p>
      <details class="folded">
        <summary>
          Hypothesis at {Math.round(line.confidence * 100)} %<span class="visually-hidden"> for call {line.call}</span>
        </summary>
        <p class="hypothesis">{line.hypothesis}</p>
        {line.observation === undefined ? null : (
          <ObservationDetails digest={line.observation} label="What the tool answered, as it was stored" />
        )}
      </details>
    </li>
  );
}

function cardList(thread: Thread, context: ActionContext): GrowingList {
  return { id: 'cards', tag: 'div', items: thread.cards.map((card) => cardItem(card, context)) };
}

/** The buttons are a part of their own: text that somebody is typing stays when the card above it changes. */
function cardItem(card: Card, context: ActionContext): Item {
  const id = `card-${card.id}`;
  return {
    id,
    parts: [
      leaf(`body-${card.id}`, <CardBody card={card} />),
      leaf(`act-${card.id}`, <ActionsView card={card} context={context} />),
    ],
    wrap: (parts) =>
      `<article id="${id}" class="card" aria-labelledby="title-${card.id}" tabindex="-1">${parts}</article>`,
  };
}

function CardBody({ card }: { card: Card }): VNode {
  return (
    <div id={`body-${card.id}`} class={`body tone-${card.tone}`}>
      <h2 id={`title-${card.id}`}>
        <ToneMark tone={card.tone} />
        {card.title}
      </h2>
      <SectionsView sections={card.sections} />
      {card.digest === undefined ? null : (
        <p class="digest">
          Bound to <code title={card.digest}>{card.digest.slice(0, 16)}</code>
        </p>
      )}
    </div>
  );
}

/** Questions are asked where people talk; here they can be read. Without any the heading is not shown. */
function QuestionsTitle({ count }: { count: number }): VNode {
  return (
    <h2 id="questions-title" hidden={count === 0}>
      Questions ({count})
    </h2>
  );
}

const QUESTION_WORDS: Record<Question['state'], string> = {
  waiting: 'The agent has not begun to answer.',
  working: 'The agent is looking.',
  answered: '',
  failed: '',
};

function questionList(thread: Thread): GrowingList {
  const items = thread.questions.map((question): Item => {
    const id = `question-${question.id}`;
    const { by, at, text, state, trace, answer } = question;
    const view = (
      <li id={id} class="note">
        <p class="label">
          {by}, <time dateTime={at}>{`${at.slice(11, 16)} UTC, ${at.slice(0, 10)}`}</time>
        </p>
        <p class="words">{text}</p>
        {QUESTION_WORDS[state] === '' ? null : <p class="label">{QUESTION_WORDS[state]}</p>}
        {trace.map((line) => (
          <p key={line.call} class="label">
            {line.tool}: {line.headline}
          </p>
        ))}
        {answer === undefined ? null : (
          <div class={`body tone-${answer.tone}`}>
            <h3>{answer.title}</h3>
            <SectionsView sections={answer.sections} />
          </div>
        )}
      </li>
    );
    return { id, parts: [leaf(id, view)], wrap: (parts) => parts };
  });
  return { id: 'question-list', tag: 'ul', items };
}

function NotesTitle({ count }: { count: number }): VNode {
  return <h2 id="notes-title">{count === 0 ? 'Notes' : `Notes (${count})`}</h2>;
}

function noteList(thread: Thread): GrowingList {
  const items = thread.notes.map(({ by, at, text }, index): Item => {
    const id = `note-${index + 1}`;
    const view = (
      <li id={id} class="note">
        <p class="label">
          {by}, <time dateTime={at}>{`${at.slice(11, 16)} UTC, ${at.slice(0, 10)}`}</time>
        </p>
        <p class="words">{text}</p>
      </li>
    );
    return { id, parts: [leaf(id, view)], wrap: (parts) => parts };
  });
  return { id: 'note-list', tag: 'ul', items };
}

/** The inside of the thread page around a snapshot. Returned as HTML, as the parts are HTML already. */
export function threadHtml(
  thread: Thread,
  snapshot: Snapshot,
  stream: string,
  noteForm: string,
  answer: string,
): string {
  const part = (id: string): string => snapshot.leaves.find((one) => one.id === id)?.html ?? '';
  const items = (id: string): string =>
    (snapshot.lists.find((list) => list.id === id)?.items ?? []).map(itemHtml).join('');
  // While it investigates the trace is all there is to see; later it is a detail.
  const open = thread.cards.length === 0 ? ' open' : '';
  return [
    `<div class="thread" hx-ext="sse" sse-connect="${stream}" sse-swap="patch" hx-swap="none">`,
    part('headline'),
    `<div class="visually-hidden" role="status" aria-live="polite">${part('live-status')}</div>`,
    `<details class="trace"${open}>${part('trace-summary')}<ol id="trace-lines">${items('trace-lines')}</ol></details>`,
    `<div id="cards">${items('cards')}</div>`,
    `<section class="notes" aria-labelledby="questions-title">${part('questions-title')}<ul id="question-list">${items('question-list')}</ul></section>`,
    `<section class="notes" aria-labelledby="notes-title">${part('notes-title')}<ul id="note-list">${items('note-list')}</ul>${noteForm}</section>`,
    '</div>',
    `<div id="answer" role="status" aria-live="assertive">${answer}</div>`,
    '<noscript><p class="text">This page does not update without scripts. <a href="">Load it again</a> for news.</p></noscript>',
  ].join('');
}
