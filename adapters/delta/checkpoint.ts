import { AppError } from '../../src/domain/errors.js';
import type { StoredObject } from '../../src/domain/object-store.js';
import { FileVanished, jsonOf, type LogAccess } from './log-files.js';
import type { Checkpoint } from './log-names.js';
import { openParquet } from './parquet.js';
import { type Add, CheckpointRow, type Metadata, type Protocol } from './shapes.js';

/** The table as one checkpoint holds it. */
export interface CheckpointState {
  metadata: Metadata;
  protocol: Protocol;
  /** False when there was more of it than is read: the files were not taken. */
  counted: boolean;
}

/** Compressed bytes of the `add` columns of one checkpoint that are read for a count of rows; about a million files. */
const MOST_BYTES = 150_000_000;
const TABLE = ['metaData', 'protocol', 'sidecar'];

/**
 * Reads a checkpoint: one Parquet file, all parts of one, or a V2 one in JSON or Parquet with its sidecars.
 * @param take is given every live data file; without it only schema and protocol are read.
 * @throws AppError `unexpected_answer` when it is broken or says nothing of schema or protocol; FileVanished.
 */
export async function readCheckpoint(
  access: LogAccess,
  folder: string,
  checkpoint: Checkpoint,
  take: ((add: Add) => void) | undefined,
): Promise<CheckpointState> {
  const found: Found = { metadata: undefined, protocol: undefined, sidecars: [] };
  let budget = MOST_BYTES;
  const read = async (object: StoredObject, wanted: boolean): Promise<void> => {
    if (object.key.endsWith('.json')) return readJsonFile(access, object, found, take);
    const file = await openParquet(access, object);
    budget -= wanted ? file.bytesOf(['add']) : 0;
    const columns = wanted && budget >= 0 ? [...TABLE, 'add'] : TABLE;
    for await (const row of file.rows(columns)) takeRow(found, row, take);
  };
  try {
    for (const object of checkpoint.files) await read(object, take !== undefined);
    for (const object of take === undefined ? [] : found.sidecars) {
      await read({ ...object, key: `${folder}_sidecars/${object.key}` }, true);
    }
  } catch (thrown) {
    if (thrown instanceof AppError || thrown instanceof FileVanished) throw thrown;
    throw broken(access, checkpoint, thrown);
  }
  const { metadata, protocol } = found;
  if (!metadata || !protocol) throw broken(access, checkpoint, undefined);
  return { metadata, protocol, counted: budget >= 0 };
}

interface Found {
  metadata: Metadata | undefined;
  protocol: Protocol | undefined;
  sidecars: StoredObject[];
}

function takeRow(found: Found, row: unknown, take: ((add: Add) => void) | undefined): void {
  const { metaData, protocol, sidecar, add } = CheckpointRow.parse(row);
  if (metaData) found.metadata = metaData;
  if (protocol) found.protocol = protocol;
  // Named by the file itself: it may lead nowhere but into the sidecars' folder.
  if (sidecar)
    found.sidecars.push({ key: sidecar.path.split('/').at(-1) ?? '', bytes: sidecar.sizeInBytes, modifiedMs: 0 });
  if (add) take?.(add);
}

async function readJsonFile(
  { store, signal }: LogAccess,
  { key }: StoredObject,
  found: Found,
  take: ((add: Add) => void) | undefined,
): Promise<void> {
  const file = await store.get(key, { maxBytes: MOST_BYTES, signal });
  if (!file) throw new FileVanished(key);
  for (const line of Buffer.from(file.bytes).toString('utf8').split('\n')) {
    if (line.trim() !== '') takeRow(found, jsonOf(line), take);
  }
}

function broken({ table }: LogAccess, { version }: Checkpoint, cause: unknown): AppError {
  return new AppError('unexpected_answer', {
    safeText: `The checkpoint of ${table} at version ${version} can not be read.`,
    cause,
  });
}
