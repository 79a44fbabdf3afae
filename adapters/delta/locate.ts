import { AppError } from '../../src/domain/errors.js';
import type { ObjectStore, StoredObject } from '../../src/domain/object-store.js';
import { type Log, logOf, versionText } from './log-names.js';

/** Where a table's folder may lie, below the root, first match wins: `a.b` as `a/b`, `a.b` or `a.db/b`; a catalog in front may be left out. */
export function usualFolders(table: string): string[] {
  const parts = table.split('.');
  const places = [parts.join('/'), table];
  if (parts.length >= 2) places.push(`${parts.slice(0, -1).join('/')}.db/${parts.at(-1)}`);
  if (parts.length === 3) places.push(...usualFolders(parts.slice(1).join('.')));
  return places;
}

/** The `_delta_log/` folder of a table; undefined when there is none. @throws AppError `misconfigured` when the root itself is away. */
export async function findLog(
  store: ObjectStore,
  table: string,
  folders: (table: string) => string[],
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  if (!/^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+){0,2}$/.test(table)) {
    throw new AppError('invalid_input', { field: 'table', safeText: 'A table is named like schema.table.' });
  }
  for (const folder of folders(table)) {
    const log = `${folder}/_delta_log/`;
    for await (const _found of store.list(log, { pageSize: 1, signal })) return log;
  }
  return undefined;
}

/** The log from one version on. */
export async function listLog(
  store: ObjectStore,
  folder: string,
  from: number,
  signal: AbortSignal | undefined,
): Promise<Log> {
  const objects: StoredObject[] = [];
  const startAfter = from === 0 ? {} : { startAfter: folder + versionText(from) };
  for await (const object of store.list(folder, { shallow: true, signal, ...startAfter })) {
    // Versions come first in the order of keys; what follows them are files of other kinds.
    if ((object.key[folder.length] ?? '') > '9') break;
    objects.push(object);
  }
  return logOf(folder, from, objects);
}

/** The oldest commit that is left, by one short listing. */
export async function oldestCommit(
  store: ObjectStore,
  log: Log,
  signal: AbortSignal | undefined,
): Promise<{ version: number; modifiedMs: number } | undefined> {
  if (log.from === 0) return log.commits[0];
  const first: StoredObject[] = [];
  for await (const object of store.list(log.folder, { shallow: true, pageSize: 20, signal })) {
    first.push(object);
    const [commit] = logOf(log.folder, 0, [object]).commits;
    if (commit) return commit;
  }
  return undefined;
}
