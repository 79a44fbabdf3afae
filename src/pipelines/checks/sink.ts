import type { Finding } from '../finding.js';
import { nearest } from '../nearest.js';
import { shown } from '../shown.js';
import type { InputTable } from '../sql/bound.js';
import { isIdentifier, isTime } from './column-meaning.js';
import { mentioned } from './conditions.js';
import { at, type BoundContext, type CheckContext, type CheckedQuery, sameName, sinkQuery } from './context.js';
import { mayUse } from './sources.js';

/** SNK001: a connection or a path that the team may not write. */
export function unwritablePlaces(context: CheckContext): Finding[] {
  const { sink, errorHandling } = context.config;
  const targets = [
    { target: sink, path: ['sink'] },
    ...(errorHandling.deadLetter ? [{ target: errorHandling.deadLetter, path: ['errorHandling', 'deadLetter'] }] : []),
  ];
  return targets.flatMap(({ target, path }): Finding[] => {
    const here = [...path, 'connection'];
    const connection = context.catalog.connections.find(({ name }) => name === target.connection);
    if (connection === undefined) {
      const writable = context.catalog.connections.filter(({ write }) => write.length > 0);
      const near = nearest(
        target.connection,
        writable.map(({ name }) => name),
      );
      const message = `connection '${target.connection}' is not known`;
      return [at(context, 'SNK001', here, message, near && `did you mean '${near}'?`)];
    }
    if (!mayUse(connection.write, context.team)) {
      const allowed = connection.write.length === 0 ? 'nobody may' : `these may: ${connection.write.join(', ')}`;
      return [at(context, 'SNK001', here, `team '${context.team}' may not write '${connection.name}'`, allowed)];
    }
    const place = target.path ?? target.table;
    if (place === undefined) return [at(context, 'SNK001', path, 'neither path nor table says where to write')];
    const key = target.path === undefined ? 'table' : 'path';
    const rights = [...(connection.paths[context.team] ?? []), ...(connection.paths['*'] ?? [])];
    if (Object.keys(connection.paths).length === 0 || rights.some((prefix) => isUnder(place, prefix))) return [];
    const allowed = rights.length === 0 ? `nothing there is of '${context.team}'` : `it may write ${rights.join(', ')}`;
    return [at(context, 'SNK001', [...path, key], `team '${context.team}' may not write '${shown(place)}'`, allowed)];
  });
}

/** A path under another, at a whole step: `/mnt/a` does not hold `/mnt/ab`. */
export function isUnder(place: string, prefix: string): boolean {
  const base = prefix.replace(/[/.]+$/, '');
  return place === base || (place.startsWith(base) && /^[/.]/.test(place.slice(base.length)));
}

const given = (context: BoundContext): InputTable | undefined => context.tables.get(context.config.sink.input);

/** SNK002: a merge without keys, or with keys that are not written. */
export function mergeKeys(context: CheckContext): Finding[] {
  const { sink } = context.config;
  if (sink.mode !== 'merge') return [];
  if (sink.mergeKeys === undefined) return [at(context, 'SNK002', ['sink', 'mode'], 'mode merge needs mergeKeys')];
  const names = sink.columns.map(({ name }) => name);
  return sink.mergeKeys.flatMap((key, index) => {
    if (names.some((name) => sameName(name, key))) return [];
    const near = nearest(key, names);
    const suggestion = near === undefined ? `there are ${names.slice(0, 12).join(', ')}` : `did you mean '${near}'?`;
    const path = ['sink', 'mergeKeys', index];
    return [at(context, 'SNK002', path, `merge key '${key}' is no column of the sink`, suggestion)];
  });
}

/** SNK003: the sink declares what the query does not give, or leaves out what it gives. */
export function columnSets(context: BoundContext): Finding[] {
  const { sink } = context.config;
  const columns = given(context)?.columns.map(({ name }) => name);
  const declared = sink.columns.map(({ name }) => name);
  const partitions = (sink.partitionBy ?? []).flatMap((name, index) =>
    declared.some((each) => sameName(each, name))
      ? []
      : [at(context, 'SNK003', ['sink', 'partitionBy', index], `partition column '${name}' is no column of the sink`)],
  );
  if (columns === undefined) return partitions;
  const missing = sink.columns.flatMap(({ name }, index) => {
    if (columns.some((each) => sameName(each, name))) return [];
    const near = nearest(name, columns);
    const message = `sink column '${name}' is not in the query`;
    const suggestion =
      near === undefined ? `the query gives ${columns.slice(0, 12).join(', ')}` : `did you mean '${near}'?`;
    return [at(context, 'SNK003', ['sink', 'columns', index, 'name'], message, suggestion)];
  });
  const extra = columns.filter((name) => !declared.some((each) => sameName(each, name)));
  if (extra.length === 0) return [...missing, ...partitions];
  const message = `the query gives columns that the sink does not declare: ${extra.slice(0, 12).join(', ')}`;
  return [...missing, at(context, 'SNK003', ['sink', 'columns'], message), ...partitions];
}

