import { AppError, type ErrorKind } from '../../src/domain/errors.js';

const KINDS: readonly [RegExp, ErrorKind, string][] = [
  [/command timed out/i, 'timeout', 'Redis did not answer in time.'],
  [
    /^NOPERM/,
    'misconfigured',
    'The Redis user of this role may not do this; load the users that `countersign acl` prints.',
  ],
  [/^(WRONGPASS|NOAUTH)/, 'misconfigured', 'Redis refused the login of this role.'],
  [/function not found/i, 'misconfigured', 'The Countersign function library is not loaded in Redis.'],
  [/^(LOADING|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|NOREPLICAS|BUSY)/, 'unavailable', 'Redis is not ready.'],
  [/^READONLY/, 'unavailable', 'This Redis is a replica; writes go to the primary.'],
  [/^(OOM|MISCONF)/, 'unavailable', 'Redis refuses writes: memory or disk is full.'],
  [/^WRONGTYPE/, 'tampered', 'A key of the log has a type that Countersign never gave it.'],
];
const CONNECTION = /ECONN|EPIPE|ENOTFOUND|ETIMEDOUT|closed|isn't writeable|max retries|Connection/i;

/** Any failure of Redis or its client in our own words. */
export function redisError(cause: unknown): AppError {
  if (cause instanceof AppError) return cause;
  const text = cause instanceof Error ? `${cause.name} ${cause.message}` : '';
  const message = cause instanceof Error ? cause.message : '';
  for (const [pattern, kind, safeText] of KINDS)
    if (pattern.test(message)) return new AppError(kind, { safeText, cause });
  if (CONNECTION.test(text)) return new AppError('unavailable', { safeText: 'Redis can not be reached.', cause });
  return new AppError('internal', { safeText: 'Redis answered with an unexpected error; see the process log.', cause });
}

/** Runs one exchange with Redis; what it throws is an AppError. */
export async function withRedis<T>(exchange: () => Promise<T>): Promise<T> {
  try {
    return await exchange();
  } catch (error) {
    throw redisError(error);
  }
}
