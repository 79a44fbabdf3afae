import express, { type ErrorRequestHandler, type RequestHandler, type Router } from 'express';
import { renderToString } from 'preact-render-to-string';
import { AppError } from '../../src/domain/errors.js';
import type { ChatAdapter, ChatBackend, Clock } from '../../src/domain/ports.js';
import type { ProcessLog } from '../../src/log.js';
import { type Access, createSignInLimiter } from './access.js';
import { apiRoutes } from './api.js';
import { loadAssets } from './assets.js';
import { currentSession, frameOf, type WebContext } from './context.js';
import { hostGuard, isForeignVisit, securityHeaders } from './guard.js';
import { Page, renderPage } from './layout.js';
import { createLive } from './live.js';
import { evidenceRoutes, identityRoutes, listRoutes, refreshLists } from './pages.js';
import { asWebError, sendProblem, statusOf, titleOf } from './problem.js';
import { createSessions } from './session.js';
import { createSlots } from './slots.js';
import { AnswerBox, ErrorPage } from './small-views.js';
import { snapshotOf, threadRoutes, topicOf } from './thread-pages.js';

export interface WebPageDeps {
  backend: ChatBackend;
  clock: Clock;
  processLog: ProcessLog;
  access: Access;
  /** Signs cookies and form tokens; the same one in every web process. */
  cookieSecret: string;
  /** Host names (without port) that the page answers to. */
  allowedHosts: readonly string[];
  /** Served over https: cookies are Secure. */
  secure: boolean;
  /** Said at the foot of every page, e.g. that the data platform behind it is simulated. */
  notice?: string;
}

/** The local web page: one of the chats, on the same port and the same cards as the others. */
export interface WebPage extends ChatAdapter {
  name: 'web';
  /** Mount it last: it answers every address that nothing before it took. */
  router: Router;
  /** Ends the open streams, so that the server can stop. */
  close(): void;
}

export function createWebPage(deps: WebPageDeps): WebPage {
  const { cookieSecret, secure, allowedHosts, notice, ...shared } = deps;
  const context: WebContext = {
    ...shared,
    notice,
    sessions: createSessions(cookieSecret, secure),
    slots: createSlots(cookieSecret),
    assets: loadAssets(),
    live: createLive(),
    limiter: createSignInLimiter(),
  };
  return {
    name: 'web',
    router: routes(context, allowedHosts, secure),
    async show(thread) {
      context.live.changed(topicOf(thread), () => snapshotOf(context, thread));
      refreshLists(context);
    },
    close: () => context.live.close(),
  };
}

function routes(context: WebContext, allowedHosts: readonly string[], secure: boolean): Router {
  const router = express.Router();
  router.use(securityHeaders(secure));
  router.use(hostGuard(allowedHosts, context.access));
  router.use(context.assets.router);
  router.use('/api', apiRoutes(context));
  router.use(askAgain(context));
  router.use(identityRoutes(context));
  router.use(listRoutes(context));
  router.use(threadRoutes(context));
  router.use(evidenceRoutes(context));
  router.use(() => {
    throw new AppError('not_found', { safeText: 'There is no such page.' });
  });
  router.use(errors(context));
  return router;
}

/** A visit through a link elsewhere comes without its cookie; the page loads itself once more, then it has it. */
function askAgain(context: WebContext): RequestHandler {
  return (request, response, next) => {
    if (!isForeignVisit(request) || currentSession(context, request) !== undefined) return next();
    const here = request.originalUrl.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
    response.type('html').send(`<!doctype html><meta http-equiv="refresh" content="0;url=${here}">`);
  };
}

/** The http edge: pages for people, problem+json for programs; only our own words leave. */
function errors(context: WebContext): ErrorRequestHandler {
  return (thrown: unknown, request, response, next) => {
    const error = asWebError(thrown);
    const status = statusOf(error);
    if (status >= 500) context.processLog.error({ error: thrown, path: request.path }, 'a page failed');
    if (response.headersSent) return next(thrown);
    if (request.originalUrl.startsWith('/api/')) return sendProblem(response, error);
    const scripted = request.headers['hx-request'] === 'true';
    if (status === 401 && !scripted) {
      return response.redirect(303, `/sign-in?next=${encodeURIComponent(request.originalUrl)}`);
    }
    const title = titleOf(status);
    if (scripted) {
      const said = { tone: 'bad', text: error.safeText };
      return response
        .status(status)
        .type('html')
        .send(renderToString(<AnswerBox said={said} />));
    }
    const inside = <ErrorPage title={title} text={error.safeText} />;
    const frame = frameOf(context, currentSession(context, request), `${title} · Countersign`, 'none');
    return response
      .status(status)
      .type('html')
      .send(renderPage(<Page frame={frame}>{inside}</Page>));
  };
}
