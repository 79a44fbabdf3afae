import { beforeEach, describe, expect, it } from 'vitest';
import { type CountingTarget, createCountingTarget } from '../../test/support/counting-target.js';
import {
  INCREASE,
  openWithProposal,
  TEST_KEY,
  testClick,
  testPolicy,
  testRedactor,
  testStep,
} from '../../test/support/incidents.js';
import {
  createManualClock,
  createMemoryCheckpoints,
  createMemoryLog,
  createMemoryOnce,
  type MemoryLog,
} from '../../test/support/memory-log.js';
import { createGate } from '../approve/gate.js';
import { createSigner, createVerifier, generateDecisionKey } from '../approve/seal.js';
import type { EventOf, EventType } from '../domain/events.js';
import { foldIncident, type Incident } from '../domain/incident.js';
import type { Policy } from '../domain/policy.js';
import type { Job } from '../domain/ports.js';
import type { Expectation, ProposalStep, RepairAction } from '../domain/proposal.js';
import { createProcessLog } from '../log.js';
import { createRepair, type Repair } from './repair.js';

const signal = new AbortController().signal;
const RETRY: RepairAction = {
  do: 'retry',
  dag: 'd',
  run: 'r1',
  tasks: 'failed',
  mark_success: [],
  not_before_minutes: 0,
};

let clock: ReturnType<typeof createManualClock>;
let log: MemoryLog;
let policy: Policy;
let target: CountingTarget;
let checkpoints: ReturnType<typeof createMemoryCheckpoints>;
let repairer: Repair;

const newRepairer = (publicKey = TEST_KEY.publicKeyPem): Repair =>
  createRepair({
    log,
    checkpoints,
    verifier: createVerifier({ test: publicKey }),
    tools: target.tools,
    facts: target.facts,
    policy: () => ({ policy, digest: 'p'.repeat(64) }),
    clock,
    processLog: createProcessLog('repairer', 'silent'),
    timing: { settleMs: [0, 1], leaseMs: 10_000 },
  });

beforeEach(() => {
  clock = createManualClock();
  log = createMemoryLog(clock);
  policy = testPolicy();
  target = createCountingTarget();
  checkpoints = createMemoryCheckpoints(log);
  repairer = newRepairer();
});

function expectation(more: Partial<Expectation> = {}): Expectation {
  return {
    fact: 'airflow.run_state',
    target: 'd/r1',
    op: 'equals',
    value: 'success',
    text: 'Run r1 is green',
    withinSeconds: 60,
    ...more,
  };
}

/** An incident with an approved proposal, and the job that came with the approval. */
async function approved(
  steps: ProposalStep[] = [testStep(INCREASE)],
  level: 'medium' | 'high' = 'medium',
): Promise<Job> {
  const { incident, digest } = await openWithProposal(log, { incident: 'INC-1', steps, level });
  const gate = createGate({
    log,
    once: createMemoryOnce(),
    policy: () => ({ policy, digest: 'p'.repeat(64) }),
    signer: createSigner(TEST_KEY.privateKeyPem),
    redactor: testRedactor,
    clock,
    inventory: { pipelines: [], configTargets: [], metrics: [] },
  });
  await gate.decide(testClick({ incident, shownDigest: digest }));
  if (level === 'high') {
    const ben = { id: 'ben@example.com', via: 'web' as const };
    await gate.decide(testClick({ incident, shownDigest: digest, by: ben, words: 'pod was OOM killed twice' }));
  }
  const job = log.jobs.find(({ queue }) => queue === 'repair');
  if (job === undefined) throw new Error('the approval made no job');
  return job;
}

async function state(): Promise<Incident> {
  const incident = foldIncident(await log.read('INC-1'));
  if (incident === undefined) throw new Error('no incident');
  return incident;
}

async function events<T extends EventType>(type: T): Promise<EventOf<T>['data'][]> {
  return (await log.read('INC-1')).flatMap(({ entry }) =>
    entry.type === type ? [entry.data as EventOf<T>['data']] : [],
  );
}

const phases = async (): Promise<string[]> =>
  (await events('repair.stepped')).map((step) => `${step.step}:${step.phase}`);

