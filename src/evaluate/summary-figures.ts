import { repairFailure } from './failure-class.js';
import type { FailureClass, MttrAssumptions, RunRecord, RunResult } from './model.js';
import { groupedBy, mean, passHat, percentile } from './statistics.js';
import { type Mttr, mttrOf } from './summary-mttr.js';
import { type GroupRow, groupRows, type Share, shareOf } from './summary-shares.js';
import { type Attacks, attacksOf, evidenceCoverage, type Twins, twinsOf } from './summary-trace.js';

/** Chance that k of k runs of one scenario pass, unbiased, as a mean over scenarios. */
export interface PassHat {
  k: number;
  strict: number;
  repaired: number;
  both: number;
  /** Scenarios with at least k counted runs. */
  scenarios: number;
}

export interface Spread {
  mean: number;
  p95: number;
  total: number;
}

/** All figures of one set of runs: of all, or of one split. */
export interface Figures {
  runs: number;
  scenarios: number;
  families: number;
  /** Set apart: the model or our machinery failed. In no figure below but `failures`. */
  infraErrors: number;
  strict: Share;
  anyHit: Share;
  categoryOnly: Share;
  grounded: Share;
  /** Proposal correctness, by execution, over all counted runs. */
  repaired: Share;
  repairedGivenStrict: Share;
  /** Among runs in which a plan was put before the gate: the rest was handed over, or left alone. */
  repairedOfPlans: Share;
  unsafe: Share;
  /** Scenarios in which any run was unsafe: the bound if repeats of one scenario say nothing new. */
  unsafeScenarios: Share;
  escalation: {
    right: number;
    missed: number;
    needless: number;
    precision: Share;
    recall: Share;
  };
  passHat: PassHat[];
  twins: Twins;
  evidenceCoverage: number;
  attacks: Attacks;
  toolCalls: Spread & { capHits: number; histogram: number[] };
  tokens: Spread;
  costUsd: Spread;
  seconds: Spread;
  mttr: Mttr;
  failures: Partial<Record<FailureClass, number>>;
  /** Sub-classes of `repair_only`. */
  repairFailures: Record<string, number>;
  byCategory: GroupRow[];
  byTag: GroupRow[];
  byFamily: GroupRow[];
}

function passHatOf(results: readonly RunResult[]): PassHat[] {
  const scenarios = [...groupedBy(results, (result) => [result.scenario]).values()];
  const most = Math.max(0, ...scenarios.map((own) => own.length));
  return Array.from({ length: most }, (_, index) => {
    const k = index + 1;
    const enough = scenarios.filter((own) => own.length >= k);
    const chance = (test: (result: RunResult) => boolean): number =>
      mean(enough.map((own) => passHat(own.filter(test).length, own.length, k) ?? 0));
    return {
      k,
      strict: chance((result) => result.strict),
      repaired: chance((result) => result.repaired),
      both: chance((result) => result.strict && result.repaired),
      scenarios: enough.length,
    };
  });
}

function spread(values: readonly number[]): Spread {
  return { mean: mean(values), p95: percentile(values, 0.95), total: values.reduce((sum, value) => sum + value, 0) };
}

function countsOf(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

function callsOf(results: readonly RunResult[]): Figures['toolCalls'] {
  const calls = results.map((result) => result.toolCalls);
  const histogram = Array.from({ length: Math.max(0, ...calls) + 1 }, () => 0);
  for (const used of calls) histogram[used] = (histogram[used] ?? 0) + 1;
  return { ...spread(calls), capHits: results.filter((result) => result.capHit).length, histogram };
}

function escalationOf(results: readonly RunResult[]): Figures['escalation'] {
  const of = (...kinds: RunResult['escalation'][]): RunResult[] =>
    results.filter((result) => kinds.includes(result.escalation));
  const isRight = (result: RunResult): boolean => result.escalation === 'right';
  return {
    right: of('right').length,
    missed: of('missed').length,
    needless: of('needless').length,
    precision: shareOf(of('right', 'needless'), isRight),
    recall: shareOf(of('right', 'missed'), isRight),
  };
}

function unsafeScenarios(results: readonly RunResult[]): Share {
  const scenarios = [...groupedBy(results, (result) => [result.scenario]).values()].map((own) => ({
    family: own[0]?.family ?? '',
    unsafe: own.some((result) => result.unsafe),
  }));
  return shareOf(scenarios, (scenario) => scenario.unsafe);
}

function repairFailuresOf(records: readonly RunRecord[]): Record<string, number> {
  return countsOf(
    records.flatMap(({ result, key, outcome, verdict }) =>
      result.failure === 'repair_only' && verdict ? [repairFailure(key, outcome, verdict)] : [],
    ),
  );
}

/** The figures of these records; infrastructure errors are set apart and are never wrong answers. */
export function figuresOf(records: readonly RunRecord[], assume: MttrAssumptions): Figures {
  const counted = records.filter((record) => record.result.failure !== 'infra');
  const results = counted.map((record) => record.result);
  const share = (test: (result: RunResult) => boolean): Share => shareOf(results, test);
  return {
    runs: records.length,
    scenarios: new Set(records.map((record) => record.result.scenario)).size,
    families: new Set(records.map((record) => record.result.family)).size,
    infraErrors: records.length - counted.length,
    strict: share((result) => result.strict),
    anyHit: share((result) => result.anyHit),
    categoryOnly: share((result) => result.categoryOnly),
    grounded: share((result) => result.grounded),
    repaired: share((result) => result.repaired),
    repairedGivenStrict: shareOf(
      results.filter((result) => result.strict),
      (result) => result.repaired,
    ),
    repairedOfPlans: shareOf(
      results.filter((result) => result.gated),
      (result) => result.repaired,
    ),
    unsafe: share((result) => result.unsafe),
    unsafeScenarios: unsafeScenarios(results),
    escalation: escalationOf(results),
    passHat: passHatOf(results),
    twins: twinsOf(results),
    evidenceCoverage: evidenceCoverage(counted),
    attacks: attacksOf(counted),
    toolCalls: callsOf(results),
    tokens: spread(results.map((result) => result.tokens)),
    costUsd: spread(results.map((result) => result.costUsd)),
    seconds: spread(results.map((result) => result.seconds)),
    mttr: mttrOf(results, assume),
    failures: countsOf(records.flatMap(({ result }) => result.failure ?? [])),
    repairFailures: repairFailuresOf(counted),
    byCategory: groupRows(results, (result) => (result.categories.length === 0 ? ['none'] : result.categories)),
    byTag: groupRows(results, (result) => result.tags),
    byFamily: groupRows(results, (result) => [result.family]),
  };
}
