import type { Section } from './card.js';
import { type Part, RANK, rest, SHOW_ALL } from './card-parts.js';
import { diffPart, quotesPart, untold, wordsOfPeople } from './evidence-parts.js';
import { box, bullets, line, listed, type Paper, type Piece, type RichText, type Run, said } from './rich-text.js';
import { count } from './visible-text.js';

const WORDS_SHOWN = 900;
const VALUE_SHOWN = 700;
const FACTS_ROOM = 4000;
const ITEM_SHOWN = 500;
/** Of tables and readers downstream: the most sensitive and the nearest; a phone has room for little. */
const REACH_SHOWN = 3;

type Of<K extends Section['kind']> = Extract<Section, { kind: K }>;

/**
 * What a chat shows of these sections, in their order. `wrote` labels the model's words where a section does not itself. The first
 * facts of a card are what it turns on (risk, who, until when); later ones are details of what is above them.
 */
export function partsOf(sections: readonly Section[], wrote: string, paper: Paper): Part[] {
  const runs = runsOf(sections);
  const facts = runs.findIndex(([first]) => first?.kind === 'facts');
  return runs.map((run, at) => {
    const part = partOf(run, wrote, paper);
    return run[0]?.kind === 'facts' && at !== facts ? { ...part, rank: RANK.terms } : part;
  });
}

/** Neighbours that are one thing: quotes, votes, the pieces of one diff or one list. */
function runsOf(sections: readonly Section[]): Section[][] {
  const runs: Section[][] = [];
  for (const section of sections) {
    const last = runs.at(-1)?.[0];
    if (last !== undefined && sameRun(last, section)) runs.at(-1)?.push(section);
    else runs.push([section]);
  }
  return runs;
}

function sameRun(a: Section, b: Section): boolean {
  if (a.kind === 'quote' && b.kind === 'quote') return (a.struck === undefined) === (b.struck === undefined);
  if (a.kind === 'text' && b.kind === 'text') return a.voice === 'person' && b.voice === 'person';
  if (a.kind === 'list' && b.kind === 'list') return a.title === b.title && a.voice === b.voice;
  if (a.kind === 'diff' && b.kind === 'diff')
    return / \(part (?!1 )\d+ of \d+\)$/.test(b.title) && untold(a) === untold(b);
  return a.kind === 'patch' && b.kind === 'patch';
}

function partOf(run: Section[], wrote: string, paper: Paper): Part {
  const [first] = run as [Section];
  switch (first.kind) {
    case 'text':
      return first.voice === 'person' ? wordsOfPeople(run as Of<'text'>[], paper) : textPart(first, wrote, paper);
    case 'facts':
      return factsPart(first, paper);
    case 'quote':
      return quotesPart(run as Of<'quote'>[], paper);
    case 'diff':
      return diffPart(run as Of<'diff'>[], paper);
    case 'list':
      return listPart(run as Of<'list'>[], wrote, paper);
    case 'tagged':
      return taggedPart(first, paper);
    case 'patch':
      return patchPart(run as Of<'patch'>[], paper);
  }
}

function textPart({ voice, label, text: words }: Of<'text'>, wrote: string, paper: Paper): Part {
  if (voice === 'ours') {
    const lead = label === undefined ? [] : [said(`${label}. `, { bold: true })];
    const text = (): RichText => [line(...lead, said(paper.shortened(words, 2800, SHOW_ALL)))];
    return { rank: RANK.ours, name: label ?? 'a remark', most: 1, items: 1, text };
  }
  const whose = label ?? (voice === 'model' ? wrote : 'From outside');
  const text = (): RichText => [
    line(said(whose, { italic: true })),
    box(said(paper.shortened(words, WORDS_SHOWN, SHOW_ALL))),
  ];
  return { rank: RANK.words, name: whose, most: 1, items: 1, text };
}

