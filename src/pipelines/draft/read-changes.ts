import { columnOf } from './columns.js';
import type { IntentCard, SourceColumn } from './intent.js';
import { phrase } from './phrases.js';
import { ask, type Reading } from './reading.js';

/** What the request says about the change stream itself; true when it says how its rows are counted. */
export function changeCapture({ phrases, sources, open }: Reading): 'latest' | 'changes' | undefined {
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

/** Asks which rows of a change stream count, unless the request says so. */
export function askAboutChanges(reading: Reading, said: 'latest' | 'changes' | undefined): void {
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
export function mixedCurrencies(
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
