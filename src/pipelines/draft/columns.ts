import type { CatalogColumn, CatalogDataset, DatasetVersion } from '../catalog.js';
import { nearest } from '../nearest.js';
import { parseType, type SqlType } from '../sql/type.js';
import type { SourceColumn } from './intent.js';

/** A data set that the request reads, by the name that SQL will give it. */
export interface NamedSource {
  id: string;
  dataset: CatalogDataset;
  version: DatasetVersion;
}

/** Names the sources: the last part of the data set's name, in small letters, told apart by a number. */
export function nameSources(datasets: readonly CatalogDataset[]): NamedSource[] {
  const taken = new Set<string>();
  return datasets.flatMap((dataset) => {
    const [version] = [...dataset.versions].sort((a, b) => b.version - a.version);
    if (version === undefined) return [];
    const last = dataset.name.split(/[./]/).findLast((part) => part !== '') ?? dataset.name;
    const base = last
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '_')
      .replace(/^[^a-z]+|_+$/g, '')
      .slice(0, 50);
    let id = base === '' ? 'source' : base;
    for (let number = 2; taken.has(id); number += 1) id = `${base}_${number}`;
    taken.add(id);
    return [{ id, dataset, version }];
  });
}

export function columnOf(sources: readonly NamedSource[], ref: SourceColumn): CatalogColumn | undefined {
  const source = sources.find(({ id }) => id === ref.source);
  return source?.version.columns.find(({ name }) => name === ref.column);
}

export function typeOf(sources: readonly NamedSource[], ref: SourceColumn): SqlType | undefined {
  const column = columnOf(sources, ref);
  return column && parseType(column.type);
}

/** The column that a word means: its name, or the one column that the word is plainly short for (`customer`: `customer_id`). */
export function findColumn(sources: readonly NamedSource[], word: string): SourceColumn | undefined {
  const bare = word.toLowerCase().replace(/^the\s+/, '');
  const [qualifier, after] = bare.includes('.') ? bare.split('.', 2) : [undefined, bare];
  const within = sources.filter(({ id }) => qualifier === undefined || id === qualifier);
  const name = after ?? bare;
  const forms = name.endsWith('s') && name.length > 3 ? [name, name.slice(0, -1)] : [name];
  for (const form of forms) {
    for (const { id, version } of within) {
      const found = matching(version, form);
      if (found !== undefined) return { source: id, column: found.name };
    }
  }
  return undefined;
}

function matching({ columns }: DatasetVersion, form: string): CatalogColumn | undefined {
  const exact = columns.find(({ name }) => name.toLowerCase() === form);
  if (exact !== undefined || form.length < 3) return exact;
  const key = columns.find(({ name }) => name.toLowerCase() === `${form}_id`);
  if (key !== undefined) return key;
  const parts = columns.filter(({ name }) => {
    const lower = name.toLowerCase();
    return lower.startsWith(`${form}_`) || lower.endsWith(`_${form}`);
  });
  return parts.length === 1 ? parts[0] : undefined;
}

export function nearestColumns(sources: readonly NamedSource[], word: string): string[] {
  const names = sources.flatMap(({ version }) => version.columns.map(({ name }) => name));
  const near = nearest(word, names);
  return near === undefined ? names.slice(0, 12) : [near];
}

/** Columns of time that say when something happened; the platform's own marks of loading and change are not among them. */
export function timeColumns(source: NamedSource): string[] {
  const temporal = source.version.columns.filter(({ type }) => {
    const kind = parseType(type)?.kind;
    return kind === 'date' || kind === 'timestamp' || kind === 'timestamp_ntz';
  });
  const events = temporal.filter(
    ({ name }) =>
      !/^_|(?:^|_)(?:updated|modified|created|loaded|load|ingest\w*|etl|valid|birth|dob)(?:_|$)/i.test(name),
  );
  return (events.length > 0 ? events : temporal).map(({ name }) => name);
}
