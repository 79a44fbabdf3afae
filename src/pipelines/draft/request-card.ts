import { modeFor, nullableKeys } from './choose-mode.js';
import { findColumn, type NamedSource, nameSources } from './columns.js';
import type { GrainKey, IntentCard, Measure, SourceColumn } from './intent.js';
import { leftovers } from './leftovers.js';
import { joinColumnWords, linkRequest } from './link-request.js';
import { createPhrases } from './phrases.js';
import { askAboutChanges, changeCapture, mixedCurrencies } from './read-changes.js';
import { readFilters } from './read-filters.js';
import { readColumns, readJoins } from './read-joins.js';
import { readGrain, readMeasures } from './read-measures.js';
import { readQuality, tieQuality } from './read-quality.js';
import { readSchedule } from './read-schedule.js';
import { connectionFor, readMode, readName, readOwner, readTarget } from './read-sink.js';
import { sourcesOf, upstreamOf } from './read-sources.js';
import { ask, type Reading, short } from './reading.js';
import type { RequestOptions } from './request-options.js';

/** What a request asks for, as a card; what it leaves open stands on it. */
export function cardOf(request: string, options: RequestOptions): IntentCard {
  const linked = linkRequest(request, options.catalog);
  const open: IntentCard['open'] = [];
  const words = createPhrases(linked.text);
  const before: Reading = { linked, phrases: words, sources: [], open };
  const target = readTarget(before);
  const sources = nameSources(sourcesOf(before, options.catalog));
  const names = sources.flatMap(({ version }) => version.columns.map(({ name }) => name));
  const reading: Reading = { linked, open, sources, phrases: createPhrases(joinColumnWords(words.left(), names)) };
  const { phrases } = reading;
  const said = changeCapture(reading);
  const after = upstreamOf(reading, options.portfolio);
  const name = readName(reading, target);
  const owner = readOwner(reading, options.author);
  const retries = retriesOf(reading);
  const schedule = readSchedule(reading);
  const mode = readMode(reading);
  const joins = readJoins(reading);
  const saidQuality = readQuality(reading);
  const given = readGrain(reading);
  const measures = readMeasures(reading);
  const filters = readFilters(reading);
  const named = measures.length > 0 ? undefined : readColumns(reading);
  const grain = measures.length > 0 ? given : withoutMeasures(reading, given);
  const columns = measures.length > 0 || grain.length > 0 ? [] : (named ?? assumedColumns(reading));
  const output = { grain, measures, columns };
  const quality = tieQuality(reading, saidQuality, output, (word) => findColumn(sources, word));
  if (measures.length > 0 && grain.length === 0)
    ask(reading, 'one row for what? Say: by a column, such as by customer_id and month', [], 'one row for everything');
  if (sources.some(({ dataset }) => dataset.changeStream)) askAboutChanges(reading, said);
  mixedCurrencies(reading, output, filters);
  const keys = mergeKeysOf(reading, output, joins.length > 0);
  const chosen = modeFor(reading, mode, {
    keys,
    open: nullableKeys(reading, output, filters),
    aggregated: measures.length > 0,
  });
  const connection = target && connectionFor(reading, target, owner?.team, options.catalog);
  const rest = leftovers(phrases.left());
  if (rest.length > 0 && sources.length > 0) ask(reading, `not understood: '${short(rest.join(' '), 200)}'`, []);
  return {
    ...(name === undefined ? {} : { name }),
    description: describe(sources, output, target?.path ?? target?.table),
    ...(owner === undefined ? {} : { owner }),
    sources: sources.map(({ id, dataset, version }) => ({ id, dataset: dataset.name, version: version.version })),
    ...{ joins, filters, grain, measures, columns, schedule, quality, retries, after, open },
    ...(target === undefined
      ? {}
      : {
          sink: {
            ...target,
            ...(connection === undefined ? {} : { connection }),
            mode: chosen,
            mergeKeys: chosen === 'merge' ? keys : [],
          },
        }),
  };
}

function retriesOf({ phrases }: Reading): number {
  const found = phrases.take(
    /\b(?:and\s+|with\s+)?(?:retr(?:y|ies)(?:\s+it)?|retrying)(?:\s+up\s+to)?\s+(\d|once|twice|three)\s*(?:times?)?|\b(?:and\s+|with\s+)?(\d|one|two|three|no)\s+retr(?:y|ies)/i,
  );
  const word = (found?.[1] ?? found?.[2])?.toLowerCase();
  if (word === undefined) return 2;
  const named: Record<string, number> = { no: 0, once: 1, one: 1, twice: 2, two: 2, three: 3 };
  return named[word] ?? Number(word);
}

/** "By customer" without a measure says nothing to compute. */
function withoutMeasures(reading: Reading, grain: readonly GrainKey[]): GrainKey[] {
  if (grain.length === 0) return [];
  ask(reading, `what is computed by ${grain.map(({ name }) => name).join(', ')}?`, [
    'count of records',
    'sum of a column',
  ]);
  return [...grain];
}

function assumedColumns(reading: Reading): SourceColumn[] {
  const [first] = reading.sources;
  if (first === undefined) return [];
  const taken = new Set<string>();
  const columns = reading.sources.flatMap(({ id, version }) =>
    version.columns
      .filter(({ name }) => !taken.has(name) && taken.add(name))
      .map(({ name }) => ({ source: id, column: name })),
  );
  ask(
    reading,
    'which columns are written?',
    columns.map(({ column }) => column),
    `all ${columns.length}`,
  );
  return columns;
}

function mergeKeysOf(
  { sources }: Reading,
  { grain, columns }: { grain: readonly GrainKey[]; measures: readonly Measure[]; columns: readonly SourceColumn[] },
  joined: boolean,
): string[] {
  if (grain.length > 0) return grain.map(({ name }) => name);
  const keys = sources[0]?.dataset.keys ?? [];
  const written = columns.filter(({ source }) => source === sources[0]?.id).map(({ column }) => column);
  return (joined && keys.length === 0) || !keys.every((key) => written.includes(key)) ? [] : [...keys];
}

function describe(
  sources: readonly NamedSource[],
  { grain, measures, columns }: Pick<IntentCard, 'grain' | 'measures' | 'columns'>,
  place: string | undefined,
): string {
  const read = sources.map(({ dataset }) => dataset.name).join(' and ');
  const by = grain.length === 0 ? '' : ` by ${grain.map(({ name }) => name).join(', ')}`;
  const what = measures.length > 0 ? measures.map(({ name }) => name).join(', ') : `${columns.length} columns`;
  return short(
    `${what}${by} of ${read || 'an unknown source'}${place === undefined ? '' : `, written to ${place}`}`,
    290,
  );
}
