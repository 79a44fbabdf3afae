import type { EventLog, ObservationStore, OnceStore, SpendingLedger } from '../../src/domain/ports.js';
import type { ProcessLog } from '../../src/log.js';
import type { RedisRole } from './acl.js';
import { createCheckpointReader, type RedisCheckpoints } from './checkpoint-reader.js';
import { connectRedis, type Redis } from './connect.js';
import { createEventLog } from './event-log.js';
import { createObservationStore } from './observations.js';
import { createOnceStore } from './once-store.js';
import { createPokes, type Pokes } from './pokes.js';
import { selfCheck } from './self-check.js';
import { createSpendingLedger } from './spending.js';

export interface ConnectLogOptions {
  url: string;
  role: RedisRole;
  /** The log's public key. */
  vkey: string;
  /** COUNTERSIGN_ALLOW_WEAK_REDIS. */
  allowWeak: boolean;
  processLog: ProcessLog;
}

/** Everything a role keeps in Redis, behind ports. */
export interface LogConnection {
  redis: Redis;
  pokes: Pokes;
  log: EventLog;
  checkpoints: RedisCheckpoints;
  observations: ObservationStore;
  once: OnceStore;
  spending: SpendingLedger;
  close(): void;
}

/** Connects a role to its Redis and examines it first. @throws AppError `misconfigured` when the check refuses, `unavailable` when it is away. */
export async function connectLog(options: ConnectLogOptions): Promise<LogConnection> {
  const { url, role, vkey, processLog } = options;
  const onError = (error: Error): void => processLog.warn({ error }, 'connection to Redis');
  const redis = await connectRedis(url, { name: `cs-${role}`, use: 'commands', onError });
  try {
    await selfCheck(redis, role, { override: options.allowWeak, processLog });
    const subscriber = await connectRedis(url, { name: `cs-${role}-sub`, use: 'subscriber', onError });
    const pokes = await createPokes(subscriber);
    return {
      redis,
      pokes,
      log: createEventLog({ redis, pokes, processLog }),
      checkpoints: createCheckpointReader({ redis, pokes, vkey }),
      observations: createObservationStore(redis),
      once: createOnceStore(redis),
      spending: createSpendingLedger(redis),
      close() {
        subscriber.disconnect();
        redis.disconnect();
      },
    };
  } catch (error) {
    redis.disconnect();
    throw error;
  }
}
