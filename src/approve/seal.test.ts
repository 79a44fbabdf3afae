import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { DecisionStatement } from '../domain/decision.js';
import { createSigner, createVerifier, generateDecisionKey } from './seal.js';

const statement: DecisionStatement = {
  v: 1,
  decisionId: 'dec-1',
  incident: 'INC-1',
  revision: 1,
  proposalDigest: 'a'.repeat(64),
  preconditionsDigest: 'b'.repeat(64),
  verdict: 'approve',
  votes: [{ by: { id: 'ana@example.com', via: 'web' }, at: '2026-03-11T02:31:00.000Z', check: 'heap graph' }],
  reason: '',
  policyDigest: 'c'.repeat(64),
  decidedAt: '2026-03-11T02:31:00.000Z',
};
const key = generateDecisionKey();

describe('the seal of a decision', () => {
  it('is good for exactly what was signed, by a key under any name', () => {
    const seal = createSigner(key.privateKeyPem).sign(statement);
    const verifier = createVerifier({ 'decision-1': key.publicKeyPem });
    expect(seal.keyId).toBe(key.keyId);
    expect(verifier.verify(statement, seal)).toBe(true);
    expect(verifier.verify(JSON.parse(JSON.stringify(statement)), seal)).toBe(true);
    for (const change of [{ verdict: 'reject' as const }, { votes: [] }, { policyDigest: '' }, { revision: 2 }]) {
      expect(verifier.verify({ ...statement, ...change }, seal)).toBe(false);
    }
  });

  it('is not good by another key, whatever name it claims', () => {
    const other = createSigner(generateDecisionKey().privateKeyPem).sign(statement);
    const verifier = createVerifier({ test: key.publicKeyPem });
    expect(verifier.verify(statement, other)).toBe(false);
    expect(verifier.verify(statement, { ...other, keyId: key.keyId })).toBe(false);
    expect(verifier.verify(statement, { keyId: key.keyId, signature: '' })).toBe(false);
  });

  it('knows old keys beside the new one', () => {
    const next = generateDecisionKey();
    const verifier = createVerifier({ old: key.publicKeyPem, new: next.publicKeyPem });
    for (const { privateKeyPem } of [key, next]) {
      expect(verifier.verify(statement, createSigner(privateKeyPem).sign(statement))).toBe(true);
    }
  });

  it('is not made with a key of another kind, and the error does not show the key', () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    expect(() => createSigner(pem)).toThrow('not an Ed25519 key');
    expect(() => createSigner('junk')).toThrow('can not be read as PEM');
    expect(() => createVerifier({ prod: 'junk' })).toThrow('public key prod');
  });
});
