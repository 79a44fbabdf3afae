import { beforeEach, describe, expect, it } from 'vitest';
import { INCREASE, testStep } from '../../test/support/incidents.js';
import { createRepairCase, expectation, RETRY, type RepairCase, signal } from '../../test/support/repair-case.js';
import type { Job } from '../domain/ports.js';

let c: RepairCase;
beforeEach(() => {
  c = createRepairCase();
});

describe('an approved repair', () => {
  it('is claimed, written, done, recorded, and handed to verification in one append', async () => {
    const job = await c.approved([testStep(INCREASE), testStep(RETRY, { verification: [expectation()] })], 'high');
    await c.repairer.repair(job, signal);
    expect(c.target.effects).toEqual([
      { key: `${job.decisionId}:0`, fence: 1 },
      { key: `${job.decisionId}:1`, fence: 1 },
    ]);
    expect(await c.phases()).toEqual(['0:started', '0:applied', '1:started', '1:applied']);
    const [started] = await c.events('repair.started');
    expect(started).toMatchObject({ fence: 1, sealedAt: expect.any(Number) });
    expect((await c.state()).status).toBe('verifying');
    const rounds = c.log.jobs.filter(({ queue }) => queue === 'verify');
    expect(rounds[0]).toMatchObject({ id: `${job.decisionId}-v1`, incident: 'INC-1', round: 1, delayMs: 1000 });
    expect(rounds.at(-1)?.delayMs).toBe(61_000);
    expect(new Set(rounds.map(({ id }) => id)).size).toBe(rounds.length);
  });

  it('is done once however often and by however many the job is run', async () => {
    const job = await c.approved();
    const crowd = Array.from({ length: 8 }, () => c.newRepairer().repair(job, signal));
    await Promise.allSettled(crowd);
    await c.repairer.repair(job, signal);
    await c.repairer.reconcile('INC-1', signal);
    expect(c.target.effects).toHaveLength(1);
    expect(await c.events('repair.started')).toHaveLength(1);
    expect(await c.events('repair.finished')).toHaveLength(1);
  });

  it('finds that somebody did it by hand already', async () => {
    const job = await c.approved();
    c.target.says = 'done';
    await c.repairer.repair(job, signal);
    expect(c.target.effects).toEqual([]);
    expect(await c.phases()).toEqual(['0:started', '0:already_applied']);
    expect((await c.state()).status).toBe('verifying');
  });

  it('stops at the first step that fails, and says what is done and how to get back', async () => {
    const job = await c.approved([testStep(INCREASE), testStep(RETRY), testStep(RETRY)]);
    c.target.faults = [async () => {}, 'refuse'];
    await c.repairer.repair(job, signal);
    expect(await c.phases()).toEqual(['0:started', '0:applied', '1:started', '1:failed']);
    const [finished] = await c.events('repair.finished');
    expect(finished).toMatchObject({
      outcome: 'failed',
      detail: expect.stringContaining('the way back: memory_gi: 8'),
    });
    expect((await c.state()).status).toBe('reopened');
    expect(c.log.jobs.filter(({ queue }) => queue === 'verify')).toEqual([]);
  });

  it('sends nothing when the target can not say whether it is done already', async () => {
    const job = await c.approved();
    c.target.says = 'throws';
    await c.repairer.repair(job, signal);
    expect(c.target.effects).toEqual([]);
    expect((await c.events('repair.finished'))[0]).toMatchObject({
      outcome: 'failed',
      detail: expect.stringContaining('Nothing was sent'),
    });
  });
});

