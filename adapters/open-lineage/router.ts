import type { IncomingHttpHeaders } from 'node:http';
import express, { type ErrorRequestHandler, type Router } from 'express';
import { AppError, asAppError, type ErrorKind } from '../../src/domain/errors.js';
import type { ProcessLog } from '../../src/log.js';

export interface LineageRouterDeps {
  /** @throws AppError `unauthenticated` */
  authenticate(headers: IncomingHttpHeaders): void;
  record(events: readonly unknown[]): Promise<number>;
  processLog: ProcessLog;
}

/** Events carry query plans, so they are larger than alerts; what the lineage needs of them is small. */
const MAX_BODY = '4mb';
const MAX_EVENTS = 500;

const STATUS: Partial<Record<ErrorKind, number>> = {
  invalid_input: 400,
  unauthenticated: 401,
  too_large: 413,
  unavailable: 503,
  timeout: 503,
};
const TITLES: Record<number, string> = {
  400: 'Bad event',
  401: 'Unauthorized',
  413: 'Too large',
  503: 'Not available',
};

/**
 * `POST /api/v1/lineage`, where OpenLineage's HTTP transport sends by default, and `POST /intake/openlineage`: one event, or a list.
 * 201 once what is new is stored. Mount it before the page: senders have no cookie.
 */
export function createLineageRouter(deps: LineageRouterDeps): Router {
  const router = express.Router();
  const paths = ['/api/v1/lineage', '/intake/openlineage'];
  // Who may not send is refused before the body is read.
  router.post(paths, (request, _response, next) => {
    deps.authenticate(request.headers);
    next();
  });
  router.post(paths, express.raw({ type: () => true, limit: MAX_BODY }), async (request, response) => {
    const links = await deps.record(eventsIn(request.body));
    response.status(201).type('application/json').send(JSON.stringify({ links }));
  });
  router.use(paths, problem(deps.processLog));
  return router;
}

function eventsIn(body: unknown): unknown[] {
  const events = parsed(Buffer.isBuffer(body) ? body.toString('utf8') : '');
  if (!Array.isArray(events)) return [events];
  if (events.length <= MAX_EVENTS) return events;
  throw new AppError('too_large', { safeText: `More than ${MAX_EVENTS} events at once.` });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AppError('invalid_input', { field: '(body)', safeText: '(body): not JSON', cause });
  }
}

/** Errors as RFC 9457 problem details; a 401 says nothing more. */
function problem(processLog: ProcessLog): ErrorRequestHandler {
  return (thrown: unknown, request, response, _next) => {
    const tooLarge = (thrown as { type?: string }).type === 'entity.too.large';
    const error = tooLarge
      ? new AppError('too_large', { safeText: 'The body is larger than 4 MB.' })
      : asAppError(thrown);
    const status = STATUS[error.kind] ?? 500;
    if (status >= 500) processLog.error({ error: thrown, path: request.path }, 'lineage intake failed');
    if (status === 503) response.set('Retry-After', '5');
    const title = TITLES[status] ?? 'Internal error';
    const { field, safeText: detail } = error;
    response
      .status(status)
      .type('application/problem+json')
      .send(JSON.stringify({ type: 'about:blank', title, status, detail, field }));
  };
}
