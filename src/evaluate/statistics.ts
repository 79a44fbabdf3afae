function logChoose(n: number, k: number): number {
  let sum = 0;
  for (let i = 1; i <= k; i += 1) sum += Math.log(n - k + i) - Math.log(i);
  return sum;
}

/** P(X <= k) of a binomial, summed in logarithms so that no term underflows. */
export function binomialCdf(k: number, n: number, p: number): number {
  if (p <= 0) return 1;
  if (p >= 1) return k >= n ? 1 : 0;
  let sum = 0;
  for (let i = 0; i <= k; i += 1) sum += Math.exp(logChoose(n, i) + i * Math.log(p) + (n - i) * Math.log(1 - p));
  return Math.min(1, sum);
}

/** The p at which `rising(p)` crosses zero, by halving. */
function crossing(rising: (p: number) => number): number {
  let [low, high] = [0, 1];
  for (let step = 0; step < 60; step += 1) {
    const middle = (low + high) / 2;
    if (rising(middle) < 0) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Exact (Clopper-Pearson) two-sided interval of a share; the normal approximation is wrong at these sizes. */
export function clopperPearson(hits: number, n: number, confidence = 0.95): { low: number; high: number } {
  if (n === 0) return { low: 0, high: 1 };
  const tail = (1 - confidence) / 2;
  return {
    low: hits === 0 ? 0 : crossing((p) => 1 - binomialCdf(hits - 1, n, p) - tail),
    high: hits === n ? 1 : crossing((p) => tail - binomialCdf(hits, n, p)),
  };
}

export function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Nearest-rank percentile; 0 for no values. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}

/** Chance that k of k runs pass, unbiased from n runs with c passes: C(c,k)/C(n,k). Undefined with fewer than k runs. */
export function passHat(passes: number, runs: number, k: number): number | undefined {
  if (runs < k) return undefined;
  return passes < k ? 0 : Math.exp(logChoose(passes, k) - logChoose(runs, k));
}

/** Items by key, in the order of first sight; an item may be under several keys. */
export function groupedBy<Item>(items: readonly Item[], keys: (item: Item) => readonly string[]): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    for (const key of new Set(keys(item))) {
      const own = groups.get(key);
      if (own) own.push(item);
      else groups.set(key, [item]);
    }
  }
  return groups;
}
