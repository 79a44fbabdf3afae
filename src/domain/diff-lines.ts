import { clean, count } from './visible-text.js';

/** A line of a change as people read it: `- ` goes, `+ ` comes, two spaces stay. */
export interface DiffLine {
  text: string;
  changed: boolean;
}

/** Lines in a row that go, come or stay. */
export interface Stretch {
  removed: boolean;
  added: boolean;
  value: string[];
}

/** Compares line by line; undefined when the two sides have too little in common for that. */
export type Compare = (before: string[], after: string[]) => Stretch[] | undefined;

export interface DiffLines {
  /** Every line that changes, with a little of what stays around it; the rest of what stays is counted. */
  diffLines(before: string, after: string): DiffLine[];
  /** Every line of both sides, for a page that shows all. */
  allLines(before: string, after: string): DiffLine[];
}

/** Lines that stay are context; so many are shown on each side of a change. */
const CONTEXT = 2;
/** Beyond this the two sides are not compared line by line: all of one goes, all of the other comes. */
export const MOST_EDITS = 600;
const LINE_SHOWN = 400;

export function diffLinesBy(compare: Compare): DiffLines {
  const allLines = (before: string, after: string): DiffLine[] => {
    const old = linesOf(before);
    const now = linesOf(after);
    const stretches = compare(old, now) ?? [
      { removed: true, added: false, value: old },
      { removed: false, added: true, value: now },
    ];
    return stretches.flatMap(({ removed, added, value }) => {
      const sign = removed ? '- ' : added ? '+ ' : '  ';
      return value.map((text) => ({ text: `${sign}${text}`, changed: removed || added }));
    });
  };
  return { allLines, diffLines: (before, after) => folded(allLines(before, after), CONTEXT) };
}
function linesOf(text: string): string[] {
  return text === '' ? [] : clean(text).split('\n');
}

function folded(lines: DiffLine[], context: number): DiffLine[] {
  const near = nearChange(lines, context);
  const found: DiffLine[] = [];
  let hidden = 0;
  const close = (): void => {
    if (hidden > 0) found.push({ text: `  (${count(hidden, 'line stays', 'lines stay')} the same)`, changed: false });
    hidden = 0;
  };
  for (const [at, line] of lines.entries()) {
    if (!near[at]) hidden += 1;
    else {
      close();
      found.push({ ...line, text: shortLine(line.text) });
    }
  }
  close();
  return found;
}

function nearChange(lines: readonly DiffLine[], context: number): boolean[] {
  const near = lines.map(() => false);
  for (const [at, { changed }] of lines.entries()) {
    if (changed) for (let by = -context; by <= context; by += 1) if (lines[at + by] !== undefined) near[at + by] = true;
  }
  // A gap of one line is shorter than the words about it.
  return near.map((is, at) => is || (near[at - 1] === true && near[at + 1] === true));
}

function shortLine(text: string): string {
  const points = [...text];
  if (points.length <= LINE_SHOWN) return text;
  return `${points.slice(0, LINE_SHOWN).join('')}… (${count(points.length - LINE_SHOWN, 'more character')})`;
}
