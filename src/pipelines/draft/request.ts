import type { PipelineCatalog } from '../catalog.js';
import { instructionsIn } from '../checks/instructions.js';
import { regulatedText } from '../checks/regulated.js';
import type { PipelineConfig } from '../config.js';
import { type Finding, finding } from '../finding.js';
import { nearest } from '../nearest.js';
import { shown } from '../shown.js';
import { columnOf, findColumn, type NamedSource, nameSources } from './columns.js';
import { type GrainKey, type IntentCard, isDraftable, type Measure, type SourceColumn } from './intent.js';
import { leftovers } from './leftovers.js';
import { beyond, type Limit, languageOf, reviews } from './limits.js';
import { joinColumnWords, linkRequest, namesOf } from './link-request.js';
import { createPhrases, phrase } from './phrases.js';
import { readFilters } from './read-filters.js';
import { readColumns, readJoins } from './read-joins.js';
import { readGrain, readMeasures } from './read-measures.js';
import { readQuality, tieQuality } from './read-quality.js';
import { readSchedule } from './read-schedule.js';
import { connectionFor, readMode, readName, readOwner, readTarget, type SaidMode } from './read-sink.js';
import { ask, type Reading, short } from './reading.js';

const MAX_LENGTH = 4_000;

export interface RequestOptions {
  catalog: PipelineCatalog;
  /** Pipelines that exist: what they write can be read, and is then waited for. */
  portfolio: readonly PipelineConfig[];
  /** Who asks: they own what is drafted unless the request says otherwise. */
  author: { team: string; contact: string } | undefined;
}

/**
 * What becomes of a request. `draft`: a config can be written, questions may stand beside it. `ask`: nothing before an answer.
 * `review`: a person writes this. `refuse`: it goes to risk and compliance, or is not done.
 */
export interface RequestReading {
  outcome: 'draft' | 'ask' | 'review' | 'refuse';
  card: IntentCard | undefined;
  findings: readonly Finding[];
  /** What the grammar can not do here, and what to do instead. */
  limits: readonly Limit[];
}

/** Reads a request in English without a model. What it does not understand it says; it never guesses in silence. */
export function readRequest(request: string, options: RequestOptions): RequestReading {
  const refused = [...regulatedText(request, 'request'), ...instructionsIn(request, 'request')];
  if (refused.length > 0) return { outcome: 'refuse', card: undefined, findings: refused, limits: [] };
  const unread = unreadable(request);
  if (unread !== undefined) return { outcome: 'ask', card: undefined, findings: [saidAs(unread)], limits: [unread] };
  const byHand = reviews(spoken(request));
  if (byHand.length > 0) return { outcome: 'review', card: undefined, findings: byHand.map(saidAs), limits: byHand };
  const limits = beyond(spoken(request));
  const card = cardOf(request, options);
  const closed = closedSources(card, options);
  if (closed.length > 0) return { outcome: 'refuse', card: undefined, findings: closed, limits: [] };
  const findings = [...limits.map(saidAs), ...card.open.map(questionOf)];
  return { outcome: limits.length === 0 && isDraftable(card) ? 'draft' : 'ask', card, findings, limits };
}

/** Tags of data protection: kept by levels and masks, not by one group of authors. */
const PROTECTION = new Set(['none', 'gdpr', 'pci', 'sox']);

/** Data that only the people of risk and compliance draft over: its columns are not even shown. */
function closedSources({ sources, owner }: IntentCard, { catalog, author }: RequestOptions): Finding[] {
  const team = author?.team ?? owner?.team;
  if (team !== undefined && catalog.riskAndCompliance.includes(team)) return [];
  return sources.flatMap(({ dataset: name }) => {
    const dataset = catalog.datasets.find((each) => each.name === name);
    if (dataset === undefined || PROTECTION.has(dataset.regulated)) return [];
    return [
      finding('REG006', {
        message: `'${shown(name)}' is tagged '${dataset.regulated}': risk and compliance draft over it`,
      }),
    ];
  });
}

