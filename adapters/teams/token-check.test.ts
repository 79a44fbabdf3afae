import { describe, expect, it } from 'vitest';
import { refuseAtSight } from './token-check.js';

const NOW = new Date('2026-05-14T03:00:00.000Z');
const second = NOW.getTime() / 1000;
const ours = { issuer: 'https://api.botframework.com', audience: 'app', now: NOW };
const GOOD = { iss: ours.issuer, aud: 'app', nbf: second - 60, exp: second + 3600 };

function part(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function bearer(claims: unknown, header: unknown = { alg: 'RS256', kid: 'k' }): string {
  return `Bearer ${part(header)}.${part(claims)}.signature`;
}

describe('what is refused before its signature is looked at', () => {
  const { exp: _, ...endless } = GOOD;
  const rows: [string, string][] = [
    ['nothing', ''],
    ['no token of this kind', 'Bearer let-me-in'],
    ['parts that are no JSON', 'Bearer a.b.c'],
    ['claims that are no object', bearer(null)],
    ['another login', bearer(GOOD).replace('Bearer', 'Basic')],
    ['another issuer', bearer({ ...GOOD, iss: 'https://sts.windows.net/d6d49420-f39b-4df7-a1dc-d59a935871db/' })],
    ['another bot', bearer({ ...GOOD, aud: 'other' })],
    ['several bots', bearer({ ...GOOD, aud: ['app', 'other'] })],
    ['no end', bearer(endless)],
    ['an end that is no time', bearer({ ...GOOD, exp: 'never' })],
    ['an end five minutes ago', bearer({ ...GOOD, exp: second - 300 })],
    ['a beginning in six minutes', bearer({ ...GOOD, nbf: second + 360 })],
    ['no signature', bearer(GOOD, { alg: 'none' })],
    ['a shared secret', bearer(GOOD, { alg: 'HS256', kid: 'k' })],
  ];
  for (const [name, authorization] of rows) {
    it(name, () => {
      let thrown: unknown;
      try {
        refuseAtSight(authorization, ours);
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toMatchObject({ kind: 'unauthenticated' });
    });
  }

  it('but not what clocks that differ explain, nor what only the signature can tell', () => {
    for (const claims of [GOOD, { ...GOOD, exp: second - 299 }, { ...GOOD, nbf: second + 300 }, fromEver()])
      expect(() => refuseAtSight(bearer(claims), ours)).not.toThrow();
  });
});

/** A token need not say when it begins. */
function fromEver(): object {
  const { nbf: _, ...rest } = GOOD;
  return rest;
}
