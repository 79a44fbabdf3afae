import express, { type Request, type Router } from 'express';
import { z } from 'zod';
import { type Click, type ClickAnswer, type Person, Verdict } from '../../src/domain/decision.js';
import { AppError } from '../../src/domain/errors.js';
import { currentSession, personSigningIn, type WebContext } from './context.js';
import { assertSameOrigin } from './guard.js';
import { filterOf } from './list-view.js';

const DecisionRequest = z.strictObject({
  digest: z.string().max(64),
  verdict: Verdict,
  as: z.string().min(1).max(250).optional(),
  words: z.string().max(2000).default(''),
  clickId: z.string().min(8).max(200),
  values: z.record(z.string().max(100), z.string().max(4000)).optional(),
});

const STATUS: Record<ClickAnswer['outcome'], number> = {
  decided: 200,
  vote_counted: 200,
  modified: 200,
  duplicate: 200,
  too_late: 409,
  stale: 409,
  not_allowed: 403,
  invalid: 422,
};

/** The command line's way in: the same projections, the same gate. Errors are problem+json. */
export function apiRoutes(context: WebContext): Router {
  const router = express.Router();
  const { backend } = context;
  router.get('/incidents', (request, response) => {
    callerOf(context, request);
    response.json({ incidents: backend.list(filterOf(request.query)) });
  });
  router.get('/incidents/:id', async (request, response) => {
    callerOf(context, request);
    const thread = await backend.thread(request.params.id);
    if (thread === undefined) throw notFound();
    response.json(thread);
  });
  router.post('/incidents/:id/decisions', express.json({ limit: '64kb' }), async (request, response) => {
    assertSameOrigin(request);
    const by = callerOf(context, request);
    const click = clickOf(request, by);
    if ((await backend.thread(click.incident)) === undefined) throw notFound();
    const answer = await backend.decide(click);
    response.status(STATUS[answer.outcome]).json(answer);
  });
  router.get('/log', async (request, response) => {
    callerOf(context, request);
    response.json(await backend.logState());
  });
  router.use(() => {
    throw new AppError('not_found', { safeText: 'There is no such address in the API.' });
  });
  return router;
}

function notFound(): AppError {
  return new AppError('not_found', { safeText: 'There is no incident of this name.' });
}

/** Who asks: the owner of a bearer token where people sign in (or their page's session, for reading); undefined where people name themselves. */
function callerOf(context: WebContext, request: Request): Person | undefined {
  if (context.access.mode === 'open') return undefined;
  const bearer = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (bearer !== undefined) return { id: personSigningIn(context, request, bearer.trim()), via: 'terminal' };
  const session = currentSession(context, request);
  if (session?.person === undefined || request.method !== 'GET') {
    throw new AppError('unauthenticated', { safeText: 'Send your token as: Authorization: Bearer TOKEN' });
  }
  return { id: session.person, via: 'web' };
}

function clickOf(request: Request, caller: Person | undefined): Click {
  // A form of a foreign page can not send this type without being asked first, so it is no way around the check of origin.
  if (!request.is('application/json')) {
    throw new AppError('invalid_input', { safeText: 'Send the decision as application/json.' });
  }
  const body = DecisionRequest.safeParse(request.body);
  if (!body.success) {
    const [issue] = body.error.issues;
    const field = issue?.path.join('.') || '(body)';
    throw new AppError('invalid_input', { field, safeText: `${field}: ${issue?.message ?? 'not understood'}` });
  }
  const { digest, verdict, as, words, clickId, values } = body.data;
  const click = { incident: String(request.params['id']), shownDigest: digest, verdict, words, clickId };
  const by = settle(caller, as);
  return values === undefined ? { ...click, by } : { ...click, by, values };
}

function settle(caller: Person | undefined, as: string | undefined): Person {
  if (caller !== undefined) {
    if (as === undefined || as === caller.id) return caller;
    throw new AppError('forbidden', { field: 'as', safeText: 'A token decides in its owner’s name only.' });
  }
  if (as !== undefined) return { id: as, via: 'terminal' };
  throw new AppError('invalid_input', { field: 'as', safeText: 'as: who decides?' });
}
