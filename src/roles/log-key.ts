import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { AppError } from '../domain/errors.js';
import { verifierKey } from '../domain/signed-note.js';

/** The origin line of our checkpoints: the log's name in every signature. */
export const LOG_ORIGIN = 'countersign/log';

/** An Ed25519 private key from a PEM file. @throws AppError `misconfigured` naming the file, never its content. */
export function readPrivateKey(file: string): KeyObject {
  try {
    const key = createPrivateKey(readFileSync(file));
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch (cause) {
    throw new AppError('misconfigured', {
      field: file,
      safeText: `${file} can not be read as a PEM private key.`,
      cause,
    });
  }
  throw new AppError('misconfigured', { field: file, safeText: `${file} is not an Ed25519 key.` });
}

/** The C2SP verifier key (`name+hash+base64`) of the log's private key. */
export function logVerifierKey(file: string): string {
  return verifierKey(LOG_ORIGIN, createPublicKey(readPrivateKey(file)));
}
