import { bounded } from '../domain/bounded.js';
import { AppError } from '../domain/errors.js';
import type { BenchmarkRun, RunManifest, RunResult, Split } from './model.js';
import { groupedBy, mean } from './statistics.js';
import { bootstrapOverFamilies, clustersOf } from './statistics-bootstrap.js';
import { mcnemarExact } from './statistics-paired.js';
import type { Interval } from './summary-shares.js';

/** At 50 scenarios a true gap of ten points is found one time in four: variants nearer than this are not ranked. */
const RANKABLE_AT_50 = 0.15;

interface Pair {
  scenario: string;
  repeat: number;
  family: string;
  split: Split;
  first: RunResult;
  second: RunResult;
}

type Measure = 'strict' | 'repaired' | 'unsafe';

export interface MeasureComparison {
  measure: Measure;
  first: number;
  second: number;
  /** Second minus first, with its paired bootstrap interval over families; null below two families. */
  difference: number;
  interval: Interval | null;
  /** Scenarios in which only one of the two is right in most of its runs, and the exact McNemar test over them. */
  onlyFirst: number;
  onlySecond: number;
  p: number;
  /** `noise`: not to be ranked by this measure on these scenarios. */
  verdict: 'first' | 'second' | 'noise';
}

export interface SplitComparison {
  split: Split;
  scenarios: number;
  families: number;
  pairs: number;
  /** Differences below this are not ranked at so many scenarios. */
  rankable: number;
  measures: MeasureComparison[];
  effort: { name: 'tool calls' | 'cost in $' | 'seconds'; first: number; second: number }[];
}

export interface ChangedScenario {
  scenario: string;
  split: Split;
  runs: number;
  /** Runs that were right. */
  strict: { first: number; second: number };
  repaired: { first: number; second: number };
  /** Mostly right in one and not in the other, in diagnosis or in repair. */
  changedSides: boolean;
}

type RunName = Pick<RunManifest, 'startedAt' | 'version' | 'reasoner' | 'cap' | 'repeats' | 'seed'>;

export interface Comparison {
  first: RunName;
  second: RunName;
  /** Scenarios that are the same file in both. */
  common: number;
  /** In one of the two only, or changed in between. */
  leftOut: string[];
  /** Runs of common scenarios without a counted partner: not run, or set apart as infrastructure errors. */
  unpaired: number;
  splits: SplitComparison[];
  changed: ChangedScenario[];
}

export interface CompareOptions {
  /** Compare what is common where the scenarios are not the same. */
  commonOnly?: boolean;
}

function commonScenarios(first: RunManifest, second: RunManifest): { common: Set<string>; leftOut: string[] } {
  const digests = new Map(second.scenarios.map(({ id, digest }) => [id, digest]));
  const common = new Set(first.scenarios.filter(({ id, digest }) => digests.get(id) === digest).map(({ id }) => id));
  const ids = new Set([...first.scenarios, ...second.scenarios].map(({ id }) => id));
  return { common, leftOut: [...ids].filter((id) => !common.has(id)).sort() };
}

const runKey = (result: RunResult): string => `${result.scenario}#${result.repeat}`;

function pairsOf(
  first: BenchmarkRun,
  second: BenchmarkRun,
  common: ReadonlySet<string>,
): {
  pairs: Pair[];
  unpaired: number;
} {
  const results = (run: BenchmarkRun): RunResult[] =>
    run.records.map((record) => record.result).filter((result) => common.has(result.scenario));
  const counted = (all: RunResult[]): RunResult[] => all.filter((result) => result.failure !== 'infra');
  const [left, right] = [results(first), results(second)];
  const partners = new Map(counted(right).map((result) => [runKey(result), result]));
  const pairs = counted(left).flatMap((result) => {
    const partner = partners.get(runKey(result));
    const { scenario, repeat, family, split } = result;
    return partner ? [{ scenario, repeat, family, split, first: result, second: partner }] : [];
  });
  return { pairs, unpaired: new Set([...left, ...right].map(runKey)).size - pairs.length };
}

/** Right in most of its runs; half of them is not most. */
function discordant(pairs: readonly Pair[], measure: Measure): { onlyFirst: number; onlySecond: number } {
  let [onlyFirst, onlySecond] = [0, 0];
  for (const own of groupedBy(pairs, (pair) => [pair.scenario]).values()) {
    const first = own.filter((pair) => pair.first[measure]).length * 2 > own.length;
    const second = own.filter((pair) => pair.second[measure]).length * 2 > own.length;
    if (first && !second) onlyFirst += 1;
    if (second && !first) onlySecond += 1;
  }
  return { onlyFirst, onlySecond };
}

