import type { Category } from '../domain/diagnosis.js';
import type { MttrAssumptions, RunResult } from './model.js';
import { manualMinutesFor } from './score-run.js';
import { mean, percentile } from './statistics.js';

/** Minutes a person may take at the gate, for the sensitivity of the ratio. */
const GATES: readonly number[] = [0, 10, 30];

export interface MttrRow {
  category: string;
  n: number;
  repaired: number;
  /** By hand, assumed. */
  manualMinutes: number;
  /** Mean over all of them, the manual way included where the repair failed. */
  assistedMinutes: number;
  ratio: number;
}

export interface Mttr {
  assumptions: MttrAssumptions;
  /** Incidents with a fault; false alarms have nothing to resolve. */
  n: number;
  repaired: number;
  /** Manual mean over assisted mean, over every incident with a fault: what a team would see. */
  allRatio: number;
  /** The same over those repaired only. */
  repairedRatio: number;
  /** Median of the single ratios over those repaired. */
  repairedMedianRatio: number;
  allMinutes: number;
  repairedMinutes: number;
  byGate: { gateMinutes: number; allRatio: number; repairedRatio: number; repairedMedianRatio: number }[];
  byCategory: MttrRow[];
}

function minutes(result: RunResult, extraGate: number): number {
  return result.mttr.minutes + (result.gated ? extraGate : 0);
}

/** Ratio of means: a mean of ratios would let one quick repair hide many failures. */
function ratio(results: readonly RunResult[], extraGate = 0): number {
  const assisted = mean(results.map((result) => minutes(result, extraGate)));
  return assisted === 0 ? 0 : mean(results.map((result) => result.mttr.manualMinutes)) / assisted;
}

function medianRatio(results: readonly RunResult[], extraGate = 0): number {
  const timed = results.filter((result) => minutes(result, extraGate) > 0);
  return percentile(
    timed.map((result) => result.mttr.manualMinutes / minutes(result, extraGate)),
    0.5,
  );
}

/** Repaired with a plan: what is handed over or left alone rightly is no repair to time. */
const isAssisted = (result: RunResult): boolean => result.repaired && result.gated;

function rowsOf(faults: readonly RunResult[], assume: MttrAssumptions): MttrRow[] {
  const categories = [...new Set(faults.flatMap((result) => result.categories))].sort();
  return categories.map((category) => {
    const own = faults.filter((result) => result.categories.includes(category));
    return {
      category,
      n: own.length,
      repaired: own.filter(isAssisted).length,
      manualMinutes: manualMinutesFor([category as Category], assume),
      assistedMinutes: mean(own.map((result) => result.mttr.minutes)),
      ratio: ratio(own),
    };
  });
}

/** Time to resolution against the manual way, over counted runs. */
export function mttrOf(results: readonly RunResult[], assume: MttrAssumptions): Mttr {
  const faults = results.filter((result) => result.categories.length > 0);
  const repaired = faults.filter(isAssisted);
  return {
    assumptions: assume,
    n: faults.length,
    repaired: repaired.length,
    allRatio: ratio(faults),
    repairedRatio: ratio(repaired),
    repairedMedianRatio: medianRatio(repaired),
    allMinutes: mean(faults.map((result) => result.mttr.minutes)),
    repairedMinutes: mean(repaired.map((result) => result.mttr.minutes)),
    byGate: [...new Set([...GATES, assume.gateMinutes])]
      .sort((a, b) => a - b)
      .map((gateMinutes) => {
        const extra = gateMinutes - assume.gateMinutes;
        return {
          gateMinutes,
          allRatio: ratio(faults, extra),
          repairedRatio: ratio(repaired, extra),
          repairedMedianRatio: medianRatio(repaired, extra),
        };
      }),
    byCategory: rowsOf(faults, assume),
  };
}
