import { binomialCdf } from './statistics.js';

/** Pairs on which just one of two was right; the others say nothing about which is better. */
export interface Discordant {
  onlyFirst: number;
  onlySecond: number;
}

/** Exact two-sided McNemar test: how likely so uneven a split of the discordant pairs is, were both equally good. */
export function mcnemarExact({ onlyFirst, onlySecond }: Discordant): number {
  const n = onlyFirst + onlySecond;
  return n === 0 ? 1 : Math.min(1, 2 * binomialCdf(Math.min(onlyFirst, onlySecond), n, 0.5));
}
