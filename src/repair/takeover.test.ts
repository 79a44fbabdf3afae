import { beforeEach, describe, expect, it } from 'vitest';
import { INCREASE, testStep } from '../../test/support/incidents.js';
import { createRepairCase, expectation, RETRY, type RepairCase, signal } from '../../test/support/repair-case.js';
import type { EventType } from '../domain/events.js';
import type { Job } from '../domain/ports.js';

let c: RepairCase;
beforeEach(() => {
  c = createRepairCase();
});

describe('a worker that was cut off', () => {
  /** Runs the repair until the log dies at this entry, as a killed process would leave it. */
  async function cutOffAt(job: Job, type: EventType, fault: 'before' | 'after', skip = 0): Promise<void> {
    const append = c.log.append;
    let seen = 0;
    c.log.append = async (subject, version, batch, jobs) => {
      const hit = batch.some((event) => event.type === type) && seen++ >= skip;
      if (!hit) return append(subject, version, batch, jobs);
      if (fault === 'after') await append(subject, version, batch, jobs);
      throw new Error('killed');
    };
    await expect(c.repairer.repair(job, signal)).rejects.toThrow('killed');
    c.log.append = append;
  }

  it.each([
    ['before its claim', 'repair.started', 'before', 0],
    ['after its claim', 'repair.started', 'after', 0],
    ['before it wrote the step', 'repair.stepped', 'before', 0],
    ['after it wrote the step', 'repair.stepped', 'after', 0],
    ['after it acted', 'repair.stepped', 'before', 1],
    ['after it recorded', 'repair.stepped', 'after', 1],
    ['before it finished', 'repair.finished', 'before', 0],
    ['after it finished', 'repair.finished', 'after', 0],
  ] as const)('%s leaves a repair that is finished once', async (_, type, fault, skip) => {
    const job = await c.approved([testStep(INCREASE, { verification: [expectation()] })]);
    await cutOffAt(job, type, fault, skip);
    c.clock.advance(11_000);
    await c.newRepairer().reconcile('INC-1', signal);
    await c.newRepairer().reconcile('INC-1', signal);
    expect(c.target.effects).toHaveLength(1);
    expect(await c.events('repair.finished')).toHaveLength(1);
    expect((await c.state()).status).toBe('verifying');
    expect(c.log.jobs.filter(({ id }) => id === `${job.decisionId}-v1`)).toHaveLength(1);
  });

  it('is not taken over while it may still be alive', async () => {
    const job = await c.approved();
    await cutOffAt(job, 'repair.stepped', 'after');
    await expect(c.newRepairer().repair(job, signal)).rejects.toMatchObject({ kind: 'unavailable' });
    await c.newRepairer().reconcile('INC-1', signal);
    expect(c.target.effects).toEqual([]);
  });

  it('is not mistaken for dead by its own process, however slow the step', async () => {
    const job = await c.approved([testStep(INCREASE, { idempotency: 'not_idempotent' })]);
    c.target.faults = [
      async () => {
        c.clock.advance(60_000);
        void c.repairer.reconcile('INC-1', signal);
        void c.repairer.repair(job, signal);
        await new Promise((wait) => setTimeout(wait, 20));
      },
    ];
    await c.repairer.repair(job, signal);
    expect(c.target.effects).toHaveLength(1);
    expect(await c.phases()).toEqual(['0:started', '0:applied']);
    expect(await c.events('repair.started')).toHaveLength(1);
  });

  it('in a step that can not be repeated leaves it to a person', async () => {
    const job = await c.approved([testStep(INCREASE, { idempotency: 'not_idempotent' })]);
    await cutOffAt(job, 'repair.stepped', 'after');
    c.clock.advance(11_000);
    await c.newRepairer().reconcile('INC-1', signal);
    expect(c.target.effects).toEqual([]);
    expect((await c.state()).status).toBe('outcome_unknown');
  });

  it('after a step that failed does not try it again', async () => {
    const job = await c.approved();
    c.target.faults = ['refuse'];
    await cutOffAt(job, 'repair.stepped', 'after', 1);
    c.clock.advance(11_000);
    await c.newRepairer().reconcile('INC-1', signal);
    expect(c.target.effects).toEqual([]);
    expect((await c.state()).status).toBe('reopened');
  });

  it('between two steps: the second rests on facts that are asked again, but not on what the first changed', async () => {
    const ours = expectation({ fact: 'config.value', target: 'm', value: '8', text: 'm is 8' });
    const theirs = expectation({ value: 'failed', text: 'Run r1 failed' });
    const plan = [testStep(INCREASE, { preconditions: [ours] }), testStep(RETRY, { preconditions: [ours, theirs] })];
    const job = await c.approved(plan);
    c.target.world.set('config.value m', '8').set('airflow.run_state d/r1', 'failed');
    await cutOffAt(job, 'repair.stepped', 'after', 1);
    c.clock.advance(11_000);
    c.target.world.set('config.value m', '16').set('airflow.run_state d/r1', 'success');
    await c.newRepairer().reconcile('INC-1', signal);
    expect(c.target.effects).toHaveLength(1);
    expect((await c.events('repair.finished'))[0]).toMatchObject({
      outcome: 'failed',
      detail: expect.stringContaining('Run r1 failed: expected'),
    });
    expect((await c.events('repair.finished'))[0]?.detail).not.toContain('m is 8');
  });
});

describe('a zombie', () => {
  it('that wakes up after another worker took over neither acts nor records', async () => {
    const job = await c.approved([testStep(INCREASE), testStep(RETRY)]);
    const takeOver = async (): Promise<void> => {
      c.clock.advance(11_000);
      await c.newRepairer().reconcile('INC-1', signal);
    };
    c.target.faults = [takeOver];
    await expect(c.repairer.repair(job, signal)).rejects.toMatchObject({ kind: 'conflict', retryable: false });
    // The first worker's request was on its way already when it was taken over: the target knows the key and does no second thing.
    expect(c.target.effects.map(({ key, fence }) => `${key.slice(-1)}@${fence}`)).toEqual(['0@2', '1@2']);
    expect((await c.events('repair.stepped')).filter(({ fence, phase }) => fence === 1 && phase !== 'started')).toEqual(
      [],
    );
    expect(await c.events('repair.finished')).toHaveLength(1);
  });

  it('that was taken over before it acted does not act', async () => {
    const job = await c.approved();
    const check = c.target.tools.resource_increase.check;
    c.target.tools.resource_increase.check = async () => {
      c.target.tools.resource_increase.check = check;
      c.clock.advance(11_000);
      await c.newRepairer().reconcile('INC-1', signal);
      return 'not_done' as const;
    };
    await expect(c.repairer.repair(job, signal)).rejects.toMatchObject({ kind: 'conflict' });
    expect(c.target.effects.map(({ fence }) => fence)).toEqual([2]);
  });
});
