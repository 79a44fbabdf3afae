import { type Finding, finding } from '../finding.js';
import { shown } from '../shown.js';
import { isAmount } from './column-meaning.js';
import { at, type CheckContext, columnOf, eachQuery, inQuery } from './context.js';
import { namedPlaces } from './paths.js';
import { NAMES_OF_UNITS, REGULATED_TOPICS, REPORTING_THRESHOLDS, type RegulatedTopic } from './regulated-words.js';
import { nameWords, plain } from './words.js';

const UNITS = new Set(NAMES_OF_UNITS);

/** What regulated logic a request asks for, and by which words; undefined when by none. */
export function regulatedRequest(text: string): { topic: string; word: string } | undefined {
  // What stands in quotes is somebody's value or name: a department called 'PD'.
  const spoken = plain(text.replaceAll(/(?<!\p{L})(['"`«„“])[^'"`»“”]{1,80}['"`»“”](?!\p{L})/gu, ' … '));
  const words = spoken.split(/[^\p{L}\p{N}…]+/u).filter((word) => word !== '');
  return meant(words, spoken);
}

/** What regulated logic a name stands for: word by word, so that `forward_amount` and `yaml_total` are free. */
export function regulatedName(name: string): { topic: string; word: string } | undefined {
  const words = nameWords(name);
  const alone = words.length === 1 && words[0] === 'pd';
  return alone ? { topic: 'credit risk (PD, LGD, EAD)', word: 'pd' } : meant(words, words.join(' '));
}

function meant(words: readonly string[], text: string): { topic: string; word: string } | undefined {
  for (const each of REGULATED_TOPICS) {
    const word = wordOf(each, words, text);
    if (word !== undefined) return { topic: each.topic, word };
  }
  return undefined;
}

function wordOf(topic: RegulatedTopic, words: readonly string[], text: string): string | undefined {
  const single = words.find(
    (word, index) =>
      (topic.words.includes(word) && !(word.length < 4 && isUnitName(words, index))) ||
      topic.stems.some((stem) => word.startsWith(stem)),
  );
  if (single !== undefined) return single;
  const spaced = ` ${words.join(' ')} `;
  const phrase =
    topic.phrases.find((each) => spaced.includes(` ${each} `)) ??
    topic.parts?.find((part) => text.includes(plain(part)));
  if (phrase !== undefined) return phrase;
  const { weak } = topic;
  if (weak === undefined || !words.some((word) => weak.near.includes(word))) return undefined;
  return words.find((word, index) => weak.words.includes(word) && !isUnitName(words, index));
}

const isUnitName = (words: readonly string[], index: number): boolean =>
  [words[index - 1], words[index - 2], words[index + 1]].some((word) => word !== undefined && UNITS.has(word));

/** REG001 of a request: its words ask for regulated logic. */
export function regulatedText(text: string, path: string): Finding[] {
  const found = regulatedRequest(text);
  if (found === undefined) return [];
  const message = `asks for regulated logic (${found.topic}: '${shown(found.word, 40)}')`;
  return [finding('REG001', { path, message, suggestion: 'risk and compliance own this; it is handed to them' })];
}

/** REG001 of the description, which is what the pipeline says of itself. */
export function regulatedDescription(context: CheckContext): Finding[] {
  const path = ['metadata', 'description'];
  return regulatedText(context.config.metadata.description, path.join('.')).map((found) => ({
    ...found,
    place: context.source.placeOf(path),
  }));
}

/** REG002: names that only regulated logic has: of the pipeline, its columns, its places, and all that its SQL names. */
export function regulatedNames(context: CheckContext): Finding[] {
  const { config } = context;
  const say = (name: string): string | undefined => {
    const found = regulatedName(name);
    return found && `'${shown(name)}' looks like regulated logic (${found.topic})`;
  };
  const written = [
    { name: config.metadata.name, path: ['metadata', 'name'] },
    ...config.sources.map(({ id }, index) => ({ name: id, path: ['sources', index, 'id'] })),
    ...config.transformers.map(({ id }, index) => ({ name: id, path: ['transformers', index, 'id'] })),
    ...config.transformers.flatMap((transformer, index) =>
      transformer.type === 'scala' ? [{ name: transformer.class, path: ['transformers', index, 'class'] }] : [],
    ),
    ...config.sink.columns.map(({ name }, index) => ({ name, path: ['sink', 'columns', index, 'name'] })),
    ...namedPlaces(context).map(({ text, path }) => ({ name: text, path })),
  ].flatMap(({ name, path }) => {
    const message = say(name);
    return message === undefined ? [] : [at(context, 'REG002', path, message)];
  });
  const inSql = context.queries.flatMap((query) => {
    const told = new Set<string>();
    return query.tokens.flatMap(({ kind, text, start, end }): Finding[] => {
      if ((kind !== 'word' && kind !== 'quoted') || told.has(text.toLowerCase())) return [];
      told.add(text.toLowerCase());
      const message = say(text);
      return message === undefined ? [] : [inQuery(context, query, 'REG002', query.placeAt(start, end), message)];
    });
  });
  return [...written, ...inSql];
}

/**
 * REG001 by its form: amounts just below a reporting threshold, singled out. No word says so, and splitting payments to stay below
 * it is what this looks for. A band among several is a histogram.
 */
export const structuringPattern = eachQuery((context, query) => {
  const { filters, aggregates } = query.bound.facts;
  if (aggregates.length === 0) return [];
  const bands = filters.flatMap(({ column, op, values, place }, index) => {
    const declared = columnOf(query.inputs, column);
    if (declared === undefined || !isAmount(declared)) return [];
    const [low, high] = values.map(Number);
    if (op === 'between' && low !== undefined && high !== undefined) return [{ column, low, high, place }];
    if ((op !== '>=' && op !== '>') || low === undefined) return [];
    const end = filters[index + 1];
    const pairs = end !== undefined && (end.op === '<' || end.op === '<=') && end.column.column === column.column;
    return pairs ? [{ column, low, high: Number(end.values[0]), place }] : [];
  });
  const isHistogram = bands.length >= 3;
  if (isHistogram) return [];
  return bands.flatMap(({ column, low, high, place }): Finding[] => {
    const threshold = REPORTING_THRESHOLDS.find(
      (each) => low >= each * 0.7 && low < each && high >= each * 0.9 && high <= each,
    );
    if (threshold === undefined) return [];
    const message = `amounts of '${column.column}' from ${low} to ${high}, just below the reporting threshold of ${threshold}, are singled out`;
    return [inQuery(context, query, 'REG001', place, message, 'risk and compliance own this; it is handed to them')];
  });
});
