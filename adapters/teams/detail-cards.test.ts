import { describe, expect, it } from 'vitest';
import type { Section, Thread } from '../../src/domain/card.js';
import { untilProposal } from '../../test/e2e/sample-story.js';
import { checkCard, linesOf, wholeDetail } from '../../test/support/teams/checked-messages.js';
import { threadAfter } from '../../test/support/threads.js';
import { type Carried, readCarried } from './action-data.js';
import type { AdaptiveCardJson } from './body.js';
import { detailCard, detailDialog, evidenceDigests } from './detail-cards.js';

const thread = threadAfter(untilProposal());
const CARRIED: Carried = {
  verb: 'show',
  incident: thread.incident,
  message: 'card-proposal-1',
  delivery: `${thread.incident}/card-proposal-1`,
  card: 'proposal-1',
  detail: 'all',
};

function long(): Thread {
  const sections: Section[] = Array.from({ length: 30 }, (_, at) => ({
    kind: 'text',
    voice: 'model',
    label: `Part ${at + 1}`,
    text: `begin ${at + 1} ${'漢 '.repeat(900)} end ${at + 1}`,
  }));
  return { ...thread, cards: thread.cards.map((card) => (card.id === 'proposal-1' ? { ...card, sections } : card)) };
}

function buttons(card: AdaptiveCardJson): [string, Carried | undefined][] {
  return (card.actions ?? []).map((one) => [one.title, 'data' in one ? readCarried(one.data) : undefined]);
}

describe('a detail', () => {
  it('leads from page to page and back, in the message and in a dialog', () => {
    const args = { thread: long(), detail: 'all' as const, card: 'proposal-1', carried: CARRIED };
    const pages = Number(/of (\d+)$/.exec(detailDialog({ ...args, page: 0 }).title)?.[1]);
    expect(pages).toBeGreaterThan(3);
    const middle = detailCard({ ...args, page: 1 });
    checkCard('middle', middle, 'message');
    expect(buttons(middle)).toEqual([
      ['Previous page', { ...CARRIED, page: 0 }],
      [`Next: page 3 of ${pages}`, { ...CARRIED, page: 2 }],
      ['Back to the card', { ...CARRIED, verb: 'cancel', page: 1 }],
      ['Open as a dialog', { ...CARRIED, page: 1 }],
    ]);
    const titles = (page: number): string[] => buttons(detailDialog({ ...args, page }).card).map(([title]) => title);
    expect(titles(0)).toEqual([`Next: page 2 of ${pages}`]);
    expect(titles(999)).toEqual(['Previous page']);
  });

  it('is whole', () => {
    const text = wholeDetail({ thread: long(), detail: 'all', card: 'proposal-1' });
    for (let part = 1; part <= 30; part += 1) {
      expect(text).toContain(`begin ${part} `);
      expect(text).toContain(` end ${part}`);
    }
  });

  it('shows quotes within what the tool answered, and says when that can not be read', () => {
    const digests = evidenceDigests(thread, 'diagnosis');
    expect(digests.length).toBeGreaterThan(0);
    const missing = wholeDetail({ thread, detail: 'evidence', card: 'diagnosis', observations: new Map() });
    expect(missing).toContain('The stored answer could not be read; this is the quote alone.');
    const diagnosis = thread.cards.find(({ id }) => id === 'diagnosis');
    const stored = diagnosis?.sections.flatMap((one) =>
      one.kind === 'quote' && one.observation !== undefined
        ? [[one.observation, `around\n${one.text}\nbehind`] as const]
        : [],
    );
    const whole = wholeDetail({ thread, detail: 'evidence', card: 'diagnosis', observations: new Map(stored) });
    expect(whole).toContain('around');
    expect(whole).not.toContain('could not be read');
  });

  it('of what is not there says so', () => {
    expect(linesOf(detailDialog({ thread, detail: 'all', card: 'gone', page: 0 }).card)).toEqual([
      'This card is no longer part of the thread.',
    ]);
    expect(linesOf(detailDialog({ thread: { ...thread, trace: [] }, detail: 'trace', page: 0 }).card)).toEqual([
      'No tool was called yet.',
    ]);
  });

  it('that was opened from one person’s list leads back to it', () => {
    const carried: Carried = { verb: 'show', incident: thread.incident, card: 'headline', detail: 'all' };
    const card = detailCard({ thread, detail: 'all', card: 'headline', page: 0, carried });
    expect(buttons(card)).toContainEqual(['Waiting for me', { verb: 'command', incident: '', command: 'waiting' }]);
  });
});
