import { describe, expect, it } from 'vitest';
import { opened, POLICY, sampleProposal } from '../../test/e2e/sample-story.js';
import { nastyThread } from '../../test/support/nasty-threads.js';
import { checked, wholeDetail } from '../../test/support/slack/checked-messages.js';
import { asLines, readings } from '../../test/support/slack/rendering.js';
import { validateView } from '../../test/support/slack/validate/view.js';
import { TERMS, threadAfter } from '../../test/support/threads.js';
import { formView } from './modals.js';

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