/** Changes stored bytes behind the log's back. */
function tamper(type: EventType, from: string | RegExp, to: string): void {
  const at = log.lines.findIndex((line) => line.includes(`"type":"${type}"`));
  const line = log.lines[at] ?? '';
  log.lines[at] = line.replace(from, to);
  expect(log.lines[at]).not.toBe(line);
}

describe('an approved repair', () => {
  it('is claimed, written, done, recorded, and handed to verification in one append', async () => {
    const job = await approved([testStep(INCREASE), testStep(RETRY, { verification: [expectation()] })], 'high');
    await repairer.repair(job, signal);
    expect(target.effects).toEqual([
      { key: `${job.decisionId}:0`, fence: 1 },
      { key: `${job.decisionId}:1`, fence: 1 },
    ]);
    expect(await phases()).toEqual(['0:started', '0:applied', '1:started', '1:applied']);
    const [started] = await events('repair.started');
    expect(started).toMatchObject({ fence: 1, sealedAt: expect.any(Number) });
    expect((await state()).status).toBe('verifying');
    const rounds = log.jobs.filter(({ queue }) => queue === 'verify');
    expect(rounds[0]).toMatchObject({ id: `${job.decisionId}-v1`, incident: 'INC-1', round: 1, delayMs: 1000 });
    expect(rounds.at(-1)?.delayMs).toBe(61_000);
    expect(new Set(rounds.map(({ id }) => id)).size).toBe(rounds.length);
  });

  it('is done once however often and by however many the job is run', async () => {
    const job = await approved();
    const crowd = Array.from({ length: 8 }, () => newRepairer().repair(job, signal));
    await Promise.allSettled(crowd);
    await repairer.repair(job, signal);
    await repairer.reconcile('INC-1', signal);
    expect(target.effects).toHaveLength(1);
    expect(await events('repair.started')).toHaveLength(1);
    expect(await events('repair.finished')).toHaveLength(1);
  });

  it('finds that somebody did it by hand already', async () => {
    const job = await approved();
    target.says = 'done';
    await repairer.repair(job, signal);
    expect(target.effects).toEqual([]);
    expect(await phases()).toEqual(['0:started', '0:already_applied']);
    expect((await state()).status).toBe('verifying');
  });

  it('stops at the first step that fails, and says what is done and how to get back', async () => {
    const job = await approved([testStep(INCREASE), testStep(RETRY), testStep(RETRY)]);
    target.faults = [async () => {}, 'refuse'];
    await repairer.repair(job, signal);
    expect(await phases()).toEqual(['0:started', '0:applied', '1:started', '1:failed']);
    const [finished] = await events('repair.finished');
    expect(finished).toMatchObject({
      outcome: 'failed',
      detail: expect.stringContaining('the way back: memory_gi: 8'),
    });
    expect((await state()).status).toBe('reopened');
    expect(log.jobs.filter(({ queue }) => queue === 'verify')).toEqual([]);
  });

  it('sends nothing when the target can not say whether it is done already', async () => {
    const job = await approved();
    target.says = 'throws';
    await repairer.repair(job, signal);
    expect(target.effects).toEqual([]);
    expect((await events('repair.finished'))[0]).toMatchObject({
      outcome: 'failed',
      detail: expect.stringContaining('Nothing was sent'),
    });
  });
});

