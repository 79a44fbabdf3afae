import type { PipelineConfig } from '../config.js';
import { type Finding, finding } from '../finding.js';
import type { ReadConfig } from '../structure.js';
import { sameClock, skippedStart } from './clock.js';
import { shown } from './dependencies.js';
import { spoken } from './duration.js';
import type { Lineage } from './lineage.js';
import { offsetAt, readRuns } from './runs.js';
import { type Conflict, firstConflict, nextPossibleCron, repeatedResult, type Wait, waitsOf } from './timing.js';

/** CFG010: the schedule must be a cron of five fields that comes at all, in a time zone that exists. */
export function unreadableSchedule({ config, source }: ReadConfig): Finding[] {
  const { cron, timezone } = config.schedule;
  const key = offsetAt(timezone, 0) === undefined ? 'timezone' : 'cron';
  if (key === 'cron' && readRuns(config.schedule) !== undefined) return [];
  const path = ['schedule', key];
  const message =
    key === 'timezone'
      ? `'${shown(timezone)}' is no time zone`
      : `'${shown(cron)}' is no cron of five fields, or one that never comes`;
  return [finding('CFG010', { path: path.join('.'), place: source.placeOf(path), message })];
}

/** DEP004: every run finds the result that it waits for. */
export function tooEarly({ config, source }: ReadConfig, lineage: Lineage, now: number): Finding[] {
  const waits = waitsOf(config, lineage);
  return waits.flatMap((wait) => {
    const conflict = firstConflict(config.schedule, wait, now);
    if (conflict === undefined) return [];
    const path = conflict.kind === 'early' ? ['schedule', 'cron'] : ['dependsOn', wait.index];
    const next = nextPossibleCron(config, waits, now);
    const suggestion = next === undefined ? undefined : `next possible: cron "${next}"`;
    const message = told(config, wait, conflict);
    return [finding('DEP004', { path: path.join('.'), place: source.placeOf(path), message, suggestion })];
  });
}

/** DEP004 for those who wait for a pipeline whose schedule is changed: what it takes from them now. */
export function tooLateFor(
  { config, source }: ReadConfig,
  before: PipelineConfig | undefined,
  lineage: Lineage,
  now: number,
): Finding[] {
  const { name } = config.metadata;
  const dependants = lineage.downstream(name).filter(({ to, through }) => through === undefined && to !== name);
  return dependants.flatMap(({ to }) => {
    const dependant = lineage.get(to);
    const wait = dependant && waitsOf(dependant, lineage).find(({ upstream }) => upstream === config);
    const conflict = dependant && wait && firstConflict(dependant.schedule, wait, now);
    if (dependant === undefined || wait === undefined || conflict === undefined) return [];
    // It had no usable result before the change either: not the fault of this one.
    if (before !== undefined && firstConflict(dependant.schedule, { ...wait, upstream: before }, now)) return [];
    const path = ['schedule'];
    const message = told(dependant, wait, conflict);
    return [finding('DEP004', { path: path.join('.'), place: source.placeOf(path), message })];
  });
}

function told({ metadata, schedule }: PipelineConfig, { upstream, within }: Wait, conflict: Conflict): string {
  const { kind, start, upstreamStart, upstreamDone } = conflict;
  const other = upstream.metadata.name;
  const at = (instant: number): string => clockTime(instant, schedule.timezone);
  const begins = `'${metadata.name}' starts ${at(start)}`;
  if (kind === 'early') return `${begins}, and '${other}' of ${at(upstreamStart)} has until ${at(upstreamDone)}`;
  const age = `${spoken(start - upstreamDone)} old`;
  return `${begins}, and the result of '${other}' is then ${age}: more than ${spoken(within ?? 0)}`;
}

/** `Tue 2026-11-24 04:00 UTC`, in the time zone of the schedule. */
function clockTime(instant: number, timezone: string): string {
  const local = new Date(instant + (offsetAt(timezone, instant) ?? 0) * 60_000);
  const day = local.toLocaleDateString('en-GB', { weekday: 'short', timeZone: 'UTC' });
  return `${day} ${local.toISOString().slice(0, 16).replace('T', ' ')} ${timezone}`;
}

/** DEP005: more runs than upstream has results. */
export function tooOften({ config, source }: ReadConfig, lineage: Lineage, now: number): Finding[] {
  return waitsOf(config, lineage).flatMap(({ upstream, index }) => {
    const repeated = repeatedResult(config.schedule, upstream.schedule, now);
    if (repeated === undefined) return [];
    const at = (instant: number): string => clockTime(instant, config.schedule.timezone);
    const path = ['dependsOn', index];
    const message = `runs more often than '${upstream.metadata.name}': ${at(repeated.first)} and ${at(repeated.second)} read the same result`;
    const suggestion = `'${upstream.metadata.name}' runs at "${upstream.schedule.cron}"`;
    return [finding('DEP005', { path: path.join('.'), place: source.placeOf(path), message, suggestion })];
  });
}

/** DEP006: clocks that differ from upstream's, or a start that the clocks skip once a year. */
export function clockTraps({ config, source }: ReadConfig, lineage: Lineage, now: number): Finding[] {
  const { timezone } = config.schedule;
  const zones = waitsOf(config, lineage).flatMap(({ upstream, index }) => {
    const theirs = upstream.schedule.timezone;
    if (offsetAt(timezone, now) === undefined || offsetAt(theirs, now) === undefined) return [];
    if (sameClock(timezone, theirs, now)) return [];
    const path = ['dependsOn', index];
    const message = `'${upstream.metadata.name}' runs by ${theirs}, this one by ${timezone}`;
    return [finding('DEP006', { path: path.join('.'), place: source.placeOf(path), message })];
  });
  const skipped = skippedStart(config.schedule, now);
  if (skipped === undefined) return zones;
  const path = ['schedule', 'cron'];
  const message = `${skipped.local} does not exist in ${timezone}: the clocks go forward over it`;
  const suggestion = skipped.suggestion === undefined ? undefined : `cron "${skipped.suggestion}"`;
  return [...zones, finding('DEP006', { path: path.join('.'), place: source.placeOf(path), message, suggestion })];
}
