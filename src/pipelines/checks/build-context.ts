import type { BoundConfig } from '../bind-config.js';
import type { PipelineCatalog } from '../catalog.js';
import type { PipelineConfig } from '../config.js';
import { datasetOf, placeRead, versionOf } from '../source-table.js';
import type { InputTable } from '../sql/bound.js';
import { parseQuery } from '../sql/parse.js';
import type { ReadConfig } from '../structure.js';
import { placeInText } from '../text-place.js';
import type { BoundContext, CheckContext, CheckedQuery, WrittenQuery } from './context.js';
import { shapeOf } from './query-shape.js';
import { sqlTokens } from './words.js';

export interface ContextParts {
  catalog: PipelineCatalog;
  /** Datasets of the catalogue that are only what other pipelines write. */
  written: ReadonlySet<string>;
  others: readonly PipelineConfig[];
  team: string | undefined;
  request: string | undefined;
}

/** What the rules of layer 1 see. */
export function configContext(read: ReadConfig, parts: ContextParts): CheckContext {
  const { config } = read;
  const { catalog, written, others, request } = parts;
  return {
    ...read,
    ...{ catalog, others, request },
    team: parts.team ?? config.metadata.owner.team,
    sources: config.sources.map((source, index) => {
      const dataset = datasetOf(source, catalog);
      const version = dataset && versionOf(source, dataset);
      const path = ['sources', index];
      return { path, source, reads: placeRead(source), dataset, version, written: written.has(dataset?.name ?? '') };
    }),
    queries: config.transformers.flatMap((transformer, index) =>
      transformer.type === 'sql' ? [writtenQuery(read, transformer, ['transformers', index])] : [],
    ),
  };
}

function writtenQuery(read: ReadConfig, transformer: WrittenQuery['transformer'], path: PropertyKey[]): WrittenQuery {
  // Most queries have nothing to place: the way back into the file is made when the first finding asks for it.
  let place: ReturnType<typeof placeInText> | undefined;
  return {
    ...{ path, transformer },
    tokens: sqlTokens(transformer.sql),
    placeAt: (start, end) => {
      place ??= placeInText(read.source, [...path, 'sql']);
      return place(start, end);
    },
  };
}

/** What the rules of layer 3 see: queries that could be bound, each with what its tree says beside the facts. */
export function boundContext(context: CheckContext, result: BoundConfig): BoundContext {
  const tables = new Map<string, InputTable>();
  for (const [id, { table }] of result.sourceTables) tables.set(id, table);
  for (const [id, { table }] of result.transformers) tables.set(id, table);
  const bound = context.queries.flatMap((query): CheckedQuery[] => {
    const found = result.transformers.get(query.transformer.id)?.bound;
    if (found === undefined) return [];
    const parsed = parseQuery(query.transformer.sql, '', query.placeAt).query;
    if (parsed === undefined) return [];
    const inputs = query.transformer.inputs.flatMap((id) => tables.get(id) ?? []);
    return [{ ...query, inputs, bound: found, shape: shapeOf(parsed.tree), placeOf: parsed.placeOf }];
  });
  return { ...context, bound, tables };
}
