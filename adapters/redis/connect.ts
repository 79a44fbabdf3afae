import { Redis, type RedisOptions } from 'ioredis';
import { redisError } from './errors.js';

export type { Redis } from 'ioredis';

export interface ConnectOptions {
  /** Shown in CLIENT LIST. */
  name: string;
  /**
   * `commands`: fails at once while Redis is away and after two seconds without an answer, so that an HTTP request never hangs;
   * `subscriber`: waits and subscribes again by itself.
   */
  use: 'commands' | 'subscriber';
  /** Called for every connection error; the client reconnects by itself. */
  onError?: (error: Error) => void;
}

const backOff = (attempt: number): number => Math.min(50 * 2 ** Math.min(attempt, 6), 1000);

/** A connection that is ready. @throws AppError `unavailable` or `misconfigured` when the first connection fails; later it reconnects. */
export async function connectRedis(url: string, options: ConnectOptions): Promise<Redis> {
  const common: RedisOptions = {
    connectionName: options.name,
    lazyConnect: true,
    // CLIENT SETINFO is not in the roles' rules: Redis 7.0 does not know it.
    disableClientInfo: true,
    connectTimeout: 2000,
    retryStrategy: backOff,
    reconnectOnError: (error) => /^READONLY/.test(error.message),
  };
  const perUse: RedisOptions =
    options.use === 'commands'
      ? {
          enableOfflineQueue: false,
          maxRetriesPerRequest: 0,
          commandTimeout: 2000,
          autoResendUnfulfilledCommands: false,
        }
      : { maxRetriesPerRequest: null };
  const redis = new Redis(url, { ...common, ...perUse });
  let first: Error | undefined;
  redis.on('error', (error: Error) => {
    first ??= error;
    options.onError?.(error);
  });
  try {
    await redis.connect();
  } catch (error) {
    redis.disconnect();
    throw redisError(first ?? error);
  }
  return redis;
}
