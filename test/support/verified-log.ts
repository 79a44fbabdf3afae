import type { LogConnection } from '../../adapters/redis/connect-log.js';
import { allBytes } from '../../adapters/redis/log-reader.js';
import { createVerifier } from '../../src/approve/seal.js';
import type { Policy } from '../../src/domain/policy.js';
import { type LogReport, verifyLog } from '../../src/domain/verify.js';
import { TEST_KEY } from './incidents.js';

/** Waits until all that is in the log is sealed, then verifies bytes, checkpoints, signatures and story as an auditor would. */
export async function verifiedLog(
  { redis, log, checkpoints }: LogConnection,
  vkey: string,
  policy: Policy,
): Promise<LogReport> {
  const size = await log.size();
  if (size > 0) await checkpoints.covering(size - 1, 5000);
  return verifyLog({
    entries: allBytes(redis),
    checkpoints: await checkpoints.notes(),
    vkey,
    decisions: createVerifier({ test: TEST_KEY.publicKeyPem }),
    policy: { policy, digest: 'p'.repeat(64) },
  });
}
