import { AppError } from '../../src/domain/errors.js';
import type { StoredEntry } from '../../src/domain/ports.js';
import type { ProcessLog } from '../../src/log.js';
import type { Redis } from './connect.js';
import { withRedis } from './errors.js';
import { readRange } from './log-reader.js';
import type { Pokes } from './pokes.js';

export interface FollowDeps {
  redis: Redis;
  /** Tells when something was appended; followers poll without it too. */
  pokes: Pokes;
  processLog: ProcessLog;
}

const BATCH = 500;
const POLL_MS = 1000;
const RETRY_MS = 250;

/**
 * Reads the log from `index` on, in order and without gaps, until the signal aborts. A poke says when to look; the poll is the safety
 * net for one that was lost. While Redis is away it tries again for ever; only `tampered` and what `onEntries` throws end it.
 */
export async function followLog(
  deps: FollowDeps,
  index: number,
  onEntries: (entries: StoredEntry[]) => void | Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  let next = index;
  while (!signal.aborted) {
    const heard = deps.pokes.heard('appended');
    const entries = await readOrWait(deps, next, signal);
    if (signal.aborted) return;
    if (entries.length === 0) {
      await deps.pokes.wait('appended', heard, POLL_MS, signal);
      continue;
    }
    next += entries.length;
    await onEntries(entries);
  }
}

async function readOrWait(deps: FollowDeps, index: number, signal: AbortSignal): Promise<StoredEntry[]> {
  for (;;) {
    try {
      return await withRedis(() => readRange(deps.redis, index, BATCH));
    } catch (error) {
      if (!(error instanceof AppError && error.retryable)) throw error;
      if (signal.aborted) return [];
      deps.processLog.warn({ index, error }, 'the log can not be read; trying again');
      await new Promise((wait) => setTimeout(wait, RETRY_MS));
    }
  }
}