/** Quoted values and places are names of somebody, not words of the request. */
const spoken = (request: string): string =>
  request.replaceAll(/(?<!\w)(['"])[^'"\n]{1,80}\1(?!\w)/g, ' ').replaceAll(/(?<!\w)(?:\w+:\/)?\/[\w.-]+\/\S*/g, ' ');

function unreadable(request: string): Limit | undefined {
  const limit = (what: string, instead: string): Limit => ({ rule: 'INT001', what, instead });
  if (request.trim() === '')
    return limit('the request is empty', 'say what to read, what to do with it and where to write it');
  if (request.length > MAX_LENGTH)
    return limit(`the request has ${request.length} characters, ${MAX_LENGTH} is the most`, 'say it in fewer words');
  const language = languageOf(request);
  return language === 'English'
    ? undefined
    : limit(`the request is in ${language}`, 'say it in English, or let a model read it');
}

const saidAs = ({ rule, what, instead }: Limit): Finding =>
  finding(rule, { message: `not drafted without a model: ${what}`, suggestion: instead });

function questionOf({ rule, what, choices, assumed }: IntentCard['open'][number]): Finding {
  const suggestion = [
    choices.length > 0 ? choices.join(', ') : '',
    assumed === undefined ? '' : `taken for now: ${assumed}`,
  ];
  return finding(rule, { message: what, suggestion: suggestion.filter((part) => part !== '').join('; ') || undefined });
}

function cardOf(request: string, options: RequestOptions): IntentCard {
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

/** Data sets that are mentioned, and paths that are data sets; a name that nobody knows is asked for. */
function sourcesOf(reading: Reading, catalog: PipelineCatalog): NamedSource['dataset'][] {
  const { linked, phrases } = reading;
  const mentioned = [...linked.text.matchAll(/@d(\d+)/g)].flatMap((match) => linked.datasets[Number(match[1])] ?? []);
  const found = [...new Set(mentioned)];
  for (const match of phrases.takeAll(/@p(\d+)/)) {
    const path = linked.paths[Number(match[1])] ?? '';
    const dataset = catalog.datasets.find(({ name }) => name.replace(/\/+$/, '') === path.replace(/\/+$/, ''));
    if (dataset !== undefined && !found.includes(dataset)) found.push(dataset);
    if (dataset === undefined) unknown(reading, path, catalog);
  }
  const unread = phrases.takeAll(
    /\b(?:[A-Z][A-Z0-9]*(?:[_.][A-Z0-9]+)+|[a-z]+\.[A-Z]+\.\w+)\b/,
    (match) =>
      match[0].length > 4 &&
      !catalog.datasets.some(({ versions }) =>
        versions.some(({ columns }) =>
          columns.some(
            ({ name, values }) => name.toLowerCase() === match[0].toLowerCase() || values?.includes(match[0]),
          ),
        ),
      ),
  );
  for (const [name] of unread) unknown(reading, name, catalog);
  if (found.length === 0 && unread.length === 0 && reading.open.length === 0)
    ask(
      reading,
      'which table, topic or path is read?',
      catalog.datasets.slice(0, 8).map(({ name }) => name),
    );
  return found;
}

function unknown(reading: Reading, name: string, catalog: PipelineCatalog): void {
  const forms = namesOf(catalog);
  const near = nearest(
    name,
    forms.map(({ form }) => form.toLowerCase()),
  );
  const dataset = forms.find(({ form }) => form.toLowerCase() === near)?.dataset.name;
  ask(reading, `the catalogue has no '${short(name, 80)}'`, dataset === undefined ? [] : [dataset]);
}

/** What the request says about the change stream itself; true when it says how its rows are counted. */
function changeCapture({ phrases, sources, open }: Reading): 'latest' | 'changes' | undefined {
  const every = phrases.take(
    /\b(?:every|each|all)\s+(?:single\s+)?(?:changes?|updates?|versions?)\s+(?:counts?|is\s+counted|are\s+counted)|\b(?:as\s+)?(?:a\s+)?change\s?log\b/i,
  );
  const latest = phrases.take(
    /\b(?:with\s+|using\s+|only\s+|take\s+)?(?:the\s+)?(?:latest|newest|current)\s+(?:state|image|version)(?:\s+of\s+(?:each|every|the)\s+\w+)?/i,
  );
  const said = phrases.take(
    phrase(
      '(?:(?:and|the|source|sources|table|it|they|data|which|that|is|are|comes?|arriv\\w+|a|an|as)_+)*(?:(?:debezium|oracle)_+)?(?:cdc|change_+data_+capture|change_+stream)(?:_+(?:stream|source|feed|topic|events?))?(?:_+(?:via|through|over|on|from|by)_+(?:debezium_+(?:and|on)_+)?(?:kafka|oracle|debezium))?',
    ),
  );
  if (said !== undefined && sources.length > 0 && sources.every(({ dataset }) => !dataset.changeStream)) {
    ask(
      { open },
      `the request says CDC, and the catalogue has ${sources.map(({ dataset }) => dataset.name).join(', ')} as no change stream: which is right?`,
    );
  }
  return every === undefined ? latest && 'latest' : 'changes';
}

function askAboutChanges(reading: Reading, said: 'latest' | 'changes' | undefined): void {
  const stream = reading.sources.find(({ dataset }) => dataset.changeStream);
  if (stream === undefined || said === 'latest') return;
  const keys = stream.dataset.keys.join(', ');
  const latest = `newest row of each ${keys || 'key'}, deletes applied`;
  const what = `${stream.dataset.name} is a change stream (CDC): each update and delete is a row of its own. Which rows count?`;
  if (said === 'changes' || keys === '' || stream.dataset.sequenceBy.length === 0)
    ask(reading, what, [latest, 'every change, as a change log written by hand']);
  else ask(reading, what, [latest, 'every change'], latest);
}

/** A sum of money over several currencies is no amount of anything. */
function mixedCurrencies(
  { sources, open }: Reading,
  { grain, measures }: Pick<IntentCard, 'grain' | 'measures'>,
  filters: IntentCard['filters'],
): void {
  for (const { of, function: kind } of measures) {
    const source = sources.find(({ id }) => id === of?.source);
    if (
      of === undefined ||
      source === undefined ||
      (kind !== 'sum' && kind !== 'avg') ||
      columnOf(sources, of)?.money !== 'amount'
    )
      continue;
    const currency = source.version.columns.find(({ money }) => money === 'currency');
    if (currency === undefined || currency.values?.length === 1) continue;
    const isOne = (ref: SourceColumn): boolean => ref.source === source.id && ref.column === currency.name;
    if (grain.some((key) => isOne(key.of)) || filters.some((filter) => isOne(filter.of) && filter.op === '=')) continue;
    const many = currency.values === undefined ? 'several currencies' : `${currency.values.length} currencies`;
    const what = `${of.column} has ${many} (${currency.name}), and the ${kind === 'sum' ? 'sum' : 'average'} mixes them`;
    const choices = [`group by ${currency.name}`, 'one currency only', 'convert, with rates by date', 'keep'];
    if (!open.some((point) => point.what === what)) open.push({ rule: 'MON001', what, choices, assumed: 'keep' });
  }
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

/** Pipelines to wait for: named behind "after", or writing what is read. */
function upstreamOf(reading: Reading, portfolio: readonly PipelineConfig[]): string[] {
  const names = portfolio.map(({ metadata }) => metadata.name);
  const said = reading.phrases.takeAll(
    phrase(
      '(?:(?:and|it|run|runs|start|starts|must|should)_+)*(?:after|once|depends_+on|when)_+(?:the_+)?(?:pipeline_+)?([a-z]\\w*_\\w+)(?:_+pipeline)?(?:_+(?:is_+(?:done|finished|ready)|has_+(?:run|finished)|finishes))?',
    ),
  );
  const after = said.flatMap((match) => {
    const name = (match[1] ?? '').toLowerCase();
    if (names.includes(name)) return [name];
    const near = nearest(name, names);
    ask(reading, `there is no pipeline '${short(name, 63)}' to wait for`, near === undefined ? [] : [near]);
    return [];
  });
  const places = reading.sources.map(({ dataset }) => dataset.name);
  const writers = portfolio
    .filter(({ sink }) => places.includes(sink.path ?? sink.table ?? ''))
    .map(({ metadata }) => metadata.name);
  return [...new Set([...after, ...writers])];
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

interface Keys {
  keys: readonly string[];
  /** Of them, those that may be NULL: a merge never finds such a row again. */
  open: readonly string[];
  aggregated: boolean;
}

function modeFor(
  reading: Reading,
  said: SaidMode | undefined,
  { keys, open, aggregated }: Keys,
): 'append' | 'merge' | 'overwrite' {
  if (said?.mode === 'merge') {
    if (keys.length === 0) ask(reading, 'by which columns does the merge find a row again?');
    if (open.length > 0)
      ask(reading, `${open.join(', ')} may be NULL, and is a key of the merge`, [
        `only rows with ${open.join(', ')}`,
        'overwrite',
      ]);
    const words = said.keys.filter((word) => !keys.some((key) => meansKey(reading, word, key)));
    if (words.length > 0 || (said.keys.length > 0 && said.keys.length !== keys.length))
      ask(
        reading,
        `a merge on ${short(said.keys.join(', '), 100)}, and one row for ${keys.join(', ') || 'nothing known'}: which is right?`,
      );
    return 'merge';
  }
  if (said !== undefined) return said.mode;
  if (keys.length === 0 || open.length > 0) {
    const why = open.length > 0 ? ` (${open.join(', ')} may be NULL: no merge finds such a row again)` : '';
    ask(
      reading,
      `how do new rows meet what is there?${why}`,
      ['overwrite', ...(aggregated ? [] : ['append'])],
      'overwrite',
    );
    return 'overwrite';
  }
  const vanish = aggregated
    ? 'a merge keeps a group whose rows are all gone'
    : 'a merge keeps a row that is gone in the source';
  const merge = `merge on ${keys.join(', ')}`;
  ask(reading, `merge or overwrite? ${vanish}`, [merge, 'overwrite'], merge);
  return 'merge';
}

function meansKey(reading: Reading, word: string, key: string): boolean {
  const of = findColumn(reading.sources, word)?.column ?? word;
  return of === key || key.endsWith(`_${word === 'day' ? 'date' : word}`);
}

function nullableKeys(
  { sources }: Reading,
  { grain }: Pick<IntentCard, 'grain'>,
  filters: IntentCard['filters'],
): string[] {
  return grain.flatMap(({ of, name }) => {
    const kept = filters.some(
      (filter) => filter.of.source === of.source && filter.of.column === of.column && filter.op !== 'is_null',
    );
    return columnOf(sources, of)?.nullable === true && !kept ? [name] : [];
  });
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
