import { isScalar, LineCounter } from 'yaml';
import type { ConfigText } from '../document.js';
import type { PlaceInFile } from './bound.js';

/**
 * Where offsets of a text value stand in its YAML file. In a block (`|`) each line is the file's line without its indentation, so a place
 * is exact; in a quoted, folded or plain value of several lines it is the place of the whole value.
 */
export function placesOf(config: ConfigText, path: readonly PropertyKey[]): PlaceInFile {
  const node = config.document.getIn(path, true);
  const whole = (): ReturnType<PlaceInFile> => config.placeOf(path);
  if (!isScalar(node) || typeof node.value !== 'string' || node.range == null) return whole;
  const offsets = offsetsInFile(config.text, node.value, node.type, node.range[0], node.range[1]);
  if (offsets === undefined) return whole;
  const lines = linesOf(config.text);
  return (start, end) => {
    const [from, to] = [lines.linePos(offsets(start)), lines.linePos(offsets(end))];
    return { line: from.line, column: from.col, endLine: to.line, endColumn: to.col };
  };
}

function linesOf(text: string): LineCounter {
  const lines = new LineCounter();
  lines.addNewLine(0);
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines.addNewLine(at + 1);
  return lines;
}

function offsetsInFile(
  text: string,
  value: string,
  type: string | null | undefined,
  start: number,
  end: number,
): ((offset: number) => number) | undefined {
  if (type === 'BLOCK_LITERAL') return blockOffsets(text, value, start);
  // A value on one line that has nothing escaped stands in the file as it is.
  const inside = type === 'PLAIN' ? start : start + 1;
  return text.slice(inside, inside + value.length) === value && inside + value.length <= end
    ? (offset) => inside + Math.min(offset, value.length)
    : undefined;
}

/** Begin of each line of the value, in the value and in the file. */
function blockOffsets(text: string, value: string, header: number): ((offset: number) => number) | undefined {
  const pairs: { inValue: number; inFile: number }[] = [];
  let [inValue, inFile] = [0, text.indexOf('\n', header) + 1];
  for (const line of value.split('\n')) {
    const fileEnd = text.indexOf('\n', inFile);
    const fileLine = text.slice(inFile, fileEnd < 0 ? text.length : fileEnd).replace(/\r$/, '');
    if (!fileLine.endsWith(line)) return undefined;
    pairs.push({ inValue, inFile: inFile + fileLine.length - line.length });
    inValue += line.length + 1;
    inFile = fileEnd < 0 ? text.length : fileEnd + 1;
  }
  return (offset) => {
    const line = pairs.findLast((pair) => pair.inValue <= offset) ?? pairs[0];
    return line === undefined ? header : line.inFile + Math.min(offset, value.length) - line.inValue;
  };
}
