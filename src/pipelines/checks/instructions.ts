import { isScalar, visit } from 'yaml';
import type { ConfigText } from '../document.js';
import { type Finding, finding, type Place } from '../finding.js';
import { shown } from '../shown.js';
import type { CheckContext } from './context.js';
import { CLAIMS, SKIPPING, SKIPPING_PARTS } from './instruction-words.js';
import { plain } from './words.js';

/** Words that may stand between the verb and what it leaves out. */
const REACH = 6;

/** The words of a text that ask to leave out checks; undefined when none do. */
export function instructionIn(text: string): string | undefined {
  const words = plain(text)
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
  const spaced = ` ${words.join(' ')} `;
  const claim = CLAIMS.find((each) => spaced.includes(` ${each}`));
  if (claim !== undefined) return claim;
  const part = SKIPPING_PARTS.find(([verb, object]) => [verb, object].every((each) => text.includes(each)));
  if (part !== undefined) return part.join(' … ');
  for (const { verbs, objects } of SKIPPING) {
    const verb = positions(words, verbs);
    if (verb.length === 0) continue;
    const object = positions(words, objects);
    for (const from of verb) {
      // German and Turkish put the verb behind: look to both sides.
      const to = object.find((at) => at !== from && Math.abs(at - from) <= REACH);
      if (to !== undefined) return words.slice(Math.min(from, to), Math.max(from, to) + 2).join(' ');
    }
  }
  return undefined;
}

/** Where one of the beginnings stands: whole words before the last, and the last begun. */
function positions(words: readonly string[], beginnings: readonly string[]): number[] {
  const split = beginnings.map((each) => each.split(' '));
  return words.flatMap((_word, at) =>
    split.some((parts) =>
      parts.every((part, index) => {
        const word = words[at + index] ?? '';
        return index === parts.length - 1 ? word.startsWith(part) : word === part;
      }),
    )
      ? [at]
      : [],
  );
}

/** SEC002 of a request. */
export function instructionsIn(text: string, path: string, place?: Place): Finding[] {
  const found = instructionIn(text);
  if (found === undefined) return [];
  const message = `asks to leave out checks: '${shown(found, 100)}'`;
  return [
    finding('SEC002', {
      path,
      place,
      message,
      suggestion: 'take it out; nothing in a request or a config changes the checks',
    }),
  ];
}

/** SEC002 of a config: its metadata, all descriptions, and comments, which a reviewer and a model read as well. */
export function writtenInstructions({ source }: CheckContext): Finding[] {
  return [...describedInstructions(source), ...commentedInstructions(source)];
}

const DESCRIBING = new Set(['description', 'purpose', 'contact', 'steward', 'name']);

function describedInstructions(source: ConfigText): Finding[] {
  const findings: Finding[] = [];
  visit(source.document, {
    Pair(_key, { key, value }) {
      if (!isScalar(key) || !DESCRIBING.has(String(key.value))) return;
      if (!isScalar(value) || typeof value.value !== 'string' || !value.range) return;
      const [start, end] = value.range;
      findings.push(...instructionsIn(value.value, String(key.value), placeOf(source.text, start, end)));
    },
  });
  return findings;
}

function commentedInstructions({ text }: ConfigText): Finding[] {
  return text.split('\n').flatMap((line, index) => {
    const mark = /(?:^|\s)(?:#|--\s)/.exec(line);
    if (mark === null) return [];
    const column = mark.index + (/^\s/.test(mark[0]) ? 2 : 1);
    const place = { line: index + 1, column, endLine: index + 1, endColumn: line.length + 1 };
    return instructionsIn(line.slice(mark.index), '', place);
  });
}

function placeOf(text: string, start: number, end: number): Place {
  const position = (offset: number): [number, number] => {
    const before = text.slice(0, offset);
    return [before.split('\n').length, offset - before.lastIndexOf('\n')];
  };
  const [[line, column], [endLine, endColumn]] = [position(start), position(end)];
  return { line, column, endLine, endColumn };
}
