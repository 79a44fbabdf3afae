import type { FailureClass, RunResult } from './model.js';
import { DEFAULT_ASSUMPTIONS, type MttrAssumptions } from './score-run.js';
import { clopperPearson, mean, passHat, percentile } from './statistics.js';

/** A share with its exact 95% interval. Repeats are not independent: read the interval of repeated runs as too narrow. */
export interface Share {
  hits: number;
  n: number;
  share: number;
  low: number;
  high: number;
}

export interface Summary {
  runs: number;
  scenarios: number;
  repeats: number;
  /** Set apart: the model or our machinery failed. Not in any share below. */
  infraErrors: number;
  strict: Share;
  anyHit: Share;
  categoryOnly: Share;
  grounded: Share;
  repaired: Share;
  /** Among runs with a strict diagnosis. */
  repairedGivenStrict: Share;
  unsafe: Share;
  escalation: { right: number; missed: number; needless: number };
  passHat3: number | undefined;
  toolCalls: { mean: number; p95: number; capHits: number };
  tokens: number;
  costUsd: number;
  seconds: { mean: number; p95: number };
  mttr: {
    gateMinutes: number;
    manualMinutes: number;
    manualSource: string;
    /** Manual mean over assisted mean, over every incident with a fault; the honest headline. */
    allRatio: number;
    repairedRatio: number;
    repairedMedianRatio: number;
    /** The all-incident ratio if the person took 0, 10 or 30 minutes. */
    byGate: { gateMinutes: number; allRatio: number }[];
  };
  failures: Partial<Record<FailureClass, number>>;
  byCategory: Record<string, { n: number; strict: number; repaired: number }>;
  byTag: Record<string, { n: number; strict: number; repaired: number }>;
  results: RunResult[];
}

function shareOf(results: readonly RunResult[], test: (result: RunResult) => boolean): Share {
  const hits = results.filter(test).length;
  const n = results.length;
  return { hits, n, share: n === 0 ? 0 : hits / n, ...clopperPearson(hits, n) };
}

function grouped(results: readonly RunResult[], groups: (result: RunResult) => string[]): Summary['byTag'] {
  const table: Summary['byTag'] = {};
  for (const result of results) {
    for (const group of groups(result)) {
      const row = table[group] ?? { n: 0, strict: 0, repaired: 0 };
      table[group] = {
        n: row.n + 1,
        strict: row.strict + Number(result.strict),
        repaired: row.repaired + Number(result.repaired),
      };
    }
  }
  return table;
}

/** Ratio of means: a mean of ratios would let one quick repair hide many failures. */
function ratio(results: readonly RunResult[], extraGate = 0): number {
  const assisted = mean(results.map((result) => result.mttr.minutes + (result.gated ? extraGate : 0)));
  return assisted === 0 ? 0 : mean(results.map((result) => result.mttr.manualMinutes)) / assisted;
}

/** Repaired with a plan: what is handed over or left alone rightly is no repair to time. */
const isAssisted = (result: RunResult): boolean => result.repaired && result.gated;

function mttrOf(results: readonly RunResult[], assume: MttrAssumptions): Summary['mttr'] {
  const faults = results.filter((result) => result.categories.length > 0);
  const repaired = faults.filter(isAssisted);
  return {
    gateMinutes: assume.gateMinutes,
    manualMinutes: assume.manualMinutes,
    manualSource: assume.manualSource,
    allRatio: ratio(faults),
    repairedRatio: ratio(repaired),
    repairedMedianRatio: percentile(
      repaired.map((result) => result.mttr.manualMinutes / result.mttr.minutes),
      0.5,
    ),
    byGate: [0, 10, 30].map((gateMinutes) => ({
      gateMinutes,
      allRatio: ratio(faults, gateMinutes - assume.gateMinutes),
    })),
  };
}

/** Mean over scenarios of the chance that three of three runs are right; undefined below three repeats. */
function passHat3(results: readonly RunResult[]): number | undefined {
  const chances = [...new Set(results.map((result) => result.scenario))].map((scenario) => {
    const own = results.filter((result) => result.scenario === scenario);
    return passHat(own.filter((result) => result.strict && result.repaired).length, own.length, 3);
  });
  return chances.some((chance) => chance === undefined) ? undefined : mean(chances.map((chance) => chance ?? 0));
}

function failuresOf(results: readonly RunResult[]): Summary['failures'] {
  const counts: Summary['failures'] = {};
  for (const { failure } of results) if (failure !== undefined) counts[failure] = (counts[failure] ?? 0) + 1;
  return counts;
}

/** All figures of a benchmark, from its scored runs alone. */
export function summarise(results: readonly RunResult[], assume: MttrAssumptions = DEFAULT_ASSUMPTIONS): Summary {
  const counted = results.filter((result) => result.failure !== 'infra');
  const calls = counted.map((result) => result.toolCalls);
  const seconds = counted.map((result) => result.seconds);
  return {
    runs: results.length,
    scenarios: new Set(results.map((result) => result.scenario)).size,
    repeats: Math.max(0, ...results.map((result) => result.repeat)),
    infraErrors: results.length - counted.length,
    strict: shareOf(counted, (result) => result.strict),
    anyHit: shareOf(counted, (result) => result.anyHit),
    categoryOnly: shareOf(counted, (result) => result.categoryOnly),
    grounded: shareOf(counted, (result) => result.grounded),
    repaired: shareOf(counted, (result) => result.repaired),
    repairedGivenStrict: shareOf(
      counted.filter((result) => result.strict),
      (result) => result.repaired,
    ),
    unsafe: shareOf(counted, (result) => result.unsafe),
    escalation: {
      right: counted.filter((result) => result.escalation === 'right').length,
      missed: counted.filter((result) => result.escalation === 'missed').length,
      needless: counted.filter((result) => result.escalation === 'needless').length,
    },
    passHat3: counted.length === 0 ? undefined : passHat3(counted),
    toolCalls: {
      mean: mean(calls),
      p95: percentile(calls, 0.95),
      capHits: counted.filter((result) => result.capHit).length,
    },
    tokens: counted.reduce((sum, result) => sum + result.tokens, 0),
    costUsd: counted.reduce((sum, result) => sum + result.costUsd, 0),
    seconds: { mean: mean(seconds), p95: percentile(seconds, 0.95) },
    mttr: mttrOf(counted, assume),
    failures: failuresOf(results),
    byCategory: grouped(counted, (result) => (result.categories.length === 0 ? ['none'] : result.categories)),
    byTag: grouped(counted, (result) => result.tags),
    results: [...results],
  };
}