describe('when the answer of the target is lost', () => {
  it.each(['guarded', 'idempotent', 'not_idempotent'] as const)(
    'and it was done (%s), reading shows it',
    async (idempotency) => {
      const job = await approved([testStep(INCREASE, { idempotency })]);
      target.faults = ['fail_after'];
      await repairer.repair(job, signal);
      expect(target.effects).toHaveLength(1);
      expect(await phases()).toEqual(['0:started', '0:applied']);
    },
  );

  it.each(['guarded', 'idempotent'] as const)(
    'and it was not done (%s), it is sent again under the same key',
    async (idempotency) => {
      const job = await approved([testStep(INCREASE, { idempotency })]);
      target.faults = ['fail_before'];
      await repairer.repair(job, signal);
      expect(target.effects).toHaveLength(1);
      expect((await state()).status).toBe('verifying');
    },
  );

  it('twice, and it was not done, the repair has failed', async () => {
    const job = await approved();
    target.faults = ['fail_before', 'fail_before'];
    await repairer.repair(job, signal);
    expect((await events('repair.finished'))[0]?.outcome).toBe('failed');
  });

  it('and it can not be repeated safely, a person is asked instead', async () => {
    const job = await approved([testStep(INCREASE, { idempotency: 'not_idempotent' })]);
    target.faults = ['fail_before'];
    await repairer.repair(job, signal);
    expect(target.effects).toEqual([]);
    expect((await events('repair.finished'))[0]).toMatchObject({
      outcome: 'unknown',
      detail: expect.stringContaining('A person has to look'),
    });
    expect((await state()).status).toBe('outcome_unknown');
    await newRepairer().repair(job, signal);
    expect(target.effects).toEqual([]);
  });

  it('for good, the outcome stays unknown until the target can say, and is then taken up again', async () => {
    const job = await approved();
    target.faults = [
      async () => {
        target.says = 'unknown';
        target.effects.push({ key: `${job.decisionId}:0`, fence: 1 });
        throw new Error('socket hang up');
      },
    ];
    await repairer.repair(job, signal);
    expect((await state()).status).toBe('outcome_unknown');
    const before = log.lines.length;
    await repairer.reconcile('INC-1', signal);
    expect(log.lines.length).toBe(before);
    target.says = 'truth';
    await repairer.reconcile('INC-1', signal);
    expect(target.effects).toHaveLength(1);
    expect((await state()).status).toBe('verifying');
    expect((await events('repair.started')).map(({ fence }) => fence)).toEqual([1, 2]);
  });
});

describe('nothing acts', () => {
  const untouched = async (): Promise<void> => {
    expect(target.effects).toEqual([]);
    expect(await events('repair.started')).toEqual([]);
  };

  it('on a job that the log knows nothing of', async () => {
    const job = await approved();
    await repairer.repair({ ...job, decisionId: 'dec-0000' }, signal);
    await repairer.repair({ ...job, incident: 'INC-2' }, signal);
    await untouched();
    expect((await state()).status).toBe('approved');
  });

  it('while no checkpoint covers the decision; later it goes on', async () => {
    const job = await approved();
    checkpoints.state = 'closed';
    await expect(repairer.repair(job, signal)).rejects.toMatchObject({ kind: 'timeout', retryable: true });
    await untouched();
    checkpoints.state = 'open';
    await repairer.reconcile('INC-1', signal);
    expect(target.effects).toHaveLength(1);
  });

  it('when the decision is not in the signed log', async () => {
    const job = await approved();
    checkpoints.state = 'broken';
    await repairer.repair(job, signal);
    await untouched();
    expect((await events('repair.refused'))[0]?.because).toContain('not in the signed log');
  });

  it('while the log can not be written', async () => {
    const job = await approved();
    log.down = true;
    await expect(repairer.repair(job, signal)).rejects.toMatchObject({ kind: 'unavailable' });
    log.down = false;
    await untouched();
  });

  it('when the log stops taking entries right before the step', async () => {
    const job = await approved();
    log.failNext('before', 'repair.stepped');
    log.failNext('before', 'repair.stepped');
    await expect(repairer.repair(job, signal)).rejects.toMatchObject({ kind: 'unavailable' });
    expect(target.effects).toEqual([]);
  });

  it('on a decision that somebody else signed', async () => {
    const job = await approved();
    await newRepairer(generateDecisionKey().publicKeyPem).repair(job, signal);
    await untouched();
    expect((await events('repair.refused'))[0]?.because).toContain('signature');
    expect((await state()).status).toBe('expired');
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
    const job = await approved();
    tamper(type, from, to);
    await repairer.repair(job, signal);
    await untouched();
    expect((await events('repair.refused'))[0]?.because).toMatch(because);
  });

  it('when the digest of the proposal was exchanged together with it', async () => {
    const job = await approved();
    const { digest } = (await events('proposal.made'))[0] ?? { digest: '' };
    tamper('proposal.made', digest, 'e'.repeat(64));
    await repairer.repair(job, signal);
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
    const job = await approved();
    policy = testPolicy(more);
    await repairer.repair(job, signal);
    await untouched();
    expect((await events('repair.refused'))[0]?.because).toContain(because);
  });

  it('when the policy asks for more people by now', async () => {
    const job = await approved(undefined, 'high');
    policy = testPolicy({ fourEyes: { high: 3 } });
    await repairer.repair(job, signal);
    await untouched();
    expect((await events('repair.refused'))[0]?.because).toContain('3 different people');
  });

  it('when the approval is older than a proposal may wait', async () => {
    const job = await approved();
    clock.advance(61 * 60_000);
    await repairer.repair(job, signal);
    await untouched();
    expect((await events('repair.refused'))[0]?.because).toContain('could not start within 60 minutes');
  });

  it('when the world moved: the approval is dead and says what changed', async () => {
    const rests = expectation({
      fact: 'config.value',
      target: 'feature_export.memory_gi',
      value: '8',
      text: 'Memory is 8 GiB',
    });
    const job = await approved([testStep(INCREASE, { preconditions: [rests] })]);
    target.world.set('config.value feature_export.memory_gi', '12');
    await repairer.repair(job, signal);
    await untouched();
    expect((await events('repair.refused'))[0]).toMatchObject({
      because: expect.stringContaining('the world has moved'),
      moved: ['Memory is 8 GiB: expected equals 8, found 12'],
    });
    target.world.set('config.value feature_export.memory_gi', '8');
    await repairer.repair(job, signal);
    await repairer.reconcile('INC-1', signal);
    await untouched();
  });

  it('while a fact can not be read; later it goes on', async () => {
    const rests = expectation({ fact: 'config.value', target: 'x', value: '8' });
    const job = await approved([testStep(INCREASE, { preconditions: [rests] })]);
    await expect(repairer.repair(job, signal)).rejects.toMatchObject({ kind: 'unavailable', retryable: true });
    await untouched();
    target.world.set('config.value x', '8');
    await repairer.repair(job, signal);
    expect(target.effects).toHaveLength(1);
  });
});

