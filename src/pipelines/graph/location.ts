import type { PipelineConfig } from '../config.js';

/** A place where rows are read or written, in the one form in which two configs can be compared. */
export interface Location {
  /** `files:/mnt/curated/x`, `topic:kafka-core/a.b`, `table:sales.orders`: parts are divided by `/`. */
  key: string;
  /** As the author wrote it. */
  text: string;
  /** Where in the config. */
  path: readonly PropertyKey[];
}

interface Target {
  connection: string;
  path?: string | undefined;
  table?: string | undefined;
}

/** Everything that a pipeline reads. */
export function locationsRead(config: PipelineConfig): Location[] {
  return config.sources.map((source, index) => {
    const at = ['sources', index];
    const { connection } = source;
    if (source.type === 'kafka')
      return { key: `topic:${connection}/${source.topic}`, text: source.topic, path: [...at, 'topic'] };
    if (source.type === 'oracle_cdc')
      return { key: `oracle:${connection}/${source.table.toUpperCase()}`, text: source.table, path: [...at, 'table'] };
    return { key: fileKey(source.path, connection), text: source.path, path: [...at, 'path'] };
  });
}

/** Everything that a pipeline writes: its sink, and where its rejected rows go. */
export function locationsWritten(config: PipelineConfig): Location[] {
  const { deadLetter } = config.errorHandling;
  return [
    ...targetLocations(config.sink, ['sink']),
    ...(deadLetter === undefined ? [] : targetLocations(deadLetter, ['errorHandling', 'deadLetter'])),
  ];
}

function targetLocations({ connection, path, table }: Target, at: readonly PropertyKey[]): Location[] {
  return [
    ...(path === undefined ? [] : [{ key: fileKey(path, connection), text: path, path: [...at, 'path'] }]),
    ...(table === undefined ? [] : [{ key: tableKey(table), text: table, path: [...at, 'table'] }]),
  ];
}

const tableKey = (table: string): string => `table:${table.replaceAll('`', '').toLowerCase()}`;

/** One spelling for `s3a://b/x/`, `s3://b//x`, `/dbfs/mnt/x`, `dbfs:/mnt/x` and `/mnt/x/*.parquet`; a relative path belongs to its connection. */
function fileKey(path: string, connection: string): string {
  const written = path.replace(/^s3[an]:\/\//i, 's3://').replace(/^(?:dbfs:\/+|\/dbfs\/)/i, '/');
  const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.exec(written)?.[0] ?? '';
  const rest = written.slice(scheme.length);
  const parts: string[] = [];
  for (const part of rest.split('/')) {
    // From a wildcard on, anything below may be meant.
    if (/[*?[{]/.test(part)) break;
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  const root = scheme !== '' ? scheme.toLowerCase() : rest.startsWith('/') ? '/' : `${connection}:/`;
  return `files:${root}${parts.join('/')}`.replace(/\/$/, '');
}

/** The key itself and every folder above it. */
export function foldersOf(key: string): string[] {
  const found = [key];
  for (let at = key.lastIndexOf('/'); at > 0; at = key.lastIndexOf('/', at - 1)) {
    const above = key.slice(0, at);
    if (!above.endsWith('/')) found.push(above);
  }
  return found;
}

/** The same place, or one inside of the other. */
export function overlaps(a: string, b: string): boolean {
  return a === b || a.startsWith(`${b}/`) || b.startsWith(`${a}/`);
}
