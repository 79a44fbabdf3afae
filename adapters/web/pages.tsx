import express, { type Request, type Router } from 'express';
import { renderToString } from 'preact-render-to-string';
import type { IncidentFilter } from '../../src/domain/card.js';
import { AppError } from '../../src/domain/errors.js';
import { tokenName } from './access.js';
import {
  assertOwnForm,
  currentSession,
  frameOf,
  personSigningIn,
  safeNext,
  sessionOf,
  type WebContext,
} from './context.js';
import type { Snapshot } from './fragments.js';
import { Page, renderPage } from './layout.js';
import { FilterForm, filterOf, filterQuery, listSnapshot } from './list-view.js';
import { LogPage, ObservationPage, ObservationText, SignInPage, WhoPage } from './small-views.js';

const form = express.urlencoded({ extended: false, limit: '16kb', parameterLimit: 20 });

/** The list, live as well. */
export function listRoutes(context: WebContext): Router {
  const router = express.Router();
  router.get('/', (request, response) => {
    const session = sessionOf(context, request, response);
    const filter = filterOf(request.query);
    const snapshot = listSnapshotFor(context, filter);
    const query = new URLSearchParams(filterQuery(filter));
    query.set('from', context.live.remember(`${LIST_TOPIC}${filterQuery(filter)}`, snapshot));
    const slot = 'rows-go-here';
    const page = (
      <Page frame={frameOf(context, session, snapshot.title, 'incidents')}>
        <h1>Incidents</h1>
        <FilterForm filter={filter} pipelines={pipelinesOf(context)} />
        <div hx-ext="sse" sse-connect={`/events?${query}`} sse-swap="patch" hx-swap="none">
          {slot}
        </div>
      </Page>
    );
    response.type('html').send(renderPage(page).replace(slot, () => snapshot.leaves[0]?.html ?? ''));
  });
  router.get('/events', async (request, response) => {
    sessionOf(context, request, response);
    const filter = filterOf(request.query);
    const from = request.query['from'];
    await context.live.stream({
      topic: `${LIST_TOPIC}${filterQuery(filter)}`,
      from: typeof from === 'string' ? from : undefined,
      request,
      response,
      load: async () => listSnapshotFor(context, filter),
      fill: (html) => html,
    });
  });
  return router;
}

const LIST_TOPIC = 'list?';

/** Every list that somebody watches may have changed when any incident did. */
export function refreshLists(context: WebContext): void {
  for (const topic of context.live.watched(LIST_TOPIC)) {
    const filter = filterOf(Object.fromEntries(new URLSearchParams(topic.slice(LIST_TOPIC.length))));
    context.live.changed(topic, () => listSnapshotFor(context, filter));
  }
}

function listSnapshotFor(context: WebContext, filter: IncidentFilter): Snapshot {
  return listSnapshot(context.backend.list(filter));
}

function pipelinesOf(context: WebContext): string[] {
  const names = context.backend.list({}).map((one) => one.pipeline);
  return [...new Set(names)].filter((name) => name !== '').sort();
}

/** The log's state and the stored answers of tools. */
export function evidenceRoutes(context: WebContext): Router {
  const router = express.Router();
  router.get('/log', async (request, response) => {
    const session = sessionOf(context, request, response);
    const state = await context.backend.logState();
    const page = (
      <Page frame={frameOf(context, session, 'The log · Countersign', 'log')}>
        <LogPage state={state} />
      </Page>
    );
    response.type('html').send(renderPage(page));
  });
  router.get('/observations/:digest', async (request, response) => {
    const session = sessionOf(context, request, response);
    const digest = String(request.params['digest']);
    const text = /^[0-9a-f]{64}$/.test(digest) ? await context.backend.observation(digest) : undefined;
    if (text === undefined) throw new AppError('not_found', { safeText: 'There is no stored answer of this name.' });
    const mark = markOf(request);
    if (request.headers['hx-request'] === 'true') {
      response.type('html').send(renderToString(<ObservationText text={text} mark={mark} />));
      return;
    }
    const page = (
      <Page frame={frameOf(context, session, 'A tool’s answer · Countersign', 'none')}>
        <ObservationPage digest={digest} text={text} mark={mark} />
      </Page>
    );
    response.type('html').send(renderPage(page));
  });
  return router;
}