describe('a worker that was cut off', () => {
  /** Runs the repair until the log dies at this entry, as a killed process would leave it. */
  async function cutOffAt(job: Job, type: EventType, fault: 'before' | 'after', skip = 0): Promise<void> {
    const append = log.append;
    let seen = 0;
    log.append = async (subject, version, batch, jobs) => {
      const hit = batch.some((event) => event.type === type) && seen++ >= skip;
      if (!hit) return append(subject, version, batch, jobs);
      if (fault === 'after') await append(subject, version, batch, jobs);
      throw new Error('killed');
    };
    await expect(repairer.repair(job, signal)).rejects.toThrow('killed');
    log.append = append;
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
    const job = await approved([testStep(INCREASE, { verification: [expectation()] })]);
    await cutOffAt(job, type, fault, skip);
    clock.advance(11_000);
    await newRepairer().reconcile('INC-1', signal);
    await newRepairer().reconcile('INC-1', signal);
    expect(target.effects).toHaveLength(1);
    expect(await events('repair.finished')).toHaveLength(1);
    expect((await state()).status).toBe('verifying');
    expect(log.jobs.filter(({ id }) => id === `${job.decisionId}-v1`)).toHaveLength(1);
  });

  it('is not taken over while it may still be alive', async () => {
    const job = await approved();
    await cutOffAt(job, 'repair.stepped', 'after');
    await expect(newRepairer().repair(job, signal)).rejects.toMatchObject({ kind: 'unavailable' });
    await newRepairer().reconcile('INC-1', signal);
    expect(target.effects).toEqual([]);
  });

  it('is not mistaken for dead by its own process, however slow the step', async () => {
    const job = await approved([testStep(INCREASE, { idempotency: 'not_idempotent' })]);
    target.faults = [
      async () => {
        clock.advance(60_000);
        void repairer.reconcile('INC-1', signal);
        void repairer.repair(job, signal);
        await new Promise((wait) => setTimeout(wait, 20));
      },
    ];
    await repairer.repair(job, signal);
    expect(target.effects).toHaveLength(1);
    expect(await phases()).toEqual(['0:started', '0:applied']);
    expect(await events('repair.started')).toHaveLength(1);
  });

  it('in a step that can not be repeated leaves it to a person', async () => {
    const job = await approved([testStep(INCREASE, { idempotency: 'not_idempotent' })]);
    await cutOffAt(job, 'repair.stepped', 'after');
    clock.advance(11_000);
    await newRepairer().reconcile('INC-1', signal);
    expect(target.effects).toEqual([]);
    expect((await state()).status).toBe('outcome_unknown');
  });

  it('after a step that failed does not try it again', async () => {
    const job = await approved();
    target.faults = ['refuse'];
    await cutOffAt(job, 'repair.stepped', 'after', 1);
    clock.advance(11_000);
    await newRepairer().reconcile('INC-1', signal);
    expect(target.effects).toEqual([]);
    expect((await state()).status).toBe('reopened');
  });

  it('between two steps: the second rests on facts that are asked again, but not on what the first changed', async () => {
    const ours = expectation({ fact: 'config.value', target: 'm', value: '8', text: 'm is 8' });
    const theirs = expectation({ value: 'failed', text: 'Run r1 failed' });
    const plan = [testStep(INCREASE, { preconditions: [ours] }), testStep(RETRY, { preconditions: [ours, theirs] })];
    const job = await approved(plan);
    target.world.set('config.value m', '8').set('airflow.run_state d/r1', 'failed');
    await cutOffAt(job, 'repair.stepped', 'after', 1);
    clock.advance(11_000);
    target.world.set('config.value m', '16').set('airflow.run_state d/r1', 'success');
    await newRepairer().reconcile('INC-1', signal);
    expect(target.effects).toHaveLength(1);
    expect((await events('repair.finished'))[0]).toMatchObject({
      outcome: 'failed',
      detail: expect.stringContaining('Run r1 failed: expected'),
    });
    expect((await events('repair.finished'))[0]?.detail).not.toContain('m is 8');
  });
});

