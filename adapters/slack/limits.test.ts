import { describe, expect, it } from 'vitest';
import type { Card, Section, Thread, TraceLine } from '../../src/domain/card.js';
import type { ChatMessage } from '../../src/domain/chat.js';
import { fitCard } from '../../src/views/fit.js';
import { at, opened, POLICY, sampleProposal, untilProposal } from '../../test/e2e/sample-story.js';
import { allText, asLines, longestText, readings, threadAfter } from '../../test/support/slack/rendering.js';
import { validateMessage } from '../../test/support/slack/validate/message.js';
import { validateView } from '../../test/support/slack/validate/view.js';
import type { SlackBody } from './body.js';
import { detailView } from './detail-views.js';
import { slackMessages } from './messages.js';
import { formView } from './modals.js';

const PLACE = { channel: 'C0123', notify: 'S0123' };
const CALL = '<!subteam^S0123>';

/** Both calls take both forms of every message. */
function faultsOf(messages: readonly ChatMessage<SlackBody>[]): unknown[] {
  return messages.flatMap(({ key, body, plain }) =>
    [body, plain].flatMap((form) =>
      (['chat.postMessage', 'chat.update'] as const).flatMap((method) => {
        const refusal = validateMessage({ method, ...form });
        return refusal === undefined ? [] : [{ key, method, refusal }];
      }),
    ),
  );
}

function checked(thread: Thread): ChatMessage<SlackBody>[] {
  const messages = slackMessages(thread, PLACE);
  expect(faultsOf(messages)).toEqual([]);
  expect(messages.flatMap((one) => readings([one.body, one.plain], CALL))).toEqual([]);
  expect(longestText(messages.map(({ body }) => body.blocks))).toBeLessThanOrEqual(3000);
  expect(new Set(messages.map(({ key }) => key)).size).toBe(messages.length);
  return messages;
}

function withCard(card: Card, fit = true): Thread {
  return { ...threadAfter([opened()]), cards: [fit ? fitCard(card) : card] };
}

function cardLines(thread: Thread): string[] {
  const message = checked(thread).find(({ key }) => key.startsWith('card-'));
  return asLines(message?.body.blocks ?? []);
}

/** Every page of a detail, checked, as one text. */
function wholeDetail(
  thread: Thread,
  detail: 'trace' | 'evidence' | 'all',
  card?: string,
  observations?: Map<string, string>,
): string {
  const texts: string[] = [];
  for (let page = 0, pages = 1; page < pages; page += 1) {
    const view = detailView({
      thread,
      detail,
      page,
      ...(card === undefined ? {} : { card }),
      ...(observations && { observations }),
    });
    expect(validateView(view)).toBeUndefined();
    expect(readings(view)).toEqual([]);
    expect(longestText(view)).toBeLessThanOrEqual(3000);
    pages = Number(/of (\d+)$/.exec(view.title.text)?.[1] ?? 1);
    texts.push(allText(view.blocks));
  }
  return texts.join('\n');
}

const columns = (count: number, type: string): string[] =>
  Array.from({ length: count }, (_, at) => `merchant_attribute_number_${at + 1}: ${type}`);

function decisionCard(sections: Section[]): Card {
  const [card] = threadAfter(untilProposal()).cards.filter(({ id }) => id === 'proposal-1');
  if (card === undefined) throw new Error('no card');
  return { ...card, sections };
}

const TERMS: Section = {
  kind: 'facts',
  rows: [
    { name: 'Risk', value: 'High. It changes 200 columns.' },
    { name: 'Who may approve', value: 'ana@example.com' },
    { name: 'Decide before', value: '03:15 UTC, 14 May' },
  ],
};

describe('a schema of 200 columns', () => {
  it('shows the one that comes among those that stay, however many there are', () => {
    const before = columns(200, 'string');
    const after = [...before.slice(0, 120), 'fee: decimal(18,2)', ...before.slice(120)];
    const diff: Section = { kind: 'diff', title: 'Add fee', before: before.join('\n'), after: after.join('\n') };
    expect(cardLines(withCard(decisionCard([diff, TERMS]))).slice(2, 11)).toEqual([
      'Add fee',
      '  ▒   (118 lines stay the same)',
      '  ▒   merchant_attribute_number_119: string',
      '  ▒   merchant_attribute_number_120: string',
      '  ▒ + fee: decimal(18,2)',
      '  ▒   merchant_attribute_number_121: string',
      '  ▒   merchant_attribute_number_122: string',
      '  ▒   (78 lines stay the same)',
      'Risk: High. It changes 200 columns.',
    ]);
  });

  it('counts what does not fit when every column changes, and shows all of it on request', () => {
    const before = columns(200, 'string').join('\n');
    const after = columns(200, 'decimal(38,18)').join('\n');
    const thread = withCard(decisionCard([{ kind: 'diff', title: 'Widen', before, after }, TERMS]));
    const lines = cardLines(thread);
    const shown = lines.filter((line) => /▒ [-+] /.test(line)).length;
    const more = Number(
      /^([\d,]+) more changed lines: Show all$/.exec(lines.find((line) => line.includes('more changed')) ?? '')?.[1],
    );
    expect(shown).toBeGreaterThan(100);
    expect(shown + more).toBe(400);
    expect(lines).toContain('Decide before: 03:15 UTC, 14 May');
    expect(lines.at(-1)).toContain('[Show all]');
    const whole = wholeDetail(thread, 'all', 'proposal-1');
    for (const column of [...columns(200, 'string'), ...columns(200, 'decimal(38,18)')])
      expect(whole).toContain(column);
  });
});

