import type { Card, Section, Thread, TraceLine } from '../../src/domain/card.js';
import { fitCard } from '../../src/views/fit.js';
import { at, untilProposal } from '../e2e/sample-story.js';
import { TERMS, threadAfter } from './threads.js';

/** Repeatable pseudo-random numbers (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const NASTY = [
  '<!channel>',
  '<@U1>',
  '<!here|x>',
  '<#C1>',
  '<https://evil.example|ok>',
  '&lt;!channel&gt;',
  '&',
  '<',
  '>',
  '@here ',
  'http://evil.example/a?b=c ',
  ':rotating_light:',
  ':fire:',
  '`',
  '```',
  '*bold*',
  '_i_',
  '~s~',
  '\n',
  '\r\n',
  '\n\n\n',
  '\0',
  '\u001b[31m',
  '\u202e',
  '\u2066',
  '\ud800',
  '\udc00',
  '😀',
  '👩‍👩‍👧',
  'שלום',
  'مرحبا',
  'é',
  '\u2028',
  '\ufeff',
  ' ',
  '',
  'word ',
  '| a | b |',
  '{"a":1}',
  '(part 2 of 3)',
  'Show all',
  '; ',
  'null',
  '<!date^1^{time}|x>',
  '<!subteam^S9>',
  '<at>On call</at>',
  '[ok](https://evil.example)',
  '{{DATE(2026-05-14T02:14:00Z)}}',
  '\\\\',
  '# head\n',
  '1. one\n',
  'www.evil.example ',
];

function nasty(next: () => number, longest: number): string {
  const kind = next();
  if (kind < 0.15) return '';
  if (kind < 0.3) return (NASTY[Math.floor(next() * NASTY.length)] ?? 'x').repeat(Math.ceil((next() * longest) / 4));
  if (kind < 0.4) return 'x'.repeat(Math.floor(next() * longest));
  const parts = Array.from({ length: Math.floor(next() * 30) }, () => NASTY[Math.floor(next() * NASTY.length)]);
  return parts.join('').slice(0, longest);
}

function nastySection(next: () => number): Section {
  const text = (longest: number): string => nasty(next, longest);
  const many = <T>(most: number, make: () => T): T[] => Array.from({ length: Math.floor(next() * most) }, make);
  const folded = next() < 0.2 ? { folded: true } : {};
  const kinds: (() => Section)[] = [
    () => ({
      kind: 'text',
      voice: (['ours', 'model', 'outside', 'person'] as const)[Math.floor(next() * 4)] ?? 'ours',
      text: text(4000),
      ...(next() < 0.5 ? { label: text(200) } : {}),
    }),
    () => ({ kind: 'facts', rows: many(14, () => ({ name: text(80), value: text(2000) })) }),
    () => ({
      kind: 'quote',
      text: text(1500),
      source: text(100),
      supports: text(400),
      observation: text(64),
      ...(next() < 0.3 ? { struck: text(300) } : {}),
    }),
    () => ({ kind: 'diff', title: text(200), before: text(6000), after: text(6000) }),
    () => ({
      kind: 'list',
      title: text(200),
      items: many(60, () => text(500)),
      ...(next() < 0.5 ? { voice: 'model' as const } : {}),
    }),
    () => ({
      kind: 'tagged',
      title: text(200),
      tags: many(9, () => text(50)),
      rows: many(15, () => ({ name: text(300), tags: many(5, () => text(40)), text: text(300) })),
      more: Math.floor(next() * 99),
    }),
    () => ({ kind: 'patch', file: text(300), diff: text(9000), note: text(500) }),
  ];
  return { ...(kinds[Math.floor(next() * kinds.length)] ?? kinds[0])?.(), ...folded } as Section;
}

/** A thread whose texts are what a chat could take for markup, at all lengths; the same for the same seed. */
export function nastyThread(seed: number): Thread {
  const next = random(seed);
  const thread = threadAfter(untilProposal());
  const text = (longest: number): string => nasty(next, longest);
  const sections = (): Section[] => Array.from({ length: Math.floor(next() * 60) }, () => nastySection(next));
  // What it turns on stands somewhere among all else, as its first facts.
  const decisive = (): Section[] => [
    ...sections()
      .filter(({ kind }) => kind !== 'facts')
      .slice(0, 8),
    TERMS,
    ...sections(),
  ];
  const card = (one: Card): Card => {
    const made = { ...one, title: text(300), sections: one.actions.length > 0 ? decisive() : sections() };
    return next() < 0.5 ? fitCard(made) : made;
  };
  const line = (_: unknown, at: number): TraceLine => ({
    call: at + 1,
    at: '2026-05-14T02:14:00.000Z',
    tool: text(60),
    args: text(400),
    thought: text(1000),
    hypothesis: text(300),
    confidence: next(),
    status: (['running', 'ok', 'no_data', 'error'] as const)[Math.floor(next() * 4)] ?? 'ok',
    headline: text(300),
    flagged: next() < 0.3,
  });
  const trace = Array.from({ length: Math.floor(next() * 30) }, line);
  const note = (id: string) => ({ id, by: text(250), via: 'web' as const, at: at(1), text: text(4000) });
  return {
    ...thread,
    summary: { ...thread.summary, title: text(300), owner: text(100), pipeline: text(100) },
    headline: { ...card(thread.headline), id: 'headline' },
    trace,
    cards: thread.cards.map(card),
    notes: [note('n1'), note('n2')],
    questions: [
      { ...note('q1'), grant: 0, state: 'working', trace },
      {
        ...note('q2'),
        grant: 0,
        state: 'answered',
        trace,
        answer: card({ id: 'a2', title: '', tone: 'good', sections: [], actions: [] }),
      },
    ],
  };
}
