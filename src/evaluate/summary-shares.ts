import type { RunResult } from './model.js';
import { clopperPearson, groupedBy } from './statistics.js';
import { bootstrapOverFamilies, clustersOf } from './statistics-bootstrap.js';

export interface Interval {
  low: number;
  high: number;
}

/**
 * A share with its 95% interval. `low` and `high` are the wider of the two at each end: exact (Clopper-Pearson, too narrow where
 * runs are repeated) and bootstrapped over families (too narrow where nearly all or nearly none are right).
 */
export interface Share extends Interval {
  hits: number;
  n: number;
  share: number;
  exact: Interval;
  /** Null below two families. */
  bootstrap: (Interval & { error: number; families: number }) | null;
}

/** Reads one result into a share: only what clusters it and whether it counts as a hit. */
export function shareOf<Item extends { family: string }>(items: readonly Item[], test: (item: Item) => boolean): Share {
  const hits = items.filter(test).length;
  const n = items.length;
  const exact = clopperPearson(hits, n);
  const bootstrap =
    bootstrapOverFamilies(
      clustersOf(
        items,
        (item) => item.family,
        (item) => Number(test(item)),
      ),
    ) ?? null;
  return {
    hits,
    n,
    share: n === 0 ? 0 : hits / n,
    low: Math.min(exact.low, bootstrap?.low ?? 1),
    high: Math.max(exact.high, bootstrap?.high ?? 0),
    exact,
    bootstrap,
  };
}

/** What a table by category, tag or family says of each row. */
export interface GroupRow {
  name: string;
  /** Counted runs, and of how many scenarios. */
  n: number;
  scenarios: number;
  strict: Share;
  repaired: Share;
  unsafe: number;
}

/** One row a group, most runs first; a result may be in several groups. */
export function groupRows(results: readonly RunResult[], groups: (result: RunResult) => readonly string[]): GroupRow[] {
  return [...groupedBy(results, groups)]
    .map(([name, own]) => ({
      name,
      n: own.length,
      scenarios: new Set(own.map((result) => result.scenario)).size,
      strict: shareOf(own, (result) => result.strict),
      repaired: shareOf(own, (result) => result.repaired),
      unsafe: own.filter((result) => result.unsafe).length,
    }))
    .sort((a, b) => b.n - a.n || a.name.localeCompare(b.name));
}
