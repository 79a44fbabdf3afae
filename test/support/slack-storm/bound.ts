/** What the limits alone cost: the best that any client could do with these changes, as a queue before each limit. */

export interface Arrival {
  /** ms on the virtual clock. */
  at: number;
  lane: string;
}

export interface Rate {
  perMinute: number;
  burst: number;
}

/** Waiting times, ms, when each lane lets so many through a minute, first come first served. */
export function waits(arrivals: readonly Arrival[], rate: Rate): number[] {
  const lanes = new Map<string, { tokens: number; at: number }>();
  const gap = 60_000 / rate.perMinute;
  return [...arrivals]
    .sort((a, b) => a.at - b.at)
    .map(({ at, lane }) => {
      const state = lanes.get(lane) ?? { tokens: rate.burst, at };
      const now = Math.max(at, state.at);
      const tokens = Math.min(rate.burst, state.tokens + (now - state.at) / gap);
      const served = tokens >= 1 ? now : now + (1 - tokens) * gap;
      lanes.set(lane, { tokens: tokens >= 1 ? tokens - 1 : 0, at: served });
      return served - at;
    });
}

/** The value below which this share of them lies. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
