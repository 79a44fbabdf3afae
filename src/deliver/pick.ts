import type { Buckets } from './buckets.js';
import type { Gates } from './gates.js';
import type { Candidate, Work } from './work.js';

/** Calls on the way at the same time; more would only wait in the client. Decisions are not counted. */
const MOST_CALLS = 16;

interface PickInput {
  works: ReadonlyMap<string, Work>;
  buckets: Buckets;
  gates: Gates;
  now: number;
  /** Calls under way. */
  calling: number;
}

export interface Choice {
  work: Work;
  candidate: Candidate;
}

/**
 * The calls that can be made now, the most urgent first; their tokens are taken. `wait`: milliseconds until the next one could be.
 * Whatever could go now and was passed over was so for a more urgent one.
 */
export function pick({ works, buckets, gates, now, calling }: PickInput): { chosen: Choice[]; wait: number } {
  const ready: Choice[] = [];
  let wait = Number.POSITIVE_INFINITY;
  for (const work of works.values()) {
    if (work.busy) continue;
    if (work.lookAfter > now) wait = Math.min(wait, work.lookAfter - now);
    for (const candidate of work.candidates) {
      const left = waitOf(candidate, buckets, gates, now);
      if (left > 0) wait = Math.min(wait, left);
      else ready.push({ work, candidate });
    }
  }
  ready.sort((a, b) => a.candidate.rank - b.candidate.rank);
  const chosen: Choice[] = [];
  const threads = new Set<Work>();
  for (const { work, candidate } of ready) {
    if (threads.has(work)) continue;
    if (calling + chosen.length >= MOST_CALLS && candidate.rank > 0) continue;
    const left = waitOf(candidate, buckets, gates, now);
    if (left > 0) {
      wait = Math.min(wait, left);
      continue;
    }
    buckets.take(candidate.paces, now);
    gates.begin(candidate.channel, now);
    threads.add(work);
    chosen.push({ work, candidate });
  }
  return { chosen, wait };
}

function waitOf({ notBefore, channel, paces }: Candidate, buckets: Buckets, gates: Gates, now: number): number {
  return Math.max(notBefore - now, gates.wait(channel, now), buckets.wait(paces, now));
}