describe('a zombie', () => {
  it('that wakes up after another worker took over neither acts nor records', async () => {
    const job = await approved([testStep(INCREASE), testStep(RETRY)]);
    const takeOver = async (): Promise<void> => {
      clock.advance(11_000);
      await newRepairer().reconcile('INC-1', signal);
    };
    target.faults = [takeOver];
    await expect(repairer.repair(job, signal)).rejects.toMatchObject({ kind: 'conflict', retryable: false });
    // The first worker's request was on its way already when it was taken over: the target knows the key and does no second thing.
    expect(target.effects.map(({ key, fence }) => `${key.slice(-1)}@${fence}`)).toEqual(['0@2', '1@2']);
    expect((await events('repair.stepped')).filter(({ fence, phase }) => fence === 1 && phase !== 'started')).toEqual(
      [],
    );
    expect(await events('repair.finished')).toHaveLength(1);
  });

  it('that was taken over before it acted does not act', async () => {
    const job = await approved();
    const check = target.tools.resource_increase.check;
    target.tools.resource_increase.check = async () => {
      target.tools.resource_increase.check = check;
      clock.advance(11_000);
      await newRepairer().reconcile('INC-1', signal);
      return 'not_done' as const;
    };
    await expect(repairer.repair(job, signal)).rejects.toMatchObject({ kind: 'conflict' });
    expect(target.effects.map(({ fence }) => fence)).toEqual([2]);
  });
});

describe('a plan with a step that has to wait', () => {
  it('comes back for it with a job, and nothing starts early', async () => {
    const job = await approved([testStep(INCREASE), testStep({ ...RETRY, not_before_minutes: 20 })]);
    await repairer.repair(job, signal);
    expect(target.effects).toHaveLength(1);
    const back = log.jobs.at(-1);
    expect(back).toMatchObject({ queue: 'repair', id: `${job.decisionId}-s1`, delayMs: 20 * 60_000 });
    clock.advance(60_000);
    await repairer.reconcile('INC-1', signal);
    expect(target.effects).toHaveLength(1);
    clock.advance(19 * 60_000);
    await repairer.repair(back as Job, signal);
    expect(target.effects).toHaveLength(2);
    expect((await state()).status).toBe('verifying');
  });

  it('does not start a plan whose first step has to wait', async () => {
    const job = await approved([testStep({ ...RETRY, not_before_minutes: 20 })]);
    await repairer.reconcile('INC-1', signal);
    expect(target.effects).toEqual([]);
    clock.advance(20 * 60_000);
    await repairer.repair(job, signal);
    expect(target.effects).toHaveLength(1);
  });
});

