import { beforeEach, describe, expect, it } from 'vitest';
import { INCREASE, testPolicy, testStep } from '../../test/support/incidents.js';
import { createRepairCase, expectation, type RepairCase, signal } from '../../test/support/repair-case.js';
import { generateDecisionKey } from '../approve/seal.js';

let c: RepairCase;
beforeEach(() => {
  c = createRepairCase();
});

describe('nothing acts', () => {
  const untouched = async (): Promise<void> => {
    expect(c.target.effects).toEqual([]);
    expect(await c.events('repair.started')).toEqual([]);
  };

  it('on a job that the log knows nothing of', async () => {
    const job = await c.approved();
    await c.repairer.repair({ ...job, decisionId: 'dec-0000' }, signal);
    await c.repairer.repair({ ...job, incident: 'INC-2' }, signal);
    await untouched();
    expect((await c.state()).status).toBe('approved');
  });

  it('while no checkpoint covers the decision; later it goes on', async () => {
    const job = await c.approved();
    c.checkpoints.state = 'closed';
    await expect(c.repairer.repair(job, signal)).rejects.toMatchObject({ kind: 'timeout', retryable: true });
    await untouched();
    c.checkpoints.state = 'open';
    await c.repairer.reconcile('INC-1', signal);
    expect(c.target.effects).toHaveLength(1);
  });

  it('when the decision is not in the signed log', async () => {
    const job = await c.approved();
    c.checkpoints.state = 'broken';
    await c.repairer.repair(job, signal);
    await untouched();
    expect((await c.events('repair.refused'))[0]?.because).toContain('not in the signed log');
  });

  it('while the log can not be written', async () => {
    const job = await c.approved();
    c.log.down = true;
    await expect(c.repairer.repair(job, signal)).rejects.toMatchObject({ kind: 'unavailable' });
    c.log.down = false;
    await untouched();
  });

  it('when the log stops taking entries right before the step', async () => {
    const job = await c.approved();
    c.log.failNext('before', 'repair.stepped');
    c.log.failNext('before', 'repair.stepped');
    await expect(c.repairer.repair(job, signal)).rejects.toMatchObject({ kind: 'unavailable' });
    expect(c.target.effects).toEqual([]);
  });

  it('on a decision that somebody else signed', async () => {
    const job = await c.approved();
    await c.newRepairer(generateDecisionKey().publicKeyPem).repair(job, signal);
    await untouched();
    expect((await c.events('repair.refused'))[0]?.because).toContain('signature');
    expect((await c.state()).status).toBe('expired');
  });

  it.each([
    ['says something else', '"check":"heap graph', '"check":"no graph'],
    ['is somebody else’s', 'ana@example.com","via"', 'cleo@example.com","via"'],
    ['has another seal', '"signature":"', '"signature":"AAAA'],
    ['names another key', '"keyId":"ed25519-', '"keyId":"ed25519-0'],
  ])('when the first of two votes in the log %s', async (_, from, to) => {
    const job = await c.approved([testStep(INCREASE)], 'high');
    c.tamper('vote.cast', from, to);
    await c.repairer.repair(job, signal).catch(() => undefined);
    await untouched();
  });

  it('on a decision over a vote that the log does not hold signed, and says whose', async () => {
    const job = await c.approved([testStep(INCREASE)], 'high');
    c.tamper('vote.cast', '"check":"heap graph', '"check":"no graph');
    await c.repairer.repair(job, signal);
    expect((await c.events('repair.refused'))[0]?.because).toBe('the log holds no signed vote of ana@example.com');
  });

  it.each([
    ['the decision', 'decision.recorded', '"reason":""', '"reason":"x"', /signature/],
    ['the approver', 'decision.recorded', 'ana@example.com","via"', 'ben@example.com","via"', /signature/],
    ['the action', 'proposal.made', '"value":16', '"value":32', /not the one that was approved/],
    [
      'a precondition',
      'proposal.made',
      '"preconditions":[]',
      '"preconditions":[{"fact":"config.value","target":"x","op":"equals","value":"1","text":"x","withinSeconds":0}]',
      /not the one that was approved/,
    ],
  ] as const)('when %s was changed in the log', async (_, type, from, to, because) => {
    const job = await c.approved();
    c.tamper(type, from, to);
    await c.repairer.repair(job, signal);
    await untouched();
    expect((await c.events('repair.refused'))[0]?.because).toMatch(because);
  });

  it('when the digest of the proposal was exchanged together with it', async () => {
    const job = await c.approved();
    const { digest } = (await c.events('proposal.made'))[0] ?? { digest: '' };
    c.tamper('proposal.made', digest, 'e'.repeat(64));
    await c.repairer.repair(job, signal);
    await untouched();
  });

  it.each([
    [
      'the approver was taken off the list',
      { approvers: { risk: { medium: ['ben@example.com'] } } },
      'ana@example.com is not on the list',
    ],
    ['nobody is on the list any more', { approvers: {} }, 'nobody may approve'],
    ['the cap was lowered', { caps: { 'feature_export.memory_gi': 12 } }, '12 at most'],
    ['the target was protected', { protectedTargets: ['feature_export.*'] }, 'protected'],
    [
      'a freeze began',
      { freezes: [{ from: '2026-03-11T02:00:00Z', to: '2026-03-12T00:00:00Z', reason: 'audit' }] },
      'audit',
    ],
  ])('when since the approval %s', async (_, more, because) => {
    const job = await c.approved();
    c.policy = testPolicy(more);
    await c.repairer.repair(job, signal);
    await untouched();
    expect((await c.events('repair.refused'))[0]?.because).toContain(because);
  });

  it('when the policy asks for more people by now', async () => {
    const job = await c.approved(undefined, 'high');
    c.policy = testPolicy({ fourEyes: { high: 3 } });
    await c.repairer.repair(job, signal);
    await untouched();
    expect((await c.events('repair.refused'))[0]?.because).toContain('3 different people');
  });

  it('when the approval is older than a proposal may wait', async () => {
    const job = await c.approved();
    c.clock.advance(61 * 60_000);
    await c.repairer.repair(job, signal);
    await untouched();
    expect((await c.events('repair.refused'))[0]?.because).toContain('could not start within 60 minutes');
  });

  it('when the world moved: the approval is dead and says what changed', async () => {
    const rests = expectation({
      fact: 'config.value',
      target: 'feature_export.memory_gi',
      value: '8',
      text: 'Memory is 8 GiB',
    });
    const job = await c.approved([testStep(INCREASE, { preconditions: [rests] })]);
    c.target.world.set('config.value feature_export.memory_gi', '12');
    await c.repairer.repair(job, signal);
    await untouched();
    expect((await c.events('repair.refused'))[0]).toMatchObject({
      because: expect.stringContaining('the world has moved'),
      moved: ['Memory is 8 GiB: expected equals 8, found 12'],
    });
    c.target.world.set('config.value feature_export.memory_gi', '8');
    await c.repairer.repair(job, signal);
    await c.repairer.reconcile('INC-1', signal);
    await untouched();
  });

  it('while a fact can not be read; later it goes on', async () => {
    const rests = expectation({ fact: 'config.value', target: 'x', value: '8' });
    const job = await c.approved([testStep(INCREASE, { preconditions: [rests] })]);
    await expect(c.repairer.repair(job, signal)).rejects.toMatchObject({ kind: 'unavailable', retryable: true });
    await untouched();
    c.target.world.set('config.value x', '8');
    await c.repairer.repair(job, signal);
    expect(c.target.effects).toHaveLength(1);
  });
});
