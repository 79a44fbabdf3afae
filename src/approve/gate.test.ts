import { beforeEach, describe, expect, it } from 'vitest';
import { ana, ben, cleo, createGateCase, type GateCase } from '../../test/support/gate-case.js';
import { TEST_KEY, testClick, testPolicy, testStep } from '../../test/support/incidents.js';
import { NO_SEAL, type Seal } from '../domain/decision.js';
import type { RepairAction } from '../domain/proposal.js';
import { voteStatement } from '../domain/sealed-statement.js';
import { createSigner, createVerifier, generateDecisionKey } from './seal.js';
import { gestureOf } from './situation.js';

let c: GateCase;
beforeEach(() => {
  c = createGateCase();
});

const RETRY: RepairAction = {
  do: 'retry',
  dag: 'd',
  run: 'r',
  tasks: 'failed',
  mark_success: [],
  not_before_minutes: 0,
};

describe('approving', () => {
  it('writes one signed decision and the repair job in the same append, and says who and when', async () => {
    const { card } = await c.opened();
    const answer = await c.gate.decide(testClick(card));
    expect(answer.outcome).toBe('decided');
    expect(answer.text).toContain('ana@example.com approved this on 2026-03-11 at 02:14:00 UTC');
    const [decision] = await c.events('INC-1', 'decision.recorded');
    expect(decision?.statement).toMatchObject({
      proposalDigest: card.shownDigest,
      verdict: 'approve',
      policyDigest: 'p'.repeat(64),
      votes: [{ by: ana, check: 'heap graph shows 7.9 GiB' }],
    });
    if (decision === undefined) throw new Error('no decision');
    const verifier = createVerifier({ any: TEST_KEY.publicKeyPem });
    expect(verifier.verify(decision.statement, decision.seal)).toBe(true);
    expect(verifier.verify({ ...decision.statement, incident: 'INC-2' }, decision.seal)).toBe(false);
    const id = decision.statement.decisionId;
    expect(id).toMatch(/^dec-[0-9a-f]{20}$/);
    expect(c.log.jobs).toEqual([{ queue: 'repair', id, incident: 'INC-1', decisionId: id }]);
  });

  it('takes one click without words for trivial risk', async () => {
    const { card } = await c.opened({ level: 'trivial', steps: [testStep(RETRY, { idempotency: 'idempotent' })] });
    expect((await c.gate.decide(testClick({ ...card, words: '' }))).outcome).toBe('decided');
  });

  it('delays the repair of a retry that must not start before its time', async () => {
    const retry = testStep({
      do: 'retry',
      dag: 'd',
      run: 'r',
      tasks: 'failed',
      mark_success: [],
      not_before_minutes: 30,
    });
    const { card } = await c.opened({ steps: [retry] });
    await c.gate.decide(testClick(card));
    expect(c.log.jobs[0]?.delayMs).toBe(30 * 60_000);
  });

  it.each([
    ['nothing', ''],
    ['blanks', '            '],
    ['too little', 'ok fine'],
    ['one letter held down', 'aaaaaaaaaaaaaaa'],
    ['one word again and again', 'lgtm lgtm lgtm'],
    ['punctuation', '!!!! .... ???? ----'],
    ['the title of the step', 'Raise the memory of feature_export'],
    ['the reason, in capitals', 'THE DRIVER RAN OUT OF MEMORY AT EIGHT GIBIBYTES'],
    ['a part of the diff', 'memory gi: 16'],
    ['a sentence of the card with a nod', 'ok: The driver ran out of memory at eight gibibytes'],
    ['a novel', 'heap graph '.repeat(100)],
  ])('does not take %s for an independent check', async (_, words) => {
    const { card } = await c.opened();
    const answer = await c.gate.decide(testClick({ ...card, words }));
    expect(answer).toMatchObject({ outcome: 'invalid', fields: { words: expect.any(String) } });
    expect(await c.events('INC-1', 'decision.recorded')).toEqual([]);
    expect((await c.gate.decide(testClick(card))).outcome).toBe('decided');
  });

  it('redacts what the approver wrote before it is stored', async () => {
    const { card } = await c.opened();
    await c.gate.decide(testClick({ ...card, words: 'logged in with hunter2 and saw the heap' }));
    expect(c.log.lines.join()).toContain('logged in with <SECRET>');
    expect(c.log.lines.join()).not.toContain('hunter2');
  });
});

