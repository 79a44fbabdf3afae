import { createPublicKey } from 'node:crypto';
import { openCheckpointArchive } from '../../adapters/archive/checkpoint-archive.js';
import { connectRedis } from '../../adapters/redis/connect.js';
import { createPokes } from '../../adapters/redis/pokes.js';
import { createSealStore } from '../../adapters/redis/seal-store.js';
import { selfCheck } from '../../adapters/redis/self-check.js';
import { readConfig, type SealerConfig } from '../config.js';
import { AppError } from '../domain/errors.js';
import { parseVerifierKey, verifierKey } from '../domain/signed-note.js';
import { createProcessLog, type ProcessLog } from '../log.js';
import { LOG_ORIGIN, readPrivateKey } from './log-key.js';
import { type DoctorLine, examined, type RoleMain, runAsProgram } from './role-process.js';
import { sealUntil } from './sealing.js';

const ROLE = 'sealer';
/** Shortest time between checkpoints: an approval is covered within about this long. */
const INTERVAL_MS = 20;

/** The role with the log's signing key and nothing else: reads the log, signs checkpoints, keeps a copy of each outside Redis. */
export function createSealer(config: SealerConfig = readConfig(ROLE)): RoleMain {
  const processLog = createProcessLog(ROLE, config.COUNTERSIGN_LOG_LEVEL);
  return {
    role: ROLE,
    run: (signal, ready) => runSealer(config, processLog, signal, ready),
    doctor: () => examine(config, processLog),
  };
}

/** Seals until the signal aborts. `ready` is called when it leads. @throws AppError `tampered`: the alarm; it stays stopped. */
export async function runSealer(
  config: SealerConfig,
  processLog: ProcessLog,
  signal: AbortSignal,
  ready: () => void,
): Promise<void> {
  const privateKey = readPrivateKey(config.COUNTERSIGN_LOG_KEY);
  const verifier = parseVerifierKey(assertSameKey(config));
  const onError = (error: Error): void => processLog.warn({ error }, 'Redis connection');
  const redis = await connectRedis(config.REDIS_URL, { name: 'cs-sealer', use: 'commands', onError });
  const subscriber = await connectRedis(config.REDIS_URL, { name: 'cs-sealer-follow', use: 'subscriber', onError });
  try {
    await selfCheck(redis, ROLE, { override: config.COUNTERSIGN_ALLOW_WEAK_REDIS, processLog });
    const archive = await openCheckpointArchive(config.COUNTERSIGN_ARCHIVE, verifier);
    const pokes = await createPokes(subscriber);
    const store = createSealStore(redis);
    const deps = { store, archive, pokes, privateKey, verifier, processLog, intervalMs: INTERVAL_MS };
    await sealUntil(deps, signal, ready);
  } finally {
    redis.disconnect();
    subscriber.disconnect();
  }
}

/** Readers check with the public key they were given: signing with another one would stop everything, so better not to start. */
function assertSameKey(config: SealerConfig): string {
  const own = verifierKey(LOG_ORIGIN, createPublicKey(readPrivateKey(config.COUNTERSIGN_LOG_KEY)));
  if (own === config.COUNTERSIGN_LOG_VKEY.trim()) return own;
  throw new AppError('misconfigured', {
    field: 'COUNTERSIGN_LOG_VKEY',
    safeText: 'COUNTERSIGN_LOG_VKEY is not the public key of COUNTERSIGN_LOG_KEY.',
  });
}

function examine(config: SealerConfig, processLog: ProcessLog): Promise<DoctorLine[]> {
  return Promise.all([
    examined(ROLE, 'log key', async () => assertSameKey(config)),
    examined(ROLE, 'redis', async () => {
      const redis = await connectRedis(config.REDIS_URL, { name: 'cs-doctor', use: 'commands' });
      const override = config.COUNTERSIGN_ALLOW_WEAK_REDIS;
      await selfCheck(redis, ROLE, { override, processLog }).finally(() => redis.disconnect());
      return 'reachable, durable, and no wider rights than needed';
    }),
    examined(ROLE, 'archive', async () => {
      const verifier = parseVerifierKey(config.COUNTERSIGN_LOG_VKEY);
      const latest = (await openCheckpointArchive(config.COUNTERSIGN_ARCHIVE, verifier)).latest();
      return latest === undefined ? 'empty' : `newest checkpoint covers ${latest.size} entries`;
    }),
  ]);
}

runAsProgram(import.meta.url, createSealer);
