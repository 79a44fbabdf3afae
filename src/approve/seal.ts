import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import { canonicalJson } from '../domain/canonical.js';
import type { Seal } from '../domain/decision.js';
import { AppError } from '../domain/errors.js';
import type { DecisionSigner, DecisionVerifier } from '../domain/ports.js';
import type { SealedStatement } from '../domain/sealed-statement.js';

export interface DecisionKey {
  privateKeyPem: string;
  publicKeyPem: string;
  keyId: string;
}

/** A new Ed25519 key pair for signing decisions; the private half belongs to the web role alone. */
export function generateDecisionKey(): DecisionKey {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return {
    privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    keyId: fingerprint(publicKey),
  };
}

/** The name of a key is a hash of the key itself, so a name can not be given to another key. */
function fingerprint(publicKey: KeyObject): string {
  const der = publicKey.export({ type: 'spki', format: 'der' });
  return `ed25519-${createHash('sha256').update(der).digest('hex').slice(0, 16)}`;
}

function ed25519(read: () => KeyObject, what: string): KeyObject {
  let key: KeyObject;
  try {
    key = read();
  } catch (cause) {
    throw new AppError('misconfigured', { safeText: `${what} can not be read as PEM.`, cause });
  }
  if (key.asymmetricKeyType !== 'ed25519') {
    throw new AppError('misconfigured', { safeText: `${what} is not an Ed25519 key.` });
  }
  return key;
}

/** Signs decisions, votes and directories with the web role's key (PKCS#8 PEM). @throws AppError `misconfigured` when it is not an Ed25519 key. */
export function createSigner(privateKeyPem: string): DecisionSigner {
  const key = ed25519(() => createPrivateKey(privateKeyPem), 'The decision key');
  const publicKey = createPublicKey(key);
  const keyId = fingerprint(publicKey);
  return {
    keyId,
    sign: (statement) => ({
      keyId,
      signature: sign(null, Buffer.from(canonicalJson(statement)), key).toString('base64'),
    }),
    verify: (statement, seal) => seal.keyId === keyId && isGood(statement, seal, publicKey),
  };
}

function isGood(statement: SealedStatement, seal: Seal, key: KeyObject): boolean {
  return verify(null, Buffer.from(canonicalJson(statement)), key, Buffer.from(seal.signature, 'base64'));
}

/**
 * Checks them against known public keys (SPKI PEM). The names under which they are configured are for people: a seal names
 * its key by fingerprint. @throws AppError `misconfigured` when one is not an Ed25519 key.
 */
export function createVerifier(publicKeys: Readonly<Record<string, string>>): DecisionVerifier {
  const keys = new Map<string, KeyObject>();
  for (const [name, pem] of Object.entries(publicKeys)) {
    const key = ed25519(() => createPublicKey(pem), `The decision public key ${name}`);
    keys.set(fingerprint(key), key);
  }
  return {
    verify(statement, seal) {
      const key = keys.get(seal.keyId);
      return key !== undefined && isGood(statement, seal, key);
    },
  };
}
