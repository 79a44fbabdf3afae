import type { Section } from './card.js';
import { type Part, RANK, rest, SHOW_ALL, SHOW_EVIDENCE } from './card-parts.js';
import { box, code, line, type Paper, type Piece, said } from './rich-text.js';
import { count } from './visible-text.js';

/** Quotes, what people said, and changes: sections of which a card can have dozens. */

const QUOTES_SHOWN = 5;
const STRUCK_SHOWN = 3;
const VOTES_SHOWN = 6;
const QUOTE_SHOWN = 400;
const WORDS_SHOWN = 500;

type Of<K extends Section['kind']> = Extract<Section, { kind: K }>;

/** Votes with what each person checked, and reasons. */
export function wordsOfPeople(sections: Of<'text'>[], paper: Paper): Part {
  return {
    rank: RANK.words,
    name: count(sections.length, 'statement'),
    most: VOTES_SHOWN,
    items: sections.length,
    text: (shown) => [
      ...sections
        .slice(0, shown)
        .flatMap(({ label, text }) => [
          line(said(paper.shortened(label ?? 'A person', 300, SHOW_ALL), { bold: true })),
          box(said(paper.shortened(text, WORDS_SHOWN, SHOW_ALL))),
        ]),
      ...rest(sections.length - shown, 'statement', SHOW_ALL),
    ],
  };
}

export function quotesPart(quotes: Of<'quote'>[], paper: Paper): Part {
  const struck = quotes[0]?.struck !== undefined;
  const unit = struck ? 'struck quote' : 'quote';
  return {
    rank: RANK.evidence,
    name: count(quotes.length, unit),
    most: struck ? STRUCK_SHOWN : QUOTES_SHOWN,
    items: quotes.length,
    text: (shown) => [
      ...quotes.slice(0, shown).flatMap((quote) => quotePieces(quote, paper)),
      ...rest(quotes.length - shown, unit, SHOW_EVIDENCE),
    ],
  };
}

function quotePieces({ text, source, supports, struck }: Of<'quote'>, paper: Paper): Piece[] {
  const shown = paper.shortened(text, QUOTE_SHOWN, SHOW_EVIDENCE);
  if (struck !== undefined) {
    const why = paper.shortened(struck, 200, SHOW_EVIDENCE);
    return [box(said(shown, { strike: true })), line(said('Struck: ', { bold: true }), said(why))];
  }
  const meant = supports === '' ? [] : [said(`: ${paper.shortened(supports, 200, SHOW_EVIDENCE)}`, { italic: true })];
  return [code(shown), line(said(paper.shortened(source, 200, SHOW_EVIDENCE)), ...meant)];
}

export function diffPart(parts: Of<'diff'>[], paper: Paper): Part {
  const [first] = parts as [Of<'diff'>];
  const lines = paper.diffLines(joined(parts.map((part) => part.before)), joined(parts.map((part) => part.after)));
  return {
    rank: RANK.change,
    name: untold(first),
    most: lines.length,
    items: lines.length,
    text: (shown) => [
      line(said(untold(first), { bold: true })),
      ...(shown === 0
        ? []
        : [
            code(
              lines
                .slice(0, shown)
                .map((one) => one.text)
                .join('\n'),
            ),
          ]),
      ...(shown === lines.length ? [] : [restOfDiff(lines.slice(shown))]),
    ],
  };
}

/** One side of a change whose other side may have had more pieces. */
function joined(pieces: readonly string[]): string {
  const last = pieces.findLastIndex((piece) => piece !== '');
  return pieces.slice(0, last + 1).join('\n');
}

function restOfDiff(lines: { changed: boolean }[]): Piece {
  const changed = lines.filter((one) => one.changed).length;
  const told = changed === 0 ? 'The rest stays the same' : count(changed, 'more changed line');
  return line(said(`${told}: ${SHOW_ALL}`, { italic: true }));
}

/** The title of a diff without the number of its piece. */
export function untold({ title }: Of<'diff'>): string {
  return title.replace(/ \(part \d+ of \d+\)$/, '');
}
