import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AppError } from '../../src/domain/errors.js';
import type { ObjectStore } from '../../src/domain/object-store.js';
import type { AzureOptions } from './azure.js';
import type { Backend } from './backend.js';
import { createBoundedStore } from './bounded.js';
import { createLocalBackend } from './local.js';
import type { S3Options } from './s3.js';

export interface ObjectStoreOptions {
  /** What the store holds, for texts that people read: `Delta lake`, `driver logs`. */
  purpose: string;
  s3?: S3Options;
  azure?: AzureOptions;
  /** Without an answer, or the next bytes of one, for this long a call is given up; 20 s when not given. */
  timeoutMs?: number;
}

/**
 * A store at a folder's path, `file:///path`, `s3://bucket/prefix` (also `s3a:`), `abfss://container@account.dfs.…/prefix` (also `abfs:`,
 * `wasbs:`) or `https://account.blob.…/container/prefix`. It only reads. The vendor's client is loaded when first used.
 * @throws AppError `misconfigured` when the address is none of these; it never repeats the address, which may hold a signature.
 */
export function createObjectStore(address: string, options: ObjectStoreOptions): ObjectStore {
  const name = `The ${options.purpose}`;
  return createBoundedStore(backendAt(address, name, options), { name, timeoutMs: options.timeoutMs ?? 20_000 });
}

function backendAt(address: string, name: string, options: ObjectStoreOptions): () => Promise<Backend> {
  if (!/^[a-z][a-z0-9+.-]+:\/\//i.test(address)) return async () => createLocalBackend(resolve(address), name);
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const path = decodeURIComponent(url?.pathname ?? '').replace(/^\//, '');
  switch (url?.protocol) {
    case 'file:':
      return async () => createLocalBackend(fileURLToPath(url), name);
    case 's3:':
    case 's3a:': {
      if (url.host === '') break;
      const at = { bucket: url.host, folder: folderOf(path), name };
      return async () => (await import('./s3.js')).createS3Backend(at, options.s3 ?? {});
    }
    case 'abfss:':
    case 'abfs:':
    case 'wasbs:': {
      if (url.username === '' || url.hostname === '') break;
      const host = url.hostname.replace('.dfs.', '.blob.');
      return azure({ host, container: decodeURIComponent(url.username), folder: folderOf(path), name }, options.azure);
    }
    case 'https:': {
      const [container = '', ...rest] = path.split('/');
      if (container === '') break;
      const sas = options.azure?.sas ?? (url.search === '' ? undefined : url.search);
      return azure({ host: url.host, container, folder: folderOf(rest.join('/')), name }, { ...options.azure, sas });
    }
  }
  throw new AppError('misconfigured', {
    safeText: `${name} must be a folder, s3://bucket/prefix, abfss://container@account.dfs.core.windows.net/prefix or https://account.blob.core.windows.net/container/prefix.`,
  });
}

function azure(
  at: { host: string; container: string; folder: string; name: string },
  options: AzureOptions | undefined,
): () => Promise<Backend> {
  const [account = ''] = at.host.split('.');
  return async () => (await import('./azure.js')).createAzureBackend({ account, ...at }, options ?? {});
}

function folderOf(path: string): string {
  return path === '' || path.endsWith('/') ? path : `${path}/`;
}
