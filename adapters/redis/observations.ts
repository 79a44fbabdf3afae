import { sha256Hex } from '../../src/domain/canonical.js';
import { AppError } from '../../src/domain/errors.js';
import type { ObservationStore } from '../../src/domain/ports.js';
import type { Redis } from './connect.js';
import { withRedis } from './errors.js';
import { observationKey } from './keys.js';

/** Tool output by its SHA-256. Putting the same text twice stores it once; what is stored can not be overwritten by a role. */
export function createObservationStore(redis: Redis): ObservationStore {
  return {
    async put(text) {
      const digest = sha256Hex(text);
      await withRedis(() => redis.setnx(observationKey(digest), text));
      return digest;
    },
    async get(digest) {
      const text = await withRedis(() => redis.get(observationKey(digest)));
      if (text === null) return undefined;
      if (sha256Hex(text) === digest) return text;
      throw new AppError('tampered', { safeText: `The stored observation ${digest.slice(0, 12)}… was changed.` });
    },
  };
}
