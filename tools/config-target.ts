import { AppError } from '../src/domain/errors.js';
import type { ConfigTarget } from '../src/domain/pipeline.js';
import type { PlatformReaders, SparkApplicationResource } from '../src/domain/platform-ports.js';
import { readSetting, type Setting } from './config-file.js';

/**
 * The value that is in force: of a live resource where the target is patched live, else of the file in the config repository.
 * Undefined when there is none.
 */
export async function readTarget(
  readers: Pick<PlatformReaders, 'config' | 'kubernetes'>,
  target: ConfigTarget,
  signal?: AbortSignal,
): Promise<Setting | undefined> {
  if (target.managed === 'live' && target.resource) {
    const { namespace, name, field } = target.resource;
    const resource = await readers.kubernetes.sparkApplication(namespace, name, signal);
    return resource && liveValue(resource, field);
  }
  return readSetting((await readers.config.file(target.file, undefined, signal)) ?? '', target.key);
}

/** One plain value of a spec by dotted path; a key that holds dots itself, as in sparkConf, is found as well. */
export function liveValue(resource: SparkApplicationResource, field: string): Setting | undefined {
  const found = pathOf(resource.spec, field)?.value;
  return typeof found === 'string' || typeof found === 'number' || typeof found === 'boolean' ? found : undefined;
}

/** A merge patch that sets this one field. @throws AppError `precondition` when the resource has no such field. */
export function patchOf(resource: SparkApplicationResource, field: string, value: Setting): Record<string, unknown> {
  const found = pathOf(resource.spec, field);
  if (!found) throw new AppError('precondition', { safeText: `The resource ${resource.name} has no field ${field}.` });
  return found.keys.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as Record<string, unknown>;
}

function pathOf(node: unknown, path: string): { keys: string[]; value: unknown } | undefined {
  if (path === '') return { keys: [], value: node };
  if (typeof node !== 'object' || node === null) return undefined;
  const parts = path.split('.');
  for (let taken = parts.length; taken > 0; taken -= 1) {
    const key = parts.slice(0, taken).join('.');
    if (!Object.hasOwn(node, key)) continue;
    const found = pathOf((node as Record<string, unknown>)[key], parts.slice(taken).join('.'));
    if (found) return { keys: [key, ...found.keys], value: found.value };
  }
  return undefined;
}
