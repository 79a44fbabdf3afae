import { expect } from 'vitest';
import { type ChatGiven, PEOPLE } from '../chat.js';
import type { Expectation } from '../contract.js';
import {
  CHECK,
  eventsOf,
  expectDecided,
  expectUndecided,
  high,
  low,
  MEMORY,
  medium,
  OTHER_CHECK,
  openCard,
  stateOf,
  trivial,
  waiting,
} from './chat-given.js';

const APPROVE = { verdict: 'approve', words: CHECK } as const;

export const DECISIONS: Expectation<ChatGiven>[] = [
  {
    name: 'a trivial repair is approved with one click and no words',
    async check(given) {
      const { incident, card } = await waiting(given, trivial);
      const told = await given.press('ana', card, { verdict: 'approve' });
      expect(told.text).toContain('ana@example.com approved this');
      await expectDecided(given, incident, 'approve', ['ana']);
    },
  },
  {
    name: 'anything else asks what was checked, by the field, and counts nothing until it is said',
    async check(given) {
      const { incident, card } = await waiting(given, low);
      for (const words of ['', 'ok ok ok ok', 'Adds a column to bronze.transactions that may be empty']) {
        const told = await given.press('ana', card, { verdict: 'approve', words });
        expect(Object.keys(told.faults)).toEqual(['words']);
      }
      await expectUndecided(given, incident);
    },
  },
  {
    name: 'an approval with words is recorded with them, and the one who clicked is told that it runs',
    async check(given) {
      const { incident, card } = await waiting(given, low);
      const words = 'Read both schemas: "only" the name <differs> & nothing else — “sure”';
      const told = await given.press('ana', card, { verdict: 'approve', words });
      expect(told.text).toMatch(/ana@example\.com approved this.*The repair starts/s);
      await expectDecided(given, incident, 'approve', ['ana']);
      expect((await stateOf(given, incident)).decision?.statement.votes[0]?.check).toBe(words);
    },
  },
  {
    name: 'a decided card says by whom and when, with what was checked, and can not be pressed any more',
    async check(given) {
      const { incident, card } = await waiting(given, low);
      await given.press('ana', card, APPROVE);
      const seen = await given.see(incident);
      const decided = seen.cards.find(({ title }) => title.includes('Approved by ana@example.com'));
      expect(decided?.text).toContain(CHECK);
      expect(seen.cards.flatMap(({ actions }) => actions)).toEqual([]);
      expect(seen.headline).toContain('Approved');
    },
  },
  {
    name: 'high risk takes two people, says who is missing, and counts nobody twice',
    async check(given) {
      const { incident, card } = await waiting(given, high);
      expect((await given.press('ana', card, APPROVE)).text).toContain('one more person has to approve');
      const seen = await openCard(given, incident);
      expect(seen.text).toContain('Approved so far: ana@example.com');
      const again = await given.press('ana', seen, { verdict: 'approve', words: OTHER_CHECK });
      expect(again.text).toContain('already counts');
      expect(await eventsOf(given, incident, 'decision.recorded')).toEqual([]);
      expect((await given.press('chen', seen, { verdict: 'approve', words: OTHER_CHECK })).text).toContain(
        'approved this',
      );
      await expectDecided(given, incident, 'approve', ['ana', 'chen']);
    },
  },
  {
    name: 'the second of two may not repeat what the first wrote',
    async check(given) {
      const { incident, card } = await waiting(given, high);
      await given.press('ana', card, APPROVE);
      const told = await given.press('ben', await openCard(given, incident), APPROVE);
      expect(told.faults['words']).toContain('other approver');
      expect(await eventsOf(given, incident, 'decision.recorded')).toEqual([]);
    },
  },
  {
    name: 'a rejection needs a reason, is final, and shows it',
    async check(given) {
      const { incident, card } = await waiting(given, low);
      expect(Object.keys((await given.press('ana', card, { verdict: 'reject', words: ' ' })).faults)).toEqual([
        'words',
      ]);
      await expectUndecided(given, incident);
      const told = await given.press('ana', card, { verdict: 'reject', words: 'The source takes its change back' });
      expect(told.text).toContain('Nothing will be changed');
      await expectDecided(given, incident, 'reject', ['ana']);
      const seen = await given.see(incident);
      expect(seen.text).toContain('The source takes its change back');
      expect(seen.headline).toContain('Rejected');
    },
  },
  {
    name: 'an edit that can not be is told, and nothing of it is kept',
    async check(given) {
      const { incident, card } = await waiting(given, medium);
      for (const value of ['lots', '-1', '64']) {
        const told = await given.press('ana', card, { verdict: 'modify', values: { [MEMORY]: value } });
        expect(`${told.text} ${Object.values(told.faults).join(' ')}`).toMatch(/\d|number/);
        expect(Object.keys(told.faults).every((name) => name === MEMORY)).toBe(true);
      }
      expect(
        (await given.press('ana', card, { verdict: 'modify', values: { [MEMORY]: 'lots' } })).faults,
      ).toHaveProperty([MEMORY]);
      expect(await eventsOf(given, incident, 'proposal.modified')).toEqual([]);
      await expectUndecided(given, incident);
    },
  },
  {
    name: 'a good edit is a new version that shows what changed, scored again, for somebody else to approve',
    async check(given) {
      const { incident, card } = await waiting(given, medium);
      const told = await given.press('ana', card, { verdict: 'modify', values: { [MEMORY]: '12' } });
      expect(told.text).toContain('Somebody else must approve');
      const next = await openCard(given, incident);
      expect(next.title).toContain('version 2');
      expect(next.text).toMatch(/memory_gi: 16[\s\S]*memory_gi: 12/);
      expect(next.text).toContain('What ana@example.com changed');
      expect((await given.press('ana', next, APPROVE)).text).toContain('nobody approves what they asked for');
      expect((await given.press('ben', next, APPROVE)).text).toContain('ben@example.com approved this');
      await expectDecided(given, incident, 'approve', ['ben']);
    },
  },
  {
    name: 'an edit that is more dangerous says so, and takes more people',
    async check(given) {
      const { incident, card } = await waiting(given, medium);
      await given.press('ana', card, { verdict: 'modify', values: { [MEMORY]: '30' } });
      const next = await openCard(given, incident);
      expect(next.text).toContain('High');
      expect((await given.press('ben', next, APPROVE)).text).toContain('one more person has to approve');
      await given.press('dora', await openCard(given, incident), { verdict: 'approve', words: OTHER_CHECK });
      await expectDecided(given, incident, 'approve', ['ben', 'dora']);
    },
  },
  {
    name: 'who is on no list is refused with the reason, once in the log however often they click',
    async check(given) {
      const { incident, card } = await waiting(given, low);
      for (let clicks = 0; clicks < 2; clicks++) {
        const told = await given.press('intern', card, APPROVE);
        expect(told.text).toMatch(/Not counted: intern@example\.com is not on the list/);
      }
      const refused = await eventsOf(given, incident, 'click.refused');
      expect(refused.map(({ by }) => by)).toEqual([{ id: PEOPLE.intern, via: given.chat }]);
      await expectUndecided(given, incident);
    },
  },
  {
    name: 'whom the chat can not name is told so, and nothing is recorded in anybody’s name',
    async check(given) {
      const { incident, card } = await waiting(given, trivial);
      const before = (await given.core().log.read(incident)).length;
      const told = await given.press('nobody', card, { verdict: 'approve' });
      expect(told.text).toMatch(/not counted|can not|cannot|who you are|address/i);
      expect((await given.core().log.read(incident)).length).toBe(before);
    },
  },
];
