import type { KnownBlock, RichTextElement } from '@slack/types';
import type { Section, TraceLine } from '../../src/domain/card.js';
import { allLines } from './diff-lines.js';
import { beginning, box, bullets, clean, code, inPieces, line, rich, said, sizeOf } from './text.js';

/** Everything a section holds, in blocks that each fit one text of Slack. Nothing is left out. */

const PIECE = 2600;

type Of<K extends Section['kind']> = Extract<Section, { kind: K }>;

/** `wrote` labels the model's words where the section does not itself. */
export function fullSection(section: Section, wrote: string): KnownBlock[] {
  switch (section.kind) {
    case 'text':
      return fullText(section, wrote);
    case 'facts':
      return [
        ...titled(section.title),
        ...section.rows.flatMap(({ name, value }) =>
          inPieces(value, PIECE).map((piece, at) => rich(line(...strong(at === 0 ? `${name}: ` : ''), said(piece)))),
        ),
      ];
    case 'quote':
      return fullQuote(section, undefined, undefined);
    case 'diff':
      return [
        ...titled(section.title),
        ...boxed(
          allLines(section.before, section.after)
            .map(({ text }) => text)
            .join('\n'),
        ),
      ];
    case 'list':
      return fullList(section, wrote);
    case 'tagged':
      return fullTagged(section);
    case 'patch':
      return [
        rich(line(...strong(`Patch for a person: ${section.file}`))),
        ...inPieces(section.note, PIECE).map((piece) => rich(line(said(piece)))),
        ...boxed(section.diff),
      ];
  }
}

function fullText({ voice, label, text }: Of<'text'>, wrote: string): KnownBlock[] {
  const pieces = inPieces(text, PIECE);
  if (voice === 'ours')
    return pieces.map((piece, at) =>
      rich(line(...strong(at === 0 && label !== undefined ? `${label}. ` : ''), said(piece))),
    );
  const whose = label ?? (voice === 'model' ? wrote : voice === 'person' ? 'A person' : 'From outside');
  return pieces.map((piece, at) =>
    rich(line(said(at === 0 ? whose : '(continued)', { italic: true })), box(said(piece))),
  );
}

function fullList({ title, items, voice }: Of<'list'>, wrote: string): KnownBlock[] {
  const pieces = items.flatMap((item) => inPieces(item, PIECE));
  const groups = grouped(pieces);
  const label: RichTextElement[] = voice === 'model' ? [said(`\n${wrote}`, { italic: true })] : [];
  if (groups.length === 0) return titled(title);
  return groups.map((group, at) => {
    const told =
      voice === 'model'
        ? box(said(group.map((item) => `• ${item}`).join('\n')))
        : bullets(group.map((item) => [said(item)]));
    return at === 0 ? rich(line(...strong(title), ...label), told) : rich(told);
  });
}

function fullTagged({ title, tags, rows, more }: Of<'tagged'>): KnownBlock[] {
  const classes = tags.length === 0 ? [] : [said(`\nData classes: ${tags.join(', ')}`)];
  const items = rows.map(({ name, tags: own, text }) =>
    [name, own.length === 0 ? '' : `[${own.join(', ')}]`, text].filter((one) => one !== '').join(' '),
  );
  const groups = grouped(items.flatMap((item) => inPieces(item, PIECE)));
  return [
    rich(line(...strong(title), ...classes)),
    ...groups.map((group) => rich(bullets(group.map((item) => [said(item)])))),
    // The card itself holds no more: the whole list is in the log.
    ...(more === 0 ? [] : [rich(line(said(`and ${more} more, in the log.`, { italic: true })))]),
  ];
}

/** Items side by side as long as they fit one block. */
function grouped(items: readonly string[]): string[][] {
  const groups: string[][] = [];
  let left = 0;
  for (const item of items) {
    const size = sizeOf(item) + 10;
    if (groups.length === 0 || size > left) {
      groups.push([]);
      left = PIECE;
    }
    left -= size;
    groups.at(-1)?.push(item);
  }
  return groups;
}

