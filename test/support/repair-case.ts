import { createVerifier } from '../../src/approve/seal.js';
import type { EventOf, EventType } from '../../src/domain/events.js';
import { foldIncident, type Incident } from '../../src/domain/incident.js';
import type { Job } from '../../src/domain/ports.js';
import type { Expectation, ProposalStep, Retry } from '../../src/domain/proposal.js';
import { createProcessLog } from '../../src/log.js';
import { createRepair, type Repair } from '../../src/repair/repair.js';
import { type CountingTarget, createCountingTarget } from './counting-target.js';
import { ben, createGateCase, type GateCase } from './gate-case.js';
import { INCREASE, TEST_KEY, testClick, testStep } from './incidents.js';
import { createMemoryCheckpoints } from './memory-log.js';

/** Never aborted. */
export const signal = new AbortController().signal;

export const RETRY: Retry = {
  do: 'retry',
  dag: 'd',
  run: 'r1',
  tasks: 'failed',
  mark_success: [],
  not_before_minutes: 0,
};

export function expectation(more: Partial<Expectation> = {}): Expectation {
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

/** A gate and a repairer over one log in memory, and a target that counts; each test makes its own. */
export interface RepairCase extends Omit<GateCase, 'events' | 'opened'> {
  target: CountingTarget;
  checkpoints: ReturnType<typeof createMemoryCheckpoints>;
  repairer: Repair;
  /** Another worker over the same log. */
  newRepairer(publicKey?: string): Repair;
  /** Opens INC-1 and approves its plan; answers with the job that came with the approval. */
  approved(steps?: ProposalStep[], level?: 'medium' | 'high'): Promise<Job>;
  state(): Promise<Incident>;
  events<T extends EventType>(type: T): Promise<EventOf<T>['data'][]>;
  /** What was recorded of the steps, like `0:started`. */
  phases(): Promise<string[]>;
  /** Changes stored bytes behind the log's back. */
  tamper(type: EventType, from: string, to: string): void;
}

export function createRepairCase(): RepairCase {
  const gated = createGateCase();
  const { log, clock, gate } = gated;
  const target = createCountingTarget();
  const checkpoints = createMemoryCheckpoints(log);
  const newRepairer = (publicKey = TEST_KEY.publicKeyPem): Repair =>
    createRepair({
      log,
      checkpoints,
      verifier: createVerifier({ test: publicKey }),
      tools: target.tools,
      facts: target.facts,
      policy: () => ({ policy: one.policy, digest: 'p'.repeat(64) }),
      clock,
      processLog: createProcessLog('repairer', 'silent'),
      timing: { settleMs: [0, 1], leaseMs: 10_000 },
    });
  const one: RepairCase = Object.assign(gated, {
    target,
    checkpoints,
    repairer: newRepairer(),
    newRepairer,
    async approved(steps = [testStep(INCREASE)], level = 'medium' as const): Promise<Job> {
      const { card } = await gated.opened({ steps, level });
      await gate.decide(testClick(card));
      if (level !== 'medium') await gate.decide(testClick({ ...card, by: ben, words: 'pod was OOM killed twice' }));
      const job = log.jobs.find(({ queue }) => queue === 'repair');
      if (job === undefined) throw new Error('the approval made no job');
      return job;
    },
    async state(): Promise<Incident> {
      const incident = foldIncident(await log.read('INC-1'));
      if (incident === undefined) throw new Error('no incident');
      return incident;
    },
    async events<T extends EventType>(type: T): Promise<EventOf<T>['data'][]> {
      const stored = await log.read('INC-1');
      return stored.flatMap(({ entry }) => (entry.type === type ? [entry.data as EventOf<T>['data']] : []));
    },
    async phases(): Promise<string[]> {
      return (await one.events('repair.stepped')).map((step) => `${step.step}:${step.phase}`);
    },
    tamper(type: EventType, from: string, to: string): void {
      const at = log.lines.findIndex((line) => line.includes(`"type":"${type}"`) && line.includes(from));
      const line = log.lines[at];
      if (line === undefined) throw new Error(`no ${type} with ${from} to change`);
      log.lines[at] = line.replace(from, to);
    },
  });
  return one;
}
