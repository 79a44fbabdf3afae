import express, { type ErrorRequestHandler, type Request, type Response, type Router } from 'express';
import { type Alert, AlertSource } from '../../src/domain/alert.js';
import { AppError, asAppError, type ErrorKind } from '../../src/domain/errors.js';
import type { Clock, OnceStore } from '../../src/domain/ports.js';
import type { ProcessLog } from '../../src/log.js';
import { authenticate, type Delivery, type SourceAuth } from './authenticate.js';
import { deliveryIdIn, parseAlerts } from './formats.js';

export interface AlertRouterDeps {
  /** Durable when it resolves. */
  accept(alert: Alert): Promise<{ incident: string | undefined; outcome: string }>;
  auth: Partial<Record<AlertSource, SourceAuth>>;
  once: OnceStore;
  clock: Clock;
  processLog: ProcessLog;
}

const MAX_BODY = '1mb';
const REPLAY_TTL_SECONDS = 900;

const STATUS: Partial<Record<ErrorKind, number>> = {
  invalid_input: 400,
  unauthenticated: 401,
  not_found: 404,
  conflict: 503,
  too_large: 413,
  unavailable: 503,
  timeout: 503,
};

/**
 * `POST /intake/<source>`. 202 only after the append is durable; 400, 401, 413 and 503 as problem+json.
 * Mount it before any body parser: signatures cover the raw bytes.
 */
export function createAlertRouter(deps: AlertRouterDeps): Router {
  const router = express.Router();
  router.post('/:source', express.raw({ type: () => true, limit: MAX_BODY }), async (request, response) => {
    const source = sourceOf(request);
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    const delivery = authenticate(deps.auth[source], request.headers, body, deps.clock);
    await refuseReplay(deps, source, delivery);
    const payload = jsonOf(body);
    const alerts = parseAlerts(source, payload, deps.clock.now());
    const accepted = await acceptOnce(deps, source, delivery.id ?? deliveryIdIn(source, payload), alerts);
    response.status(202).type('application/json').send(accepted);
  });
  router.use(problem(deps.processLog));
  return router;
}

function sourceOf(request: Request): AlertSource {
  const source = AlertSource.safeParse(request.params['source']);
  if (source.success) return source.data;
  throw new AppError('not_found', { safeText: `No such intake; there are ${AlertSource.options.join(', ')}.` });
}

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (cause) {
    throw new AppError('invalid_input', { field: '(body)', safeText: '(body): not JSON', cause });
  }
}

async function refuseReplay(deps: AlertRouterDeps, source: AlertSource, delivery: Delivery): Promise<void> {
  if (delivery.replayKey === undefined) return;
  const seen = await deps.once.begin(`replay:${source}:${delivery.replayKey}`, REPLAY_TTL_SECONDS);
  if (seen !== undefined) throw new AppError('unauthenticated', { safeText: 'Not authenticated.' });
}

/** A retried delivery of the same id gets the first answer and has no second effect. */
async function acceptOnce(
  deps: AlertRouterDeps,
  source: AlertSource,
  deliveryId: string | undefined,
  alerts: Alert[],
): Promise<string> {
  const key = deliveryId === undefined ? undefined : `delivery:${source}:${deliveryId}`;
  const earlier = key === undefined ? undefined : await deps.once.begin(key, REPLAY_TTL_SECONDS);
  if (earlier !== undefined && earlier !== 'pending') return earlier.answer;
  const accepted = [];
  for (const alert of alerts) accepted.push(await deps.accept(alert));
  const answer = JSON.stringify({ accepted });
  if (key !== undefined) await deps.once.settle(key, answer, REPLAY_TTL_SECONDS);
  return answer;
}

/** Errors as RFC 9457 problem details; a 401 says nothing more. */
function problem(processLog: ProcessLog): ErrorRequestHandler {
  return (thrown: unknown, request: Request, response: Response, _next) => {
    const tooLarge = (thrown as { type?: string }).type === 'entity.too.large';
    const error = tooLarge
      ? new AppError('too_large', { safeText: 'The body is larger than 1 MB.' })
      : asAppError(thrown);
    const status = STATUS[error.kind] ?? 500;
    if (status >= 500) processLog.error({ error: thrown, path: request.path }, 'intake failed');
    if (status === 503) response.set('Retry-After', '5');
    const { field, safeText: detail } = error;
    response
      .status(status)
      .type('application/problem+json')
      .send(JSON.stringify({ type: 'about:blank', title: titleOf(status), status, detail, field }));
  };
}

function titleOf(status: number): string {
  const titles: Record<number, string> = {
    400: 'Bad alert',
    401: 'Unauthorized',
    404: 'Not found',
    413: 'Too large',
    503: 'Not available',
  };
  return titles[status] ?? 'Internal error';
}
