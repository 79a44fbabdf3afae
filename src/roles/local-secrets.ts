import { createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Keys and tokens that a one-machine start makes for itself, kept in the data folder, readable by its owner only. */
export interface LocalSecrets {
  decisionKeyFile: string;
  decisionKeysFile: string;
  logKeyFile: string;
  intakeAuthFile: string;
  intakeToken: string;
  cookieSecret: string;
  redactionKey: string;
}

/** Loads the secrets, making what is missing. Never overwrites a key. */
export function localSecrets(dataDir: string): LocalSecrets {
  const folder = join(dataDir, 'keys');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const decisionKeyFile = privateKey(join(folder, 'decision.pem'));
  const decisionKeysFile = join(folder, 'decision-public.json');
  const publicPem = createPublicKey(readFileSync(decisionKeyFile)).export({ type: 'spki', format: 'pem' }).toString();
  writeSecret(decisionKeysFile, JSON.stringify({ web: publicPem }));
  const intakeToken = token(join(folder, 'intake-token'));
  const intakeAuthFile = join(folder, 'intake-auth.json');
  const bearer = { scheme: 'bearer', tokens: [intakeToken] };
  writeSecret(
    intakeAuthFile,
    JSON.stringify({
      alertmanager: bearer,
      airflow: bearer,
      generic: bearer,
      openlineage: bearer,
      pagerduty: { scheme: 'pagerduty', secrets: [intakeToken] },
    }),
  );
  return {
    decisionKeyFile,
    decisionKeysFile,
    logKeyFile: privateKey(join(folder, 'log.pem')),
    intakeAuthFile,
    intakeToken,
    cookieSecret: token(join(folder, 'cookie-secret')),
    redactionKey: token(join(folder, 'redaction-key')),
  };
}

function writeSecret(path: string, content: string): void {
  writeFileSync(path, content, { mode: 0o600 });
  chmodSync(path, 0o600);
}

function privateKey(path: string): string {
  if (!existsSync(path)) {
    const { privateKey: key } = generateKeyPairSync('ed25519');
    writeSecret(path, key.export({ type: 'pkcs8', format: 'pem' }).toString());
  }
  return path;
}

function token(path: string): string {
  if (!existsSync(path)) writeSecret(path, randomBytes(32).toString('hex'));
  return readFileSync(path, 'utf8').trim();
}
