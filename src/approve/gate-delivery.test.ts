import { beforeEach, describe, expect, it } from 'vitest';
import { ben, createGateCase, type GateCase, stranger } from '../../test/support/gate-case.js';
import { openWithProposal, testClick } from '../../test/support/incidents.js';
import type { Click, ClickAnswer } from '../domain/decision.js';
import { foldIncident } from '../domain/incident.js';
import type { Gate } from './gate.js';

let c: GateCase;
beforeEach(() => {
  c = createGateCase();
});

describe('time', () => {
  it('lets the click that comes too late record the expiry', async () => {
    const { card } = await c.opened({ expiresAt: '2026-03-11T03:14:00.000Z' });
    c.clock.advance(59 * 60_000);
    expect((await c.gate.decide(testClick({ ...card, words: '' }))).outcome).toBe('invalid');
    c.clock.advance(60_000);
    const late = testClick(card);
    const answer = await c.gate.decide(late);
    expect(answer).toMatchObject({
      outcome: 'too_late',
      text: expect.stringContaining('expired on 2026-03-11 at 03:14:00 UTC'),
    });
    expect(await c.newGate().decide(late)).toEqual(answer);
    expect((await c.gate.decide(testClick({ ...card, by: ben }))).text).toContain('it expired on');
    expect(await c.events('INC-1', 'proposal.expired')).toHaveLength(1);
  });

  it('expires what is due once, and nothing else', async () => {
    await openWithProposal(c.log, { incident: 'INC-1', expiresAt: '2026-03-11T03:00:00.000Z' });
    await openWithProposal(c.log, { incident: 'INC-2', expiresAt: '2026-03-11T04:00:00.000Z' });
    const folds = async () =>
      [foldIncident(await c.log.read('INC-1')), foldIncident(await c.log.read('INC-2'))].flatMap((one) => one ?? []);
    const seen = await folds();
    c.clock.advance(60 * 60_000);
    await Promise.all([c.gate.expireDue(seen), c.newGate().expireDue(seen)]);
    expect((await folds()).map((incident) => incident.status)).toEqual(['expired', 'awaiting_decision']);
    expect(await c.events('INC-1', 'proposal.expired')).toHaveLength(1);
  });
});

describe('a click on something else than the newest card', () => {
  it('after an edit says what changed, and by whom', async () => {
    const { card } = await c.opened();
    const edit = await c.gate.decide(
      testClick({ ...card, by: ben, verdict: 'modify', values: { 'steps.0.value': '12' } }),
    );
    expect(edit.outcome).toBe('modified');
    const stale = await c.gate.decide(testClick(card));
    expect(stale.outcome).toBe('stale');
    expect(stale.text).toContain('ben@example.com changed the proposal');
    expect(stale.text).toMatch(/What changed: .*- value: 16 .*\+ value: 12/);
  });

  it('with a digest that was never shown is refused', async () => {
    const { card } = await c.opened();
    const answer = await c.gate.decide(testClick({ ...card, shownDigest: 'f'.repeat(64) }));
    expect(answer).toMatchObject({ outcome: 'stale', text: expect.stringContaining('not in the log') });
  });

  it('of an incident that does not exist, or that has nothing to decide, is told so', async () => {
    const none = await c.gate.decide(testClick({ incident: 'INC-0', shownDigest: 'f'.repeat(64) }));
    expect(none).toMatchObject({ outcome: 'invalid', text: 'There is no incident INC-0.' });
  });
});