describe('when the answer of the target is lost', () => {
  it.each(['guarded', 'idempotent', 'not_idempotent'] as const)(
    'and it was done (%s), reading shows it',
    async (idempotency) => {
      const job = await c.approved([testStep(INCREASE, { idempotency })]);
      c.target.faults = ['fail_after'];
      await c.repairer.repair(job, signal);
      expect(c.target.effects).toHaveLength(1);
      expect(await c.phases()).toEqual(['0:started', '0:applied']);
    },
  );

  it.each(['guarded', 'idempotent'] as const)(
    'and it was not done (%s), it is sent again under the same key',
    async (idempotency) => {
      const job = await c.approved([testStep(INCREASE, { idempotency })]);
      c.target.faults = ['fail_before'];
      await c.repairer.repair(job, signal);
      expect(c.target.effects).toHaveLength(1);
      expect((await c.state()).status).toBe('verifying');
    },
  );

  it('twice, and it was not done, the repair has failed', async () => {
    const job = await c.approved();
    c.target.faults = ['fail_before', 'fail_before'];
    await c.repairer.repair(job, signal);
    expect((await c.events('repair.finished'))[0]?.outcome).toBe('failed');
  });

  it('and it can not be repeated safely, a person is asked instead', async () => {
    const job = await c.approved([testStep(INCREASE, { idempotency: 'not_idempotent' })]);
    c.target.faults = ['fail_before'];
    await c.repairer.repair(job, signal);
    expect(c.target.effects).toEqual([]);
    expect((await c.events('repair.finished'))[0]).toMatchObject({
      outcome: 'unknown',
      detail: expect.stringContaining('A person has to look'),
    });
    expect((await c.state()).status).toBe('outcome_unknown');
    await c.newRepairer().repair(job, signal);
    expect(c.target.effects).toEqual([]);
  });

  it('for good, the outcome stays unknown until the target can say, and is then taken up again', async () => {
    const job = await c.approved();
    c.target.faults = [
      async () => {
        c.target.says = 'unknown';
        c.target.effects.push({ key: `${job.decisionId}:0`, fence: 1 });
        throw new Error('socket hang up');
      },
    ];
    await c.repairer.repair(job, signal);
    expect((await c.state()).status).toBe('outcome_unknown');
    const before = c.log.lines.length;
    await c.repairer.reconcile('INC-1', signal);
    expect(c.log.lines.length).toBe(before);
    c.target.says = 'truth';
    await c.repairer.reconcile('INC-1', signal);
    expect(c.target.effects).toHaveLength(1);
    expect((await c.state()).status).toBe('verifying');
    expect((await c.events('repair.started')).map(({ fence }) => fence)).toEqual([1, 2]);
  });
});

describe('a plan with a step that has to wait', () => {
  it('comes back for it with a job, and nothing starts early', async () => {
    const job = await c.approved([testStep(INCREASE), testStep({ ...RETRY, not_before_minutes: 20 })]);
    await c.repairer.repair(job, signal);
    expect(c.target.effects).toHaveLength(1);
    const back = c.log.jobs.at(-1);
    expect(back).toMatchObject({ queue: 'repair', id: `${job.decisionId}-s1`, delayMs: 20 * 60_000 });
    c.clock.advance(60_000);
    await c.repairer.reconcile('INC-1', signal);
    expect(c.target.effects).toHaveLength(1);
    c.clock.advance(19 * 60_000);
    await c.repairer.repair(back as Job, signal);
    expect(c.target.effects).toHaveLength(2);
    expect((await c.state()).status).toBe('verifying');
  });

  it('does not start a plan whose first step has to wait', async () => {
    const job = await c.approved([testStep({ ...RETRY, not_before_minutes: 20 })]);
    await c.repairer.reconcile('INC-1', signal);
    expect(c.target.effects).toEqual([]);
    c.clock.advance(20 * 60_000);
    await c.repairer.repair(job, signal);
    expect(c.target.effects).toHaveLength(1);
  });
});

describe('a repairer that is told to stop', () => {
  it('stops before the next step and goes on later', async () => {
    const job = await c.approved([testStep(INCREASE), testStep(RETRY)]);
    const stopping = new AbortController();
    c.target.faults = [async () => stopping.abort()];
    await expect(c.repairer.repair(job, stopping.signal)).rejects.toMatchObject({ kind: 'unavailable' });
    expect(c.target.effects).toHaveLength(1);
    c.clock.advance(11_000);
    await c.newRepairer().reconcile('INC-1', signal);
    expect(c.target.effects).toHaveLength(2);
    expect((await c.state()).status).toBe('verifying');
  });
});