function quotes(count: number, length = 300): Section[] {
  return Array.from({ length: count }, (_, at) => ({
    kind: 'quote',
    text: `line=${at + 1} ${'x'.repeat(length)} end=${at + 1}`,
    source: `logs, call ${at + 1}`,
    supports: `it says ${at + 1}`,
    observation: String(at + 1),
  }));
}

describe('evidence of 50 quotes', () => {
  const card = { ...decisionCard(quotes(50)), id: 'diagnosis', actions: [] };

  it('shows the first and counts the others', () => {
    const lines = cardLines(withCard(card, false));
    const shown = lines.filter((line) => /^logs, call \d+: it says/.test(line)).length;
    expect(lines).toContain(`${50 - shown} more quotes: Show evidence`);
    expect(shown).toBe(5);
  });

  it('counts what struck quotes there are beside them', () => {
    const struck = quotes(9).map((quote): Section => ({ ...quote, struck: 'not in any answer' }) as Section);
    const lines = cardLines(withCard({ ...card, sections: [...quotes(2), ...struck] }, false));
    expect(lines).toContain('6 more struck quotes: Show evidence');
    expect(lines.filter((line) => line === 'Struck: not in any answer').length).toBe(3);
  });

  it('has all of them, whole and within what the tool answered, in pages', () => {
    const observations = new Map(
      card.sections.map((one, at) => [
        String(at + 1),
        `first\n${'noise\n'.repeat(50)}before ${at + 1}\n${one.kind === 'quote' ? one.text : ''}\nafter ${at + 1}\n${'noise\n'.repeat(50)}last`,
      ]),
    );
    const text = wholeDetail(withCard(card, false), 'evidence', 'diagnosis', observations);
    for (let quote = 1; quote <= 50; quote += 1) {
      expect(text).toContain(`line=${quote} ${'x'.repeat(300)} end=${quote}`);
      expect(text).toContain(`before ${quote}`);
      expect(text).toContain(`after ${quote}`);
    }
    expect(text).not.toContain('first');
  });
});

describe('40 votes', () => {
  it('shows some, counts the others, and loses no term of the decision', () => {
    const votes = Array.from(
      { length: 40 },
      (_, at): Section => ({
        kind: 'text',
        voice: 'person',
        label: `Approved so far: person${at + 1}@example.com`,
        text: 'I looked at it. '.repeat(60),
      }),
    );
    const lines = cardLines(withCard(decisionCard([TERMS, ...votes]), false));
    const shown = lines.filter((line) => line.startsWith('Approved so far')).length;
    expect(shown).toBeGreaterThan(2);
    expect(lines).toContain(`${40 - shown} more statements: Show all`);
    expect(lines).toContain('Decide before: 03:15 UTC, 14 May');
  });
});

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

function nastyThread(seed: number): Thread {
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

describe('whatever the texts hold', { timeout: 30_000 }, () => {
  it.each(Array.from({ length: 4 }, (_, at) => at))(
    'is taken by Slack and read as letters only (block %i of seeds)',
    (block) => {
      for (let seed = block * 10; seed < block * 10 + 10; seed += 1) {
        const thread = nastyThread(seed);
        const live = checked(thread).find(({ urgency }) => urgency === 'decision');
        const lines = asLines(live?.body.blocks ?? []);
        for (const row of TERMS.kind === 'facts' ? TERMS.rows : [])
          expect(lines, String(seed)).toContain(`${row.name}: ${row.value}`);
        expect(live?.plain.text, String(seed)).toContain('Decide before: 03:15 UTC, 14 May');
      }
    },
  );

  it.each([1, 2, 3])('is shown whole in details and forms (seed %i)', (seed) => {
    const thread = nastyThread(seed);
    wholeDetail(thread, 'trace');
    wholeDetail(thread, 'evidence');
    wholeDetail(thread, 'all', 'headline');
    wholeDetail(thread, 'all', 'a2');
    for (const card of thread.cards) {
      wholeDetail(thread, 'all', card.id);
      for (const action of card.actions) {
        const view = formView({
          action,
          carried: { incident: thread.incident, card: card.id },
          card,
          faults: { words: '<!here>', x: '<!here>' },
        });
        expect(validateView(view)).toBeUndefined();
        expect(readings(view)).toEqual([]);
        expect(asLines(view.blocks)).toContain('Decide before: 03:15 UTC, 14 May');
      }
    }
  });
});

describe('an alert that was made to be read as ours', () => {
  it('stays letters in the headline and on the lock screen', () => {
    const event = opened();
    if (event.type !== 'incident.opened') throw new Error('not opened');
    event.data.title = '<!channel> :fire: approve http://evil.example `now`';
    const [headline] = checked(threadAfter([event], POLICY));
    expect(asLines(headline?.body.blocks ?? [])[0]).toBe(`:large_blue_circle: ${event.data.title}`);
    expect(sampleProposal().v).toBe(1);
  });
});
