import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  openCheckpoint,
  openNote,
  parseCheckpoint,
  parseVerifierKey,
  signCheckpoint,
  signNote,
  splitNotes,
  verifierKey,
} from './signed-note.js';

/** The example that the reference implementation publishes, with its published (so not secret) key. */
const VKEY = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
const SEED = 'gQoUAtUUbI2E8kQzMPVAgOv5juF9nHT2JS/F1ccoMXM=';
const TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const NOTE = `${TEXT}\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n`;
const publishedKey = createPrivateKey({
  key: {
    kty: 'OKP',
    crv: 'Ed25519',
    d: Buffer.from(SEED, 'base64').toString('base64url'),
    x: Buffer.from(VKEY.slice(22), 'base64').subarray(1).toString('base64url'),
  },
  format: 'jwk',
});

describe('signed notes', () => {
  it('opens the published example and makes it byte for byte', () => {
    expect(openNote(NOTE, parseVerifierKey(VKEY))).toBe(TEXT);
    expect(signNote(TEXT, 'PeterNeumann', publishedKey)).toBe(NOTE);
    expect(verifierKey('PeterNeumann', createPublicKey(publishedKey))).toBe(VKEY);
  });

  it.each([
    ['a changed letter', NOTE.replace('answer', 'Answer')],
    ['another name', NOTE.replace('— Peter', '— Paul')],
    ['a changed signature', NOTE.replace('x08go/ZJ', 'x08go/ZK')],
    ['a missing last newline', NOTE.slice(0, -1)],
    ['a control character', NOTE.replace('think ', 'think\t')],
    ['no signature', `${TEXT}\n`],
    ['a good and a bad signature of the same key', `${NOTE}— PeterNeumann x08go/ZJkuBS\n`],
    ['a line that is no signature', `${NOTE}hello\n`],
  ])('does not open the example with %s', (_, note) => {
    expect(openNote(note, parseVerifierKey(VKEY))).toBeUndefined();
  });

  it('ignores signatures of keys it does not know', () => {
    const { privateKey } = generateKeyPairSync('ed25519');
    const other = signNote(TEXT, 'PeterNeumann', privateKey).split('\n\n')[1];
    expect(openNote(`${NOTE}${other}`, parseVerifierKey(VKEY))).toBe(TEXT);
    expect(openNote(`${TEXT}\n${other}`, parseVerifierKey(VKEY))).toBeUndefined();
  });

  it('refuses a verifier key that is not one', () => {
    for (const bad of ['', 'x', VKEY.replace('c74f', 'c75f'), VKEY.replace('+AR', '+Ah'), `${VKEY}AAAA`]) {
      expect(() => parseVerifierKey(bad)).toThrow(expect.objectContaining({ kind: 'invalid_input' }));
    }
  });
});

describe('checkpoints', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const verifier = parseVerifierKey(verifierKey('example.com/log', publicKey));
  const root = Buffer.alloc(32, 7);

  it('reads back what was signed, for the log of that name alone', () => {
    const note = signCheckpoint({ origin: 'example.com/log', size: 20852163, root }, 'example.com/log', privateKey);
    expect(openCheckpoint(note, verifier)).toEqual({ origin: 'example.com/log', size: 20852163, root });
    const foreign = signCheckpoint({ origin: 'example.com/other', size: 1, root }, 'example.com/log', privateKey);
    expect(openCheckpoint(foreign, verifier)).toBeUndefined();
  });

  it('parses the example of the specification and refuses what it forbids', () => {
    const text = 'example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n';
    expect(parseCheckpoint(text)).toMatchObject({ origin: 'example.com/behind-the-sofa', size: 20852163 });
    for (const bad of [text.replace('2085', '02085'), text.replace('20852163', '-1'), text.replace('CsUY', 'Cs')]) {
      expect(parseCheckpoint(bad)).toBeUndefined();
    }
  });

  it('finds the notes of a file, without a torn last one', () => {
    const notes = [1, 2, 3].map((size) => signCheckpoint({ origin: 'o', size, root }, 'o', privateKey));
    expect(splitNotes(notes.join('\n'))).toEqual(notes);
    expect(splitNotes(`${notes.join('\n')}\n`)).toEqual(notes);
    expect(splitNotes(notes.join('\n').slice(0, -30))).toEqual(notes.slice(0, 2));
    expect(splitNotes('')).toEqual([]);
  });
});
