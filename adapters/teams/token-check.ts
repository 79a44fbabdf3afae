import { z } from 'zod';
import { AppError } from '../../src/domain/errors.js';

/**
 * botbuilder also takes tokens of its Emulator (anybody's who has our secret) and tells nothing of an activity without an address; what
 * is taken here was signed by Teams' own connector, for us and for this very address. @throws AppError `unauthenticated`.
 */
export function keepsToItsToken(
  claim: (name: string) => string | null,
  { issuer, audience, serviceUrl }: { issuer: string; audience: string; serviceUrl: unknown },
): void {
  const ours = claim('iss') === issuer && claim('aud') === audience;
  if (ours && typeof serviceUrl === 'string' && serviceUrl !== '' && claim('serviceurl') === serviceUrl) return;
  throw refusal('The token is not Teams’ for this activity.');
}

/** As botbuilder has them. */
const TOLERANCE_S = 300;
const Header = z.object({ alg: z.enum(['RS256', 'RS384', 'RS512']) });
const Claims = z.object({ iss: z.string(), aud: z.string(), exp: z.number(), nbf: z.number().optional() });

/**
 * Refuses at once what no signature could make good, and lets nobody in: what passes goes on to botbuilder. The library below it writes
 * to the console of every token that it finds wrong after it found the key, and anybody can send such tokens. @throws AppError
 * `unauthenticated`, which tells nothing of the token.
 */
export function refuseAtSight(
  authorization: string,
  { issuer, audience, now }: { issuer: string; audience: string; now: Date },
): void {
  const [header, payload] = /^Bearer ([\w-]+)\.([\w-]+)\.[\w-]+$/.exec(authorization)?.slice(1) ?? [];
  const claims = Claims.safeParse(readPart(payload)).data;
  if (!Header.safeParse(readPart(header)).success || claims === undefined) throw refusal('The token is none of Teams.');
  if (claims.iss !== issuer || claims.aud !== audience) throw refusal('The token is not of Teams for this bot.');
  const second = Math.floor(now.getTime() / 1000);
  if (second >= claims.exp + TOLERANCE_S) throw refusal('The token has ended.');
  if (claims.nbf !== undefined && claims.nbf > second + TOLERANCE_S) throw refusal('The token is of the future.');
}

function readPart(part = ''): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString());
  } catch {
    return undefined;
  }
}

function refusal(safeText: string): AppError {
  return new AppError('unauthenticated', { safeText });
}

/**
 * Whether the fault is the token's, so that the caller must be refused; otherwise it could not be checked at all, and may be sent again.
 * A wrong signature is thrown by a library below botbuilder, which makes HTTP 500 of it.
 */
export function isUnauthenticated(error: unknown): boolean {
  if (error instanceof AppError) return error.kind === 'unauthenticated';
  const { name, statusCode } = (error ?? {}) as { name?: unknown; statusCode?: unknown };
  if (name === 'FetchError' || name === 'AbortError') return false;
  return !(typeof statusCode === 'number' && statusCode >= 500);
}
