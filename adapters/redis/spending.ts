import type { SpendingLedger } from '../../src/domain/ports.js';
import type { Redis } from './connect.js';
import { withRedis } from './errors.js';
import { spendKey } from './keys.js';

const KEPT_SECONDS = 40 * 24 * 3600;

/** US dollars per UTC day, added up by all investigators. */
export function createSpendingLedger(redis: Redis): SpendingLedger {
  const key = (now: Date): string => spendKey(now.toISOString().slice(0, 10));
  return {
    async add(costUsd, now) {
      const total = await withRedis(() => redis.incrbyfloat(key(now), costUsd));
      await withRedis(() => redis.expire(key(now), KEPT_SECONDS));
      return Number(total);
    },
    async today(now) {
      return Number((await withRedis(() => redis.get(key(now)))) ?? 0);
    },
  };
}
