import { Cron } from 'croner';
import type { CatalogConnection } from '../catalog.js';
import type { Finding } from '../finding.js';
import { milliseconds } from '../graph/duration.js';
import { nearest } from '../nearest.js';
import { shown } from '../shown.js';
import { at, type CheckContext, type CheckedSource } from './context.js';

/** The key of a source that says what it reads. */
const placeKey = ({ source }: CheckedSource): string =>
  source.type === 'kafka' ? 'topic' : source.type === 'oracle_cdc' ? 'table' : 'path';

/** SRC001: nothing registered under this name, on this connection, or in this version. */
export function unregisteredSources(context: CheckContext): Finding[] {
  return context.sources.flatMap((checked) => {
    const { source, path, dataset, version, reads } = checked;
    const here = [...path, placeKey(checked)];
    if (dataset === undefined) {
      const names = context.catalog.datasets;
      const alias = names.find(({ aliases }) => aliases.includes(reads))?.name;
      const near = alias ?? nearest(reads, [...new Set(names.map(({ name }) => name))]);
      const message = `no registered schema for '${shown(reads)}'`;
      return [at(context, 'SRC001', here, message, near && `did you mean '${near}'?`)];
    }
    if (dataset.connection !== source.connection && context.catalog.connections.some(isNamed(source.connection))) {
      const message = `'${shown(reads)}' is not on connection '${source.connection}'`;
      return [at(context, 'SRC001', here, message, `it is on '${dataset.connection}'`)];
    }
    if (version !== undefined) return [];
    const versions = dataset.versions.map((each) => each.version).sort((a, b) => a - b);
    const message = `version ${source.schema?.version} of '${shown(reads)}' was never registered`;
    return [at(context, 'SRC001', [...path, 'schema', 'version'], message, `there are ${versions.join(', ')}`)];
  });
}

const isNamed =
  (name: string) =>
  (connection: CatalogConnection): boolean =>
    connection.name === name;

const newest = ({ dataset }: CheckedSource): number =>
  Math.max(0, ...(dataset?.versions.map(({ version }) => version) ?? []));

/** SRC002: a schema version that is not pinned changes under the pipeline. */
export function unpinnedSchemas(context: CheckContext): Finding[] {
  return context.sources.flatMap((checked) => {
    if (checked.dataset === undefined || checked.written || checked.source.schema?.version !== undefined) return [];
    const path = checked.source.schema === undefined ? checked.path : [...checked.path, 'schema'];
    const message = `the schema version of '${checked.source.id}' is not pinned`;
    return [at(context, 'SRC002', path, message, `schema: {version: ${newest(checked)}}`)];
  });
}

/** SRC004: a newer version than the pinned one. */
export function olderSchemas(context: CheckContext): Finding[] {
  return context.sources.flatMap((checked) => {
    const pinned = checked.source.schema?.version;
    const last = newest(checked);
    if (pinned === undefined || checked.version === undefined || checked.written || pinned >= last) return [];
    const message = `'${checked.source.id}' reads version ${pinned}; version ${last} is registered`;
    return [at(context, 'SRC004', [...checked.path, 'schema', 'version'], message)];
  });
}

/** SRC003: a connection that is not known, is of another kind, or that the team may not read. */
export function unreadableConnections(context: CheckContext): Finding[] {
  const { catalog, team } = context;
  return context.sources.flatMap(({ path, source }) => {
    const here = [...path, 'connection'];
    const known = catalog.connections.find(isNamed(source.connection));
    if (known === undefined) {
      const near = nearest(
        source.connection,
        catalog.connections.map(({ name }) => name),
      );
      const message = `connection '${source.connection}' is not known`;
      return [at(context, 'SRC003', here, message, near && `did you mean '${near}'?`)];
    }
    if (known.type !== source.type) {
      const message = `connection '${known.name}' is of type ${known.type}, not ${source.type}`;
      return [at(context, 'SRC003', here, message)];
    }
    if (mayUse(known.read, team)) return [];
    const allowed = known.read.length === 0 ? 'nobody may' : `these may: ${known.read.join(', ')}`;
    return [at(context, 'SRC003', here, `team '${team}' may not read '${known.name}'`, allowed)];
  });
}

/** A right that a team has: its own, or everybody's. */
export function mayUse(teams: readonly string[], team: string): boolean {
  return teams.includes(team) || teams.includes('*');
}

/** SRC005: a window, or the time between two runs, that is longer than the topic keeps its messages. */
export function forgottenMessages(context: CheckContext): Finding[] {
  return context.sources.flatMap(({ path, source, dataset }) => {
    const kept = dataset?.retentionHours;
    const { read } = source;
    if (kept === undefined || read === undefined || source.type !== 'kafka') return [];
    const windows = [
      { path: [...path, 'read', 'lookback'], hours: read.lookback && hoursOf(read.lookback) },
      { path: [...path, 'read', 'from'], hours: read.from && hoursOf(read.from.replace(/^-/, '')) },
    ].flatMap((window) => (typeof window.hours === 'number' && window.hours > kept ? [window] : []));
    if (windows.length > 0) {
      return windows.map(({ path: here, hours }) =>
        at(context, 'SRC005', here, `reads ${hours} hours back; the topic keeps ${kept}`, `at most PT${kept}H`),
      );
    }
    const gap = read.mode === 'incremental' ? longestGap(context.config.schedule.cron) : 0;
    if (gap <= kept) return [];
    const message = `up to ${Math.round(gap)} hours pass between runs; the topic keeps ${kept}: messages are lost`;
    return [at(context, 'SRC005', ['schedule', 'cron'], message)];
  });
}

const HOUR = 3_600_000;

function hoursOf(duration: string): number | undefined {
  const length = milliseconds(duration);
  return length === undefined ? undefined : length / HOUR;
}

/** Hours between two runs at the most, over the next ones. */
function longestGap(cron: string): number {
  try {
    const runs = new Cron(cron, { timezone: 'UTC', paused: true }).nextRuns(12, '2026-01-01T00:00:00');
    const gaps = runs.map((run, index) => run.getTime() - (runs[index - 1] ?? run).getTime());
    return Math.max(0, ...gaps) / HOUR;
  } catch {
    // A cron that can not be read is CFG010.
    return 0;
  }
}
