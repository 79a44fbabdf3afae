import { beforeEach, describe, expect, it } from 'vitest';
import { INCREASE, testPolicy, testStep } from '../../test/support/incidents.js';
import { createRepairCase, expectation, type RepairCase, signal } from '../../test/support/repair-case.js';
import type { Expectation } from '../domain/proposal.js';
import { roundsWithin } from './verify.js';

let c: RepairCase;
beforeEach(() => {
  c = createRepairCase();
});

describe('verification', () => {
  const green = expectation();
  const rows = expectation({
    fact: 'delta.rows',
    target: 't',
    op: 'at_least',
    value: '10',
    text: 'Table t has its rows',
    withinSeconds: 120,
  });
  const round = async (): Promise<void> => {
    const job = c.log.jobs.find(({ queue }) => queue === 'verify');
    if (job === undefined) throw new Error('no verify job');
    await c.repairer.verify(job, signal);
  };

  async function repaired(verification: Expectation[]): Promise<void> {
    await c.repairer.repair(await c.approved([testStep(INCREASE, { verification })]), signal);
  }

  it('resolves when everything that was promised is so, with the minutes from the alert', async () => {
    await repaired([green, rows]);
    c.target.world.set('airflow.run_state d/r1', 'running').set('delta.rows t', '3');
    await round();
    c.target.world.set('delta.rows t', '7');
    c.clock.advance(30_000);
    await round();
    c.target.world.set('airflow.run_state d/r1', 'success').set('delta.rows t', '12');
    c.clock.advance(30_000);
    await round();
    expect((await c.events('verification.checked')).map((one) => one.results.map(({ observed }) => observed))).toEqual([
      ['running', '3'],
      ['success', '12'],
    ]);
    expect((await c.events('incident.resolved'))[0]).toEqual({
      minutes: 1,
      by: 'repairer',
      verified: ['Run r1 is green', 'Table t has its rows'],
    });
    const before = c.log.lines.length;
    await round();
    await c.newRepairer().reconcile('INC-1', signal);
    expect(c.log.lines.length).toBe(before);
  });

  it('says that the sender reported the alert resolved', async () => {
    await repaired([green]);
    const incident = await c.state();
    const alert = { ...incident.alert, status: 'resolved' as const };
    await c.log.append('INC-1', incident.version, [
      { type: 'alert.resolved', data: { alert }, actor: { kind: 'system', id: 'x', role: 'web' } },
    ]);
    c.target.world.set('airflow.run_state d/r1', 'success');
    await round();
    expect((await c.events('incident.resolved'))[0]?.verified.at(-1)).toContain('reported it resolved');
  });

  it('reopens with what failed when the time of one check is over', async () => {
    await repaired([green, rows]);
    c.target.world.set('airflow.run_state d/r1', 'failed').set('delta.rows t', '12');
    c.clock.advance(59_000);
    await round();
    expect((await c.state()).status).toBe('verifying');
    c.clock.advance(1_000);
    await round();
    expect((await c.events('incident.reopened'))[0]).toEqual({
      failed: ['Run r1 is green: expected equals success, found failed'],
    });
  });

  it('waits no longer for a run that has failed again, and for everything else as long as was said', async () => {
    await repaired([expectation({ withinSeconds: 5400 }), { ...rows, withinSeconds: 5400 }]);
    c.target.world.set('airflow.run_state d/r1', 'running').set('delta.rows t', '3');
    c.clock.advance(120_000);
    await round();
    expect((await c.state()).status).toBe('verifying');
    c.target.world.set('airflow.run_state d/r1', 'failed');
    await round();
    expect((await c.events('incident.reopened'))[0]).toEqual({
      failed: ['Run r1 is green: expected equals success, found failed'],
    });
  });

  it('does not take silence for recovery', async () => {
    await repaired([green]);
    await round();
    expect((await c.state()).status).toBe('verifying');
    c.clock.advance(60_000);
    await round();
    expect((await c.state()).reopenedBecause[0]).toContain('could not be read');
  });

  it('is never longer than the policy allows', async () => {
    c.policy = testPolicy({ verification: { timeoutMinutes: 1 } });
    await repaired([expectation({ withinSeconds: 86_400 })]);
    expect(c.log.jobs.at(-1)?.delayMs).toBe(61_000);
    c.target.world.set('airflow.run_state d/r1', 'running');
    c.clock.advance(60_000);
    await round();
    expect((await c.state()).status).toBe('reopened');
  });

  it('does not resolve what nothing was promised for', async () => {
    await repaired([]);
    await round();
    expect((await c.state()).status).toBe('reopened');
  });

  it('by two workers at once ends the incident once', async () => {
    await repaired([green]);
    c.target.world.set('airflow.run_state d/r1', 'success');
    await Promise.all([round(), round(), c.newRepairer().reconcile('INC-1', signal)]);
    expect(await c.events('incident.resolved')).toHaveLength(1);
  });

  it.each(['before', 'after'] as const)(
    'whose entry fails %s it is stored comes to the same in the next round',
    async (fault) => {
      await repaired([green]);
      c.target.world.set('airflow.run_state d/r1', 'success');
      c.log.failNext(fault, 'incident.resolved');
      await round().catch(() => undefined);
      await round();
      expect(await c.events('incident.resolved')).toHaveLength(1);
    },
  );
});

describe('the rounds', () => {
  it('come soon at first, ever more rarely, and once when the time is over', () => {
    const rounds = roundsWithin(5400);
    expect(rounds.slice(0, 4)).toEqual([1, 2, 3, 4]);
    expect(rounds.at(-1)).toBe(5401);
    expect(rounds.length).toBeLessThan(70);
    expect(rounds).toEqual([...rounds].sort((a, b) => a - b));
    const waits = rounds.slice(1).map((at, index) => (at - (rounds[index] ?? 0)) / at);
    expect(Math.max(...waits.slice(6))).toBeLessThan(0.2);
  });
});