describe('high risk', () => {
  it('needs two different people; one person with two clicks, two chats and two spellings is still one', async () => {
    const { card } = await c.opened({ level: 'high' });
    expect(await c.gate.decide(testClick(card))).toMatchObject({ outcome: 'vote_counted', missing: 1 });
    expect((await c.gate.decide(testClick({ ...card, words: 'looked at the pod metrics' }))).outcome).toBe('duplicate');
    const again = { ...card, by: { id: 'ANA@example.com', via: 'slack' as const }, words: 'looked at the pod metrics' };
    expect((await c.gate.decide(testClick(again))).outcome).toBe('duplicate');
    expect(await c.events('INC-1', 'decision.recorded')).toEqual([]);
    expect(c.log.jobs).toEqual([]);
    const last = await c.gate.decide(testClick({ ...card, by: ben, words: 'pod was OOM killed twice' }));
    expect(last.outcome).toBe('decided');
    expect(last.text).toContain('ana@example.com and ben@example.com approved');
    expect(await c.events('INC-1', 'vote.cast')).toHaveLength(1);
  });

  it('does not take the words of the first approver from the second', async () => {
    const { card } = await c.opened({ level: 'high' });
    await c.gate.decide(testClick(card));
    const copy = await c.gate.decide(testClick({ ...card, by: ben, words: 'Heap graph shows 7.9 GiB!' }));
    expect(copy).toMatchObject({ outcome: 'invalid', text: expect.stringContaining('other approver') });
  });

  it('does not count a first vote by somebody who was taken off the list since', async () => {
    const { card } = await c.opened({ level: 'high' });
    await c.gate.decide(testClick(card));
    c.policy = testPolicy({ approvers: { risk: { high: ['ben@example.com', 'cleo@example.com'] } } });
    const second = await c.gate.decide(testClick({ ...card, by: ben, words: 'pod was OOM killed twice' }));
    expect(second).toMatchObject({ outcome: 'vote_counted', missing: 1 });
    expect((await c.gate.decide(testClick({ ...card, by: cleo, words: 'quota allows sixteen' }))).outcome).toBe(
      'decided',
    );
  });

  it('asks for as many as the policy says', async () => {
    c.policy = testPolicy({ fourEyes: { high: 3 } });
    const { card } = await c.opened({ level: 'high' });
    expect(await c.gate.decide(testClick(card))).toMatchObject({ missing: 2 });
    expect(await c.gate.decide(testClick({ ...card, by: ben, words: 'pod was OOM killed twice' }))).toMatchObject({
      missing: 1,
    });
    expect((await c.gate.decide(testClick({ ...card, by: cleo, words: 'quota allows sixteen' }))).outcome).toBe(
      'decided',
    );
  });
});

describe('a vote that somebody else wrote into the log', () => {
  const vote = { by: ben, at: '2026-03-11T02:14:00.000Z', check: 'pod was OOM killed twice' };
  const signer = createSigner(TEST_KEY.privateKeyPem);
  const other = createSigner(generateDecisionKey().privateKeyPem);
  const append = async (digest: string, seal: Seal, causationId = 'click-forged'): Promise<void> => {
    const { length } = await c.log.read('INC-1');
    const actor = { kind: 'person' as const, id: ben.id, role: 'web' };
    const data = { digest, vote, missing: 1, seal };
    await c.log.append('INC-1', length, [{ type: 'vote.cast', data, actor, causationId }]);
  };

  it.each<[string, (digest: string) => Seal]>([
    ['no seal', () => NO_SEAL],
    ['the seal of another key', (digest) => other.sign(voteStatement('INC-1', digest, vote))],
    [
      'the seal of another key under the name of ours',
      (digest) => ({ ...other.sign(voteStatement('INC-1', digest, vote)), keyId: signer.keyId }),
    ],
    ['the seal of another incident', (digest) => signer.sign(voteStatement('INC-2', digest, vote))],
    ['the seal of another version', () => signer.sign(voteStatement('INC-1', 'd'.repeat(64), vote))],
    ['the seal of somebody else’s vote', (digest) => signer.sign(voteStatement('INC-1', digest, { ...vote, by: ana }))],
    [
      'the seal of other words',
      (digest) => signer.sign(voteStatement('INC-1', digest, { ...vote, check: 'nothing looked at' })),
    ],
  ])('with %s is no second pair of eyes; the true one still is', async (_, seal) => {
    const { card } = await c.opened({ level: 'high' });
    await append(card.shownDigest, seal(card.shownDigest));
    expect(await c.gate.preview(testClick(card))).toMatchObject({
      counts: true,
      text: expect.stringContaining('one more'),
    });
    expect(await c.gate.decide(testClick(card))).toMatchObject({ outcome: 'vote_counted', missing: 1 });
    expect(c.log.jobs).toEqual([]);
    const second = await c.gate.decide(testClick({ ...card, by: ben, words: vote.check }));
    expect(second.outcome).toBe('decided');
    const [decision] = await c.events('INC-1', 'decision.recorded');
    expect(decision?.statement.votes.map(({ by }) => by.id)).toEqual([ana.id, ben.id]);
  });

  it('is not the answer to the click whose name it bears', async () => {
    const { card } = await c.opened({ level: 'high' });
    const click = testClick({ ...card, by: ben, words: vote.check });
    await append(card.shownDigest, NO_SEAL, gestureOf(click));
    expect((await c.gate.decide(click)).outcome).toBe('vote_counted');
    expect(await c.events('INC-1', 'vote.cast')).toHaveLength(2);
  });
});

