import type { CatalogDataset, DatasetVersion, PipelineCatalog } from '../catalog.js';
import type { PipelineConfig, Source, Transformer } from '../config.js';
import { type Finding, finding, type Place } from '../finding.js';
import type { RuleId } from '../rules.js';
import type { BoundQuery, ColumnRef, InputColumn, InputTable } from '../sql/bound.js';
import type { Span } from '../sql/span.js';
import type { ReadConfig } from '../structure.js';
import type { QueryShape } from './query-shape.js';
import type { SqlToken } from './words.js';

/** A source, and what the catalogue knows of it. */
export interface CheckedSource {
  path: readonly PropertyKey[];
  source: Source;
  /** Topic, table or path. */
  reads: string;
  dataset: CatalogDataset | undefined;
  version: DatasetVersion | undefined;
  /** It is what another pipeline writes, and no registered dataset: its columns are that sink's. */
  written: boolean;
}

/** What the rules over config and catalogue see. */
export interface CheckContext extends ReadConfig {
  catalog: PipelineCatalog;
  others: readonly PipelineConfig[];
  /** The team that asks; of the owner when nobody is known to ask. */
  team: string;
  /** The words of the request, where there was one. */
  request: string | undefined;
  sources: readonly CheckedSource[];
  queries: readonly WrittenQuery[];
}

/** A transformer of SQL as it is written. */
export interface WrittenQuery {
  path: readonly PropertyKey[];
  transformer: Extract<Transformer, { type: 'sql' }>;
  tokens: readonly SqlToken[];
  placeAt(start: number, end: number): Place | undefined;
}

/** A query with its columns and types. */
export interface CheckedQuery extends WrittenQuery {
  inputs: readonly InputTable[];
  bound: BoundQuery;
  shape: QueryShape;
  /** A span of the parser, in code points. */
  placeOf(span: Span | undefined): Place | undefined;
}

/** What the rules over bound queries see. */
export interface BoundContext extends CheckContext {
  bound: readonly CheckedQuery[];
  /** All tables that can be read, sources and transformers, by id. */
  tables: ReadonlyMap<string, InputTable>;
}

export type ConfigRule = (context: CheckContext) => Finding[];
export type BoundRule = (context: BoundContext) => Finding[];

/** A finding at a path of the config. */
export function at(
  { source }: Pick<CheckContext, 'source'>,
  rule: RuleId,
  path: readonly PropertyKey[],
  message: string,
  suggestion?: string,
): Finding {
  return finding(rule, { path: path.map(String).join('.'), place: source.placeOf(path), message, suggestion });
}

/** A finding inside a query; at the whole query where the part has no place. */
export function inQuery(
  context: Pick<CheckContext, 'source'>,
  query: WrittenQuery,
  rule: RuleId,
  place: Place | undefined,
  message: string,
  suggestion?: string,
): Finding {
  const path = [...query.path, 'sql'];
  const whole = place ?? context.source.placeOf(path);
  return finding(rule, { path: path.map(String).join('.'), place: whole, message, suggestion });
}

/** A rule that looks at one query, over all of them. */
export function eachQuery(rule: (context: BoundContext, query: CheckedQuery) => Finding[]): BoundRule {
  return (context) => context.bound.flatMap((query) => rule(context, query));
}

/** What the catalogue or an earlier query says of a column that a query reads. */
export function columnOf(inputs: readonly InputTable[], ref: ColumnRef): InputColumn | undefined {
  return inputs.find(({ name }) => name === ref.input)?.columns.find(({ name }) => name === ref.column);
}

/** The query that the sink writes, where it is one. */
export function sinkQuery(context: BoundContext): CheckedQuery | undefined {
  return context.bound.find(({ transformer }) => transformer.id === context.config.sink.input);
}

/** Columns of sources that flow into a column of a table, through all transformers. */
export function originsOf(context: BoundContext, ref: ColumnRef, depth = 0): ColumnRef[] {
  const query = context.bound.find(({ transformer }) => transformer.id === ref.input);
  if (query === undefined || depth > 20) return [ref];
  const column = query.bound.columns.find(({ name }) => name === ref.column);
  return (column?.from ?? []).flatMap((inner) => originsOf(context, inner, depth + 1));
}

/** The same name, as Spark compares names. */
export const sameName = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