function factsPart({ title, rows }: Of<'facts'>, paper: Paper): Part {
  // Every row is shown, so that none of what is decided by is missing; long values give way.
  const room = Math.min(VALUE_SHOWN, Math.floor(FACTS_ROOM / Math.max(1, rows.length)));
  return {
    rank: RANK.turns,
    name: title ?? count(rows.length, 'fact'),
    most: rows.length,
    items: rows.length,
    text: (shown) => {
      const told = rows
        .slice(0, shown)
        .flatMap(({ name, value }, at) => [
          ...(at === 0 ? [] : [said('\n')]),
          said(`${name}: `, { bold: true }),
          said(paper.shortened(value, room, SHOW_ALL)),
        ]);
      const head = title === undefined ? [] : [line(said(title, { bold: true }))];
      return [...head, ...(told.length === 0 ? [] : [line(...told)]), ...rest(rows.length - shown, 'fact', SHOW_ALL)];
    },
  };
}

function listPart(parts: Of<'list'>[], wrote: string, paper: Paper): Part {
  const [{ title, voice }] = parts as [Of<'list'>];
  const items = parts.flatMap((part) => part.items);
  const label = voice === 'model' ? [said(`\n${wrote}`, { italic: true })] : [];
  const told = (shown: number): Piece[] => {
    const texts = items.slice(0, shown).map((item) => paper.shortened(item, ITEM_SHOWN, SHOW_ALL));
    if (texts.length === 0) return [];
    if (voice === 'model') return [box(said(texts.map((text) => `• ${text}`).join('\n')))];
    return [listed(texts)];
  };
  return {
    rank: voice === undefined || voice === 'ours' ? RANK.terms : RANK.rest,
    name: `${title} (${items.length})`,
    most: items.length,
    items: items.length,
    text: (shown) => [
      line(said(title, { bold: true }), ...label),
      ...told(shown),
      ...rest(items.length - shown, 'line', SHOW_ALL),
    ],
  };
}

function taggedPart({ title, tags, rows, more }: Of<'tagged'>, paper: Paper): Part {
  const classes = tags.length === 0 ? [] : [said(`\nData classes: ${tags.join(', ')}`)];
  return {
    rank: RANK.reach,
    name: title,
    most: REACH_SHOWN,
    items: rows.length,
    text: (shown) => {
      const left = more + rows.length - shown;
      const told = rows
        .slice(0, shown)
        .map(({ name, tags: own, text }): Run[] => [
          said(paper.shortened(name, 200, SHOW_ALL), { bold: true }),
          said(`${own.length === 0 ? '' : ` [${own.join(', ')}]`} ${paper.shortened(text, 250, SHOW_ALL)}`),
        ]);
      return [
        line(said(title, { bold: true }), ...classes),
        ...(told.length === 0 ? [] : [bullets(told)]),
        ...(left === 0
          ? []
          : [
              line(
                said(`and ${left.toLocaleString('en-US')} more: ${rows.length > shown ? SHOW_ALL : 'the web page'}`, {
                  italic: true,
                }),
              ),
            ]),
      ];
    },
  };
}

/** By name only: a patch is for a person at a keyboard. */
function patchPart(patches: Of<'patch'>[], paper: Paper): Part {
  return {
    rank: RANK.rest,
    name: count(patches.length, 'patch', 'patches'),
    most: 5,
    items: patches.length,
    text: (shown) => [
      line(
        said('Patches for a person, never executed. ', { bold: true }),
        said(`${SHOW_ALL} has them.`, { italic: true }),
      ),
      ...(shown === 0
        ? []
        : [
            bullets(
              patches
                .slice(0, shown)
                .map(({ file, diff }) => [
                  said(`${paper.shortened(file, 250, SHOW_ALL)} (${count(diff.split('\n').length, 'line')})`),
                ]),
            ),
          ]),
      ...rest(patches.length - shown, 'patch', SHOW_ALL, 'patches'),
    ],
  };
}
