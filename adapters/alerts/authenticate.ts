import { createHmac, timingSafeEqual } from 'node:crypto';
import { AppError } from '../../src/domain/errors.js';
import type { Clock } from '../../src/domain/ports.js';

/** How one source proves who it is. Several secrets at once allow rotation with an overlap. */
export type SourceAuth =
  | { scheme: 'bearer'; tokens: string[] }
  | { scheme: 'standard_webhooks'; secrets: string[] }
  | { scheme: 'pagerduty'; secrets: string[] };

export interface Delivery {
  /** The sender's id of this delivery, where its scheme has one: a retry carries it again. */
  id: string | undefined;
  /** What a byte-for-byte replay would carry again, where the scheme is safe against replays. */
  replayKey: string | undefined;
}

const TOLERANCE_SECONDS = 300;

/** 401 without detail: which part was wrong is nobody's business. */
function refused(): AppError {
  return new AppError('unauthenticated', { safeText: 'Not authenticated.' });
}

function equal(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

function header(headers: Record<string, string | string[] | undefined>, name: string): string {
  const value = headers[name];
  return typeof value === 'string' ? value : '';
}

/** Checks a request's raw body and headers. @throws AppError `unauthenticated`, also when no secret is configured. */
export function authenticate(
  auth: SourceAuth | undefined,
  headers: Record<string, string | string[] | undefined>,
  body: Buffer,
  clock: Clock,
): Delivery {
  if (auth === undefined) throw refused();
  switch (auth.scheme) {
    case 'bearer':
      return checkBearer(auth.tokens, header(headers, 'authorization'));
    case 'standard_webhooks':
      return checkStandardWebhooks(auth.secrets, headers, body, clock);
    case 'pagerduty':
      return checkPagerDuty(auth.secrets, header(headers, 'x-pagerduty-signature'), body);
  }
}

function checkBearer(tokens: string[], authorization: string): Delivery {
  const given = Buffer.from(authorization.replace(/^Bearer /i, ''));
  const matches = tokens.map((token) => token !== '' && equal(given, Buffer.from(token)));
  if (!matches.includes(true)) throw refused();
  return { id: undefined, replayKey: undefined };
}

/** Standard Webhooks: `v1,` base64 HMAC-SHA256 over `id.timestamp.body`; the secret is `whsec_` base64. */
function checkStandardWebhooks(
  secrets: string[],
  headers: Record<string, string | string[] | undefined>,
  body: Buffer,
  clock: Clock,
): Delivery {
  const id = header(headers, 'webhook-id');
  const timestamp = header(headers, 'webhook-timestamp');
  const signatures = header(headers, 'webhook-signature').split(' ');
  if (id === '' || id.length > 200 || !/^\d{1,12}$/.test(timestamp)) throw refused();
  if (Math.abs(clock.now().getTime() / 1000 - Number(timestamp)) > TOLERANCE_SECONDS) throw refused();
  const signed = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), body]);
  const expected = secrets.map((secret) =>
    createHmac('sha256', Buffer.from(secret.replace(/^whsec_/, ''), 'base64'))
      .update(signed)
      .digest(),
  );
  const given = signatures
    .filter((signature) => signature.startsWith('v1,'))
    .map((signature) => Buffer.from(signature.slice(3), 'base64'));
  if (!expected.some((mac) => given.some((signature) => equal(mac, signature)))) throw refused();
  return { id, replayKey: `${id}.${timestamp}` };
}

/** PagerDuty v3: `v1=` hex HMAC-SHA256 over the body, no time in it; a replay is caught by the event's id. */
function checkPagerDuty(secrets: string[], signatureHeader: string, body: Buffer): Delivery {
  const given = signatureHeader
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part.startsWith('v1='))
    .map((part) => Buffer.from(part.slice(3), 'hex'));
  const expected = secrets.map((secret) => createHmac('sha256', secret).update(body).digest());
  if (!expected.some((mac) => given.some((signature) => equal(mac, signature)))) throw refused();
  return { id: undefined, replayKey: undefined };
}
