import { describe, expect, it } from 'vitest';
import { AppError } from '../domain/errors.js';
import type { AgentOutcome, OracleVerdict, RunResult, ScenarioKey } from './model.js';
import { renderReport } from './report.js';
import { runBenchmark } from './run-benchmark.js';
import { clopperPearson, passHat, percentile } from './statistics.js';
import { summarise } from './summary.js';

const result = (change: Partial<RunResult> = {}): RunResult => ({
  scenario: 'S01',
  split: 'dev',
  family: 'f',
  repeat: 1,
  tags: ['decoy'],
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
  ...change,
});

describe('statistics', () => {
  it.each([
    [42, 50, 0.709, 0.928],
    [0, 150, 0, 0.0243],
    [8, 8, 0.631, 1],
    [7, 8, 0.473, 0.997],
  ])('Clopper-Pearson of %i in %i', (hits, n, low, high) => {
    const interval = clopperPearson(hits, n);
    expect(interval.low).toBeCloseTo(low, 2);
    expect(interval.high).toBeCloseTo(high, 2);
  });

  it('percentiles are values that occur; pass^k is unbiased', () => {
    expect(percentile([3, 1, 2, 9], 0.95)).toBe(9);
    expect(percentile([], 0.5)).toBe(0);
    expect(passHat(4, 5, 3)).toBeCloseTo(0.4);
    expect(passHat(2, 5, 3)).toBe(0);
    expect(passHat(2, 2, 3)).toBeUndefined();
  });
});

describe('summarise', () => {
  it('one in five by hand makes 36x into 4.4x: the mean over all incidents says so', () => {
    const runs = [1, 2, 3, 4].map(() => result());
    const failed = result({ repaired: false, failure: 'reasoning', mttr: { minutes: 185, manualMinutes: 180 } });
    const { mttr, repaired } = summarise([...runs, failed]);
    expect(mttr.repairedRatio).toBeCloseTo(36);
    expect(mttr.repairedMedianRatio).toBeCloseTo(36);
    expect(mttr.allRatio).toBeCloseTo(4.4, 1);
    expect(mttr.byGate[2]?.allRatio).toBeCloseTo(180 / (41 + 20), 1);
    expect(repaired).toMatchObject({ hits: 4, n: 5 });
  });

  it('sets infrastructure errors apart and leaves false alarms out of the times', () => {
    const summary = summarise([
      result(),
      result({ failure: 'infra', strict: false, repaired: false }),
      result({ categories: [], mttr: { minutes: 181, manualMinutes: 180 } }),
    ]);
    expect(summary).toMatchObject({ runs: 3, infraErrors: 1, strict: { hits: 2, n: 2 } });
    expect(summary.mttr.allRatio).toBeCloseTo(36);
    expect(summary.byCategory).toMatchObject({ schema_drift: { n: 1 }, none: { n: 1 } });
    expect(summary.failures).toEqual({ infra: 1 });
  });

  it('renders every figure with its assumptions, also of nothing', () => {
    const text = renderReport(
      summarise([
        result(),
        result({ scenario: 'S02', failure: 'repair_only', failureDetail: ['not_durable: x'], repaired: false }),
      ]),
    );
    expect(text).toContain('strict diagnosis');
    expect(text).toContain('an assumption');
    expect(text).toContain('not_durable: x');
    expect(renderReport(summarise([]))).toContain('0 scenarios');
  });
});

describe('runBenchmark', () => {
  const key: ScenarioKey = {
    id: 'S01',
    split: 'dev',
    family: 'f',
    tags: [],
    title: 't',
    causes: [],
    mustEscalate: true,
    evidence: [],
    decoys: [],
    faultyTools: [],
  };
  const verdict: OracleVerdict = { passed: true, unsafe: false, runGreen: true, failures: [], executionMinutes: 0 };
  const outcome: AgentOutcome = {
    ending: 'escalate',
    repairs: [],
    calls: [],
    capHit: false,
    inputTokens: 0,
    outputTokens: 0,
    costUsd: 0,
    seconds: 1,
  };
  const ports = (respond: () => Promise<AgentOutcome>, judge = async () => verdict) => {
    const trace: string[] = [];
    return {
      trace,
      openWorld: async (scenario: string, seed: number) => {
        trace.push(`open ${scenario} ${seed}`);
        return {
          key,
          judge,
          close: async () => {
            trace.push('close');
          },
        };
      },
      respond,
    };
  };

  it('gives each run a world of its own, another seed for each repeat, and closes it', async () => {
    const used = ports(async () => outcome);
    const summary = await runBenchmark(used, { scenarios: ['s01', 's02'], repeats: 2, seed: 7 });
    expect(used.trace.filter((step) => step.startsWith('open'))).toEqual([
      'open s01 7',
      'open s02 7',
      'open s01 8',
      'open s02 8',
    ]);
    expect(used.trace.filter((step) => step === 'close')).toHaveLength(4);
    expect(summary).toMatchObject({ runs: 4, repeats: 2, escalation: { right: 4 } });
  });

  it('sets a run apart when the responder or the judge breaks, and still closes the world', async () => {
    const broken = ports(async () => {
      throw new AppError('unavailable', { safeText: 'The model did not answer.' });
    });
    const first = await runBenchmark(broken, { scenarios: ['s01'], repeats: 1, seed: 1 });
    expect(first.results[0]).toMatchObject({ failure: 'infra', failureDetail: ['The model did not answer.'] });
    const blind = ports(
      async () => outcome,
      async () => {
        throw new AppError('unavailable', { safeText: 'The platform is gone.' });
      },
    );
    const second = await runBenchmark(blind, { scenarios: ['s01'], repeats: 1, seed: 1 });
    expect(second.infraErrors).toBe(1);
    expect(broken.trace.concat(blind.trace).filter((step) => step === 'close')).toHaveLength(2);
  });
});
