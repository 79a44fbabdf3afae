import { type FileMetaData, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import type { StoredObject } from '../../src/domain/object-store.js';
import { FileVanished, type LogAccess } from './log-files.js';

/** Below this a file is fetched whole: one request is quicker than several. */
const SMALL = 8_000_000;
const FOOTER = 128_000;

/** A Parquet file of which the wanted columns are read one row group at a time. */
export interface ParquetFile {
  /** Compressed bytes of these columns. */
  bytesOf(columns: readonly string[]): number;
  /** Rows of one row group after another; columns the file does not have are left out. */
  rows(columns: readonly string[]): AsyncIterable<Record<string, unknown>>;
}

/** @throws what the Parquet library does when it is not one. */
export async function openParquet(access: LogAccess, object: StoredObject): Promise<ParquetFile> {
  const file = await rangesOf(access, object);
  const metadata = await parquetMetadataAsync(file, { initialFetchSize: FOOTER });
  const chunks = metadata.row_groups.flatMap((group) => group.columns);
  const known = new Set(chunks.map(({ meta_data }) => meta_data?.path_in_schema[0]));
  return {
    bytesOf: (columns) =>
      chunks
        .filter(({ meta_data }) => columns.includes(meta_data?.path_in_schema[0] ?? ''))
        .reduce((sum, { meta_data }) => sum + Number(meta_data?.total_compressed_size ?? 0), 0),
    rows: (columns) =>
      rowsOf(
        file,
        metadata,
        columns.filter((column) => known.has(column)),
      ),
  };
}

async function* rowsOf(
  file: Ranges,
  metadata: FileMetaData,
  columns: string[],
): AsyncIterable<Record<string, unknown>> {
  if (columns.length === 0) return;
  let rowStart = 0;
  for (const group of metadata.row_groups) {
    const rowEnd = rowStart + Number(group.num_rows);
    yield* await parquetReadObjects({ file, metadata, columns, rowStart, rowEnd, compressors });
    rowStart = rowEnd;
  }
}

interface Ranges {
  byteLength: number;
  slice(start: number, end?: number): Promise<ArrayBuffer>;
}

async function rangesOf({ store, signal }: LogAccess, { key, bytes: byteLength }: StoredObject): Promise<Ranges> {
  const fetch = async (start: number, end: number): Promise<ArrayBuffer> => {
    const found = await store.get(key, { range: { start, end }, maxBytes: end - start, signal });
    if (!found) throw new FileVanished(key);
    return new Uint8Array(found.bytes).buffer;
  };
  if (byteLength > SMALL) return { byteLength, slice: (start, end) => fetch(start, end ?? byteLength) };
  const whole = await fetch(0, byteLength);
  return { byteLength, slice: async (start, end) => whole.slice(start, end) };
}
