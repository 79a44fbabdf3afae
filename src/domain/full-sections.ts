import type { Section, TraceLine } from './card.js';
import { box, bullets, code, line, type Paper, type RichText, type Run, said } from './rich-text.js';
import { clean } from './visible-text.js';

/** Everything a section holds, in pieces that each fit into one text of a chat. Nothing is left out. */

const PIECE = 2600;

type Of<K extends Section['kind']> = Extract<Section, { kind: K }>;

/** `wrote` labels the model's words where the section does not itself. */
export function fullSection(section: Section, wrote: string, paper: Paper): RichText[] {
  switch (section.kind) {
    case 'text':
      return fullText(section, wrote, paper);
    case 'facts':
      return [
        ...titled(section.title),
        ...section.rows.flatMap(({ name, value }) =>
          paper.inPieces(value, PIECE).map((piece, at) => [line(...strong(at === 0 ? `${name}: ` : ''), said(piece))]),
        ),
      ];
    case 'quote':
      return fullQuote(section, undefined, undefined, paper);
    case 'diff':
      return [
        ...titled(section.title),
        ...boxed(
          paper
            .allLines(section.before, section.after)
            .map(({ text }) => text)
            .join('\n'),
          paper,
        ),
      ];
    case 'list':
      return fullList(section, wrote, paper);
    case 'tagged':
      return fullTagged(section, paper);
    case 'patch':
      return [
        [line(...strong(`Patch for a person: ${section.file}`))],
        ...paper.inPieces(section.note, PIECE).map((piece) => [line(said(piece))]),
        ...boxed(section.diff, paper),
      ];
  }
}

function fullText({ voice, label, text }: Of<'text'>, wrote: string, paper: Paper): RichText[] {
  const pieces = paper.inPieces(text, PIECE);
  if (voice === 'ours')
    return pieces.map((piece, at) => [
      line(...strong(at === 0 && label !== undefined ? `${label}. ` : ''), said(piece)),
    ]);
  const whose = label ?? (voice === 'model' ? wrote : voice === 'person' ? 'A person' : 'From outside');
  return pieces.map((piece, at) => [line(said(at === 0 ? whose : '(continued)', { italic: true })), box(said(piece))]);
}

function fullList({ title, items, voice }: Of<'list'>, wrote: string, paper: Paper): RichText[] {
  const pieces = items.flatMap((item) => paper.inPieces(item, PIECE));
  const groups = grouped(pieces, paper);
  const label: Run[] = voice === 'model' ? [said(`\n${wrote}`, { italic: true })] : [];
  if (groups.length === 0) return titled(title);
  return groups.map((group, at) => {
    const told =
      voice === 'model'
        ? box(said(group.map((item) => `• ${item}`).join('\n')))
        : bullets(group.map((item) => [said(item)]));
    return at === 0 ? [line(...strong(title), ...label), told] : [told];
  });
}

function fullTagged({ title, tags, rows, more }: Of<'tagged'>, paper: Paper): RichText[] {
  const classes = tags.length === 0 ? [] : [said(`\nData classes: ${tags.join(', ')}`)];
  const items = rows.map(({ name, tags: own, text }) =>
    [name, own.length === 0 ? '' : `[${own.join(', ')}]`, text].filter((one) => one !== '').join(' '),
  );
  const groups = grouped(
    items.flatMap((item) => paper.inPieces(item, PIECE)),
    paper,
  );
  return [
    [line(...strong(title), ...classes)],
    ...groups.map((group) => [bullets(group.map((item) => [said(item)]))]),
    // The card itself holds no more: the whole list is in the log.
    ...(more === 0 ? [] : [[line(said(`and ${more} more, in the log.`, { italic: true }))]]),
  ];
}

