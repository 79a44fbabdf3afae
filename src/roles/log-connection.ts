import { createCheckpointReader, type RedisCheckpoints } from '../../adapters/redis/checkpoint-reader.js';
import { connectRedis, type Redis } from '../../adapters/redis/connect.js';
import { createEventLog } from '../../adapters/redis/event-log.js';
import { createPokes } from '../../adapters/redis/pokes.js';
import { selfCheck } from '../../adapters/redis/self-check.js';
import type { RoleName } from '../config.js';
import type { EventLog } from '../domain/ports.js';
import type { ProcessLog } from '../log.js';

/** A role's way to the log: its own Redis user, checked at the start. */
export interface LogConnection {
  redis: Redis;
  log: EventLog;
  checkpoints: RedisCheckpoints;
  vkey: string;
  close(): void;
}

interface LogSettings {
  REDIS_URL: string;
  COUNTERSIGN_LOG_VKEY: string;
  COUNTERSIGN_ALLOW_WEAK_REDIS: boolean;
}

/** Connects and checks the rights of this role's Redis user. @throws AppError `misconfigured` with every finding. */
export async function connectLog(
  role: RoleName,
  settings: LogSettings,
  processLog: ProcessLog,
): Promise<LogConnection> {
  const onError = (error: Error): void => processLog.warn({ error }, 'Redis connection');
  const redis = await connectRedis(settings.REDIS_URL, { name: `cs-${role}`, use: 'commands', onError });
  const subscriber = await connectRedis(settings.REDIS_URL, { name: `cs-${role}-follow`, use: 'subscriber', onError });
  await selfCheck(redis, role, { override: settings.COUNTERSIGN_ALLOW_WEAK_REDIS, processLog });
  const pokes = await createPokes(subscriber);
  return {
    redis,
    log: createEventLog({ redis, pokes, processLog }),
    checkpoints: createCheckpointReader({ redis, pokes, vkey: settings.COUNTERSIGN_LOG_VKEY }),
    vkey: settings.COUNTERSIGN_LOG_VKEY,
    close() {
      redis.disconnect();
      subscriber.disconnect();
    },
  };
}
