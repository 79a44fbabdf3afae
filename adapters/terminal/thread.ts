import type { Card, Thread, TraceLine } from '../../src/domain/card.js';
import type { ChatAdapter } from '../../src/domain/ports.js';
import {
  answerLines,
  callLines,
  cardLines,
  cardTitle,
  headlineLines,
  type Line,
  noteLines,
  questionLines,
  statusLine,
} from './lines.js';

export interface TerminalOptions {
  out: NodeJS.WritableStream & { columns?: number };
  color: boolean;
}

const COLORS: Record<Line['style'], string> = {
  plain: '',
  title: '\u001b[1m',
  soft: '\u001b[2m',
  quote: '\u001b[3m',
  added: '\u001b[32m',
  removed: '\u001b[31m',
  good: '\u001b[1;32m',
  bad: '\u001b[1;31m',
  waiting: '\u001b[1;33m',
};
const RESET = '\u001b[0m';
const WIDEST = 110;
const NARROWEST = 40;

/** What was printed of one thread, so that nothing is printed twice. */
interface Printed {
  lines: Set<string>;
  calls: Map<number, TraceLine['status']>;
}

/** A thread in a terminal: it only grows, so a card that changes prints what is new on it. */
export function createTerminalThread({ out, color }: TerminalOptions): ChatAdapter {
  const threads = new Map<string, Printed>();

  const write = (lines: readonly Line[]): void => {
    const width = Math.min(WIDEST, Math.max(NARROWEST, (out.columns ?? WIDEST) - 1));
    for (const line of lines) for (const row of wrapped(line, width)) out.write(`${painted(row, line, color)}\n`);
  };
  const gap = (lines: Line[]): Line[] =>
    lines.length === 0 ? [] : [{ text: '', style: 'plain', indent: 0, hang: 0 }, ...lines];

  return {
    name: 'terminal',
    async show(thread: Thread) {
      const printed = threads.get(thread.incident) ?? { lines: new Set<string>(), calls: new Map() };
      threads.set(thread.incident, printed);
      write(fresh(printed, 'headline', headlineLines(thread)));
      write(thread.trace.flatMap((trace) => traceNews(printed, trace)));
      for (const card of thread.cards) write(gap(cardNews(printed, card)));
      for (const { news } of talkOf(printed, thread)) write(gap(news));
      write(gap(fresh(printed, 'status', [statusLine(thread)])));
    },
  };
}

/** Notes and questions in order of time; calls for a question are told once asked and once answered, as those of the trace. */
function talkOf(printed: Printed, thread: Thread): { at: string; news: Line[] }[] {
  const notes = thread.notes.map((note) => ({ at: note.at, news: fresh(printed, `note ${note.id}`, noteLines(note)) }));
  const questions = thread.questions.map((question) => {
    const { at, id, trace, answer } = question;
    const asked = fresh(printed, `question ${id}`, questionLines(question));
    const calls = trace.flatMap((call) => traceNews(printed, call));
    return { at, news: [...asked, ...calls, ...(answer === undefined ? [] : cardNews(printed, answer))] };
  });
  return [...notes, ...questions].sort((a, b) => a.at.localeCompare(b.at));
}

function traceNews(printed: Printed, trace: TraceLine): Line[] {
  const before = printed.calls.get(trace.call);
  printed.calls.set(trace.call, trace.status);
  const asked = before === undefined ? callLines(trace) : [];
  const answered = trace.status !== 'running' && (before === undefined || before === 'running');
  return answered ? [...asked, ...answerLines(trace)] : asked;
}

function cardNews(printed: Printed, card: Card): Line[] {
  return fresh(printed, card.id, [cardTitle(card), ...cardLines(card)]);
}

/** The lines that were not printed under this name yet; the same line twice on one card is two lines. */
function fresh(printed: Printed, under: string, lines: readonly Line[]): Line[] {
  const seen = new Map<string, number>();
  const found = lines.filter(({ text }) => {
    const times = (seen.get(text) ?? 0) + 1;
    seen.set(text, times);
    const key = `${under}\n${text}\n${times}`;
    if (printed.lines.has(key)) return false;
    printed.lines.add(key);
    return true;
  });
  return found.filter((line, at) => !line.heading || lines[lines.indexOf(line) + 1] === found[at + 1]);
}

/** Rows of at most `width` columns, broken between words where there are any. */
function wrapped({ text, indent, hang }: Line, width: number): string[] {
  const rows: string[] = [];
  let row = ' '.repeat(indent);
  let empty = true;
  for (const word of text.split(/(?<= )/)) {
    for (const part of partsOf(word, width - indent - hang)) {
      if (!empty && [...row, ...part.trimEnd()].length > width) {
        rows.push(row.trimEnd());
        row = ' '.repeat(indent + hang);
      }
      row += part;
      empty = false;
    }
  }
  return [...rows, row.trimEnd()];
}

function partsOf(word: string, longest: number): string[] {
  const points = [...word];
  const parts: string[] = [];
  for (let at = 0; at < points.length; at += longest) parts.push(points.slice(at, at + longest).join(''));
  return parts;
}

function painted(row: string, { style }: Line, color: boolean): string {
  const code = COLORS[style];
  return color && code !== '' && row !== '' ? `${code}${row}${RESET}` : row;
}