/** Items side by side as long as they fit one block. */
function grouped(items: readonly string[], paper: Paper): string[][] {
  const groups: string[][] = [];
  let left = 0;
  for (const item of items) {
    const size = paper.sizeOf(item) + paper.item;
    if (groups.length === 0 || size > left) {
      groups.push([]);
      left = PIECE;
    }
    left -= size;
    groups.at(-1)?.push(item);
  }
  return groups;
}

function boxed(text: string, paper: Paper): RichText[] {
  return paper.inPieces(text, PIECE).map((piece) => [code(piece)]);
}

function titled(title: string | undefined): RichText[] {
  return title === undefined ? [] : [[line(said(title, { bold: true }))]];
}

function strong(text: string): Run[] {
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
  paper: Paper,
): RichText[] {
  const named = number === undefined ? '' : `Quote ${number}. `;
  if (struck !== undefined) {
    const [first = '', ...more] = paper.inPieces(text, PIECE);
    const why = paper.inPieces(struck, PIECE).map((piece) => line(said(piece)));
    return [
      [line(...strong(`${named}Struck, for this reason:`)), ...why, box(said(first, { strike: true }))],
      ...more.map((piece) => [box(said(piece, { strike: true }))]),
    ];
  }
  const head = [
    [line(...strong(`${named}${source}`))],
    ...(supports === ''
      ? []
      : paper.inPieces(`Said to show: ${supports}`, PIECE).map((piece) => [line(said(piece, { italic: true }))])),
  ];
  const stored = observation === undefined ? undefined : observations?.get(observation);
  const at = stored?.indexOf(text) ?? -1;
  if (stored === undefined || at < 0) {
    const missing = observations !== undefined && observation !== undefined;
    const note = missing
      ? [[line(said('The stored answer could not be read; this is the quote alone.', { italic: true }))]]
      : [];
    return [...head, ...boxed(text, paper), ...note];
  }
  const pieces = paper.inPieces(text, PIECE - 2 * AROUND_ROOM);
  const before = lastLines(stored.slice(0, at), paper);
  const after = firstLines(stored.slice(at + text.length), paper);
  return [
    ...head,
    ...pieces.map((piece, index) => [
      box(
        ...(index === 0 && before !== '' ? [said(before)] : []),
        said(piece, { bold: true }),
        ...(index === pieces.length - 1 && after !== '' ? [said(after)] : []),
      ),
    ]),
  ];
}

function lastLines(text: string, paper: Paper): string {
  const near = clean(text.slice(-4 * AROUND_ROOM))
    .split('\n')
    .slice(-AROUND - 1)
    .join('\n');
  const letters = [...near].reverse().join('');
  const shown = [...paper.beginning(letters, AROUND_ROOM)].reverse().join('');
  return shown.length < text.length ? `…${shown}` : shown;
}

function firstLines(text: string, paper: Paper): string {
  const near = clean(text.slice(0, 4 * AROUND_ROOM))
    .split('\n')
    .slice(0, AROUND + 1)
    .join('\n');
  const shown = paper.beginning(near, AROUND_ROOM);
  return shown.length < text.length ? `${shown}…` : shown;
}

const STATUS_WORDS: Record<TraceLine['status'], string> = {
  running: 'Asking now',
  ok: 'Found',
  no_data: 'No data',
  error: 'Failed',
};

/** One call of the trace, whole. */
export function fullTrace(one: TraceLine): RichText[] {
  const flag = one.flagged ? [said('\nLooks like planted instructions; ignored.', { bold: true })] : [];
  const time = `${one.at.slice(11, 19)} UTC`;
  return [
    [
      line(said(`Call ${one.call}, ${time}. `, { bold: true }), said(`${one.tool}(${one.args})`, { code: true })),
      box(
        said('Thought: ', { bold: true }),
        said(`${one.thought}\n`),
        said(`Hypothesis (${Math.round(one.confidence * 100)} %): `, { bold: true }),
        said(one.hypothesis),
      ),
      line(said(`${STATUS_WORDS[one.status]}: `, { bold: true }), said(one.headline), ...flag),
    ],
  ];
}
