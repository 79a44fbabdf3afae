import { readFileSync, statSync } from 'node:fs';
import { parse } from 'yaml';
import { type LoadedPolicy, parsePolicy } from '../approve/policy.js';
import { AppError } from '../domain/errors.js';
import { Inventory } from '../domain/pipeline.js';

function read(file: string, what: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new AppError('misconfigured', { field: file, safeText: `${what} ${file} can not be read.`, cause });
  }
}

/**
 * The policy as the file says now: read again when the file has changed, so an edit counts from the next click on.
 * A file that became invalid throws, and with it every decision: fail closed.
 */
export function watchPolicy(file: string): () => LoadedPolicy {
  let loaded = parsePolicy(read(file, 'The policy'));
  let seen = statSync(file).mtimeMs;
  return () => {
    const now = statSync(file, { throwIfNoEntry: false })?.mtimeMs;
    if (now !== seen) {
      loaded = parsePolicy(read(file, 'The policy'));
      seen = now ?? 0;
    }
    return loaded;
  };
}

/** @throws AppError `misconfigured` naming the field at fault. */
export function readInventory(file: string): Inventory {
  const result = Inventory.safeParse(parse(read(file, 'The inventory')));
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const field = issue?.path.join('.') ?? '';
  throw new AppError('misconfigured', {
    field,
    safeText: `The inventory ${file} is not valid at ${field}: ${issue?.message}`,
  });
}

/** What `countersign doctor` says of it. @throws AppError as `readInventory`. */
export function inventoryText(file: string): string {
  return `${readInventory(file).pipelines.length} pipelines`;
}

/** A JSON file of settings. @throws AppError `misconfigured` naming the file. */
export function readJsonFile<T>(file: string, what: string): T {
  try {
    return JSON.parse(read(file, what)) as T;
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError('misconfigured', { field: file, safeText: `${what} ${file} is not JSON.`, cause });
  }
}