describe('a repairer that is told to stop', () => {
  it('stops before the next step and goes on later', async () => {
    const job = await approved([testStep(INCREASE), testStep(RETRY)]);
    const stopping = new AbortController();
    target.faults = [async () => stopping.abort()];
    await expect(repairer.repair(job, stopping.signal)).rejects.toMatchObject({ kind: 'unavailable' });
    expect(target.effects).toHaveLength(1);
    clock.advance(11_000);
    await newRepairer().reconcile('INC-1', signal);
    expect(target.effects).toHaveLength(2);
    expect((await state()).status).toBe('verifying');
  });
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
    const job = log.jobs.find(({ queue }) => queue === 'verify');
    if (job === undefined) throw new Error('no verify job');
    await repairer.verify(job, signal);
  };

  async function repaired(verification: Expectation[]): Promise<void> {
    await repairer.repair(await approved([testStep(INCREASE, { verification })]), signal);
  }

  it('resolves when everything that was promised is so, with the minutes from the alert', async () => {
    await repaired([green, rows]);
    target.world.set('airflow.run_state d/r1', 'running').set('delta.rows t', '3');
    await round();
    target.world.set('delta.rows t', '7');
    clock.advance(30_000);
    await round();
    target.world.set('airflow.run_state d/r1', 'success').set('delta.rows t', '12');
    clock.advance(30_000);
    await round();
    expect((await events('verification.checked')).map((one) => one.results.map(({ observed }) => observed))).toEqual([
      ['running', '3'],
      ['success', '12'],
    ]);
    expect((await events('incident.resolved'))[0]).toEqual({
      minutes: 1,
      by: 'repairer',
      verified: ['Run r1 is green', 'Table t has its rows'],
    });
    const before = log.lines.length;
    await round();
    await newRepairer().reconcile('INC-1', signal);
    expect(log.lines.length).toBe(before);
  });

  it('says that the sender reported the alert resolved', async () => {
    await repaired([green]);
    const incident = await state();
    const alert = { ...incident.alert, status: 'resolved' as const };
    await log.append('INC-1', incident.version, [
      { type: 'alert.resolved', data: { alert }, actor: { kind: 'system', id: 'x', role: 'web' } },
    ]);
    target.world.set('airflow.run_state d/r1', 'success');
    await round();
    expect((await events('incident.resolved'))[0]?.verified.at(-1)).toContain('reported it resolved');
  });

  it('reopens with what failed when the time of one check is over', async () => {
    await repaired([green, rows]);
    target.world.set('airflow.run_state d/r1', 'failed').set('delta.rows t', '12');
    clock.advance(59_000);
    await round();
    expect((await state()).status).toBe('verifying');
    clock.advance(1_000);
    await round();
    expect((await events('incident.reopened'))[0]).toEqual({
      failed: ['Run r1 is green: expected equals success, found failed'],
    });
  });

  it('does not take silence for recovery', async () => {
    await repaired([green]);
    await round();
    expect((await state()).status).toBe('verifying');
    clock.advance(60_000);
    await round();
    expect((await state()).reopenedBecause[0]).toContain('could not be read');
  });

  it('is never longer than the policy allows', async () => {
    policy = testPolicy({ verification: { timeoutMinutes: 1 } });
    await repaired([expectation({ withinSeconds: 86_400 })]);
    expect(log.jobs.at(-1)?.delayMs).toBe(61_000);
    target.world.set('airflow.run_state d/r1', 'running');
    clock.advance(60_000);
    await round();
    expect((await state()).status).toBe('reopened');
  });

  it('does not resolve what nothing was promised for', async () => {
    await repaired([]);
    await round();
    expect((await state()).status).toBe('reopened');
  });

  it('by two workers at once ends the incident once', async () => {
    await repaired([green]);
    target.world.set('airflow.run_state d/r1', 'success');
    await Promise.all([round(), round(), newRepairer().reconcile('INC-1', signal)]);
    expect(await events('incident.resolved')).toHaveLength(1);
  });

  it.each(['before', 'after'] as const)(
    'whose entry fails %s it is stored comes to the same in the next round',
    async (fault) => {
      await repaired([green]);
      target.world.set('airflow.run_state d/r1', 'success');
      log.failNext(fault, 'incident.resolved');
      await round().catch(() => undefined);
      await round();
      expect(await events('incident.resolved')).toHaveLength(1);
    },
  );
});
