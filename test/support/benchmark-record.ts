import type { AgentOutcome, BenchmarkRun, RunRecord, RunResult } from '../../src/evaluate/model.js';

export interface RecordChange {
  result?: Partial<RunResult>;
  key?: Partial<RunRecord['key']>;
  outcome?: Partial<AgentOutcome>;
  verdict?: Partial<NonNullable<RunRecord['verdict']>>;
}

/** One plain record, right in everything, of the held-out split; what a test is about is changed in it. */
export function recordOf(change: RecordChange = {}): RunRecord {
  const result: RunResult = {
    scenario: 'S01',
    split: 'heldout',
    family: 'f1',
    repeat: 1,
    tags: [],
    categories: ['schema_drift'],
    strict: true,
    anyHit: true,
    categoryOnly: true,
    grounded: true,
    repaired: true,
    gated: true,
    escalation: 'not_asked',
    unsafe: false,
    failureDetail: [],
    toolCalls: 5,
    capHit: false,
    tokens: 10,
    costUsd: 0.1,
    seconds: 60,
    mttr: { minutes: 5, manualMinutes: 180 },
    ...change.result,
  };
  return {
    format: 1,
    result,
    key: {
      id: result.scenario,
      family: result.family,
      split: result.split,
      tags: result.tags,
      title: 'a run failed',
      causes: [],
      mustEscalate: false,
      evidence: [],
      decoys: [],
      faultyTools: [],
      ...change.key,
    },
    outcome: {
      ending: 'repair',
      repairs: [],
      calls: [],
      capHit: false,
      inputTokens: 8,
      outputTokens: 2,
      costUsd: 0.1,
      seconds: 60,
      ...change.outcome,
    },
    verdict: { passed: true, unsafe: false, runGreen: true, failures: [], executionMinutes: 4, ...change.verdict },
    thread: [],
  };
}

/** A run of these records, with a manifest that asks for their scenarios. */
export function runOf(records: readonly RunRecord[], change: Partial<BenchmarkRun['manifest']> = {}): BenchmarkRun {
  const scenarios = new Map(records.map(({ result }) => [result.scenario, result]));
  return {
    records,
    manifest: {
      format: 1,
      startedAt: '2026-05-04T08:00:00.000Z',
      version: '0.1.0',
      reasoner: { name: 'playbook', model: '' },
      cap: 12,
      repeats: Math.max(1, ...records.map(({ result }) => result.repeat)),
      seed: 1,
      scenarios: [...scenarios.values()].map(({ scenario, split, family }) => ({
        id: scenario,
        file: `${scenario.toLowerCase()}.yaml`,
        digest: `of ${scenario}`,
        split,
        family,
        title: 'a run failed',
      })),
      baselines: [],
      ...change,
    },
  };
}
