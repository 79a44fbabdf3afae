import type { CatalogDataset, PipelineCatalog } from '../catalog.js';
import type { PipelineConfig } from '../config.js';

const KNOWN = new WeakMap<PipelineConfig, CatalogDataset>();

export interface ExtendedCatalog {
  catalog: PipelineCatalog;
  /** Names of the datasets that come from the sinks of other pipelines. */
  written: ReadonlySet<string>;
}

/**
 * The catalogue and what other pipelines write, with the columns that their sinks declare: a pipeline may read it before anybody
 * registered it. What is registered wins.
 */
export function withWritten(catalog: PipelineCatalog, others: readonly PipelineConfig[]): ExtendedCatalog {
  const names = new Set(catalog.datasets.map(({ name }) => trimmed(name)));
  const written = others.flatMap((config) => {
    const dataset = KNOWN.get(config) ?? datasetOf(config);
    if (dataset === undefined || names.has(trimmed(dataset.name))) return [];
    KNOWN.set(config, dataset);
    names.add(trimmed(dataset.name));
    return [dataset];
  });
  return {
    catalog: { ...catalog, datasets: [...catalog.datasets, ...written] },
    written: new Set(written.map(({ name }) => name)),
  };
}

const trimmed = (name: string): string => name.replace(/\/+$/, '');

function datasetOf({ sink, metadata }: PipelineConfig): CatalogDataset | undefined {
  const name = sink.path ?? sink.table;
  if (name === undefined) return undefined;
  return {
    name,
    aliases: [],
    connection: sink.connection,
    versions: [
      { version: 1, columns: sink.columns.map((column) => columnOf(column, metadata.classification.pii ?? [])) },
    ],
    keys: sink.mode === 'merge' ? (sink.mergeKeys ?? []) : [],
    sequenceBy: [],
    changeStream: false,
    partitions: sink.partitionBy ?? [],
    level: metadata.classification.level,
    regulated: metadata.classification.regulated,
  };
}

function columnOf({ name, type, nullable }: PipelineConfig['sink']['columns'][number], pii: readonly string[]) {
  return { name, type, nullable, ...(pii.includes(name) ? { pii: true } : {}) };
}
