import { createPublicKey, hash, type KeyObject, sign, verify } from 'node:crypto';
import { AppError } from './errors.js';

/** C2SP signed notes (Ed25519) and tlog checkpoints, byte for byte, so that other people's tools can check ours. */

const ED25519 = 1;
const SIGNATURE_LINE = /^— ([^\s+]+) ([A-Za-z0-9+/]+=*)$/;
const MAX_NOTE = 1_000_000;

/** A key that verifies notes, as parsed from its `name+hash+base64` text. */
export interface NoteVerifier {
  name: string;
  keyHash: string;
  publicKey: KeyObject;
}

export interface Checkpoint {
  origin: string;
  size: number;
  root: Buffer;
}

function keyHash(name: string, key: Buffer): Buffer {
  return hash('sha256', Buffer.concat([Buffer.from(`${name}\n`), key]), 'buffer').subarray(0, 4);
}

function rawKey(publicKey: KeyObject): Buffer {
  const { x } = publicKey.export({ format: 'jwk' });
  return Buffer.concat([Buffer.from([ED25519]), Buffer.from(x ?? '', 'base64url')]);
}

function invalid(safeText: string): AppError {
  return new AppError('invalid_input', { safeText });
}

/** The C2SP verifier key of an Ed25519 public key: what auditors are given. */
export function verifierKey(name: string, publicKey: KeyObject): string {
  if (!/^[^\s+]+$/.test(name)) throw invalid('The name of a note key has no white space and no plus sign.');
  const key = rawKey(publicKey);
  return `${name}+${keyHash(name, key).toString('hex')}+${key.toString('base64')}`;
}

/** @throws AppError `invalid_input` when the text is not an Ed25519 verifier key or its hash does not match. */
export function parseVerifierKey(vkey: string): NoteVerifier {
  const [, name, hex, base64] = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)$/.exec(vkey.trim()) ?? [];
  const key = Buffer.from(base64 ?? '', 'base64');
  if (name === undefined || hex === undefined || key.length !== 33 || key[0] !== ED25519) {
    throw invalid('This is not a C2SP Ed25519 verifier key (name+hash+base64).');
  }
  if (keyHash(name, key).toString('hex') !== hex) throw invalid('The hash in the verifier key does not match its key.');
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: key.subarray(1).toString('base64url') };
  return { name, keyHash: hex, publicKey: createPublicKey({ key: jwk, format: 'jwk' }) };
}

/** Signs a text that ends in a newline. */
export function signNote(text: string, name: string, privateKey: KeyObject): string {
  const key = rawKey(createPublicKey(privateKey));
  const signature = Buffer.concat([keyHash(name, key), sign(null, Buffer.from(text), privateKey)]);
  return `${text}\n— ${name} ${signature.toString('base64')}\n`;
}

interface ParsedNote {
  text: string;
  signatures: { name: string; keyHash: string; signature: Buffer }[];
}

function parseNote(note: string): ParsedNote | undefined {
  const split = note.lastIndexOf('\n\n');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the format forbids exactly these
  if (split < 0 || !note.endsWith('\n') || note.length > MAX_NOTE || /[\x00-\x09\x0b-\x1f]/.test(note))
    return undefined;
  const signatures: ParsedNote['signatures'] = [];
  for (const line of note.slice(split + 2, -1).split('\n')) {
    const [, name, base64] = SIGNATURE_LINE.exec(line) ?? [];
    const bytes = Buffer.from(base64 ?? '', 'base64');
    if (name === undefined || bytes.length < 5) return undefined;
    signatures.push({ name, keyHash: bytes.subarray(0, 4).toString('hex'), signature: bytes.subarray(4) });
  }
  return { text: note.slice(0, split + 1), signatures };
}

/** The text of a note with a good signature by this key; undefined when there is none or any signature of this key is bad. */
export function openNote(note: string, verifier: NoteVerifier): string | undefined {
  const parsed = parseNote(note);
  const mine = parsed?.signatures.filter((one) => one.name === verifier.name && one.keyHash === verifier.keyHash) ?? [];
  if (parsed === undefined || mine.length === 0) return undefined;
  const bytes = Buffer.from(parsed.text);
  return mine.every((one) => verify(null, bytes, verifier.publicKey, one.signature)) ? parsed.text : undefined;
}

/** The signed text of a checkpoint: origin, size and root. */
export function formatCheckpoint({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${root.toString('base64')}\n`;
}

/** What a checkpoint says, whoever signed it; undefined when the text is not a checkpoint. */
export function parseCheckpoint(text: string): Checkpoint | undefined {
  const [origin, size, root64] = text.split('\n');
  if (!origin || !/^(0|[1-9][0-9]{0,15})$/.test(size ?? '') || !/^[A-Za-z0-9+/]{43}=$/.test(root64 ?? ''))
    return undefined;
  return { origin, size: Number(size), root: Buffer.from(root64 ?? '', 'base64') };
}

/** What an unchecked note says as a checkpoint. */
export function parseNoteCheckpoint(note: string): Checkpoint | undefined {
  return note.includes('\n\n') ? parseCheckpoint(note) : undefined;
}

export function signCheckpoint(checkpoint: Checkpoint, name: string, privateKey: KeyObject): string {
  return signNote(formatCheckpoint(checkpoint), name, privateKey);
}

/** A checkpoint with a good signature by this key for the log of this key's name; undefined otherwise. */
export function openCheckpoint(note: string, verifier: NoteVerifier): Checkpoint | undefined {
  const text = openNote(note, verifier);
  const checkpoint = text === undefined ? undefined : parseCheckpoint(text);
  return checkpoint?.origin === verifier.name ? checkpoint : undefined;
}

/** Notes as they stand in a file one after the other, each ended by an empty line; a torn last one is left out. */
export function splitNotes(text: string): string[] {
  const notes: string[] = [];
  const pattern = /(?:[^\n]+\n)+\n(?:— [^\n]+\n)+/g;
  for (const [note] of text.matchAll(pattern)) notes.push(note);
  return notes;
}
