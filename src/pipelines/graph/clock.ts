import { fieldsOf, later, numbersOf } from './cron-fields.js';
import { offsetAt, readRuns } from './runs.js';

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;
const YEAR = 370;

/** A moment at which a time zone sets its clocks. Offsets in minutes from UTC. */
export interface ChangeOfClock {
  at: number;
  before: number;
  after: number;
}

const kept = new Map<string, readonly ChangeOfClock[]>();

/** When the clocks of a time zone are set, within a year and a few days from the day of `from`. */
export function changesOfClock(timezone: string, from: number): readonly ChangeOfClock[] {
  const day = Math.floor(from / DAY) * DAY;
  const key = `${timezone}|${day}`;
  const known = kept.get(key);
  if (known !== undefined) return known;
  const changes: ChangeOfClock[] = [];
  let before = offsetAt(timezone, day);
  for (let index = 1; index <= YEAR && before !== undefined; index += 1) {
    const after: number | undefined = offsetAt(timezone, day + index * DAY);
    if (after === undefined) break;
    if (after !== before) changes.push(exactly(timezone, day + (index - 1) * DAY, day + index * DAY, before, after));
    before = after;
  }
  if (kept.size > 1000) kept.clear();
  kept.set(key, changes);
  return changes;
}

/** Halves the day until the minute of the change is found. */
function exactly(timezone: string, low: number, high: number, before: number, after: number): ChangeOfClock {
  let [from, to] = [low, high];
  while (to - from > MINUTE) {
    const middle = from + Math.floor((to - from) / 2 / MINUTE) * MINUTE;
    if (offsetAt(timezone, middle) === before) from = middle;
    else to = middle;
  }
  return { at: to, before, after };
}

/** Both zones show the same time all year, whatever their names. */
export function sameClock(a: string, b: string, from: number): boolean {
  if (a === b) return true;
  if (offsetAt(a, from) !== offsetAt(b, from)) return false;
  const [left, right] = [changesOfClock(a, from), changesOfClock(b, from)];
  return (
    left.length === right.length &&
    left.every(({ at, after }, index) => right[index]?.at === at && right[index]?.after === after)
  );
}

/** A start that falls into the time that is skipped when clocks go forward. */
export interface SkippedStart {
  /** The time that does not exist, as wall clock: `2027-03-28 02:30`. */
  local: string;
  /** The same schedule outside of the gap. */
  suggestion: string | undefined;
}

/** The first start of a fixed time of day that the clocks skip. A job of every hour loses nothing and is not meant. */
export function skippedStart(
  { cron, timezone }: { cron: string; timezone: string },
  from: number,
): SkippedStart | undefined {
  const fields = fieldsOf(cron);
  if (fields === undefined || numbersOf(fields[1]) === undefined || numbersOf(fields[1])?.length === 24)
    return undefined;
  for (const { at, before, after } of changesOfClock(timezone, from)) {
    if (after <= before) continue;
    const inGap = (pattern: string): number | undefined => {
      // The wall clock of the gap, read as if it were UTC.
      const [start, end] = [at + before * MINUTE, at + after * MINUTE];
      const found = readRuns({ cron: pattern, timezone: 'UTC' })?.next(1, start)[0];
      return found !== undefined && found < end ? found : undefined;
    };
    const skipped = inGap(cron);
    if (skipped === undefined) continue;
    const moved = later(cron, after - before);
    return {
      local: new Date(skipped).toISOString().slice(0, 16).replace('T', ' '),
      suggestion: moved !== undefined && inGap(moved) === undefined ? moved : undefined,
    };
  }
  return undefined;
}
