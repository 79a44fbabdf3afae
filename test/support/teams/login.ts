import { randomBytes } from 'node:crypto';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { TokenClaims } from './server-types.js';

const ISSUER = 'https://api.botframework.com';
const SCOPE = `${ISSUER}/.default`;
const TOKEN_SECONDS = 3600;

type Json = Record<string, unknown>;

/** Both directions of trust: tokens that the bot asks for, and tokens that Teams signs for the bot. */
export interface Login {
  scope: string;
  /** Of this server alone: readers keep keys by the address for a day, and ports are used again. */
  openIdPath: string;
  keysPath: string;
  /** Path of the tenant; tokens are below it. */
  loginPath: string;
  metadata(base: string): Json;
  keys: Json;
  /** Answers a request for a token: the credentials, the grant and the scope must all be right. */
  token(form: URLSearchParams): { status: number; body: Json };
  /** Of this header of a call. */
  isOurs(authorization: string | undefined): boolean;
  /** Every token that was given out is worth nothing from now on. */
  revoke(): void;
  sign(serviceUrl: string, claims?: TokenClaims): Promise<string>;
}

/** Making keys takes a second on a busy machine; a process needs two, whatever number of servers it starts. */
const keyPairs = new Map<string, ReturnType<typeof generateKeyPair>>();

function keyPair(whose: 'ours' | 'foreign'): ReturnType<typeof generateKeyPair> {
  const made = keyPairs.get(whose) ?? generateKeyPair('RS256');
  keyPairs.set(whose, made);
  return made;
}

export async function createLogin(bot: { appId: string; password: string }, tenantId: string): Promise<Login> {
  const kid = randomBytes(8).toString('hex');
  const ours = await keyPair('ours');
  const publicKey = await exportJWK(ours.publicKey);
  const issued = new Map<string, number>();
  const openIdPath = `/${kid}/v1/.well-known/openidconfiguration`;
  const keysPath = `/${kid}/v1/.well-known/keys`;
  return {
    scope: SCOPE,
    openIdPath,
    keysPath,
    loginPath: `/login/${tenantId}`,
    metadata: (base) => ({
      issuer: ISSUER,
      jwks_uri: `${base}${keysPath}`,
      id_token_signing_alg_values_supported: ['RS256'],
      token_endpoint_auth_methods_supported: ['private_key_jwt'],
    }),
    keys: { keys: [{ ...publicKey, use: 'sig', kid, x5t: kid, endorsements: ['msteams'] }] },
    token(form) {
      const refused = refusedBecause(form, bot);
      if (refused !== undefined) return { status: refused === 'invalid_client' ? 401 : 400, body: { error: refused } };
      const token = randomBytes(24).toString('base64url');
      issued.set(token, Date.now() + TOKEN_SECONDS * 1000);
      const life = { expires_in: TOKEN_SECONDS, ext_expires_in: TOKEN_SECONDS };
      return { status: 200, body: { token_type: 'Bearer', ...life, access_token: token } };
    },
    isOurs(authorization) {
      const token = /^Bearer (\S+)$/.exec(authorization ?? '')?.[1];
      return token !== undefined && (issued.get(token) ?? 0) > Date.now();
    },
    revoke: () => issued.clear(),
    async sign(serviceUrl, claims = {}) {
      const now = Math.floor(Date.now() / 1000);
      const expires = now + (claims.expiresIn ?? TOKEN_SECONDS);
      return new SignJWT({ serviceurl: claims.serviceUrl ?? serviceUrl })
        .setProtectedHeader({ alg: 'RS256', kid, typ: 'JWT', x5t: kid })
        .setIssuer(claims.issuer ?? ISSUER)
        .setAudience(claims.audience ?? bot.appId)
        .setNotBefore(Math.min(now, expires) - 300)
        .setExpirationTime(expires)
        .sign(claims.forged === true ? (await keyPair('foreign')).privateKey : ours.privateKey);
    },
  };
}

/** OAuth's error code. */
function refusedBecause(form: URLSearchParams, bot: { appId: string; password: string }): string | undefined {
  if (form.get('grant_type') !== 'client_credentials') return 'unsupported_grant_type';
  if (form.get('client_id') !== bot.appId) return 'unauthorized_client';
  if (form.get('client_secret') !== bot.password) return 'invalid_client';
  return form.get('scope') === SCOPE ? undefined : 'invalid_scope';
}
