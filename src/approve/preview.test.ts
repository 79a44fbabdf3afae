import { beforeEach, describe, expect, it } from 'vitest';
import { ana, ben, createGateCase, type GateCase, stranger } from '../../test/support/gate-case.js';
import { testClick, testPolicy } from '../../test/support/incidents.js';

let c: GateCase;
beforeEach(() => {
  c = createGateCase();
});

describe('a preview', () => {
  it('says what the click would do, and writes nothing', async () => {
    const { card } = await c.opened();
    const before = c.log.lines.length;
    expect(await c.gate.preview(testClick(card))).toEqual({
      counts: true,
      text: 'With your approval the repair starts.',
    });
    expect(await c.gate.preview(testClick({ ...card, verdict: 'reject' }))).toMatchObject({ counts: true });
    expect([c.log.lines.length, c.log.jobs]).toEqual([before, []]);
  });

  it('counts a first vote of two', async () => {
    const { card } = await c.opened({ level: 'high' });
    expect(await c.gate.preview(testClick(card))).toMatchObject({
      counts: true,
      text: expect.stringContaining('one more person has to approve'),
    });
  });

  it('shows an edit as lines before and after, with the risk it would have', async () => {
    const { card } = await c.opened();
    const click = testClick({ ...card, verdict: 'modify', values: { 'steps.0.value': '24' } });
    const preview = await c.gate.preview(click);
    expect(preview).toMatchObject({
      counts: true,
      edit: {
        before: expect.stringContaining('feature_export.memory_gi: 16'),
        after: expect.stringContaining('feature_export.memory_gi: 24'),
      },
    });
    expect(preview.counts && preview.edit?.risk).toMatch(/^(trivial|low|medium|high)/);
    expect(await c.events('INC-1', 'proposal.modified')).toEqual([]);
    expect((await c.gate.decide(click)).outcome).toBe('modified');
  });

  it.each([
    ['over the cap', '64', /32 at most|at most 32/],
    ['no number', 'lots', /./],
    ['what it is already', '16', /Nothing was changed/],
  ])('refuses an edit that is %s as the click would', async (_, value, says) => {
    const { card } = await c.opened();
    const click = testClick({ ...card, verdict: 'modify', values: { 'steps.0.value': value } });
    const preview = await c.gate.preview(click);
    const answer = await c.gate.decide(click);
    expect(preview).toEqual({ counts: false, answer });
    expect(JSON.stringify(answer)).toMatch(says);
  });

  it('answers a stranger, and leaves the attempt to the click itself', async () => {
    const { card } = await c.opened();
    const preview = await c.gate.preview(testClick({ ...card, by: stranger }));
    expect(preview).toMatchObject({ counts: false, answer: { outcome: 'not_allowed' } });
    expect(await c.events('INC-1', 'click.refused')).toEqual([]);
  });

  it('says that time is over without ending it', async () => {
    const { card } = await c.opened({ expiresAt: '2026-03-11T03:00:00.000Z' });
    c.clock.advance(2 * 3600_000);
    expect(await c.gate.preview(testClick(card))).toMatchObject({ counts: false, answer: { outcome: 'too_late' } });
    expect(await c.events('INC-1', 'proposal.expired')).toEqual([]);
  });

  it('knows a stale card, a freeze, an incident that is not there and a click that was counted', async () => {
    const { card } = await c.opened();
    const stale = await c.gate.preview(testClick({ ...card, shownDigest: 'f'.repeat(64) }));
    expect(stale).toMatchObject({ answer: { outcome: 'stale' } });
    expect(await c.gate.preview(testClick({ incident: 'INC-9', shownDigest: 'f'.repeat(64) }))).toMatchObject({
      counts: false,
    });
    const freezes = [{ from: '2026-03-11T00:00:00Z', to: '2026-03-12T00:00:00Z', reason: 'audit' }];
    c.policy = testPolicy({ freezes });
    expect(await c.gate.preview(testClick(card))).toMatchObject({ answer: { outcome: 'not_allowed' } });
    c.policy = testPolicy();
    const click = testClick({ ...card, by: ana });
    const answer = await c.gate.decide(click);
    expect(await c.gate.preview(click)).toEqual({ counts: false, answer });
    expect(await c.gate.preview(testClick({ ...card, by: ben }))).toMatchObject({ answer: { outcome: 'too_late' } });
  });
});
