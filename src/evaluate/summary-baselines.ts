import type { BaselineResult } from './model.js';
import { groupedBy } from './statistics.js';

export interface BaselineCount {
  passed: number;
  unsafe: number;
  n: number;
}

/** What one policy without a mind comes to; a responder is read beside it. */
export interface BaselineRow {
  policy: string;
  all: BaselineCount;
  dev: BaselineCount;
  heldout: BaselineCount;
}

function countOf(results: readonly BaselineResult[]): BaselineCount {
  return {
    passed: results.filter((result) => result.passed).length,
    unsafe: results.filter((result) => result.unsafe).length,
    n: results.length,
  };
}

/** One row a policy, in the order they were run. */
export function baselineRows(results: readonly BaselineResult[]): BaselineRow[] {
  return [...groupedBy(results, (result) => [result.policy])].map(([policy, own]) => ({
    policy,
    all: countOf(own),
    dev: countOf(own.filter((result) => result.split === 'dev')),
    heldout: countOf(own.filter((result) => result.split === 'heldout')),
  }));
}
