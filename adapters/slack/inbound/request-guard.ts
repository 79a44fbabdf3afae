import type { RequestHandler } from 'express';
import type { Clock } from '../../../src/domain/ports.js';
import type { ProcessLog } from '../../../src/log.js';

const SKEW_SECONDS = 300;
const TYPES = ['application/json', 'application/x-www-form-urlencoded'] as const;

/**
 * Before Bolt reads the body: what can not be Slack's is refused by its headers. Bolt takes requests from the future and any
 * version of a signature; the signature itself is Bolt's to check.
 */
export function requestGuard(clock: Clock, processLog: ProcessLog): RequestHandler {
  return (request, response, next) => {
    const refuse = (status: number, because: string): void => {
      processLog.warn({ because }, 'a request to the Slack endpoint was refused');
      response.status(status).end();
    };
    const timestamp = request.get('x-slack-request-timestamp') ?? '';
    const seconds = clock.now().getTime() / 1000;
    if (!/^\d{9,11}$/.test(timestamp)) return refuse(401, 'timestamp');
    if (Math.abs(seconds - Number(timestamp)) >= SKEW_SECONDS) return refuse(401, 'time');
    if (!/^v0=[0-9a-f]{64}$/.test(request.get('x-slack-signature') ?? '')) return refuse(401, 'signature');
    const type = TYPES.find((one) => request.is(one) === one);
    if (type === undefined) return refuse(415, 'content type');
    // A proxy that adds a character set would make Bolt read a form as JSON.
    request.headers['content-type'] = type;
    next();
  };
}
