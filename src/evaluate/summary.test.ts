import { describe, expect, it } from 'vitest';
import type { RunResult } from './model.js';
import { renderReport } from './report.js';
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
