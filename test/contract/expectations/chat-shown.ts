import { expect } from 'vitest';
import type { ProposalStep } from '../../../src/domain/proposal.js';
import { answered, called, opened, sampleProposal, started } from '../../e2e/sample-story.js';
import type { ChatGiven } from '../chat.js';
import type { Expectation } from '../contract.js';
import { CHECK, high, low, newIncident, now, repaired, storeObservations, waiting } from './chat-given.js';

const flat = (text: string): string => text.replaceAll(/\s+/g, ' ');

export const SHOWN: Expectation<ChatGiven>[] = [
  {
    name: 'a new incident is one headline that says what is the matter and where it stands, with nothing to press',
    async check(given) {
      const incident = newIncident();
      await given.core().tell(incident, now([opened()]));
      const seen = await given.see(incident);
      expect(seen.headlines).toBe(1);
      expect(flat(seen.headline)).toContain("column 'merchant_subcategory_v2' not found");
      expect(seen.headline).toContain('Investigating');
      expect(seen.headline).toContain('payments-data');
      expect(seen.cards.flatMap(({ actions }) => actions)).toEqual([]);
    },
  },
  {
    name: 'the investigation can be followed, folded: each call by its tool, and how many were used',
    async check(given) {
      const incident = newIncident();
      await given.core().tell(incident, now([opened(), started(), called(0), answered(0), called(1)]));
      const seen = await given.see(incident);
      expect(seen.trace).toContain('airflow_dag_status');
      expect(seen.trace).toContain('schema_registry_diff');
      expect(flat(seen.headline)).toMatch(/2 of (at most )?12/);
      expect(seen.headlines).toBe(1);
    },
  },
  {
    name: 'the diagnosis comes with its evidence word for word, and what was struck as such',
    async check(given) {
      const { incident } = await waiting(given, low);
      const { text } = await given.see(incident);
      expect(flat(text)).toContain('kind=column_renamed field=merchant_subcategory_v2 from=merchant_subcategory');
      expect(flat(text)).toContain('line=118 sha=9f3c1ab');
      expect(flat(await given.everything('ana', incident))).toContain('registry compatibility was switched off');
    },
  },
  {
    name: 'the card holds what an approver must know: change, effects, reach, risk, preconditions, checks, expiry, who may',
    async check(given) {
      const { card, incident } = await waiting(given, high);
      const all = flat(await given.everything('ana', incident));
      const text = flat(card.text);
      for (const part of [
        'merchant_subcategory_v2: string (may be empty)',
        'Rows written before today have no value',
        'fraud_features',
        'High',
        'Every reader must follow',
        'bronze.transactions version 4182',
        'The run of 14 May 02:00 is green',
        'Decide before',
        'ana@example.com',
        '2 different people',
      ])
        expect(text).toContain(part);
      expect(all).toContain('The run of 14 May 02:00 is still failed');
      expect(all).toContain('Cost so far');
    },
  },
  {
    name: 'there is one card to decide on, with Approve and Reject, and Modify only where something can be changed',
    async check(given) {
      const { card, incident } = await waiting(given, low);
      expect([...card.actions].sort()).toEqual(['approve', 'modify', 'reject']);
      const open = (await given.see(incident)).cards.filter(({ actions }) => actions.length > 0);
      expect(open).toHaveLength(1);
      const step = { ...(sampleProposal().steps[0] as ProposalStep) };
      const fixed = await waiting(given, low, { steps: [step], attachments: [] });
      expect(fixed.card.actions).toContain('approve');
    },
  },
  {
    name: "the model's words are marked as such wherever they stand",
    async check(given) {
      const { incident, card } = await waiting(given, low);
      expect(flat(card.text)).toMatch(/Written by the (playbook|model).*not checked by a person/);
      expect(flat((await given.see(incident)).text)).toMatch(/Written by the (playbook|model)/);
    },
  },
  {
    name: 'the headline stays one and the same message from the alert to the end, and says the end',
    async check(given) {
      const { incident, card } = await waiting(given, low);
      await given.see(incident);
      await given.press('ana', card, { verdict: 'approve', words: CHECK });
      await given.see(incident);
      await repaired(given, incident);
      const seen = await given.see(incident);
      expect(seen.headlines).toBe(1);
      expect(seen.headline).toContain('Resolved');
      expect(seen.cards.flatMap(({ actions }) => actions)).toEqual([]);
    },
  },
  {
    name: 'cards stand in the order in which things happened',
    async check(given) {
      const { incident, card } = await waiting(given, low);
      await given.press('ana', card, { verdict: 'approve', words: CHECK });
      await repaired(given, incident);
      const { text, cards } = await given.see(incident);
      const order = [/kind=column_renamed/, /Approved by ana@example\.com/, /Airflow cleared 2/, /Resolved in 12 min/];
      const places = order.map((what) => flat(text).search(what));
      expect(places.every((place) => place >= 0)).toBe(true);
      expect(cards.at(-1)?.title).toContain('Resolved in 12 min');
      expect(cards.map(({ title }) => title).findIndex((title) => title.includes('Approved by'))).toBeGreaterThan(0);
    },
  },
  {
    name: 'a thread is the same after a restart, and nothing of it stands there twice',
    async check(given) {
      const { incident, card } = await waiting(given, low);
      await given.note('ben', incident, 'before the restart');
      await given.press('ana', card, { verdict: 'approve', words: CHECK });
      const before = await given.see(incident);
      await given.restart();
      await storeObservations(given);
      const after = await given.see(incident);
      expect(after.headlines).toBe(1);
      expect(after.cards.map(({ title, text }) => ({ title, text }))).toEqual(
        before.cards.map(({ title, text }) => ({ title, text })),
      );
      expect(after.notes).toEqual(before.notes);
    },
  },
];
