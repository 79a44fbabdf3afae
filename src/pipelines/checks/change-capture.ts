import type { Finding } from '../finding.js';
import { nearest } from '../nearest.js';
import {
  at,
  type BoundContext,
  type CheckContext,
  type CheckedQuery,
  eachQuery,
  inQuery,
  sameName,
} from './context.js';

/** What the unwrapped envelope adds to the columns of the table. */
const ENVELOPE = ['_op', '_ts', '_source_scn'];

/** CDC001: an aggregate counts every update and delete of a change stream as a row. */
export const aggregatedChanges = eachQuery((context: BoundContext, query: CheckedQuery): Finding[] => {
  const raw = query.inputs.filter(
    ({ name, rawChanges }) =>
      rawChanges && query.transformer.inputs.includes(name) && isInsertOnly(context, name) === false,
  );
  const [table] = raw.filter(({ name }) => query.tokens.some(({ text }) => sameName(text, name)));
  const [aggregate] = query.bound.facts.aggregates;
  if (table === undefined || aggregate === undefined) return [];
  const message = `${aggregate.name}() over '${table.name}', a raw change stream: each update and delete counts as a row`;
  const suggestion = 'cdc: {mode: latest, …} keeps the newest row of each key';
  return [inQuery(context, query, 'CDC001', aggregate.place, message, suggestion)];
});

/** `append` says that rows are never changed; whether that is true is CDC005. */
function isInsertOnly(context: BoundContext, id: string): boolean {
  return context.config.sources.find((source) => source.id === id)?.cdc?.mode === 'append';
}

/** CDC002: the newest row of a key may be its deletion. */
export function unhandledDeletes(context: CheckContext): Finding[] {
  return context.sources.flatMap(({ path, source }) => {
    if (source.cdc === undefined || source.cdc.mode === 'append' || source.cdc.deletes !== undefined) return [];
    const message = `'${source.id}' does not say what a delete does`;
    return [at(context, 'CDC002', [...path, 'cdc'], message, 'deletes: apply removes the row, keep leaves it')];
  });
}

/** CDC003: without keys and an order nobody knows which row is the newest. */
export function keysAndOrder(context: CheckContext): Finding[] {
  return context.sources.flatMap(({ path, source, dataset, version }) => {
    const { cdc } = source;
    if (cdc === undefined) {
      if (dataset?.changeStream !== true) return [];
      const message = `'${source.id}' is a change stream, and no cdc says how its rows are read`;
      const keys = dataset.keys.length > 0 ? dataset.keys.join(', ') : '…';
      const order = dataset.sequenceBy.length > 0 ? dataset.sequenceBy.join(', ') : '…';
      const suggestion = `cdc: {mode: latest, keys: [${keys}], sequenceBy: [${order}], deletes: apply}`;
      return [at(context, 'CDC003', path, message, suggestion)];
    }
    const here = [...path, 'cdc'];
    const wanted = [
      { key: 'keys', columns: cdc.keys, known: dataset?.keys },
      { key: 'sequenceBy', columns: cdc.sequenceBy, known: dataset?.sequenceBy },
    ] as const;
    return wanted.flatMap(({ key, columns, known }): Finding[] => {
      if (columns === undefined) {
        if (cdc.mode !== 'latest') return [];
        const suggestion = known && known.length > 0 ? `${key}: [${known.join(', ')}]` : undefined;
        return [at(context, 'CDC003', here, `mode latest needs ${key}`, suggestion)];
      }
      if (version === undefined) return [];
      const names = [...version.columns.map(({ name }) => name), ...ENVELOPE];
      return columns.flatMap((column, index) => {
        if (names.some((name) => sameName(name, column))) return [];
        const near = nearest(column, names);
        const message = `'${column}' of ${key} is no column of '${source.id}'`;
        return [at(context, 'CDC003', [...here, key, index], message, near && `did you mean '${near}'?`)];
      });
    });
  });
}

/** CDC005: rows that are only added, of a table whose rows also change. */
export function appendedChanges(context: CheckContext): Finding[] {
  return context.sources.flatMap(({ path, source, dataset }) => {
    if (source.cdc?.mode !== 'append' || dataset?.changeStream !== true) return [];
    const message = `'${source.id}' is read as append, but rows of '${dataset.name}' change: old and new count both`;
    return [at(context, 'CDC005', [...path, 'cdc', 'mode'], message, 'mode: latest')];
  });
}
