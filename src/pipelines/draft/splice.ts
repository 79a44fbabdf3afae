import type { Place } from '../finding.js';

/** A change of a text: what stands between two offsets becomes something else. All the rest stays, comments and layout too. */
export interface Splice {
  start: number;
  end: number;
  text: string;
}

/** Makes all changes at once; the same change twice is made once. */
export function splice(text: string, changes: readonly Splice[]): string {
  const sorted = [...changes].sort((a, b) => b.start - a.start || b.end - a.end);
  return sorted.reduce((done, { start, end, text: replacement }, index) => {
    const before = sorted[index - 1];
    if (before !== undefined && before.start === start && before.end === end) return done;
    return done.slice(0, start) + replacement + done.slice(end);
  }, text);
}

/** A place of a file as offsets. */
export function offsetsOfPlace(text: string, place: Place): { start: number; end: number } {
  const lines = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines.push(at + 1);
  const offset = (line: number, column: number): number => (lines[line - 1] ?? text.length) + column - 1;
  return { start: offset(place.line, place.column), end: offset(place.endLine, place.endColumn) };
}
