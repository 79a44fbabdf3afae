import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { detailView } from '../../adapters/slack/detail-views.js';
import { slackMessages } from '../../adapters/slack/messages.js';
import { formView } from '../../adapters/slack/modals.js';
import { sha256Hex } from '../../src/domain/canonical.js';
import type { Incident } from '../../src/domain/incident.js';
import { Policy } from '../../src/domain/policy.js';
import { createPlaybookReasoner } from '../../src/investigate/playbook/reasoner.js';
import { threadOf } from '../../src/views/thread.js';
import { investigateScenario } from '../support/agent-scenario.js';
import { allText, asLines, readings } from '../support/slack/rendering.js';
import { validateMessage } from '../support/slack/validate/message.js';
import { validateView } from '../support/slack/validate/view.js';

const SHIPPED = readdirSync('fixtures/scenarios')
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => file.replace('.yaml', ''))
  .sort();

const everybody = ['ana@example.com', 'ben@example.com'];
const POLICY = Policy.parse({
  version: 1,
  approvers: { risk: { trivial: everybody, low: everybody, medium: everybody, high: everybody } },
});

/** As the chat is given it while somebody must decide. */
function threadAt(incident: Incident) {
  return threadOf(incident, { policy: POLICY, now: new Date(incident.lastAt) });
}

describe('every scenario in Slack', () => {
  it.each(SHIPPED)(
    '%s: all messages, forms and details are taken, with every quote and every call in them',
    async (name) => {
      const { incident, calls } = await investigateScenario(name, createPlaybookReasoner());
      const thread = threadAt(incident);
      const messages = slackMessages(thread, { channel: 'C1', notify: 'S1' });
      for (const { key, body, plain } of messages) {
        for (const form of [body, plain])
          for (const method of ['chat.postMessage', 'chat.update'] as const)
            expect(validateMessage({ method, ...form }), key).toBeUndefined();
        expect(readings([body, plain], '<!subteam^S1>'), key).toEqual([]);
      }
      const keys = messages.map(({ key }) => key);
      expect(keys).toEqual(['headline', 'trace-1', ...thread.cards.map(({ id }) => `card-${id}`)]);

      const whole = (detail: 'trace' | 'evidence'): string => {
        const texts: string[] = [];
        const observations = new Map(calls.map(({ text }) => [sha256Hex(text), text]));
        for (let page = 0, pages = 1; page < pages; page += 1) {
          const view = detailView({ thread, detail, page, observations });
          expect(validateView(view)).toBeUndefined();
          expect(readings(view)).toEqual([]);
          pages = Number(/of (\d+)$/.exec(view.title.text)?.[1] ?? 1);
          texts.push(allText(view.blocks));
        }
        return texts.join('\n');
      };
      const trace = whole('trace');
      for (const { tool } of calls) expect(trace).toContain(`${tool}(`);
      const evidence = whole('evidence');
      for (const { quote } of incident.diagnosis?.evidence ?? []) expect(evidence).toContain(quote);
      expect(evidence).not.toContain('could not be read');

      const live = thread.cards.find(({ actions }) => actions.length > 0);
      expect(live !== undefined).toBe(incident.status === 'awaiting_decision');
      for (const action of live?.actions ?? []) {
        const view = formView({ action, carried: { incident: incident.id }, ...(live && { card: live }) });
        expect(validateView(view)).toBeUndefined();
        expect(asLines(view.blocks).some((line) => line.startsWith('Decide before: '))).toBe(true);
      }
      const decision = messages.find(({ urgency }) => urgency === 'decision');
      for (const step of incident.proposals.at(-1)?.proposal.steps ?? [])
        for (const check of step.verification) expect(allText(decision?.body.blocks)).toContain(check.text);
    },
  );
});
