import type { VNode } from 'preact';
import type { Note, Question, Thread } from '../../src/domain/card.js';
import { type GrowingList, type Item, itemHtml } from './fragments.js';
import { leaf } from './leaf.js';
import { SectionsView } from './section-view.js';
import { ToneMark } from './tone.js';
import { traceItems } from './trace-view.js';

/** What people said in the thread, wherever they said it: notes and questions to the agent, in order of time. */
export function talkList(thread: Thread): GrowingList {
  const notes = thread.notes.map((note, index) => ({ at: note.at, item: noteItem(note, `note-${index + 1}`) }));
  const questions = thread.questions.map((question) => ({ at: question.at, item: questionItem(question) }));
  const items = [...notes, ...questions].sort((a, b) => a.at.localeCompare(b.at)).map(({ item }) => item);
  return { id: 'talk-list', tag: 'ol', items };
}

export function TalkTitle({ thread }: { thread: Thread }): VNode {
  const count = thread.notes.length + thread.questions.length;
  return <h2 id="talk-title">{count === 0 ? 'Notes and questions' : `Notes and questions (${count})`}</h2>;
}

/** Before the form in which a question is asked, as it changes while the page is open. */
export function CallsLeft({ thread }: { thread: Thread }): VNode {
  const left = thread.asking?.left ?? 0;
  const text =
    left === 0
      ? 'No tool calls are left over. The agent answers from what it knows, or with calls that you allow.'
      : `${left} ${left === 1 ? 'tool call is' : 'tool calls are'} left over for questions.`;
  return (
    <p id="calls-left" class="hint" hidden={thread.asking === undefined || thread.summary.status === 'investigating'}>
      {text}
    </p>
  );
}

const VIA: Record<Note['via'], string> = {
  web: 'here',
  terminal: 'in a terminal',
  slack: 'in Slack',
  teams: 'in Teams',
};

function Saying({ by, via, at, what }: Pick<Note, 'by' | 'via' | 'at'> & { what: string }): VNode {
  return (
    <p class="label">
      {by} {what} {VIA[via]}, <time dateTime={at}>{`${at.slice(11, 16)} UTC, ${at.slice(0, 10)}`}</time>
    </p>
  );
}

function noteItem(note: Note, id: string): Item {
  const view = (
    <li id={id} class="note">
      <Saying {...note} what="wrote" />
      <p class="words">{note.text}</p>
    </li>
  );
  return { id, parts: [leaf(id, view)], wrap: (parts) => parts };
}

const STATE_WORDS: Record<Question['state'], string> = {
  waiting: 'The agent has not begun to answer.',
  working: 'The agent is looking.',
  answered: '',
  failed: '',
};

function questionItem(question: Question): Item {
  const name = nameOf(question);
  const id = `question-${name}`;
  const calls = callList(question);
  const asked = leaf(`asked-${name}`, <AskedView question={question} />);
  const answer = leaf(`answer-${name}`, <AnswerView question={question} />);
  return {
    id,
    parts: [asked, answer],
    wrap: () => {
      const trace = `<ol id="${calls.id}" class="calls">${calls.items.map(itemHtml).join('')}</ol>`;
      return `<li id="${id}" class="note question">${asked.html}${trace}${answer.html}</li>`;
    },
  };
}

/** A list of its own for each question, so that a call that somebody opened stays open while the next is made. */
export function callLists(thread: Thread): GrowingList[] {
  return thread.questions.map(callList);
}

function callList(question: Question): GrowingList {
  return { id: `calls-${nameOf(question)}`, tag: 'ol', items: traceItems(question.trace) };
}

/** Fit to stand in an id. */
function nameOf({ id }: Question): string {
  return id.replaceAll(/[^\w-]/g, '');
}

function AskedView({ question }: { question: Question }): VNode {
  const { text, grant, state } = question;
  const allowed = grant === 0 ? '' : ` and allowed ${grant} more tool ${grant === 1 ? 'call' : 'calls'}`;
  return (
    <div id={`asked-${nameOf(question)}`}>
      <Saying {...question} what={`asked${allowed}`} />
      <p class="words">{text}</p>
      {STATE_WORDS[state] === '' ? null : <p class="label">{STATE_WORDS[state]}</p>}
    </div>
  );
}

function AnswerView({ question }: { question: Question }): VNode {
  const id = `answer-${nameOf(question)}`;
  const { answer } = question;
  if (answer === undefined) return <div id={id} />;
  return (
    <div id={id} class={`answer body tone-${answer.tone}`}>
      <h3>
        <ToneMark tone={answer.tone} />
        {answer.title}
      </h3>
      <SectionsView sections={answer.sections} />
    </div>
  );
}
