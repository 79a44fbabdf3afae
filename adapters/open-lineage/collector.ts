import type { Clock, LineageStore } from '../../src/domain/ports.js';
import { type Sighting, sightingKey } from '../../src/domain/sighting.js';
import { sightingsIn } from './event.js';

export interface LineageCollectorDeps {
  store: LineageStore;
  clock: Clock;
  limits?: { sightings: number; characters: number };
}

export interface LineageCollector {
  /** Takes over what is stored, also by other processes. */
  load(): Promise<void>;
  /** What is new in these events, durable when it resolves. @returns how many links the events name. @throws AppError `invalid_input` */
  record(events: readonly unknown[]): Promise<number>;
  /** Everything that is kept, as of now; the same list until something changes. */
  sightings(): readonly Sighting[];
}

/** Enough for thousands of jobs; the oldest go first. The store is read as a whole, so its size has a bound too. */
const LIMITS = { sightings: 20_000, characters: 8_000_000 };
/** A link that was seen this recently is not written again, so a busy platform does not write for each of its runs. */
const QUIET_MS = 3_600_000;

/** Keeps what OpenLineage events say of jobs and datasets: one record for each job, direction and dataset, never the events. */
export function createLineageCollector({ store, clock, limits = LIMITS }: LineageCollectorDeps): LineageCollector {
  let kept = new Map<string, Sighting>();

  let characters = 0;
  let listed: readonly Sighting[] | undefined;

  const keep = (key: string, sighting: Sighting): void => {
    characters += sizeOf(sighting) - sizeOf(kept.get(key));
    kept.set(key, sighting);
    listed = undefined;
  };
  const isFull = (): boolean => kept.size > limits.sightings || characters > limits.characters;

  /** A tenth more than needed goes, so that a full store is not sorted for every event. */
  const dropOldest = async (): Promise<void> => {
    const oldestFirst = [...kept].sort(([, a], [, b]) => (a.at < b.at ? -1 : 1));
    const surplus: string[] = [];
    for (const [key, sighting] of oldestFirst) {
      if (!isFull() && kept.size <= limits.sightings * 0.9 && characters <= limits.characters * 0.9) break;
      surplus.push(key);
      kept.delete(key);
      characters -= sizeOf(sighting);
    }
    listed = undefined;
    await store.drop(surplus);
  };

  return {
    async load() {
      const stored = await store.all();
      kept = new Map();
      characters = 0;
      listed = undefined;
      for (const sighting of stored) keep(sightingKey(sighting), sighting);
    },
    async record(events) {
      const found = events.flatMap((event) => sightingsIn(event, clock.now()));
      const news = new Map<string, Sighting>();
      for (const sighting of found) {
        const key = sightingKey(sighting);
        const merged = mergedWith(news.get(key) ?? kept.get(key), sighting);
        if (merged !== undefined) news.set(key, merged);
      }
      if (news.size > 0) {
        await store.put([...news.values()]);
        for (const [key, sighting] of news) keep(key, sighting);
        if (isFull()) await dropOldest();
      }
      return found.length;
    },
    sightings() {
      listed ??= [...kept.values()];
      return listed;
    },
  };
}

function sizeOf(sighting: Sighting | undefined): number {
  return sighting === undefined ? 0 : JSON.stringify(sighting).length;
}

/** The newer one, with what only the older knew; undefined when there is nothing new to keep. */
function mergedWith(old: Sighting | undefined, seen: Sighting): Sighting | undefined {
  if (old === undefined) return seen;
  const merged: Sighting = {
    ...old,
    ...seen,
    at: [old.at, seen.at].sort().at(-1) ?? seen.at,
    aliases: seen.aliases.length > 0 ? seen.aliases : old.aliases,
  };
  const same = JSON.stringify({ ...merged, at: old.at }) === JSON.stringify(sortedLike(merged, old));
  return same && Date.parse(merged.at) - Date.parse(old.at) < QUIET_MS ? undefined : merged;
}

/** The old one with its members in the order of the merged one, so that both compare as text. */
function sortedLike(merged: Sighting, old: Sighting): unknown {
  return Object.fromEntries(Object.keys(merged).map((key) => [key, old[key as keyof Sighting]]));
}
