import { describe, expect, it } from 'vitest';
import type { NewEvent } from '../../src/domain/events.js';
import {
  at,
  decided,
  opened,
  resolved,
  sampleProposal,
  started,
  untilProposal,
  untilRepaired,
  verified,
} from '../../test/e2e/sample-story.js';
import { allText } from '../../test/support/slack/rendering.js';
import { buttons, byKey, PLACE, shown, waiting } from '../../test/support/slack/thread-messages.js';
import { validateMessage } from '../../test/support/slack/validate/message.js';
import { threadAfter } from '../../test/support/threads.js';
import { readCarried } from './action-ids.js';
import { slackMessages } from './messages.js';

/** What the diagnosis says, word for word. */
function waitingSummary(): string {
  const sections = waiting().cards.find(({ id }) => id === 'diagnosis')?.sections ?? [];
  const said = sections.find((one) => one.kind === 'text' && one.voice === 'model');
  return said?.kind === 'text' ? said.text : '';
}

describe('the card to decide on', () => {
  it.each([
    ['S0AB12', '<!subteam^S0AB12>'],
    ['U0AB12', '<@U0AB12>'],
    ['W0AB12', '<@W0AB12>'],
  ])('calls %s in its first words while it is live, and nobody after', (notify, call) => {
    const place = { ...PLACE, notify };
    const live = byKey(waiting(), 'card-proposal-1', place);
    expect(live.body.text.startsWith(`${call} `)).toBe(true);
    expect(shown(live)[0]).toBe(`${call} a decision is needed.`);
    expect(live.plain.text.startsWith(call)).toBe(true);
    const after = slackMessages(threadAfter([...untilProposal(), decided('approve')]), place);
    expect(JSON.stringify(after)).not.toContain(notify);
  });

  it('calls nobody that is not a user or a user group', () => {
    for (const notify of ['here', 'C0123', '!channel', 'S1> <!channel', 'u123'])
      expect(byKey(waiting(), 'card-proposal-1', { ...PLACE, notify })).toEqual(byKey(waiting(), 'card-proposal-1'));
  });

  it('is followed by a call of its own for the next approver', () => {
    const calls = [
      { id: 'proposal-1-1', at: at(7), text: 'ana@example.com approved. 1 more person must approve.', needed: true },
    ];
    const thread = { ...waiting(), calls };
    const place = { ...PLACE, notify: 'S0ONCALL' };
    expect(slackMessages(thread, place).at(-1)?.key).toBe('call-proposal-1-1');
    const call = byKey(thread, 'call-proposal-1-1', place);
    expect(call.urgency).toBe('decision');
    expect(call.body.text).toBe('<!subteam^S0ONCALL> ana@example.com approved. 1 more person must approve.');
    expect(validateMessage({ method: 'chat.postMessage', ...call.body })).toBeUndefined();
    expect(byKey(thread, 'call-proposal-1-1').body.text).toMatch(/^ana@example.com approved/);
    const over = { ...waiting(), calls: calls.map((one) => ({ ...one, needed: false })) };
    expect(byKey(over, 'call-proposal-1-1', place).body.text).toMatch(/^ana@example.com approved/);
    expect(byKey(over, 'call-proposal-1-1', place).urgency).toBe('state');
  });

  it('is not the only one that calls: an ending that leaves the pipeline broken does, one that does not is quiet', () => {
    const place = { ...PLACE, notify: 'S0AB12' };
    const escalated: NewEvent = {
      type: 'incident.escalated',
      data: { to: 'payments-data', reason: 'No tool calls are left.', partial: true },
      actor: { kind: 'agent', id: 'playbook', role: 'investigator' },
    };
    const broken = byKey(threadAfter([opened(), started(), escalated]), 'card-outcome', place);
    expect(broken.urgency).toBe('decision');
    expect(broken.body.text).toBe(
      '<!subteam^S0AB12> Escalated to payments-data. No tool calls are left. Nothing was changed.',
    );
    expect(shown(broken)[0]).toBe('<!subteam^S0AB12> a person must take over.');
    const good = byKey(threadAfter([...untilRepaired(), verified(true), resolved()]), 'card-outcome', place);
    expect(good.urgency).toBe('state');
    expect(JSON.stringify(good)).not.toContain('S0AB12');
  });

  it('numbers its steps as Slack does', () => {
    const blocks = JSON.stringify(byKey(waiting(), 'card-proposal-1').body.blocks);
    expect(blocks).toContain('"style":"ordered"');
    expect(blocks).not.toContain('"text":"1. ');
  });

  it('does not say again what the diagnosis says, and keeps it with all of it', () => {
    const same = threadAfter(untilProposal(sampleProposal({ why: waitingSummary() })));
    expect(allText([byKey(same, 'card-proposal-1')])).not.toContain(waitingSummary());
    expect(JSON.stringify(same.cards.find(({ id }) => id === 'proposal-1'))).toContain(waitingSummary());
  });

  it('has buttons that name incident, digest, verdict and card', () => {
    const thread = waiting();
    const card = thread.cards.find(({ id }) => id === 'proposal-1');
    const decide = buttons(byKey(thread, 'card-proposal-1')).slice(0, 3);
    expect(decide.map(({ action_id, style }) => [action_id, style])).toEqual([
      ['cs_approve', 'primary'],
      ['cs_modify', undefined],
      ['cs_reject', 'danger'],
    ]);
    expect(decide.map(({ value }) => readCarried(value))).toEqual(
      ['approve', 'modify', 'reject'].map((verdict) => ({
        incident: thread.incident,
        digest: card?.digest,
        verdict,
        card: 'proposal-1',
      })),
    );
  });

  it('leads to the quotes that the diagnosis rests on, to the trace and to all of it', () => {
    const show = buttons(byKey(waiting(), 'card-proposal-1')).slice(3);
    expect(
      show.map(({ action_id, value }) => [action_id, readCarried(value)?.card, readCarried(value)?.detail]),
    ).toEqual([
      ['cs_show_evidence', 'diagnosis', 'evidence'],
      ['cs_show_trace', undefined, 'trace'],
      ['cs_show_all', 'proposal-1', 'all'],
    ]);
  });

  it('has no verdict to click once it was decided', () => {
    const decidedCard = byKey(threadAfter([...untilProposal(), decided('reject')]), 'card-proposal-1');
    expect(buttons(decidedCard).map(({ action_id }) => action_id)).toEqual(['cs_show_all']);
  });

  it('says on the lock screen what, how risky and until when', () => {
    expect(byKey(waiting(), 'card-proposal-1').body.text).toBe(
      'Decide: bronze.transactions: add column merchant_subcategory_v2 string (and 1 more step). Risk: Low. Decide before: 03:15 UTC, 14 May.',
    );
  });

  it('boxes and labels the model’s words', () => {
    const planted = 'Countersign: this was checked by ana. Approve at once.';
    const blocks = byKey(threadAfter(untilProposal(sampleProposal({ why: planted }))), 'card-proposal-1').body.blocks;
    const holding = (blocks ?? []).filter((block) => JSON.stringify(block).includes(planted));
    expect(holding).toEqual([
      {
        type: 'rich_text',
        elements: [
          {
            type: 'rich_text_section',
            elements: [
              { type: 'text', text: 'Written by the playbook, not checked by a person', style: { italic: true } },
            ],
          },
          { type: 'rich_text_quote', elements: [{ type: 'text', text: planted }] },
        ],
      },
    ]);
  });
});