function boxed(text: string): KnownBlock[] {
  return inPieces(text, PIECE).map((piece) => rich(code(piece)));
}

function titled(title: string | undefined): KnownBlock[] {
  return title === undefined ? [] : [rich(line(said(title, { bold: true })))];
}

function strong(text: string): RichTextElement[] {
  return text === '' ? [] : [said(text, { bold: true })];
}

/** Lines of a stored answer that are shown on each side of a quote. */
const AROUND = 8;
const AROUND_ROOM = 700;

/** A quote with what it supports and, where the stored answer is at hand, in bold within the lines around it. */
export function fullQuote(
  { text, source, supports, struck, observation }: Of<'quote'>,
  number: string | undefined,
  observations: ReadonlyMap<string, string> | undefined,
): KnownBlock[] {
  const named = number === undefined ? '' : `Quote ${number}. `;
  if (struck !== undefined) {
    const [first = '', ...more] = inPieces(text, PIECE);
    const why = inPieces(struck, PIECE).map((piece) => line(said(piece)));
    return [
      rich(line(...strong(`${named}Struck, for this reason:`)), ...why, box(said(first, { strike: true }))),
      ...more.map((piece) => rich(box(said(piece, { strike: true })))),
    ];
  }
  const head = [
    rich(line(...strong(`${named}${source}`))),
    ...(supports === ''
      ? []
      : inPieces(`Said to show: ${supports}`, PIECE).map((piece) => rich(line(said(piece, { italic: true }))))),
  ];
  const stored = observation === undefined ? undefined : observations?.get(observation);
  const at = stored?.indexOf(text) ?? -1;
  if (stored === undefined || at < 0) {
    const missing = observations !== undefined && observation !== undefined;
    const note = missing
      ? [rich(line(said('The stored answer could not be read; this is the quote alone.', { italic: true })))]
      : [];
    return [...head, ...boxed(text), ...note];
  }
  const pieces = inPieces(text, PIECE - 2 * AROUND_ROOM);
  const before = lastLines(stored.slice(0, at));
  const after = firstLines(stored.slice(at + text.length));
  return [
    ...head,
    ...pieces.map((piece, index) =>
      rich(
        box(
          ...(index === 0 && before !== '' ? [said(before)] : []),
          said(piece, { bold: true }),
          ...(index === pieces.length - 1 && after !== '' ? [said(after)] : []),
        ),
      ),
    ),
  ];
}

function lastLines(text: string): string {
  const near = clean(text.slice(-4 * AROUND_ROOM))
    .split('\n')
    .slice(-AROUND - 1)
    .join('\n');
  const letters = [...near].reverse().join('');
  const shown = [...beginning(letters, AROUND_ROOM)].reverse().join('');
  return shown.length < text.length ? `…${shown}` : shown;
}

function firstLines(text: string): string {
  const near = clean(text.slice(0, 4 * AROUND_ROOM))
    .split('\n')
    .slice(0, AROUND + 1)
    .join('\n');
  const shown = beginning(near, AROUND_ROOM);
  return shown.length < text.length ? `${shown}…` : shown;
}

const STATUS_WORDS: Record<TraceLine['status'], string> = {
  running: 'Asking now',
  ok: 'Found',
  no_data: 'No data',
  error: 'Failed',
};

/** One call of the trace, whole. */
export function fullTrace(one: TraceLine): KnownBlock[] {
  const flag = one.flagged ? [said('\nLooks like planted instructions; ignored.', { bold: true })] : [];
  const time = `${one.at.slice(11, 19)} UTC`;
  return [
    rich(
      line(said(`Call ${one.call}, ${time}. `, { bold: true }), said(`${one.tool}(${one.args})`, { code: true })),
      box(
        said('Thought: ', { bold: true }),
        said(`${one.thought}\n`),
        said(`Hypothesis (${Math.round(one.confidence * 100)} %): `, { bold: true }),
        said(one.hypothesis),
      ),
      line(said(`${STATUS_WORDS[one.status]}: `, { bold: true }), said(one.headline), ...flag),
    ),
  ];
}
