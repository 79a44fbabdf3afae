import { AppError } from '../../src/domain/errors.js';
import type { HttpAnswer } from '../../src/domain/platform-ports.js';

const RETRY_STATUSES: ReadonlySet<number> = new Set([429, 502, 503, 504]);
/** The connection ended before an answer began. A server that restarts, or a kept connection that it had just closed. */
const BROKEN_BEFORE_ANSWER: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);
const BASE_MS = 200;
/** Nobody waits longer for a system that asks for patience; it is `rate_limited` or `unavailable` then. */
const MAX_WAIT_MS = 5_000;
export const MAX_RETRIES = 2;

/**
 * Milliseconds to wait before the next try of a GET, or undefined when there is none. Full jitter: clients that failed together do
 * not come back together. `Retry-After` (seconds or a date) is the least that is waited.
 */
export function waitAfterStatus(answer: HttpAnswer, attempt: number, random: () => number): number | undefined {
  if (!RETRY_STATUSES.has(answer.status)) return undefined;
  const wait = Math.max(jitter(attempt, random), askedFor(answer.headers['retry-after']) ?? 0);
  return wait > MAX_WAIT_MS ? undefined : wait;
}

/** The same for a connection that broke. `answered`: the answer had begun, so that a part of it may have been acted on already. */
export function waitAfterBreak(
  code: string,
  answered: boolean,
  attempt: number,
  random: () => number,
): number | undefined {
  return !answered && BROKEN_BEFORE_ANSWER.has(code) ? jitter(attempt, random) : undefined;
}

function jitter(attempt: number, random: () => number): number {
  return Math.round(random() * BASE_MS * 2 ** (attempt + 1));
}

function askedFor(after: string | undefined): number | undefined {
  if (after === undefined) return undefined;
  const ms = /^\d+$/.test(after) ? Number(after) * 1000 : Date.parse(after) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

/** Waits, unless the caller gives up: then it rejects at once and leaves no timer. */
export function sleepFor(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    const giveUp = (): void => {
      clearTimeout(timer);
      reject(new AppError('timeout', { safeText: 'The call was given up while waiting to try again.' }));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', giveUp);
      resolve();
    }, ms);
    if (signal?.aborted) giveUp();
    else signal?.addEventListener('abort', giveUp, { once: true });
  });
}
