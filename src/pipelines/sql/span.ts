/** Start and end in Unicode code points, as the parser counts. */
export interface Span {
  start: number;
  end: number;
}

/** The place of a node: its own, or the first that stands anywhere under it, as literals and operators have none. */
export function getPosition(node: unknown): Span | undefined {
  if (typeof node !== 'object' || node === null) return undefined;
  const own = (node as { span?: Span | null }).span;
  if (own !== undefined && own !== null) return { start: own.start, end: own.end };
  for (const part of Object.values(node)) {
    const found = getPosition(part);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Code points into offsets of a JavaScript string: they part ways after the first emoji. */
export function offsetsOf(text: string): (codePoint: number) => number {
  const offsets: number[] = [];
  let offset = 0;
  for (const character of text) {
    offsets.push(offset);
    offset += character.length;
  }
  offsets.push(offset);
  return (codePoint) => offsets[Math.min(Math.max(codePoint, 0), offsets.length - 1)] ?? offset;
}

const HIDDEN = /--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`[^`]*`/g;

/**
 * Finds words that the tree keeps no place of, such as the name of a function: the last before an offset, or the only one there is. What
 * stands in quotes and comments is passed over.
 */
export function wordsOf(text: string): (pattern: RegExp, before?: number) => Span | undefined {
  let visible: string | undefined;
  return (pattern, before) => {
    visible ??= text.replaceAll(HIDDEN, (hidden) => ' '.repeat(hidden.length));
    const found = [...visible.slice(0, before).matchAll(new RegExp(pattern.source, 'gi'))];
    const last = before === undefined && found.length > 1 ? undefined : found.at(-1);
    return last && { start: last.index, end: last.index + last[0].length };
  };
}
