import { describe, expect, it } from 'vitest';
import { opened, POLICY } from '../../test/e2e/sample-story.js';
import { nastyThread } from '../../test/support/nasty-threads.js';
import { checkCard, checkDialog, checked, linesOf, wholeDetail } from '../../test/support/teams/checked-messages.js';
import { TERMS, threadAfter } from '../../test/support/threads.js';
import { formCard, formDialog } from './dialogs.js';

describe('whatever the texts hold', { timeout: 60_000 }, () => {
  it.each(Array.from({ length: 4 }, (_, at) => at))(
    'is taken by Teams and read as letters only (block %i of seeds)',
    (block) => {
      for (let seed = block * 10; seed < block * 10 + 10; seed += 1) {
        const live = checked(nastyThread(seed)).find(({ urgency }) => urgency === 'decision');
        const lines = linesOf(live?.body.card);
        for (const row of TERMS.kind === 'facts' ? TERMS.rows : [])
          expect(lines, String(seed)).toContain(`${row.name}: ${row.value}`);
        expect(live?.plain.text, String(seed)).toContain('Decide before: 03:15 UTC, 14 May');
      }
    },
  );

  it.each([1, 2, 3])('is shown whole in details and forms (seed %i)', (seed) => {
    const thread = nastyThread(seed);
    wholeDetail({ thread, detail: 'trace' });
    wholeDetail({ thread, detail: 'evidence' });
    for (const card of ['headline', 'a2', ...thread.cards.map(({ id }) => id)])
      wholeDetail({ thread, detail: 'all', card });
    for (const card of thread.cards) {
      for (const action of card.actions) {
        const args = {
          action,
          carried: { verb: 'ask' as const, incident: thread.incident, card: card.id },
          card,
          faults: { words: '<at>x</at>', x: '{{DATE(2026-05-14T02:14:00Z)}}' },
        };
        const dialog = formDialog(args);
        checkDialog(dialog);
        checkCard('form', formCard(args), 'message');
        expect(linesOf(dialog.card)).toContain('Decide before: 03:15 UTC, 14 May');
      }
    }
  });
});

describe('an alert that was made to be read as ours', () => {
  it('stays letters in the headline and on the lock screen', () => {
    const event = opened();
    if (event.type !== 'incident.opened') throw new Error('not opened');
    event.data.title = '<at>On call</at> **approve** [now](http://evil.example) {{TIME(2026-05-14T02:14:00Z)}}';
    const [headline] = checked(threadAfter([event], POLICY));
    expect(linesOf(headline?.body.card)[0]).toBe(`🔵 ${event.data.title}`);
    expect(headline?.body.summary).not.toContain('://');
  });
});
