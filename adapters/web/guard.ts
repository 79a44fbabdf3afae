import type { Request, RequestHandler } from 'express';
import { AppError } from '../../src/domain/errors.js';
import type { Access } from './access.js';

const CONTENT_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Headers of every answer. `same-origin` keeps the Origin header on form posts, which the check below needs. */
export function securityHeaders(secure: boolean): RequestHandler {
  return (_request, response, next) => {
    response.set({
      'Content-Security-Policy': CONTENT_POLICY,
      'X-Content-Type-Options': 'nosniff',
      'X-Frame-Options': 'DENY',
      'Referrer-Policy': 'same-origin',
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Resource-Policy': 'same-origin',
      'Permissions-Policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
      'Cache-Control': 'no-store',
    });
    if (secure) response.set('Strict-Transport-Security', 'max-age=31536000');
    next();
  };
}

/**
 * Answers only to names it knows: a foreign page that points its own name at this machine (DNS rebinding) is refused.
 * Without sign-in it answers this machine only, and nothing that came through a proxy.
 */
export function hostGuard(allowedHosts: readonly string[], access: Access): RequestHandler {
  const allowed = new Set(allowedHosts.map((host) => host.toLowerCase()));
  return (request, _response, next) => {
    if (!allowed.has(hostName(request.headers.host ?? ''))) {
      throw new AppError('forbidden', { safeText: 'This host name is not one that Countersign answers to.' });
    }
    if (access.mode === 'open' && !isFromHere(request)) {
      throw new AppError('forbidden', {
        safeText:
          'Without sign-in the page answers this machine only. Set COUNTERSIGN_WEB_TOKENS to open it to others.',
      });
    }
    next();
  };
}

function hostName(host: string): string {
  return host
    .toLowerCase()
    .replace(/:\d+$/, '')
    .replace(/^\[(.*)\]$/, '$1');
}

function isFromHere(request: Request): boolean {
  const address = (request.socket.remoteAddress ?? '').replace(/^::ffff:/, '');
  const forwarded = request.headers.forwarded ?? request.headers['x-forwarded-for'];
  return forwarded === undefined && (address === '::1' || address.startsWith('127.'));
}

/** A browser says where a request comes from; what comes from another page is refused. Programs that are no browser say nothing. */
export function assertSameOrigin(request: Request): void {
  const { origin } = request.headers;
  const site = request.headers['sec-fetch-site'];
  const foreign =
    (origin !== undefined && !isOwnOrigin(origin, request.headers.host ?? '')) ||
    (typeof site === 'string' && site !== 'same-origin' && site !== 'none');
  if (foreign) throw new AppError('forbidden', { safeText: 'This came from another page, so it was not counted.' });
}

function isOwnOrigin(origin: string, host: string): boolean {
  return URL.canParse(origin) && new URL(origin).host === host.toLowerCase();
}

/**
 * A link from a chat or a mail arrives without the cookie (SameSite=Strict). Seen from such a link the page asks itself again,
 * which is then a visit from here.
 */
export function isForeignVisit(request: Request): boolean {
  return (
    request.method === 'GET' &&
    request.headers['sec-fetch-site'] === 'cross-site' &&
    request.headers['sec-fetch-mode'] === 'navigate'
  );
}
