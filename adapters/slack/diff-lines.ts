import { diffArrays } from 'diff';
import { clean, count } from './text.js';

/** A line of a change as people read it: `- ` goes, `+ ` comes, two spaces stay. */
export interface DiffLine {
  text: string;
  changed: boolean;
}

/** Lines that stay are context; so many are shown on each side of a change. */
const CONTEXT = 2;
/** Beyond this the two sides are not compared line by line: all of one goes, all of the other comes. */
const MOST_EDITS = 600;
const LINE_SHOWN = 400;

/** Every line that changes, with a little of what stays around it; the rest of what stays is counted. */
export function diffLines(before: string, after: string, context = CONTEXT): DiffLine[] {
  return folded(allLines(before, after), context);
}

/** Every line of both sides, for a page that shows all. */
export function allLines(before: string, after: string): DiffLine[] {
  const old = linesOf(before);
  const now = linesOf(after);
  const changes = diffArrays(old, now, { maxEditLength: MOST_EDITS }) ?? [
    { removed: true, added: false, value: old },
    { removed: false, added: true, value: now },
  ];
  return changes.flatMap(({ removed, added, value }) => {
    const sign = removed ? '- ' : added ? '+ ' : '  ';
    return value.map((text) => ({ text: `${sign}${text}`, changed: removed || added }));
  });
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
