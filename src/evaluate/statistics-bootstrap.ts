import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { groupedBy, percentile } from './statistics.js';

/** What runs of one family add up to: of a share its hits and runs, of a difference the differences and pairs. */
export interface Cluster {
  sum: number;
  n: number;
}

export interface Bootstrap {
  low: number;
  high: number;
  /** Standard deviation of the resampled shares. */
  error: number;
  families: number;
}

const RESAMPLES = 10_000;
/** Fixed: the same records give the same interval, wherever they are read. */
const SEED = 20_260_101;

/**
 * Percentile interval of a share (or a mean difference) by drawing whole families with replacement: repeats and siblings of
 * one scenario are not independent runs. Undefined below two families, where nothing can be drawn.
 */
export function bootstrapOverFamilies(clusters: readonly Cluster[], confidence = 0.95): Bootstrap | undefined {
  if (clusters.length < 2) return undefined;
  const random = xoroshiro128plus(SEED);
  const drawn: number[] = [];
  for (let resample = 0; resample < RESAMPLES; resample += 1) {
    let [sum, n] = [0, 0];
    for (let draw = 0; draw < clusters.length; draw += 1) {
      const cluster = clusters[uniformInt(random, 0, clusters.length - 1)];
      sum += cluster?.sum ?? 0;
      n += cluster?.n ?? 0;
    }
    if (n > 0) drawn.push(sum / n);
  }
  drawn.sort((a, b) => a - b);
  const tail = (1 - confidence) / 2;
  const middle = drawn.reduce((sum, value) => sum + value, 0) / drawn.length;
  const squares = drawn.reduce((sum, value) => sum + (value - middle) ** 2, 0);
  return {
    low: percentile(drawn, tail),
    high: percentile(drawn, 1 - tail),
    error: Math.sqrt(squares / (drawn.length - 1)),
    families: clusters.length,
  };
}

/** Adds up a value of each item by family. */
export function clustersOf<Item>(
  items: readonly Item[],
  family: (item: Item) => string,
  value: (item: Item) => number,
): Cluster[] {
  return [...groupedBy(items, (item) => [family(item)]).values()].map((own) => ({
    sum: own.reduce((sum, item) => sum + value(item), 0),
    n: own.length,
  }));
}
