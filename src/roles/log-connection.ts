import { connectLog as connectToRedis, type LogConnection as RedisLog } from '../../adapters/redis/connect-log.js';
import type { RoleName } from '../config.js';
import { createProcessLog, type ProcessLog } from '../log.js';

/** A role's way to the log: its own Redis user, checked at the start. */
export type LogConnection = RedisLog & { vkey: string };

interface LogSettings {
  REDIS_URL: string;
  COUNTERSIGN_LOG_VKEY: string;
  COUNTERSIGN_ALLOW_WEAK_REDIS: boolean;
}

/** Connects with a role's settings and checks its rights. @throws AppError `misconfigured` with every finding; nothing stays open then. */
export async function connectLog(
  role: RoleName,
  settings: LogSettings,
  processLog: ProcessLog,
): Promise<LogConnection> {
  const { REDIS_URL: url, COUNTERSIGN_LOG_VKEY: vkey, COUNTERSIGN_ALLOW_WEAK_REDIS: allowWeak } = settings;
  return { ...(await connectToRedis({ url, role, vkey, allowWeak, processLog })), vkey };
}

/** What `countersign doctor` says of a role's Redis user, once it has connected. */
export const CONNECTED = 'connected, rights as narrow as needed';

/** Connects for one look, without a word in the process log, and closes again whatever comes of it. @throws AppError as `connectLog`. */
export async function lookAtLog<T>(
  role: RoleName,
  settings: LogSettings,
  look: (connection: LogConnection) => Promise<T>,
): Promise<T> {
  const connection = await connectLog(role, settings, createProcessLog(role, 'silent'));
  return look(connection).finally(() => connection.close());
}
