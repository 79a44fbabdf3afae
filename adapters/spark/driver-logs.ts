import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { AppError } from '../../src/domain/errors.js';
import { excerptOf } from '../../src/domain/excerpt.js';
import type { ObjectStore, StoredObject } from '../../src/domain/object-store.js';
import type { SparkApp, SparkDriverLog } from '../../src/domain/platform-ports.js';

const APP = '{app}';
/** Files of one application that are looked at, and how many of them are shown. */
const LISTED = 1_000;
const SHOWN = 2;
/** What is read of a file: its beginning holds the settings, its end the error. */
const HEAD_BYTES = 64_000;
const TAIL_BYTES = 2_000_000;
/** Packed logs can not be read from the end. */
const PACKED_BYTES = 8_000_000;
const UNPACKED_BYTES = 64_000_000;
const SHOWN_BYTES = 24_000;

export interface DriverLogs {
  of(app: SparkApp, signal?: AbortSignal): Promise<SparkDriverLog[]>;
}

/** Splits `folder-or-url/{app}/…` into the store's address and the pattern of its keys; without `{app}`, each application has a folder of its id. */
export function splitDriverLogAddress(address: string): { store: string; pattern: string } {
  // A signature belongs to the store, not to the names in it.
  const query = /^https?:/i.test(address) ? (/\?.*$/s.exec(address)?.[0] ?? '') : '';
  const path = address.slice(0, address.length - query.length);
  const at = path.indexOf(APP);
  if (at === -1) return { store: address, pattern: `${APP}/` };
  const slash = path.lastIndexOf('/', at);
  if (slash <= 0) {
    throw new AppError('misconfigured', {
      field: 'SPARK_DRIVER_LOGS',
      safeText: 'The place of the driver logs must name a folder, a bucket or a container before {app}.',
    });
  }
  return { store: path.slice(0, slash) + query, pattern: path.slice(slash + 1) };
}

/**
 * Finds what drivers said in the place where a log agent, Spark itself (`spark.driver.log.dfsDir`) or the platform keeps it.
 * `pattern` is a key with `{app}` for the application's id: a prefix, so that a folder and a single file both match. `.gz` is unpacked.
 */
export function createDriverLogs(deps: { store: ObjectStore; pattern: string }): DriverLogs {
  return {
    async of(app, signal) {
      const found: StoredObject[] = [];
      const prefix = deps.pattern.replaceAll(APP, app.id);
      let listed = 0;
      for await (const object of deps.store.list(prefix, { signal })) {
        if (belongsTo(object, prefix)) found.push(object);
        listed += 1;
        if (listed >= LISTED) break;
      }
      const chosen = found.sort((a, b) => rank(b) - rank(a) || b.modifiedMs - a.modifiedMs).slice(0, SHOWN);
      const logs: SparkDriverLog[] = [];
      for (const { key, bytes } of chosen) {
        const text = await textOf(deps.store, key, bytes, signal);
        if (text.trim() !== '') logs.push({ source: key, text: excerptOf(text, SHOWN_BYTES) });
      }
      return logs;
    },
  };
}

/** `local-1` is no prefix of `local-12`. */
function belongsTo(object: StoredObject, prefix: string): boolean {
  const next = object.key.charAt(prefix.length);
  return object.bytes > 0 && (/[/_.-]$/.test(prefix) || !/[0-9A-Za-z]/.test(next));
}

/** A driver's file before an executor's, standard error before standard output: agents put them side by side. */
function rank({ key }: StoredObject): number {
  const name = key.toLowerCase();
  return (
    (name.includes('driver') ? 8 : 0) +
    // YARN runs the driver of cluster mode in an application's first container.
    (/_0*1\//.test(name) ? 4 : 0) +
    (/stderr|log4j/.test(name) ? 2 : 0) +
    (/\.(crc|json|xml)$/.test(name) ? -16 : 0)
  );
}

async function textOf(
  store: ObjectStore,
  key: string,
  bytes: number,
  signal: AbortSignal | undefined,
): Promise<string> {
  if (key.endsWith('.gz')) return unpackedText(store, key, bytes, signal);
  if (bytes <= HEAD_BYTES + TAIL_BYTES) {
    // A driver that still runs makes it longer meanwhile.
    const whole = await store.get(key, {
      range: { tail: HEAD_BYTES + TAIL_BYTES },
      maxBytes: HEAD_BYTES + TAIL_BYTES,
      signal,
    });
    return decoded(whole?.bytes);
  }
  const head = await store.get(key, { range: { start: 0, end: HEAD_BYTES }, maxBytes: HEAD_BYTES, signal });
  const tail = await store.get(key, { range: { tail: TAIL_BYTES }, maxBytes: TAIL_BYTES, signal });
  const left = bytes - HEAD_BYTES - TAIL_BYTES;
  return `${decoded(head?.bytes)}\n[${left} bytes not read]\n${decoded(tail?.bytes)}`;
}

async function unpackedText(
  store: ObjectStore,
  key: string,
  bytes: number,
  signal: AbortSignal | undefined,
): Promise<string> {
  if (bytes > PACKED_BYTES) return `[a packed log of ${bytes} bytes: too large to unpack here]`;
  const packed = await store.get(key, { maxBytes: PACKED_BYTES, signal });
  try {
    return decoded(packed && (await promisify(gunzip)(packed.bytes, { maxOutputLength: UNPACKED_BYTES })));
  } catch {
    return '[a packed log that can not be unpacked, or not within 64 MB]';
  }
}

function decoded(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? '' : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}
