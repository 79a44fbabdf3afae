import { canonicalJson } from '../../domain/canonical.js';
import type { Reply } from '../reply.js';
import type { Asked } from './asked.js';
import type { PastCall } from './case-file.js';
import { replyFromRecord } from './from-record.js';
import { namedIn, prose, wordsOf } from './named.js';
import type { Question } from './procedure.js';
import { TOPICS, type Topic } from './topics.js';

/** What the playbook does about a question: look once, then answer with what came back. */
export type ReplyMove =
  | { kind: 'calls'; calls: (Question & { hypothesis: string; confidence: number })[] }
  | { kind: 'reply'; reply: Reply };

interface Look {
  topic: Topic;
  call: Question;
}

const MOST_CALLS = 2;
const MOST_QUOTES = 3;
const CAN = [
  'why it failed and on what evidence',
  'what was ruled out',
  'what comes next and who decided',
  'what is downstream',
  "the history or schema of a table, a subject's versions, a task's log or runs, recent commits of a file or setting, a query, a Spark application, a metric",
];

/** The next move, out of the messages alone: the same conversation gives the same move. */
export function replyTo(asked: Asked, offered: { tools: ReadonlySet<string>; calls: number }): ReplyMove {
  if (asked.own.length > 0) return { kind: 'reply', reply: replyFromCalls(asked, asked.own, false) };
  const named = namedIn(asked);
  const looks = looksFor(asked);
  const recorded = replyFromRecord(asked, { named: named.said.size > 0, topic: looks.length > 0 });
  if (recorded !== undefined) return { kind: 'reply', reply: recorded };
  if (looks.length === 0) return { kind: 'reply', reply: unable(asked) };
  const able = looks.filter(({ call }) => offered.tools.has(call.tool)).slice(0, Math.min(MOST_CALLS, offered.calls));
  if (able.length > 0) {
    const calls = able.map(({ call }) => ({ ...call, hypothesis: 'The tool knows; I only look.', confidence: 0.5 }));
    return { kind: 'calls', calls };
  }
  const known = asked.file.calls.filter((past) => looks.some(({ call }) => isSame(past, call)));
  return { kind: 'reply', reply: known.length > 0 ? replyFromCalls(asked, known, true) : nothingLeft(looks) };
}

/** By its words; a question without such words is about the things it names. */
function topicsOf(asked: Asked): Topic[] {
  const text = prose(asked.text);
  const byWords = TOPICS.filter(({ words }) => words.test(text));
  const { said } = namedIn(asked);
  return byWords.length > 0 ? byWords : TOPICS.filter(({ kind }) => kind !== undefined && said.has(kind));
}

/** What tools would be asked, best first, each once. */
function looksFor(asked: Asked): Look[] {
  const named = namedIn(asked);
  const all = topicsOf(asked).flatMap((topic) => topic.calls(named, asked).map((call) => ({ topic, call })));
  const seen = new Set<string>();
  return all.filter(({ call }) => {
    // The log of a task holds the states of its run too, so the same thing is not asked twice.
    const key = canonicalJson([call.tool, Object.values(call.args)[0] ?? '']);
    return !seen.has(key) && seen.add(key);
  });
}

/** A window more or less, or a run named, is the same thing looked at. */
function isSame(past: PastCall, { tool, args }: Question): boolean {
  const [what] = Object.values(args);
  return past.tool === tool && (what === undefined || Object.values(past.args).includes(what));
}

function replyFromCalls(asked: Asked, calls: readonly PastCall[], before: boolean): Reply {
  const evidence = calls.flatMap((call) => quotesOf(asked, call));
  const looked = calls.map(({ tool, args, status }) => {
    const what = Object.values(args).map(String).join(', ');
    return `${tool}${what === '' ? '' : ` (${what})`}${status === 'error' ? ' gave no answer' : ''}`;
  });
  const when = before
    ? 'No tool calls are left, so this is what the investigation saw, not how it is now.'
    : 'I looked where your words point.';
  const found = evidence.length > 0 ? 'What bears on it is quoted below.' : 'Nothing that came back bears on it.';
  return {
    answered: evidence.length > 0,
    text: `${when} ${sentence(looked.join('; '))} ${found} I follow a playbook and do not judge; read the quotes yourself.`,
    evidence,
  };
}

function sentence(text: string): string {
  return `Asked: ${text}.`;
}

/** The lines of an answer that bear on the question: by kind of record, and by the words they share with it. */
function quotesOf(asked: Asked, call: PastCall): Reply['evidence'] {
  if (call.status === 'error') return [];
  const kinds = topicsOf(asked).flatMap(({ records }) => [...records]);
  const words = new Set(wordsOf(asked.text));
  const shared = (line: string): number => new Set(wordsOf(line).filter((word) => words.has(word))).size;
  const lines = [
    ...call.parsed.records.map(({ record, line }) => ({ line, kind: record, free: false })),
    ...call.parsed.free.map(({ line, after }) => ({ line, kind: after?.record ?? '', free: true })),
  ];
  const rank = (kind: string): number => (kinds.includes(kind) ? kinds.length - kinds.indexOf(kind) : -1);
  return lines
    .map((line, at) => ({
      ...line,
      at,
      score: rank(line.kind) + 2 * shared(line.line) + (line.free ? 0.5 : 0) + failing(line.line),
    }))
    .filter(({ line, kind }) => line.trim().length >= 8 && (kinds.includes(kind) || shared(line) > 0))
    .sort((a, b) => b.score - a.score || a.at - b.at)
    .slice(0, MOST_QUOTES)
    .sort((a, b) => a.at - b.at)
    .map(({ line }) => ({ call: call.id, quote: line.slice(0, 900), supports: '' }));
}

/** Of a log the lines that say what went wrong are worth more than the rest. */
function failing(line: string): number {
  return /\b(?:ERROR|FATAL|\w*(?:Exception|Error))\b/.test(line) ? 3 : 0;
}

function nothingLeft(looks: readonly Look[]): Reply {
  const tools = [...new Set(looks.map(({ call }) => call.tool))].join(' and ');
  return {
    answered: false,
    text: `No tool calls are left for this, and the investigation did not look there. ${tools} would answer it: ask again with a grant of tool calls.`,
    evidence: [],
  };
}

function unable(asked: Asked): Reply {
  const metrics = asked.file.metrics.slice(0, 8).map(({ name }) => name);
  if (metrics.length > 0 && topicsOf(asked).some(({ kind }) => kind === 'metric')) {
    return { answered: false, text: `Which metric? I know ${metrics.join(', ')}.`, evidence: [] };
  }
  return {
    answered: false,
    text: `Without a model I can not judge that. I follow a playbook. You can ask me: ${CAN.join('; ')}.`,
    evidence: [],
  };
}