function measured(pairs: readonly Pair[], measure: Measure, rankable: number): MeasureComparison {
  const gain = (pair: Pair): number => Number(pair.second[measure]) - Number(pair.first[measure]);
  const spread = bootstrapOverFamilies(clustersOf(pairs, (pair) => pair.family, gain));
  const interval = spread ? { low: spread.low, high: spread.high } : null;
  const difference = mean(pairs.map(gain));
  const split = discordant(pairs, measure);
  const p = mcnemarExact(split);
  const excludesZero = interval !== null && (interval.low > 0 || interval.high < 0);
  const clear = excludesZero && p < 0.05 && Math.abs(difference) >= rankable;
  const better = measure === 'unsafe' ? difference < 0 : difference > 0;
  return {
    measure,
    first: mean(pairs.map((pair) => Number(pair.first[measure]))),
    second: mean(pairs.map((pair) => Number(pair.second[measure]))),
    difference,
    interval,
    ...split,
    p,
    verdict: !clear ? 'noise' : better ? 'second' : 'first',
  };
}

function splitComparison(split: Split, pairs: readonly Pair[]): SplitComparison {
  const scenarios = new Set(pairs.map((pair) => pair.scenario)).size;
  const rankable = RANKABLE_AT_50 * Math.sqrt(50 / scenarios);
  const both = (of: (result: RunResult) => number): { first: number; second: number } => ({
    first: mean(pairs.map((pair) => of(pair.first))),
    second: mean(pairs.map((pair) => of(pair.second))),
  });
  return {
    split,
    scenarios,
    families: new Set(pairs.map((pair) => pair.family)).size,
    pairs: pairs.length,
    rankable,
    measures: (['strict', 'repaired', 'unsafe'] as const).map((measure) => measured(pairs, measure, rankable)),
    effort: [
      { name: 'tool calls', ...both((result) => result.toolCalls) },
      { name: 'cost in $', ...both((result) => result.costUsd) },
      { name: 'seconds', ...both((result) => result.seconds) },
    ],
  };
}

function changedScenarios(pairs: readonly Pair[]): ChangedScenario[] {
  return [...groupedBy(pairs, (pair) => [pair.scenario])]
    .map(([scenario, own]) => {
      const count = (measure: Measure): { first: number; second: number } => ({
        first: own.filter((pair) => pair.first[measure]).length,
        second: own.filter((pair) => pair.second[measure]).length,
      });
      const [strict, repaired] = [count('strict'), count('repaired')];
      const mostly = (hits: number): boolean => hits * 2 > own.length;
      const changedSides = [strict, repaired].some(({ first, second }) => mostly(first) !== mostly(second));
      return { scenario, split: own[0]?.split ?? 'dev', runs: own.length, strict, repaired, changedSides };
    })
    .filter(({ strict, repaired }) => strict.first !== strict.second || repaired.first !== repaired.second)
    .sort((a, b) => a.scenario.localeCompare(b.scenario));
}

function nameOf({ startedAt, version, reasoner, cap, repeats, seed }: RunManifest): RunName {
  return { startedAt, version, reasoner, cap, repeats, seed };
}

/**
 * Two runs of the same scenarios, paired by scenario and repeat; the held-out split first.
 * @throws AppError `invalid_input` when the scenarios differ (by digest) and `commonOnly` is not set, or nothing is common.
 */
export function compareRuns(first: BenchmarkRun, second: BenchmarkRun, options: CompareOptions = {}): Comparison {
  const { common, leftOut } = commonScenarios(first.manifest, second.manifest);
  if (leftOut.length > 0 && options.commonOnly !== true) {
    throw new AppError('invalid_input', {
      safeText: `${bounded(leftOut.join(', '), 300)}: not in both runs, or changed in between (scenarios.digest). Run both on the same files, or compare the ${common.size} common ones only.`,
    });
  }
  const { pairs, unpaired } = pairsOf(first, second, common);
  if (pairs.length === 0) {
    throw new AppError('invalid_input', {
      safeText:
        'No run of one has a counted partner in the other (same scenario, digest and repeat): nothing to compare.',
    });
  }
  const of = (split: Split): SplitComparison[] => {
    const own = pairs.filter((pair) => pair.split === split);
    return own.length === 0 ? [] : [splitComparison(split, own)];
  };
  return {
    first: nameOf(first.manifest),
    second: nameOf(second.manifest),
    common: common.size,
    leftOut,
    unpaired,
    splits: [...of('heldout'), ...of('dev')],
    changed: changedScenarios(pairs),
  };
}
