import type { OnceStore } from '../../src/domain/ports.js';
import type { Redis } from './connect.js';
import { withRedis } from './errors.js';
import { onceKey } from './keys.js';

const PENDING = 'p';

/** First come, first served, by SET NX; a caller that dies before it settles frees the key when the time is over. */
export function createOnceStore(redis: Redis): OnceStore {
  return {
    async begin(key, ttlSeconds) {
      const before = await withRedis(() => redis.set(onceKey(key), PENDING, 'EX', ttlSeconds, 'NX', 'GET'));
      if (before === null) return undefined;
      return before === PENDING ? 'pending' : { answer: before.slice(1) };
    },
    async settle(key, answer, ttlSeconds) {
      await withRedis(() => redis.set(onceKey(key), `a${answer}`, 'EX', ttlSeconds));
    },
  };
}
