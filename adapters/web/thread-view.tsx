import type { VNode } from 'preact';
import type { Card, Thread } from '../../src/domain/card.js';
import { type ActionContext, ActionsView } from './action-view.js';
import { type GrowingList, type Item, itemHtml, type Snapshot } from './fragments.js';
import { leaf } from './leaf.js';
import { SectionsView, SectionView } from './section-view.js';
import { CallsLeft, callLists, TalkTitle, talkList } from './talk-view.js';
import { TONE_MARKS, ToneMark } from './tone.js';
import { traceItems } from './trace-view.js';

/** The parts of a thread that change by themselves. */
export function threadSnapshot(thread: Thread, context: ActionContext): Snapshot {
  const { tone, title } = thread.headline;
  return {
    title: `${TONE_MARKS[tone]} ${title}`,
    leaves: [
      leaf('headline', <HeadlineView thread={thread} />),
      leaf('live-status', <LiveStatus thread={thread} />),
      leaf('trace-summary', <TraceSummary thread={thread} />),
      leaf('talk-title', <TalkTitle thread={thread} />),
      leaf('calls-left', <CallsLeft thread={thread} />),
    ],
    lists: [traceList(thread), cardList(thread, context), talkList(thread), ...callLists(thread)],
  };
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
  return { id: 'trace-lines', tag: 'ol', items: traceItems(thread.trace) };
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

/** The inside of the thread page around a snapshot. Returned as HTML, as the parts are HTML already. */
export function threadHtml(
  thread: Thread,
  snapshot: Snapshot,
  stream: string,
  forms: { note: string; ask: string },
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
    `<section class="notes" aria-labelledby="talk-title">${part('talk-title')}<ol id="talk-list">${items('talk-list')}</ol>${forms.note}${part('calls-left')}${forms.ask}</section>`,
    '</div>',
    `<div id="answer" role="status" aria-live="assertive">${answer}</div>`,
    '<noscript><p class="text">This page does not update without scripts. <a href="">Load it again</a> for news.</p></noscript>',
  ].join('');
}
