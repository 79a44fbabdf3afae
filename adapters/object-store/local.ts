import type { Dirent } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../src/domain/errors.js';
import type { ByteRange, StoredObject } from '../../src/domain/object-store.js';
import type { Backend, OpenedObject, PageRequest } from './backend.js';

const CHUNK = 1_000_000;
const ASCII = /^[\x20-\x7e]*$/;
const GONE: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR']);

/** A folder of this machine or one that is mounted. */
export function createLocalBackend(root: string, name: string): Backend {
  return {
    errorOf: (thrown) => errorOfFile(name, thrown),
    async page({ prefix, startAfter, shallow, pageSize, from }: PageRequest, signal) {
      const after = from ?? startAfter ?? '';
      const objects: StoredObject[] = [];
      const cut = prefix.lastIndexOf('/') + 1;
      if (!(await isFolder(root))) {
        throw new AppError('misconfigured', { safeText: `${name} is not there or can not be read.` });
      }
      for await (const key of keysBelow(root, prefix.slice(0, cut), shallow)) {
        if (signal.aborted) break;
        if (!key.startsWith(prefix) || compare(key, after) <= 0) continue;
        const found = await stat(join(root, key)).catch(absent);
        // Cleaned away since the folder was read.
        if (!found) continue;
        objects.push({ key, bytes: found.size, modifiedMs: found.mtimeMs });
        if (objects.length === pageSize) return { objects, next: key };
      }
      return { objects, next: undefined };
    },
    open: (key, range) => openFile(join(root, key), range),
  };
}

async function openFile(path: string, range: ByteRange | undefined): Promise<OpenedObject | undefined> {
  const found = await stat(path).catch(absent);
  if (!found?.isFile()) return undefined;
  const { size } = found;
  const bounds =
    range === undefined
      ? { start: 0, end: size }
      : 'tail' in range
        ? { start: Math.max(0, size - range.tail), end: size }
        : { start: range.start, end: Math.min(range.end, size) };
  return { totalBytes: size, modifiedMs: found.mtimeMs, body: parts(path, bounds) };
}

async function* parts(path: string, bounds: { start: number; end: number }): AsyncIterable<Uint8Array> {
  if (bounds.start >= bounds.end) return;
  const file = await open(path, 'r');
  try {
    for (let at = bounds.start; at < bounds.end; ) {
      const { bytesRead, buffer } = await file.read({
        buffer: Buffer.allocUnsafe(Math.min(CHUNK, bounds.end - at)),
        position: at,
      });
      if (bytesRead === 0) return;
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

/** Keys in the order of their bytes: a folder sorts as its name and the `/` that follows it. */
async function* keysBelow(root: string, folder: string, shallow: boolean): AsyncIterable<string> {
  const entries = await readdir(join(root, folder), { withFileTypes: true }).catch(absent);
  const keyOf = (entry: Dirent): string => `${folder}${entry.name}${entry.isDirectory() ? '/' : ''}`;
  for (const entry of (entries ?? []).sort((a, b) => compare(keyOf(a), keyOf(b)))) {
    if (!entry.isDirectory()) yield keyOf(entry);
    else if (!shallow) yield* keysBelow(root, keyOf(entry), false);
  }
}

/** By bytes, which for names of ASCII is the order of texts; only others cost the conversion. */
function compare(a: string, b: string): number {
  if (ASCII.test(a) && ASCII.test(b)) return a < b ? -1 : Number(a > b);
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function absent(thrown: unknown): undefined {
  if (GONE.has((thrown as { code?: string }).code ?? '')) return undefined;
  throw thrown;
}

function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

function errorOfFile(name: string, thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  const code = (thrown as { code?: string }).code;
  if (code === 'EACCES' || code === 'EPERM') {
    return new AppError('forbidden', { safeText: `${name} may not be read.`, cause: thrown });
  }
  return new AppError('unavailable', { safeText: `${name} could not be read.`, cause: thrown });
}
