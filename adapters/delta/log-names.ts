import type { StoredObject } from '../../src/domain/object-store.js';

/** Everything a listing of `_delta_log` shows that a reader of tables needs. Log compactions and foreign files are left out. */
export interface Log {
  /** Key of the folder, ending in `_delta_log/`. */
  folder: string;
  /** The version from which on it was listed. */
  from: number;
  /** Ascending; may have gaps. */
  commits: StoredCommit[];
  /** Complete ones only, ascending. One version may have several. */
  checkpoints: Checkpoint[];
  /** Versions with a checksum file. */
  checksums: ReadonlySet<number>;
}

export interface StoredCommit extends StoredObject {
  version: number;
}
export interface Checkpoint {
  version: number;
  /** One, or all parts of it. */
  files: StoredObject[];
}

/** 20 digits, so that the order of names is the order of versions. */
export function versionText(version: number): string {
  return String(version).padStart(20, '0');
}

const NAME =
  /^(\d{20})\.(json|crc|checkpoint\.(?:parquet|[0-9a-f-]{36}\.(?:json|parquet)|(\d{10})\.(\d{10})\.parquet))$/;

/** Sorts what was listed into kinds. */
export function logOf(folder: string, from: number, objects: readonly StoredObject[]): Log {
  const commits: StoredCommit[] = [];
  const checksums = new Set<number>();
  const whole: Checkpoint[] = [];
  const parted = new Map<string, Checkpoint>();
  for (const object of objects) {
    const [, digits, ending = '', part, parts] = NAME.exec(object.key.slice(folder.length)) ?? [];
    if (digits === undefined) continue;
    const version = Number(digits);
    if (ending === 'json') commits.push({ ...object, version });
    else if (ending === 'crc') checksums.add(version);
    else if (part === undefined) whole.push({ version, files: [object] });
    else {
      const key = `${digits}/${parts}`;
      const found = parted.get(key) ?? { version, files: [] };
      found.files.push(object);
      parted.set(key, found);
    }
  }
  const complete = [...parted].filter(([key, { files }]) => files.length === Number(key.split('/')[1]));
  const checkpoints = [...whole, ...complete.map(([, checkpoint]) => checkpoint)].sort((a, b) => a.version - b.version);
  return { folder, from, commits, checkpoints, checksums };
}