describe('rejecting', () => {
  it('needs a reason, is final, and makes no job', async () => {
    const { card } = await c.opened();
    expect((await c.gate.decide(testClick({ ...card, verdict: 'reject', words: ' ' }))).outcome).toBe('invalid');
    const answer = await c.gate.decide(testClick({ ...card, verdict: 'reject' }));
    expect(answer).toMatchObject({ outcome: 'decided', text: expect.stringContaining('Reason: wrong application') });
    expect(c.log.jobs).toEqual([]);
    const late = await c.gate.decide(testClick({ ...card, by: ben }));
    expect(late).toMatchObject({
      outcome: 'too_late',
      text: expect.stringContaining('ana@example.com rejected this on 2026-03-11'),
    });
  });

  it('ends a proposal that already has one of two votes', async () => {
    const { card } = await c.opened({ level: 'high' });
    await c.gate.decide(testClick(card));
    expect((await c.gate.decide(testClick({ ...card, by: ben, verdict: 'reject' }))).outcome).toBe('decided');
    expect((await c.gate.decide(testClick({ ...card, by: cleo }))).outcome).toBe('too_late');
  });
});

describe('modifying', () => {
  it('logs both versions and the diff, and the modifier can not approve any later version', async () => {
    const { card } = await c.opened();
    const modified = await c.gate.decide(testClick({ ...card, verdict: 'modify', values: { 'steps.0.value': '12' } }));
    if (modified.outcome !== 'modified') throw new Error(modified.text);
    const [event] = await c.events('INC-1', 'proposal.modified');
    expect(event).toMatchObject({ fromDigest: card.shownDigest, digest: modified.digest, by: ana });
    expect(event?.diff).toMatch(/^-\s+value: 16$/m);
    expect(event?.diff).toMatch(/^\+\s+value: 12$/m);
    expect(event?.proposal).toMatchObject({ revision: 2, proposedBy: 'ana@example.com' });
    const newer = { incident: 'INC-1', shownDigest: modified.digest };
    expect((await c.gate.decide(testClick(newer))).outcome).toBe('not_allowed');
    const again = await c.gate.decide(
      testClick({ ...newer, by: ben, verdict: 'modify', values: { 'steps.0.value': '14' } }),
    );
    if (again.outcome !== 'modified') throw new Error(again.text);
    const newest = { incident: 'INC-1', shownDigest: again.digest };
    expect((await c.gate.decide(testClick(newest))).outcome).toBe('not_allowed');
    expect((await c.gate.decide(testClick({ ...newest, by: ben }))).outcome).toBe('not_allowed');
    expect((await c.gate.decide(testClick({ ...newest, by: cleo }))).outcome).toBe('decided');
  });

  it('scores the risk again, and starts the count of approvals again', async () => {
    const { card } = await c.opened();
    const values = { 'steps.0.value': '24' };
    const modified = await c.gate.decide(testClick({ ...card, by: ben, verdict: 'modify', values }));
    if (modified.outcome !== 'modified') throw new Error(modified.text);
    const newer = { incident: 'INC-1', shownDigest: modified.digest };
    expect(await c.gate.decide(testClick(newer))).toMatchObject({ outcome: 'vote_counted', missing: 1 });
    const again = { ...newer, by: cleo, verdict: 'modify' as const, values: { 'steps.0.value': '28' } };
    const newest = await c.gate.decide(testClick(again));
    if (newest.outcome !== 'modified') throw new Error(newest.text);
    expect(await c.gate.decide(testClick({ incident: 'INC-1', shownDigest: newest.digest }))).toMatchObject({
      outcome: 'vote_counted',
      missing: 1,
    });
  });

  it.each([
    ['what is not a value', { 'steps.0.value': 'lots' }],
    ['what is over the cap', { 'steps.0.value': '64' }],
    ['nothing at all', { 'steps.0.value': '16' }],
  ])('does not take %s', async (_, values) => {
    const { card } = await c.opened();
    expect((await c.gate.decide(testClick({ ...card, verdict: 'modify', values }))).outcome).toBe('invalid');
    expect(await c.events('INC-1', 'proposal.modified')).toEqual([]);
  });
});
