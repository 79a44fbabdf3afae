import type { RichTextBlock, RichTextBlockElement, RichTextElement } from '@slack/types';
import type { Section } from '../../src/domain/card.js';
import { diffPart, quotesPart, untold, wordsOfPeople } from './evidence-blocks.js';
import { type Part, RANK, rest, SHOW_ALL } from './part.js';
import { box, bullets, count, line, listed, rich, said, shortened } from './text.js';

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
export function partsOf(sections: readonly Section[], wrote: string): Part[] {
  const runs = runsOf(sections);
  const facts = runs.findIndex(([first]) => first?.kind === 'facts');
  return runs.map((run, at) => {
    const part = partOf(run, wrote);
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

function partOf(run: Section[], wrote: string): Part {
  const [first] = run as [Section];
  switch (first.kind) {
    case 'text':
      return first.voice === 'person' ? wordsOfPeople(run as Of<'text'>[]) : textPart(first, wrote);
    case 'facts':
      return factsPart(first);
    case 'quote':
      return quotesPart(run as Of<'quote'>[]);
    case 'diff':
      return diffPart(run as Of<'diff'>[]);
    case 'list':
      return listPart(run as Of<'list'>[], wrote);
    case 'tagged':
      return taggedPart(first);
    case 'patch':
      return patchPart(run as Of<'patch'>[]);
  }
}

function textPart({ voice, label, text }: Of<'text'>, wrote: string): Part {
  if (voice === 'ours') {
    const lead = label === undefined ? [] : [said(`${label}. `, { bold: true })];
    const block = (): RichTextBlock => rich(line(...lead, said(shortened(text, 2800, SHOW_ALL))));
    return { rank: RANK.ours, name: label ?? 'a remark', most: 1, items: 1, block };
  }
  const whose = label ?? (voice === 'model' ? wrote : 'From outside');
  const block = (): RichTextBlock =>
    rich(line(said(whose, { italic: true })), box(said(shortened(text, WORDS_SHOWN, SHOW_ALL))));
  return { rank: RANK.words, name: whose, most: 1, items: 1, block };
}

function factsPart({ title, rows }: Of<'facts'>): Part {
  // Every row is shown, so that none of what is decided by is missing; long values give way.
  const room = Math.min(VALUE_SHOWN, Math.floor(FACTS_ROOM / Math.max(1, rows.length)));
  return {
    rank: RANK.turns,
    name: title ?? count(rows.length, 'fact'),
    most: rows.length,
    items: rows.length,
    block: (shown) => {
      const told = rows
        .slice(0, shown)
        .flatMap(({ name, value }, at) => [
          ...(at === 0 ? [] : [said('\n')]),
          said(`${name}: `, { bold: true }),
          said(shortened(value, room, SHOW_ALL)),
        ]);
      const head = title === undefined ? [] : [line(said(title, { bold: true }))];
      return rich(
        ...head,
        ...(told.length === 0 ? [] : [line(...told)]),
        ...rest(rows.length - shown, 'fact', SHOW_ALL),
      );
    },
  };
}

function listPart(parts: Of<'list'>[], wrote: string): Part {
  const [{ title, voice }] = parts as [Of<'list'>];
  const items = parts.flatMap((part) => part.items);
  const label = voice === 'model' ? [said(`\n${wrote}`, { italic: true })] : [];
  const told = (shown: number): RichTextBlockElement[] => {
    const texts = items.slice(0, shown).map((item) => shortened(item, ITEM_SHOWN, SHOW_ALL));
    if (texts.length === 0) return [];
    if (voice === 'model') return [box(said(texts.map((text) => `• ${text}`).join('\n')))];
    return [listed(texts)];
  };
  return {
    rank: voice === undefined || voice === 'ours' ? RANK.terms : RANK.rest,
    name: `${title} (${items.length})`,
    most: items.length,
    items: items.length,
    block: (shown) =>
      rich(
        line(said(title, { bold: true }), ...label),
        ...told(shown),
        ...rest(items.length - shown, 'line', SHOW_ALL),
      ),
  };
}

function taggedPart({ title, tags, rows, more }: Of<'tagged'>): Part {
  const classes = tags.length === 0 ? [] : [said(`\nData classes: ${tags.join(', ')}`)];
  return {
    rank: RANK.reach,
    name: title,
    most: REACH_SHOWN,
    items: rows.length,
    block: (shown) => {
      const left = more + rows.length - shown;
      const told = rows
        .slice(0, shown)
        .map(({ name, tags: own, text }): RichTextElement[] => [
          said(shortened(name, 200, SHOW_ALL), { bold: true }),
          said(`${own.length === 0 ? '' : ` [${own.join(', ')}]`} ${shortened(text, 250, SHOW_ALL)}`),
        ]);
      return rich(
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
      );
    },
  };
}

/** By name only: a patch is for a person at a keyboard. */
function patchPart(patches: Of<'patch'>[]): Part {
  return {
    rank: RANK.rest,
    name: count(patches.length, 'patch', 'patches'),
    most: 5,
    items: patches.length,
    block: (shown) =>
      rich(
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
                    said(`${shortened(file, 250, SHOW_ALL)} (${count(diff.split('\n').length, 'line')})`),
                  ]),
              ),
            ]),
        ...rest(patches.length - shown, 'patch', SHOW_ALL, 'patches'),
      ),
  };
}
