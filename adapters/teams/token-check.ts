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
  throw new AppError('unauthenticated', { safeText: 'The token is not Teams’ for this activity.' });
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