function markOf(request: Request): string | undefined {
  const mark = request.query['mark'];
  return typeof mark === 'string' ? mark.slice(0, 1000) : undefined;
}

/** Naming oneself where there is no sign-in, and signing in where there is. */
export function identityRoutes(context: WebContext): Router {
  const router = express.Router();
  router.get('/who', (request, response) => {
    if (context.access.mode !== 'open') return response.redirect(303, '/');
    const session = sessionOf(context, request, response);
    const frame = frameOf(context, session, 'Who are you? · Countersign', 'none');
    const next = cameFrom(request);
    const page = (
      <Page frame={frame}>
        <WhoPage people={context.access.people} person={session.person} csrf={frame.csrf} next={next} />
      </Page>
    );
    return response.type('html').send(renderPage(page));
  });
  router.post('/who', form, (request, response) => {
    const { access, sessions, clock } = context;
    if (access.mode !== 'open') throw new AppError('not_found', { safeText: 'People sign in here.' });
    const session = sessionOf(context, request, response);
    assertOwnForm(context, request, session);
    const { person, next } = request.body as Record<string, unknown>;
    if (typeof person !== 'string' || !access.people.includes(person)) {
      throw new AppError('invalid_input', { field: 'person', safeText: 'Choose one of the people listed.' });
    }
    sessions.start(response, clock.now(), { person });
    response.redirect(303, safeNext(next));
  });
  router.get('/sign-in', (request, response) => {
    if (context.access.mode !== 'tokens') return response.redirect(303, '/');
    const session = currentSession(context, request) ?? context.sessions.start(response, context.clock.now(), {});
    const next = safeNext(request.query['next']);
    return response.type('html').send(signInPage(context, context.sessions.csrf(session), next, undefined));
  });
  router.post('/sign-in', form, (request, response) => signIn(context, request, response));
  router.post('/sign-out', form, (request, response) => {
    const session = sessionOf(context, request, response);
    assertOwnForm(context, request, session);
    context.sessions.end(response);
    response.redirect(303, '/sign-in');
  });
  return router;
}

function signIn(context: WebContext, request: Request, response: express.Response): void {
  const session = currentSession(context, request);
  if (session === undefined) throw new AppError('forbidden', { safeText: 'Load the sign-in page again.' });
  assertOwnForm(context, request, session);
  const { token, next } = request.body as Record<string, unknown>;
  const given = typeof token === 'string' ? token.trim() : '';
  try {
    const person = personSigningIn(context, request, given);
    context.sessions.start(response, context.clock.now(), { person, token: tokenName(given) });
    response.redirect(303, safeNext(next));
  } catch (error) {
    if (!(error instanceof AppError) || error.kind === 'not_found') throw error;
    response.status(error.kind === 'rate_limited' ? 429 : 401).type('html');
    response.send(signInPage(context, context.sessions.csrf(session), safeNext(next), error.safeText));
  }
}

function signInPage(context: WebContext, csrf: string, next: string, fault: string | undefined): string {
  const frame = { ...frameOf(context, undefined, 'Sign in · Countersign', 'none'), mode: 'none' as const };
  return renderPage(
    <Page frame={frame}>
      <SignInPage csrf={csrf} next={next} fault={fault} />
    </Page>,
  );
}

/** The page somebody came from, to go back there. */
function cameFrom(request: Request): string {
  const { referer } = request.headers;
  if (referer === undefined || !URL.canParse(referer)) return '/';
  const { host, pathname, search } = new URL(referer);
  return host === request.headers.host && pathname !== '/who' ? safeNext(`${pathname}${search}`) : '/';
}
