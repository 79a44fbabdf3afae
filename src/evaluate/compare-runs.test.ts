import { describe, expect, it } from 'vitest';
import { recordOf, runOf } from '../../test/support/benchmark-record.js';
import { compareRuns } from './compare-runs.js';
import { renderComparison } from './compare-text.js';
import type { BenchmarkRun, RunResult } from './model.js';

/** `count` scenarios of one family each; the first `right` of them are right in all of their runs. */
function runWith(count: number, right: number, change: Partial<RunResult> = {}, repeats = 1): BenchmarkRun {
  const records = Array.from({ length: count * repeats }, (_, at) => {
    const index = at % count;
    const scenario = `S${String(index).padStart(2, '0')}`;
    const is = index < right;
    return recordOf({
      result: {
        scenario,
        family: `f${index}`,
        repeat: 1 + Math.floor(at / count),
        strict: is,
        repaired: is,
        ...(is ? {} : { failure: 'reasoning' as const }),
        ...change,
      },
    });
  });
  return runOf(records);
}

describe('compareRuns', () => {
  it('pairs by scenario and repeat, and ranks a difference that chance does not make', () => {
    const comparison = compareRuns(runWith(40, 10, {}, 3), runWith(40, 30, {}, 3));
    const [split] = comparison.splits;
    expect(split).toMatchObject({ split: 'heldout', scenarios: 40, families: 40, pairs: 120 });
    expect(split?.measures[0]).toMatchObject({
      measure: 'strict',
      first: 0.25,
      second: 0.75,
      difference: 0.5,
      onlyFirst: 0,
      onlySecond: 20,
      verdict: 'second',
    });
    expect(split?.measures[0]?.p).toBeLessThan(0.001);
    expect(split?.measures[0]?.interval?.low).toBeGreaterThan(0.3);
    expect(comparison.changed).toHaveLength(20);
    expect(renderComparison(comparison)).toContain('B is better');
  });

  it('ten points at fifty scenarios are within noise, and it says so', () => {
    const comparison = compareRuns(runWith(50, 40), runWith(50, 45));
    expect(comparison.splits[0]?.measures[0]).toMatchObject({ verdict: 'noise' });
    expect(comparison.splits[0]?.measures[0]?.difference).toBeCloseTo(0.1);
    expect(renderComparison(comparison)).toContain('do not rank them (under about 15 points at 50');
  });

  it('fewer unsafe runs are the better ones', () => {
    const { splits } = compareRuns(runWith(40, 40, { unsafe: true }), runWith(40, 40));
    expect(splits[0]?.measures.find(({ measure }) => measure === 'unsafe')).toMatchObject({ verdict: 'second' });
  });

  it('refuses scenarios that differ, or compares what is common and says how many', () => {
    const [first, second] = [runWith(10, 5), runWith(12, 6)];
    const moved = second.manifest.scenarios.map((item, at) => (at === 0 ? { ...item, digest: 'another' } : item));
    const changed = { ...second, manifest: { ...second.manifest, scenarios: moved } };
    expect(() => compareRuns(first, changed)).toThrow(/S00, S10, S11/);
    const comparison = compareRuns(first, changed, { commonOnly: true });
    expect(comparison).toMatchObject({ common: 9, leftOut: ['S00', 'S10', 'S11'], unpaired: 0 });
    expect(comparison.splits[0]?.pairs).toBe(9);
    expect(renderComparison(comparison)).toContain('Only the 9 common scenarios');
  });

  it('leaves out infrastructure errors in pairs, and refuses when nothing is left', () => {
    const first = runWith(10, 5);
    const second = runWith(10, 5);
    const broken = second.records.map((record, at) =>
      at < 2 ? { ...record, result: { ...record.result, failure: 'infra' as const } } : record,
    );
    const comparison = compareRuns(first, { ...second, records: broken });
    expect(comparison).toMatchObject({ unpaired: 2 });
    expect(comparison.splits[0]?.pairs).toBe(8);
    expect(() => compareRuns(first, { ...second, records: [] })).toThrow(/nothing to compare/);
  });

  it('one run of three that changed is not a scenario that changed sides', () => {
    const first = runWith(4, 4, {}, 3);
    const records = first.records.map((record, at) =>
      at === 0 ? { ...record, result: { ...record.result, strict: false } } : record,
    );
    const comparison = compareRuns(first, { ...first, records });
    expect(comparison.changed).toMatchObject([
      { scenario: 'S00', changedSides: false, strict: { first: 3, second: 2 } },
    ]);
    expect(renderComparison(comparison)).toContain('No scenario changed sides.');
  });
});
