import { AppError } from '../../src/domain/errors.js';
import { parseEntry } from '../../src/domain/events.js';
import type { StoredEntry } from '../../src/domain/ports.js';
import type { Redis } from './connect.js';
import { SEGMENT_SIZE, segmentKey } from './keys.js';

/** Number of entries: full segments and what is in the last one. */
export async function logSize(redis: Redis): Promise<number> {
  // Segments are filled in order, so the last one is found by doubling and halving.
  let above = 1;
  while ((await redis.llen(segmentKey(above))) > 0) above *= 2;
  let last = Math.floor(above / 2);
  while (above - last > 1) {
    const middle = Math.floor((above + last) / 2);
    if ((await redis.llen(segmentKey(middle))) > 0) last = middle;
    else above = middle;
  }
  return last * SEGMENT_SIZE + (await redis.llen(segmentKey(last)));
}

/** Stored bytes from an index on, at most `limit` and not beyond one segment; empty at the end of the log. */
export async function readBytes(redis: Redis, index: number, limit: number): Promise<string[]> {
  const offset = index % SEGMENT_SIZE;
  const count = Math.min(limit, SEGMENT_SIZE - offset);
  return redis.lrange(segmentKey(Math.floor(index / SEGMENT_SIZE)), offset, offset + count - 1);
}

/** Entries from an index on, at most `limit`. */
export async function readRange(redis: Redis, index: number, limit: number): Promise<StoredEntry[]> {
  const entries: StoredEntry[] = [];
  while (entries.length < limit) {
    const next = index + entries.length;
    const bytes = await readBytes(redis, next, limit - entries.length);
    if (bytes.length === 0) break;
    bytes.forEach((line, i) => {
      entries.push(parseStored(next + i, line));
    });
  }
  return entries;
}

/** All stored bytes in order, two reads under way at a time. */
export async function* allBytes(redis: Redis, batch = 1000): AsyncGenerator<string> {
  let index = 0;
  let next = readBytes(redis, index, batch);
  for (;;) {
    const lines = await next;
    if (lines.length === 0) return;
    index += lines.length;
    next = readBytes(redis, index, batch);
    // Handled when it is awaited; the consumer may stop before that.
    next.catch(() => undefined);
    yield* lines;
  }
}

/** @throws AppError `tampered` when the bytes are not an entry. */
export function parseStored(index: number, bytes: string): StoredEntry {
  try {
    return { index, entry: parseEntry(bytes) };
  } catch (cause) {
    throw new AppError('tampered', {
      safeText: `Entry ${index} of the log is not one that Countersign writes.`,
      cause,
    });
  }
}
