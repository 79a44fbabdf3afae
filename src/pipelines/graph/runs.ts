import { Cron } from 'croner';
import type { PipelineConfig } from '../config.js';

type Schedule = PipelineConfig['schedule'];

/** When a schedule starts runs. Instants are milliseconds since 1970. */
export interface Runs {
  /** The next `count` starts at or after an instant. */
  next(count: number, from: number): readonly number[];
  /** The last start at or before an instant. */
  last(at: number): number | undefined;
}

const KEPT = 4096;
const known = new Map<string, Runs | undefined>();

/** Reads a schedule; undefined when its cron or its time zone is none (CFG010). Many pipelines share few schedules, so that they are kept. */
export function readRuns({ cron, timezone }: Pick<Schedule, 'cron' | 'timezone'>): Runs | undefined {
  const key = `${timezone}|${cron}`;
  if (!known.has(key)) {
    if (known.size >= KEPT) known.clear();
    known.set(key, createRuns(cron, timezone));
  }
  return known.get(key);
}

function createRuns(pattern: string, timezone: string): Runs | undefined {
  const cron = open(pattern, timezone);
  if (cron === undefined) return undefined;
  const last = new Map<number, number | undefined>();
  let cached: { from: number; count: number; starts: readonly number[] } | undefined;
  return {
    next: (count, from) => {
      if (cached?.from === from && cached.count >= count) return cached.starts.slice(0, count);
      // croner looks behind the instant it is given; a start at the instant itself counts here.
      const starts = cron.nextRuns(count, new Date(from - 1000)).map((start) => start.getTime());
      if (cached === undefined || count >= cached.count) cached = { from, count, starts };
      return starts;
    },
    last: (at) => {
      const among = cached && lastAmong(cached.starts, at);
      if (among !== undefined) return among;
      if (last.size >= KEPT) last.clear();
      if (!last.has(at)) last.set(at, cron.previousRuns(1, new Date(at + 1000))[0]?.getTime());
      return last.get(at);
    },
  };
}

/** The last of starts without a gap that is not after `at`; undefined where an earlier or a later one may be meant. */
function lastAmong(starts: readonly number[], at: number): number | undefined {
  let [low, high] = [0, starts.length - 1];
  if (at < (starts[low] ?? Number.POSITIVE_INFINITY) || at >= (starts[high] ?? 0)) return undefined;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((starts[middle] ?? 0) <= at) low = middle;
    else high = middle - 1;
  }
  return starts[low];
}

/** The cron, if it is one of five fields that ever comes, in a time zone that exists. */
function open(pattern: string, timezone: string): Cron | undefined {
  try {
    const cron = new Cron(pattern, { timezone, mode: '5-part', paused: true });
    return cron.nextRun(new Date(0)) === null ? undefined : cron;
  } catch {
    return undefined;
  }
}

/** Minutes between UTC and a time zone at an instant; undefined when there is no such zone. */
export function offsetAt(timezone: string, at: number): number | undefined {
  const format = formatOf(timezone);
  if (format === undefined) return undefined;
  const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0 } = parts;
  return Math.round((Date.UTC(year, month - 1, day, hour % 24, minute) - Math.floor(at / 60_000) * 60_000) / 60_000);
}

const formats = new Map<string, Intl.DateTimeFormat | undefined>();

function formatOf(timeZone: string): Intl.DateTimeFormat | undefined {
  if (!formats.has(timeZone)) {
    if (formats.size >= KEPT) formats.clear();
    try {
      const numeric = 'numeric' as const;
      const fields = { year: numeric, month: numeric, day: numeric, hour: numeric, minute: numeric };
      formats.set(timeZone, new Intl.DateTimeFormat('en-US', { timeZone, hourCycle: 'h23', ...fields }));
    } catch {
      formats.set(timeZone, undefined);
    }
  }
  return formats.get(timeZone);
}
