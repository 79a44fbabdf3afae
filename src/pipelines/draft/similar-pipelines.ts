import type { PipelineConfig } from '../config.js';
import { placeRead } from '../source-table.js';

const COMMON = new Set(
  'the and for with from that this into per each all are was will which create pipeline reads read writes write table topic delta mnt curated select where group by sql of to in at is as on or it an'.split(
    ' ',
  ),
);

/** Words of a text; names fall apart at _ and at capitals, and plurals lose their s. */
function wordsOf(text: string): string[] {
  const words =
    text
      .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? [];
  return words
    .filter((word) => word.length > 1 && !COMMON.has(word))
    .map((word) => (word.length > 3 && word.endsWith('s') && !word.endsWith('ss') ? word.slice(0, -1) : word));
}

function textOf({ metadata, sources, transformers, sink, dataQuality }: PipelineConfig): string {
  return [
    metadata.name,
    metadata.description,
    ...sources.map((source) => `${source.type} ${placeRead(source)} ${source.cdc === undefined ? '' : 'cdc'}`),
    ...transformers.map((transformer) => (transformer.type === 'sql' ? transformer.sql : transformer.class)),
    sink.path ?? sink.table ?? '',
    sink.mode,
    ...sink.columns.map(({ name }) => name),
    ...dataQuality.map(({ type }) => type),
  ].join(' ');
}

function counts(words: readonly string[]): Map<string, number> {
  const counted = new Map<string, number>();
  for (const word of words) counted.set(word, (counted.get(word) ?? 0) + 1);
  return counted;
}

/**
 * Pipelines of the portfolio that are most like a request, as examples for a model: TF-IDF with cosine, as a portfolio is small. The
 * same request and portfolio give the same examples; one without a word in common is none.
 */
export function similarPipelines(request: string, portfolio: readonly PipelineConfig[], n: number): PipelineConfig[] {
  const documents = portfolio.map((config) => ({ config, words: counts(wordsOf(textOf(config))) }));
  const weight = (word: string): number =>
    Math.log(1 + documents.length / (1 + documents.filter(({ words }) => words.has(word)).length));
  const vector = (words: ReadonlyMap<string, number>): Map<string, number> =>
    new Map([...words].map(([word, count]) => [word, (1 + Math.log(count)) * weight(word)]));
  const length = (values: ReadonlyMap<string, number>): number =>
    Math.sqrt([...values.values()].reduce((sum, value) => sum + value * value, 0));
  const asked = vector(counts(wordsOf(request)));
  const scored = documents.map(({ config, words }) => {
    const own = vector(words);
    const dot = [...asked].reduce((sum, [word, value]) => sum + value * (own.get(word) ?? 0), 0);
    return { config, score: dot === 0 ? 0 : dot / (length(asked) * length(own)) };
  });
  return scored
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || (a.config.metadata.name < b.config.metadata.name ? -1 : 1))
    .slice(0, Math.max(0, n))
    .map(({ config }) => config);
}
