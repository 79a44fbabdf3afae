import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verifierKey } from '../../src/domain/signed-note.js';
import { createProcessLog } from '../../src/log.js';
import { LOG_ORIGIN } from '../../src/roles/log-key.js';
import { runSealer } from '../../src/roles/sealer.js';

export interface Sealing {
  vkey: string;
  /** Stops the sealer; nothing is sealed until `up`. */
  down(): Promise<void>;
  up(): Promise<void>;
  stop(): Promise<void>;
}

/** The sealer role in this process, with a key and an archive of its own. `redisUrl` is that of the sealer's Redis user. */
export async function startSealing(redisUrl: string): Promise<Sealing> {
  const dir = mkdtempSync(join(tmpdir(), 'countersign-sealing-'));
  const remove = (): void => rmSync(dir, { recursive: true, force: true });
  process.once('exit', remove);
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const keyFile = join(dir, 'log.pem');
  writeFileSync(keyFile, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  const vkey = verifierKey(LOG_ORIGIN, publicKey);
  const config = {
    REDIS_URL: redisUrl,
    COUNTERSIGN_LOG_LEVEL: 'silent' as const,
    COUNTERSIGN_LOG_VKEY: vkey,
    COUNTERSIGN_ALLOW_WEAK_REDIS: false,
    COUNTERSIGN_LOG_KEY: keyFile,
    COUNTERSIGN_ARCHIVE: join(dir, 'archive'),
  };
  let stopping = new AbortController();
  let running: Promise<void> = Promise.resolve();
  const sealing: Sealing = {
    vkey,
    async down() {
      stopping.abort();
      await running;
    },
    async up() {
      const { promise: ready, resolve } = deferred();
      stopping = new AbortController();
      running = runSealer(config, createProcessLog('sealer', 'silent'), stopping.signal, resolve);
      await Promise.race([ready, running]);
    },
    async stop() {
      await sealing.down();
      process.off('exit', remove);
      remove();
    },
  };
  await sealing.up();
  return sealing;
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
