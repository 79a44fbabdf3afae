import { randomBytes } from 'node:crypto';
import express, { type Request, type Response, type Router } from 'express';
import { renderToString } from 'preact-render-to-string';
import type { Thread } from '../../src/domain/card.js';
import type { Click, ClickAnswer, Person, Verdict } from '../../src/domain/decision.js';
import { AppError } from '../../src/domain/errors.js';
import { ActionForm, type Draft } from './action-view.js';
import { assertOwnForm, frameOf, sessionOf, type WebContext } from './context.js';
import type { Snapshot } from './fragments.js';
import { Page, renderPage } from './layout.js';
import type { Session } from './session.js';
import { fillSlots, type Slots } from './slots.js';
import { AnswerBox, AskForm, NoteForm, type Said, saidOf, saidOfAsking } from './small-views.js';
import { threadHtml, threadSnapshot } from './thread-view.js';

const form = express.urlencoded({ extended: false, limit: '64kb', parameterLimit: 200 });
const SAID_COOKIE = 'countersign-said';

/** The thread, its live updates, and the forms on it. */
export function threadRoutes(context: WebContext): Router {
  const router = express.Router();
  router.get('/incidents/:id', async (request, response) => {
    const session = sessionOf(context, request, response);
    const thread = await threadFor(context, request);
    sendThread(context, response, session, thread, takeSaid(request, response));
  });
  router.get('/incidents/:id/events', async (request, response) => {
    const session = sessionOf(context, request, response);
    const thread = await threadFor(context, request);
    const from = request.query['from'];
    await context.live.stream({
      topic: topicOf(thread),
      from: typeof from === 'string' ? from : undefined,
      request,
      response,
      load: async () => snapshotOf(context, await threadFor(context, request)),
      fill: (html) => fillSlots(html, context.slots, personal(context, session)),
    });
  });
  router.post('/incidents/:id/decisions', form, (request, response) => decide(context, request, response));
  router.post('/incidents/:id/notes', form, (request, response) => addNote(context, request, response));
  router.post('/incidents/:id/questions', form, (request, response) => ask(context, request, response));
  return router;
}

/** What the live updates of this thread are called. */
export function topicOf(thread: Pick<Thread, 'incident'>): string {
  return `thread:${thread.incident}`;
}

export function snapshotOf(context: WebContext, thread: Thread, draft?: Draft): Snapshot {
  const base = { incident: thread.incident, slots: context.slots };
  return threadSnapshot(thread, draft === undefined ? base : { ...base, draft });
}

async function threadFor(context: WebContext, request: Request): Promise<Thread> {
  const thread = await context.backend.thread(String(request.params['id']));
  if (thread === undefined) throw new AppError('not_found', { safeText: 'There is no incident of this name.' });
  return thread;
}

/** What this viewer's own page has in the slots. */
function personal(context: WebContext, session: Session): Slots {
  const who = renderToString(<Who session={session} />);
  return { csrf: context.sessions.csrf(session), gesture: randomBytes(12).toString('hex'), who };
}

function Who({ session }: { session: Session }) {
  if (session.person === undefined) return <a href="/who">Say who you are first</a>;
  return (
    <>
      You decide as <strong>{session.person}</strong>
    </>
  );
}

function sendThread(
  context: WebContext,
  response: Response,
  session: Session,
  thread: Thread,
  said: Said | undefined,
  draft?: Draft,
): void {
  const shared = snapshotOf(context, thread);
  const snapshot = draft === undefined ? shared : snapshotOf(context, thread, draft);
  const revision = context.live.remember(topicOf(thread), shared);
  const stream = `/incidents/${encodeURIComponent(thread.incident)}/events?from=${revision}`;
  const { csrf, gesture, who } = context.slots;
  const own = { incident: thread.incident, csrf, gesture, who };
  const forms = {
    note: renderToString(<NoteForm {...own} />),
    ask: renderToString(<AskForm {...own} maxGrant={thread.asking?.maxGrant ?? 0} />),
  };
  const answer = said === undefined ? '' : renderToString(<AnswerBox said={said} />);
  const inside = threadHtml(thread, snapshot, stream, forms, answer);
  const frame = frameOf(context, session, snapshot.title, 'incidents');
  const slot = 'thread-goes-here';
  const page = renderPage(<Page frame={frame}>{slot}</Page>).replace(slot, () => inside);
  response
    .status(draft === undefined ? 200 : 422)
    .type('html')
    .send(fillSlots(page, context.slots, personal(context, session)));
}

async function decide(context: WebContext, request: Request, response: Response): Promise<void> {
  const session = sessionOf(context, request, response);
  assertOwnForm(context, request, session);
  const thread = await threadFor(context, request);
  const scripted = request.headers['hx-request'] === 'true';
  if (session.person === undefined) {
    answerClick(response, thread, scripted, { tone: 'bad', text: 'Not counted: say who you are first, at the top.' });
    return;
  }
  const click = clickOf(request, thread.incident, session, { id: session.person, via: 'web' });
  const answer = await context.backend.decide(click);
  if (answer.outcome !== 'invalid') return answerClick(response, thread, scripted, saidOf(answer));
  const draft = draftOf(click, answer);
  if (!scripted) return sendThread(context, response, session, thread, saidOf(answer), draft);
  const html = renderToString(<AnswerBox said={saidOf(answer)} />) + formAgain(context, thread, draft);
  response
    .status(422)
    .type('html')
    .send(fillSlots(html, context.slots, personal(context, session)));
}

