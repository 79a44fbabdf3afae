import type { CatalogColumn, CatalogDataset, DatasetVersion, PipelineCatalog } from './catalog.js';
import type { Source } from './config.js';
import type { InputColumn, InputTable } from './sql/bound.js';
import { parseType, simple } from './sql/type.js';

/** A source that the catalogue knows, as SQL reads it. */
export interface SourceTable {
  source: Source;
  dataset: CatalogDataset;
  version: DatasetVersion;
  table: InputTable;
}

/** The topic, table or path that a source reads. */
export function placeRead(source: Source): string {
  if (source.type === 'kafka') return source.topic;
  return source.type === 'oracle_cdc' ? source.table : source.path;
}

/** What a source reads, as the catalogue has it: by its own name, else by the subject that it names. */
export function datasetOf(source: Source, catalog: PipelineCatalog): CatalogDataset | undefined {
  const named = (name: string): CatalogDataset | undefined => {
    const found = catalog.datasets.filter((dataset) => samePlace(dataset.name, name));
    return found.find(({ connection }) => connection === source.connection) ?? found[0];
  };
  const subject = source.schema?.subject;
  return named(placeRead(source)) ?? (subject === undefined ? undefined : named(subject.replace(/-value$/, '')));
}

const samePlace = (a: string, b: string): boolean => a.replace(/\/+$/, '') === b.replace(/\/+$/, '');

/** The version that a source pins, or the newest; undefined when the pinned one was never registered. */
export function versionOf(source: Source, dataset: CatalogDataset): DatasetVersion | undefined {
  const pinned = source.schema?.version;
  if (pinned !== undefined) return dataset.versions.find(({ version }) => version === pinned);
  return [...dataset.versions].sort((a, b) => b.version - a.version)[0];
}

/** A source as a table of SQL; undefined when the catalogue does not know it, or not in this version. */
export function sourceTable(source: Source, catalog: PipelineCatalog): SourceTable | undefined {
  const dataset = datasetOf(source, catalog);
  const version = dataset && versionOf(source, dataset);
  if (dataset === undefined || version === undefined) return undefined;
  const latest = source.cdc?.mode === 'latest';
  const columns = version.columns.flatMap((column) => inputColumn(column) ?? []);
  const table: InputTable = {
    name: source.id,
    columns: source.cdc?.mode === 'changelog' ? [...columns, ...CHANGE_COLUMNS] : columns,
    // A stream of changes has many rows of a key until it is reduced to the newest.
    keys: latest ? (source.cdc?.keys ?? dataset.keys) : dataset.changeStream ? [] : dataset.keys,
    rawChanges: dataset.changeStream && !latest,
    partitions: dataset.partitions,
  };
  return { source, dataset, version, table };
}

/** What `changelog` adds to the columns of the table: kind and time of the change, and its number in the source database. */
const CHANGE_COLUMNS: readonly InputColumn[] = [
  { name: '_op', type: simple('string'), nullable: false, values: ['c', 'u', 'd', 'r'] },
  { name: '_ts', type: simple('timestamp'), nullable: false },
  { name: '_source_scn', type: simple('bigint'), nullable: false },
];

function inputColumn(column: CatalogColumn): InputColumn | undefined {
  const { name, type: text, nullable, values, pii, identifier, money } = column;
  const type = parseType(text);
  if (type === undefined) return undefined;
  return {
    ...{ name, type, nullable },
    ...(values === undefined ? {} : { values }),
    ...(pii === undefined ? {} : { pii }),
    ...(identifier === undefined ? {} : { identifier }),
    ...(money === undefined ? {} : { money }),
  };
}
