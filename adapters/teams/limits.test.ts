import { describe, expect, it } from 'vitest';
import type { Card, Section, Thread } from '../../src/domain/card.js';
import { fitCard } from '../../src/views/fit.js';
import { opened, untilProposal } from '../../test/e2e/sample-story.js';
import { checkCard, checkDialog, checked, linesOf, wholeDetail } from '../../test/support/teams/checked-messages.js';
import { TERMS, threadAfter } from '../../test/support/threads.js';
import { formCard, formDialog } from './dialogs.js';

function withCard(card: Card, fit = true): Thread {
  return { ...threadAfter([opened()]), cards: [fit ? fitCard(card) : card] };
}

function cardLines(thread: Thread): string[] {
  return linesOf(checked(thread).find(({ key }) => key.startsWith('card-'))?.body.card);
}

const columns = (count: number, type: string): string[] =>
  Array.from({ length: count }, (_, at) => `merchant_attribute_number_${at + 1}: ${type}`);

function decisionCard(sections: Section[]): Card {
  const [card] = threadAfter(untilProposal()).cards.filter(({ id }) => id === 'proposal-1');
  if (card === undefined) throw new Error('no card');
  return { ...card, sections };
}

describe('a schema of 200 columns', () => {
  it('shows the one that comes among those that stay, however many there are', () => {
    const before = columns(200, 'string');
    const after = [...before.slice(0, 120), 'fee: decimal(18,2)', ...before.slice(120)];
    const diff: Section = { kind: 'diff', title: 'Add fee', before: before.join('\n'), after: after.join('\n') };
    expect(cardLines(withCard(decisionCard([diff, TERMS]))).slice(2, 11)).toEqual([
      'Add fee',
      '  (118 lines stay the same)',
      '  merchant_attribute_number_119: string',
      '  merchant_attribute_number_120: string',
      '+ fee: decimal(18,2)',
      '  merchant_attribute_number_121: string',
      '  merchant_attribute_number_122: string',
      '  (78 lines stay the same)',
      'Risk: High. It changes 200 columns.',
    ]);
  });

  it('counts what does not fit when every column changes, and shows all of it on request', () => {
    const before = columns(200, 'string').join('\n');
    const after = columns(200, 'decimal(38,18)').join('\n');
    const thread = withCard(decisionCard([{ kind: 'diff', title: 'Widen', before, after }, TERMS]));
    const lines = cardLines(thread);
    const shown = lines.filter((line) => /^[-+] /.test(line)).length;
    const more = /^([\d,]+) more changed lines: Show all$/;
    const told = Number(more.exec(lines.find((line) => more.test(line)) ?? '')?.[1] ?? 0);
    expect(shown).toBeGreaterThan(250);
    expect(shown + told).toBe(400);
    expect(lines).toContain('Decide before: 03:15 UTC, 14 May');
    const whole = wholeDetail({ thread, detail: 'all', card: 'proposal-1' });
    for (const column of [...columns(200, 'string'), ...columns(200, 'decimal(38,18)')])
      expect(whole).toContain(column);
    for (const action of thread.cards[0]?.actions ?? []) {
      const args = {
        action,
        card: thread.cards[0] as Card,
        carried: { verb: 'ask' as const, incident: thread.incident },
      };
      checkCard(action.verdict, formCard(args), 'message');
      checkDialog(formDialog(args));
    }
  });

  it('stays within the budget in every script', () => {
    for (const letter of ['é', '漢', '😀', '"', '\\', '\n']) {
      const text = letter.repeat(4000);
      const sections: Section[] = [
        TERMS,
        { kind: 'text', voice: 'model', text },
        { kind: 'text', voice: 'ours', text },
        { kind: 'diff', title: text.slice(0, 100), before: text, after: `${text}x` },
        { kind: 'list', title: 'L', items: Array.from({ length: 50 }, () => text.slice(0, 400)) },
        { kind: 'quote', text, source: 's', supports: text },
      ];
      const thread = withCard(decisionCard([...sections, ...sections, ...sections]), false);
      expect(cardLines(thread), letter).toContain('Decide before: 03:15 UTC, 14 May');
      wholeDetail({ thread, detail: 'all' });
    }
  }, 60_000);
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
    expect(lines.filter((line) => /^logs, call \d+: it says/.test(line))).toHaveLength(5);
    expect(lines).toContain('45 more quotes: Show evidence');
  });

  it('has all of them, whole and within what the tool answered, in pages', () => {
    const observations = new Map(
      card.sections.map((one, at) => [
        String(at + 1),
        `first\n${'noise\n'.repeat(50)}before ${at + 1}\n${one.kind === 'quote' ? one.text : ''}\nafter ${at + 1}\n${'noise\n'.repeat(50)}last`,
      ]),
    );
    const text = wholeDetail({ thread: withCard(card, false), detail: 'evidence', card: 'diagnosis', observations });
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
