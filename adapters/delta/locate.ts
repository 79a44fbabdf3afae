import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../src/domain/errors.js';

/** Where a table's folder may lie, below the root, first match wins: `a.b` as `a/b`, `a.b` or `a.db/b`; a catalog in front may be left out. */
export function usualFolders(table: string): string[] {
  const parts = table.split('.');
  const places = [parts.join('/'), table];
  if (parts.length >= 2) places.push(`${parts.slice(0, -1).join('/')}.db/${parts.at(-1)}`);
  if (parts.length === 3) places.push(...usualFolders(parts.slice(1).join('.')));
  return places;
}

/** The `_delta_log` folder of a table; undefined when there is none. @throws AppError `misconfigured` when the root itself is away. */
export async function findLog(
  root: string,
  table: string,
  folders: (table: string) => string[],
): Promise<string | undefined> {
  if (!/^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+){0,2}$/.test(table)) {
    throw new AppError('invalid_input', { field: 'table', safeText: 'A table is named like schema.table.' });
  }
  for (const folder of folders(table)) {
    const log = join(root, folder, '_delta_log');
    if (await isFolder(log)) return log;
  }
  if (!(await isFolder(root))) {
    throw new AppError('misconfigured', {
      safeText: 'The folder of the Delta tables is not there or can not be read.',
    });
  }
  return undefined;
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
