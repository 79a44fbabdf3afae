import { describe, expect, it } from 'vitest';
import { clopperPearson, passHat, percentile } from './statistics.js';
import { bootstrapOverFamilies, type Cluster } from './statistics-bootstrap.js';
import { mcnemarExact } from './statistics-paired.js';

describe('statistics', () => {
  it.each([
    [42, 50, 0.709, 0.928],
    [0, 150, 0, 0.0243],
    [5, 10, 0.187, 0.813],
    [8, 8, 0.631, 1],
    [0, 0, 0, 1],
  ])('Clopper-Pearson of %i in %i', (hits, n, low, high) => {
    const interval = clopperPearson(hits, n);
    expect(interval.low).toBeCloseTo(low, 3);
    expect(interval.high).toBeCloseTo(high, 3);
  });

  it('percentiles are values that occur; pass^k is unbiased', () => {
    expect(percentile([3, 1, 2, 9], 0.95)).toBe(9);
    expect(percentile([], 0.5)).toBe(0);
    expect(passHat(4, 5, 3)).toBeCloseTo(0.4);
    expect(passHat(2, 5, 3)).toBe(0);
    expect(passHat(2, 2, 3)).toBeUndefined();
  });

  it.each([
    [10, 2, 0.0386],
    [1, 8, 0.0391],
    [5, 0, 0.0625],
    [4, 4, 1],
    [0, 0, 1],
  ])('exact McNemar of %i against %i', (onlyFirst, onlySecond, p) => {
    expect(mcnemarExact({ onlyFirst, onlySecond })).toBeCloseTo(p, 4);
  });
});

describe('bootstrap over families', () => {
  const families = (...counts: [number, number][]): Cluster[] =>
    counts.flatMap(([hits, times]) => Array.from({ length: times }, () => ({ sum: hits, n: 3 })));

  it('50 scenarios of three runs are not 150 runs: the error is the clustered one, not 0.031', () => {
    const found = bootstrapOverFamilies(families([3, 35], [2, 8], [1, 3], [0, 4]));
    expect(Math.sqrt((124 / 150) * (26 / 150) * (1 / 150))).toBeCloseTo(0.031, 3);
    expect(found?.error).toBeGreaterThan(0.038);
    expect(found?.error).toBeLessThan(0.047);
    expect(found?.low).toBeLessThan(124 / 150 - 0.07);
    expect(found?.high).toBeGreaterThan(124 / 150 + 0.06);
  });

  it('agrees with the binomial error where every cluster is one run', () => {
    const single = Array.from({ length: 100 }, (_, index) => ({ sum: Number(index < 80), n: 1 }));
    expect(bootstrapOverFamilies(single)?.error).toBeCloseTo(0.04, 2);
  });

  it('gives the same interval each time, and none for one family', () => {
    const clusters = families([3, 5], [0, 5]);
    expect(bootstrapOverFamilies(clusters)).toEqual(bootstrapOverFamilies(clusters));
    expect(bootstrapOverFamilies([{ sum: 1, n: 2 }])).toBeUndefined();
  });
});