describe('the same click again', () => {
  const kinds: [string, Partial<Click>, 'medium' | 'high'][] = [
    ['a decision', {}, 'medium'],
    ['a vote', {}, 'high'],
    ['a rejection', { verdict: 'reject', words: 'wrong application' }, 'medium'],
    ['an edit', { verdict: 'modify', words: '', values: { 'steps.0.value': '12' } }, 'medium'],
    ['a refusal', { by: stranger }, 'medium'],
  ];
  it.each(kinds)('gets the first answer to %s, with and without the store of answers', async (_, more, level) => {
    const { card } = await c.opened({ level });
    const click = testClick({ ...card, ...more });
    const first = await c.gate.decide(click);
    const version = (await c.log.read('INC-1')).length;
    c.clock.advance(1000);
    expect(await c.gate.decide(click)).toEqual(first);
    expect(await c.newGate().decide(click)).toEqual(first);
    expect((await c.log.read('INC-1')).length).toBe(version);
  });

  it('at the same instant, many times, counts once', async () => {
    const { card } = await c.opened();
    const click = testClick(card);
    const gates = [c.gate, c.newGate(), c.newGate()];
    const answers = await Promise.all(Array.from({ length: 30 }, (_, n) => (gates[n % 3] as Gate).decide(click)));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(answers[0]?.outcome).toBe('decided');
  });

  it('does not swallow the same form filled in better, nor another person with the same id', async () => {
    const { card } = await c.opened();
    const click = testClick({ ...card, words: '' });
    expect((await c.gate.decide(click)).outcome).toBe('invalid');
    expect((await c.gate.decide({ ...click, by: stranger })).outcome).toBe('not_allowed');
    expect((await c.gate.decide({ ...click, words: 'heap graph shows 7.9 GiB' })).outcome).toBe('decided');
  });
});

describe('two people at once', () => {
  it('one decides, the other is told who did', async () => {
    const { card } = await c.opened();
    const answers = await Promise.all([
      c.gate.decide(testClick(card)),
      c.newGate().decide(testClick({ ...card, by: ben, verdict: 'reject' })),
    ]);
    expect(answers.map((answer) => answer.outcome).sort()).toEqual(['decided', 'too_late']);
    const late = answers.find(
      (answer): answer is Extract<ClickAnswer, { outcome: 'too_late' }> => answer.outcome === 'too_late',
    );
    expect(late?.text).toMatch(/(ana@example.com approved|ben@example.com rejected) this/);
    expect(await c.events('INC-1', 'decision.recorded')).toHaveLength(1);
  });

  it('two votes of a high-risk proposal make exactly one decision', async () => {
    const { card } = await c.opened({ level: 'high' });
    const answers = await Promise.all([
      c.gate.decide(testClick(card)),
      c.newGate().decide(testClick({ ...card, by: ben, words: 'pod was OOM killed twice' })),
    ]);
    expect(answers.map((answer) => answer.outcome).sort()).toEqual(['decided', 'vote_counted']);
    expect(c.log.jobs).toHaveLength(1);
  });
});

describe('when the log', () => {
  it('fails before it stored anything, the click counts once after all', async () => {
    const { card } = await c.opened();
    c.log.failNext('before', 'decision.recorded');
    expect((await c.gate.decide(testClick(card))).outcome).toBe('decided');
    expect(await c.events('INC-1', 'decision.recorded')).toHaveLength(1);
    expect(c.log.jobs).toHaveLength(1);
  });

  it('fails after it stored the decision, the click is told that it decided', async () => {
    const { card } = await c.opened();
    c.log.failNext('after', 'decision.recorded');
    expect((await c.gate.decide(testClick(card))).outcome).toBe('decided');
    expect(await c.events('INC-1', 'decision.recorded')).toHaveLength(1);
    expect(c.log.jobs).toHaveLength(1);
  });

  it('is away, nothing is decided and clicking again is safe', async () => {
    const { card } = await c.opened();
    const click = testClick(card);
    c.log.down = true;
    await expect(c.gate.decide(click)).rejects.toMatchObject({
      kind: 'unavailable',
      safeText: expect.stringContaining('Click again'),
    });
    c.log.down = false;
    expect((await c.gate.decide(click)).outcome).toBe('decided');
    expect(c.log.jobs).toHaveLength(1);
  });

  it('holds a proposal that does not match its hash, nobody may decide on it', async () => {
    const { card } = await c.opened();
    c.log.lines[1] = (c.log.lines[1] ?? '').replace('"value":16', '"value":31');
    await expect(c.gate.decide(testClick(card))).rejects.toMatchObject({ kind: 'tampered' });
    expect(c.log.jobs).toEqual([]);
  });
});