/** SNK004: rows that differ in more than the merge keys overwrite each other. */
export function grains(context: BoundContext): Finding[] {
  const { sink } = context.config;
  const keys = sink.mode === 'merge' ? sink.mergeKeys : undefined;
  const query = sinkQuery(context);
  if (keys === undefined || query === undefined) return [];
  const grain = query.bound.facts.grain ?? passedGrain(query);
  const finer = (grain ?? []).filter((name) => !keys.some((key) => sameName(key, name)));
  const hidden = query.bound.facts.hiddenGrain;
  if (finer.length === 0 && !hidden) return [];
  const rest = hidden ? ' and by what is no output column' : '';
  const message = `rows are per ${(grain ?? []).join(', ')}${rest}: finer than the merge keys (${keys.join(', ')})`;
  const suggestion = finer.length === 0 ? 'group by output columns only' : `add ${finer.join(', ')} to the merge keys`;
  return [at(context, 'SNK004', ['sink', 'mergeKeys'], message, suggestion)];
}

/** Rows that pass through have the key of their only input, under the names that the query gives. */
function passedGrain({ bound, inputs }: CheckedQuery): string[] | undefined {
  const [only] = inputs;
  if (only === undefined || inputs.length > 1 || bound.facts.joins.length > 0 || only.keys.length === 0)
    return undefined;
  if (bound.facts.aggregates.length > 0) return undefined;
  return only.keys.map((key) => bound.columns.find(({ plain }) => plain && sameName(plain.column, key))?.name ?? key);
}

/** SNK005: NULL equals nothing, so a row with a NULL key is inserted again at every run. */
export function nullKeys(context: BoundContext): Finding[] {
  const { sink } = context.config;
  if (sink.mode !== 'merge') return [];
  const columns = given(context)?.columns;
  return (sink.mergeKeys ?? []).flatMap((key, index) => {
    const query = columns?.find(({ name }) => sameName(name, key));
    const declared = sink.columns.find(({ name }) => sameName(name, key));
    const nullable = query === undefined ? declared?.nullable : query.nullable || declared?.nullable;
    if (nullable !== true) return [];
    const message = `merge key '${key}' may be NULL: such a row is inserted again at every run`;
    return [
      at(context, 'SNK005', ['sink', 'mergeKeys', index], message, `filter on ${key} IS NOT NULL, nullable: false`),
    ];
  });
}

/** SNK007: every run adds the same groups again. */
export function repeatedAppends(context: BoundContext): Finding[] {
  const query = sinkQuery(context);
  if (context.config.sink.mode !== 'append' || query === undefined) return [];
  const { grain, aggregates } = query.bound.facts;
  const isWindowed =
    context.config.sources.every(({ read }) => read?.mode === 'incremental') ||
    context.bound.some(({ inputs, shape }) =>
      shape.selects.some(
        ({ where }) =>
          where !== undefined &&
          mentioned(where).some((column) =>
            inputs.some((table) => table.columns.some((each) => sameName(each.name, column.name) && isTime(each))),
          ),
      ),
    );
  if ((grain === undefined && aggregates.length === 0) || isWindowed) return [];
  const message = 'each run appends the whole aggregate again';
  return [at(context, 'SNK007', ['sink', 'mode'], message, 'mode: merge with the grain as keys, or overwrite')];
}

/** SNK009: a group whose last row was deleted stays in the target. */
export function staleGroups(context: BoundContext): Finding[] {
  const { sink, sources } = context.config;
  const grouped = sinkQuery(context)?.bound.facts.grain !== undefined;
  const deletes = sources.find(({ cdc }) => cdc?.mode === 'latest' && cdc.deletes === 'apply');
  if (sink.mode !== 'merge' || !grouped || deletes === undefined) return [];
  const message = `a group whose last row of '${deletes.id}' was deleted stays in the target`;
  return [
    at(context, 'SNK009', ['sink', 'mode'], message, 'mode: overwrite, or say in the plan that such groups stay'),
  ];
}

/** SNK010: a partition for almost every row is a file for almost every row. */
export function tinyPartitions(context: BoundContext): Finding[] {
  const columns = given(context)?.columns;
  return (context.config.sink.partitionBy ?? []).flatMap((name, index) => {
    const column = columns?.find((each) => sameName(each.name, name));
    if (column === undefined) return [];
    const kind = column.type.kind;
    const isDay = kind === 'timestamp' && isTruncated(context, column.name);
    const many =
      isIdentifier(column) ||
      kind === 'timestamp' ||
      kind === 'timestamp_ntz' ||
      kind === 'decimal' ||
      kind === 'double';
    if (!many || isDay) return [];
    const suggestion = kind.startsWith('timestamp')
      ? 'partition by its date'
      : 'partition by a date or a short list of values';
    const message = `partition column '${name}' has too many values: a small file for each`;
    return [at(context, 'SNK010', ['sink', 'partitionBy', index], message, suggestion)];
  });
}

/** A timestamp cut to a day, a month or a year has few values. */
function isTruncated(context: BoundContext, name: string): boolean {
  const query = sinkQuery(context);
  const column = query?.bound.columns.find((each) => sameName(each.name, name));
  return column?.plain === undefined && query?.bound.facts.calls.some((call) => call.name === 'date_trunc') === true;
}
