import type { ErrorRequestHandler, Request, RequestHandler } from 'express';
import type { ProcessLog } from '../../src/log.js';
import type { TeamsSettings } from './settings.js';

const LOOPBACK = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1']);
const LOCAL_NAME = /^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/;

/**
 * Before the body is read: what can not be Teams' is refused by its headers; the token itself is botbuilder's to check. Of the
 * Playground nothing is authenticated, so only this machine may speak to it, and no page of a browser for somebody else.
 */
export function requestGuard({ local }: Pick<TeamsSettings, 'local'>, processLog: ProcessLog): RequestHandler {
  return (request, response, next) => {
    const refuse = (status: number, because: string): void => {
      processLog.warn({ because }, 'a request to the Teams endpoint was refused');
      response.status(status).end();
    };
    if (local !== undefined && !isFromHere(request)) return refuse(403, 'not from this machine');
    if (local === undefined && !/^Bearer [\w-]+\.[\w-]+\.[\w-]+$/.test(request.get('authorization') ?? ''))
      return refuse(401, 'no token');
    if (request.is('application/json') !== 'application/json') return refuse(415, 'content type');
    next();
  };
}

function isFromHere(request: Request): boolean {
  const from = request.socket.remoteAddress ?? '';
  // A name that leads here, as a foreign page may have, is not ours.
  return LOOPBACK.has(from) && LOCAL_NAME.test(request.get('host') ?? '') && request.get('origin') === undefined;
}

/** A body that is no JSON, or too much of it: the status alone, as what express says of it has a piece of it. */
export function endOfErrors(processLog: ProcessLog): ErrorRequestHandler {
  return (error: unknown, _request, response, next) => {
    if (response.headersSent) return next(error);
    const { status } = (error ?? {}) as { status?: unknown };
    const known = typeof status === 'number' && status >= 400 && status < 500 ? status : 500;
    processLog.warn({ status: known }, 'a request to the Teams endpoint could not be read');
    response.status(known).end();
  };
}
