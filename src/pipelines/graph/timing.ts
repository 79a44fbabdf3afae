import type { PipelineConfig } from '../config.js';
import { changesOfClock, sameClock } from './clock.js';
import { fieldsOf, later } from './cron-fields.js';
import { milliseconds } from './duration.js';
import type { Lineage } from './lineage.js';
import { offsetAt, type Runs, readRuns } from './runs.js';

/** How many runs of the later pipeline are compared. */
const RUNS_COMPARED = 40;
/** Around a change of the clock, where the two run by different clocks. */
const RUNS_AROUND_A_CHANGE = 8;
const MINUTE = 60_000;
const DAY = 1440 * MINUTE;

type Schedule = PipelineConfig['schedule'];

/** One pipeline that another waits for. */
export interface Wait {
  upstream: PipelineConfig;
  /** How old its last success may be, in milliseconds. */
  within: number | undefined;
}

/** A run that starts without a result that it may use. */
export interface Conflict {
  /** `early`: the run of upstream that is due is not done. `old`: the last that is done is older than allowed. */
  kind: 'early' | 'old';
  start: number;
  upstreamStart: number;
  upstreamDone: number;
}

/** The declared dependencies of a config that exist, each with its limit. */
export function waitsOf(config: PipelineConfig, lineage: Lineage): (Wait & { index: number })[] {
  return config.dependsOn.flatMap((each, index) => {
    const { pipeline, within } = typeof each === 'string' ? { pipeline: each, within: undefined } : each;
    const upstream = lineage.get(pipeline);
    if (upstream === undefined || pipeline === config.metadata.name) return [];
    return [{ upstream, within: within === undefined ? undefined : milliseconds(within), index }];
  });
}

/**
 * The first of the next 40 runs that has no usable result of its upstream. A run of upstream counts from its start plus its longest
 * runtime on. With a limit, the newest counted run may not be older than that; without one, the run that is due must be done.
 */
export function firstConflict(schedule: Schedule, wait: Wait, from: number): Conflict | undefined {
  const [own, upstream] = [readRuns(schedule), readRuns(wait.upstream.schedule)];
  if (own === undefined || upstream === undefined) return undefined;
  // Listed once, and found again for each run that is compared.
  upstream.next(RUNS_COMPARED, from);
  for (const start of startsCompared(own, schedule, wait.upstream.schedule, from)) {
    const conflict = conflictAt(start, upstream, wait);
    if (conflict !== undefined) return conflict;
  }
  return undefined;
}

function startsCompared(own: Runs, mine: Schedule, other: Schedule, from: number): number[] {
  const starts = [...own.next(RUNS_COMPARED, from)];
  if (sameClock(mine.timezone, other.timezone, from)) return starts;
  const changes = [mine, other].flatMap(({ timezone }) => changesOfClock(timezone, from));
  return [...starts, ...changes.flatMap(({ at }) => own.next(RUNS_AROUND_A_CHANGE, at - 2 * DAY))];
}

function conflictAt(start: number, upstream: Runs, { upstream: config, within }: Wait): Conflict | undefined {
  const runtime = config.schedule.maxRuntime * MINUTE;
  const due = upstream.last(start);
  const counted = upstream.last(start - runtime);
  // It never ran before this: there is nothing to compare yet.
  if (due === undefined) return undefined;
  const running = due !== counted;
  if (within === undefined ? !running : counted !== undefined && start - counted - runtime <= within) return undefined;
  if (running) return { kind: 'early', start, upstreamStart: due, upstreamDone: due + runtime };
  return { kind: 'old', start, upstreamStart: due, upstreamDone: due + runtime };
}

/** The cron nearest behind the present one with which every run finds what it waits for; undefined when there is none of this form. */
export function nextPossibleCron(config: PipelineConfig, waits: readonly Wait[], from: number): string | undefined {
  const { schedule } = config;
  const conflicts = waits.flatMap((wait) => {
    const conflict = firstConflict(schedule, wait, from);
    return conflict === undefined ? [] : [{ conflict, wait }];
  });
  const candidates = conflicts.flatMap(({ conflict, wait }) => candidatesFor(schedule, conflict, wait));
  const sound = (cron: string): boolean => {
    const moved = { ...schedule, cron };
    return readRuns(moved) !== undefined && waits.every((wait) => firstConflict(moved, wait, from) === undefined);
  };
  return candidates.sort((a, b) => a.delay - b.delay).find(({ cron }) => sound(cron))?.cron;
}

interface Candidate {
  cron: string;
  delay: number;
}

function candidatesFor(schedule: Schedule, conflict: Conflict, { upstream }: Wait): Candidate[] {
  const runs = readRuns(upstream.schedule);
  const following = runs?.next(1, conflict.start + MINUTE)[0];
  const runtime = upstream.schedule.maxRuntime * MINUTE;
  const instants = [conflict.upstreamDone, ...(following === undefined ? [] : [following + runtime])];
  return instants.flatMap((instant): Candidate[] => {
    const delay = instant - conflict.start;
    const crons = [later(schedule.cron, Math.ceil(delay / MINUTE)), onDaysOf(upstream.schedule, schedule, instant)];
    return crons.flatMap((cron) => (cron === undefined ? [] : [{ cron, delay: Math.abs(delay) }]));
  });
}

/** The time of day of an instant, on the days on which upstream runs. */
function onDaysOf(upstream: Schedule, own: Schedule, instant: number): string | undefined {
  const offset = offsetAt(own.timezone, instant);
  const fields = fieldsOf(upstream.cron);
  if (offset === undefined || fields === undefined) return undefined;
  const local = new Date(instant + offset * MINUTE);
  return [local.getUTCMinutes(), local.getUTCHours(), ...fields.slice(2)].join(' ');
}

/** Two runs that follow each other and find the same run of upstream. */
export function repeatedResult(
  schedule: Schedule,
  upstream: Schedule,
  from: number,
): { first: number; second: number; upstream: number } | undefined {
  const [own, other] = [readRuns(schedule), readRuns(upstream)];
  const starts = own?.next(RUNS_COMPARED, from) ?? [];
  for (const [index, second] of starts.entries()) {
    const first = starts[index - 1];
    const found = other?.last(second);
    if (first === undefined || found === undefined || found > first) continue;
    return { first, second, upstream: found };
  }
  return undefined;
}