function clickOf(request: Request, incident: string, session: Session, by: Person): Click {
  const body = request.body as Record<string, unknown>;
  const text = (name: string): string => (typeof body[name] === 'string' ? (body[name] as string) : '');
  const verdict = text('verdict');
  if (!isVerdict(verdict))
    throw new AppError('invalid_input', { field: 'verdict', safeText: 'Approve, modify or reject?' });
  const values = Object.fromEntries(
    Object.entries(body).flatMap(([name, value]) =>
      name.startsWith('value.') && typeof value === 'string' ? [[name.slice('value.'.length), value]] : [],
    ),
  );
  const words = text('words').replaceAll('\r\n', '\n');
  const clickId = `${session.id}:${text('gesture').slice(0, 64)}`;
  const click: Click = { incident, shownDigest: text('digest'), verdict, by, words, clickId };
  return verdict === 'modify' ? { ...click, values } : click;
}

function isVerdict(text: string): text is Verdict {
  return text === 'approve' || text === 'modify' || text === 'reject';
}

function draftOf(click: Click, answer: Extract<ClickAnswer, { outcome: 'invalid' }>): Draft {
  const { verdict, shownDigest: digest, words, values = {} } = click;
  return { verdict, digest, words, values, faults: answer.fields };
}

/** The same form with what was typed and what is wrong with it, in the place of the one that was sent. */
function formAgain(context: WebContext, thread: Thread, draft: Draft): string {
  const card = thread.cards.find((one) => one.digest === draft.digest && one.actions.length > 0);
  const action = card?.actions.find((one) => one.verdict === draft.verdict);
  if (card === undefined || action?.form === undefined) return '';
  const view = (
    <ActionForm
      action={action}
      card={card}
      context={{ incident: thread.incident, slots: context.slots }}
      draft={draft}
    />
  );
  return renderToString(view).replace('<form ', '<form hx-swap-oob="true" ');
}

/** In place for a page with scripts; without, the page is loaded again with the answer on it. */
function answerClick(response: Response, thread: Thread, scripted: boolean, said: Said): void {
  if (scripted) {
    response.type('html').send(renderToString(<AnswerBox said={said} />));
    return;
  }
  const value = Buffer.from(JSON.stringify({ ...said, text: said.text.slice(0, 1500) })).toString('base64url');
  const path = `/incidents/${encodeURIComponent(thread.incident)}`;
  response.cookie(SAID_COOKIE, value, { httpOnly: true, sameSite: 'strict', path, maxAge: 60_000 });
  response.redirect(303, path);
}

function takeSaid(request: Request, response: Response): Said | undefined {
  const value = /(?:^|;\s*)countersign-said=([\w-]+)/.exec(request.headers.cookie ?? '')?.[1];
  if (value === undefined) return undefined;
  response.clearCookie(SAID_COOKIE, { path: request.path });
  try {
    const { tone, text } = JSON.parse(Buffer.from(value, 'base64url').toString('utf8')) as Record<string, unknown>;
    return typeof text === 'string' && /^(good|bad|waiting|neutral)$/.test(String(tone))
      ? { tone: String(tone), text }
      : undefined;
  } catch {
    return undefined;
  }
}

/** What somebody said in a form of the talk, or what they are told instead. */
function sayingOf(
  request: Request,
  session: Session,
  what: string,
): { by: Person; text: string; ref: string | undefined } | { refusal: string } {
  const { text, gesture } = request.body as Record<string, unknown>;
  if (session.person === undefined) return { refusal: `Say who you are first, at the top; then add the ${what}.` };
  if (typeof text !== 'string' || text.trim() === '') return { refusal: `The ${what} is empty.` };
  const words = text.trim().replaceAll('\r\n', '\n');
  // With the words in it: somebody who goes back and writes something else sends the same gesture.
  const ref = typeof gesture === 'string' ? `${session.id}:${gesture.slice(0, 64)}:${words}` : undefined;
  return { by: { id: session.person, via: 'web' }, text: words, ref };
}

async function addNote(context: WebContext, request: Request, response: Response): Promise<void> {
  const session = sessionOf(context, request, response);
  assertOwnForm(context, request, session);
  const thread = await threadFor(context, request);
  const said = sayingOf(request, session, 'note');
  if ('refusal' in said) return answerClick(response, thread, false, { tone: 'bad', text: said.refusal });
  await context.backend.note(thread.incident, said.by, said.text.slice(0, 4000), said.ref);
  answerClick(response, thread, false, { tone: 'good', text: 'The note is in the log.' });
}

async function ask(context: WebContext, request: Request, response: Response): Promise<void> {
  const session = sessionOf(context, request, response);
  assertOwnForm(context, request, session);
  const thread = await threadFor(context, request);
  const said = sayingOf(request, session, 'question');
  if ('refusal' in said) return answerClick(response, thread, false, { tone: 'bad', text: said.refusal });
  const grant = Number((request.body as Record<string, unknown>)['grant'] ?? 0);
  const ref = said.ref ?? randomBytes(12).toString('hex');
  const answer = await context.backend.ask(thread.incident, said.by, said.text.slice(0, 2000), grant, ref);
  answerClick(response, thread, false, saidOfAsking(answer));
}
