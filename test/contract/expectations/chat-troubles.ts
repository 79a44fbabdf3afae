import { expect } from 'vitest';
import type { ChatGiven } from '../chat.js';
import type { Expectation } from '../contract.js';
import {
  CHAT_POLICY,
  CHECK,
  elsewhere,
  eventsOf,
  expectDecided,
  expectUndecided,
  high,
  low,
  MEMORY,
  medium,
  OTHER_CHECK,
  openCard,
  trivial,
  waiting,
} from './chat-given.js';

const APPROVE = { verdict: 'approve', words: CHECK } as const;
const HOUR_MS = 3600_000;

export const TROUBLES: Expectation<ChatGiven>[] = [
  {
    name: 'a double click counts once, and both clicks are answered',
    async check(given) {
      const { incident, card } = await waiting(given, trivial);
      const both = await Promise.all([
        given.press('ana', card, { verdict: 'approve' }),
        given.press('ana', card, { verdict: 'approve' }),
      ]);
      for (const told of both) expect(told.text).toContain('ana@example.com approved this');
      await expectDecided(given, incident, 'approve', ['ana']);
    },
  },
  {
    name: 'a click that is delivered twice counts once, and is never told two different things',
    async check(given) {
      const { incident, card } = await waiting(given, high);
      const [first, second] = await given.pressDelivered('ana', card, APPROVE);
      expect(first?.text).toContain('one more person has to approve');
      expect([undefined, first?.text]).toContain(second?.text);
      expect(await eventsOf(given, incident, 'vote.cast')).toHaveLength(1);
    },
  },
  {
    name: 'two people at once are one decision, and the second is told who was first',
    async check(given) {
      const { incident, card } = await waiting(given, low);
      const both = await Promise.all([
        given.press('ana', card, APPROVE),
        given.press('ben', card, { verdict: 'reject', words: 'Not tonight, the source is being fixed' }),
      ]);
      const decisions = await eventsOf(given, incident, 'decision.recorded');
      expect(decisions).toHaveLength(1);
      const winner = decisions[0]?.statement.votes[0]?.by.id ?? '';
      expect(both.filter(({ text }) => text.includes('Too late') && text.includes(winner))).toHaveLength(1);
    },
  },
  {
    name: 'a late click is told who decided, and when',
    async check(given) {
      const { incident, card } = await waiting(given, low);
      await given.press('ben', card, { verdict: 'reject', words: 'The source takes it back' });
      const told = await given.press('ana', card, APPROVE);
      expect(told.text).toMatch(/Too late: ben@example\.com rejected this on \d{4}-\d\d-\d\d at \d\d:\d\d/);
      await expectDecided(given, incident, 'reject', ['ben']);
    },
  },
  {
    name: 'a click on a card that was changed since counts nothing, and is told what changed',
    async check(given) {
      const { incident, card } = await waiting(given, medium);
      await given.press('ana', card, { verdict: 'modify', values: { [MEMORY]: '12' } });
      const told = await given.press('ben', card, APPROVE);
      expect(told.text).toMatch(/ana@example\.com changed the proposal/);
      expect(told.text).toContain('12');
      await expectUndecided(given, incident);
    },
  },
  {
    name: 'a card that was decided in another chat says so here, and an old look at it is told',
    async check(given) {
      const { incident, card } = await waiting(given, low);
      await elsewhere(given, incident, { verdict: 'approve', words: OTHER_CHECK });
      const seen = await given.see(incident);
      expect(seen.cards.flatMap(({ actions }) => actions)).toEqual([]);
      expect(seen.text).toContain('Approved by ben@example.com');
      expect((await given.press('ana', card, APPROVE)).text).toContain('Too late: ben@example.com approved this');
      expect(await eventsOf(given, incident, 'decision.recorded')).toHaveLength(1);
    },
  },
  {
    name: 'a vote in another chat is seen here, and the second one may come from here',
    async check(given) {
      const { incident } = await waiting(given, high);
      await elsewhere(given, incident, { verdict: 'approve', words: OTHER_CHECK });
      const card = await openCard(given, incident);
      expect(card.text).toContain('Approved so far: ben@example.com');
      await given.press('ana', card, APPROVE);
      expect(await eventsOf(given, incident, 'decision.recorded')).toHaveLength(1);
    },
  },
  {
    name: 'a click after a restart counts as one before it',
    async check(given) {
      const { incident, card } = await waiting(given, low);
      await given.restart();
      expect((await given.press('ana', card, APPROVE)).text).toContain('ana@example.com approved this');
      await expectDecided(given, incident, 'approve', ['ana']);
    },
  },
  {
    name: 'a click that is delivered before and after a restart counts once',
    async check(given) {
      const { incident, card } = await waiting(given, high);
      const [first, second] = await given.pressDelivered('ana', card, APPROVE, () => given.restart());
      expect(first?.text).toContain('one more person has to approve');
      expect([undefined, first?.text]).toContain(second?.text);
      expect(await eventsOf(given, incident, 'vote.cast')).toHaveLength(1);
    },
  },
  {
    name: 'a click after the time is over is told so, whatever the card still shows',
    async check(given) {
      const { incident, card } = await waiting(given, low);
      await given.pass(HOUR_MS + 60_000);
      expect((await given.press('ana', card, APPROVE)).text).toMatch(/Too late: .*expired/);
      await expectUndecided(given, incident);
      expect(await eventsOf(given, incident, 'proposal.expired')).toHaveLength(1);
    },
  },
  {
    name: 'an expired card says so by itself, and that nothing was changed',
    async check(given) {
      const { incident } = await waiting(given, low);
      await given.pass(HOUR_MS + 60_000);
      await given.core().expire();
      const seen = await given.see(incident);
      expect(seen.cards.flatMap(({ actions }) => actions)).toEqual([]);
      expect(seen.headline).toContain('Proposal expired');
      expect(seen.headline).toContain('Nothing was changed');
    },
  },
  {
    name: 'in a freeze nothing is approved, with the reason, and rejecting still works',
    async check(given) {
      const at = given.core().clock.now().getTime();
      const [from, to] = [at - HOUR_MS, at + HOUR_MS].map((ms) => new Date(ms).toISOString());
      given.core().policy = { ...CHAT_POLICY, freezes: [{ from: from ?? '', to: to ?? '', reason: 'year-end close' }] };
      try {
        const { incident, card } = await waiting(given, low);
        expect(card.text).toContain('year-end close');
        expect((await given.press('ana', card, APPROVE)).text).toContain('year-end close');
        await expectUndecided(given, incident);
        await given.press('ana', card, { verdict: 'reject', words: 'Wait until the freeze is over' });
        await expectDecided(given, incident, 'reject', ['ana']);
      } finally {
        given.core().policy = CHAT_POLICY;
      }
    },
  },
  {
    name: 'somebody who is taken off the list after the card was shown is refused',
    async check(given) {
      const { incident, card } = await waiting(given, low);
      given.core().policy = { ...CHAT_POLICY, groups: { ...CHAT_POLICY.groups, oncall: ['ben@example.com'] } };
      try {
        expect((await given.press('ana', card, APPROVE)).text).toContain('ana@example.com is not on the list');
        await expectUndecided(given, incident);
      } finally {
        given.core().policy = CHAT_POLICY;
      }
    },
  },
  {
    name: 'when the log stored a click and its answer was lost, the click is answered as stored, once',
    async check(given) {
      const { incident, card } = await waiting(given, low);
      given.core().log.failNext('after', 'decision.recorded');
      expect((await given.press('ana', card, APPROVE)).text).toContain('ana@example.com approved this');
      await expectDecided(given, incident, 'approve', ['ana']);
    },
  },
  {
    name: 'when the log can not be written, the click is told so, and counts when it is repeated',
    async check(given) {
      const { incident, card } = await waiting(given, low);
      given.core().log.down = true;
      try {
        expect((await given.press('ana', card, APPROVE)).text).toMatch(/[Cc]lick again.*can not count twice/);
        await expectUndecided(given, incident);
      } finally {
        given.core().log.down = false;
      }
      expect((await given.press('ana', card, APPROVE)).text).toContain('ana@example.com approved this');
      await expectDecided(given, incident, 'approve', ['ana']);
    },
  },
];
