import type { Request, Response } from 'express';
import { AppError } from '../../src/domain/errors.js';
import type { ChatBackend, Clock } from '../../src/domain/ports.js';
import type { ProcessLog } from '../../src/log.js';
import { type Access, personOfToken, type SignInLimiter, tokenName } from './access.js';
import type { Assets } from './assets.js';
import { assertSameOrigin } from './guard.js';
import type { PageFrame } from './layout.js';
import type { Live } from './live.js';
import type { Session, Sessions } from './session.js';
import type { Slots } from './slots.js';

/** What the routes of the page share. */
export interface WebContext {
  backend: ChatBackend;
  clock: Clock;
  processLog: ProcessLog;
  access: Access;
  sessions: Sessions;
  slots: Slots;
  assets: Assets;
  live: Live;
  limiter: SignInLimiter;
  notice: string | undefined;
}

/** The session of a visitor who may see pages. @throws AppError `unauthenticated` when sign-in is needed first. */
export function sessionOf(context: WebContext, request: Request, response: Response): Session {
  const session = currentSession(context, request);
  if (context.access.mode === 'tokens') {
    if (session?.person === undefined) throw new AppError('unauthenticated', { safeText: 'Sign in first.' });
    return session;
  }
  return session ?? context.sessions.start(response, context.clock.now(), {});
}

/** The session, unless its token was taken away or its name is no longer on the list. */
export function currentSession({ sessions, access, clock }: WebContext, request: Request): Session | undefined {
  const session = sessions.read(request, clock.now());
  if (session === undefined) return undefined;
  if (access.mode === 'open') {
    return session.person === undefined || access.people.includes(session.person)
      ? session
      : { ...session, person: undefined };
  }
  const valid = Object.keys(access.tokens).some((token) => tokenName(token) === session.token);
  return valid || session.person === undefined ? session : undefined;
}

/** A form post that comes from our own page, in this session. @throws AppError `forbidden` otherwise. */
export function assertOwnForm(context: WebContext, request: Request, session: Session): void {
  assertSameOrigin(request);
  const { csrf } = (request.body ?? {}) as Record<string, unknown>;
  if (!context.sessions.csrfHolds(session, csrf)) {
    throw new AppError('forbidden', { safeText: 'This form is too old. Load the page again and repeat it.' });
  }
}

/** Wrong tries are counted by address, and the answer to a wrong one says nothing more. */
export function personSigningIn(context: WebContext, request: Request, token: string): string {
  const { access, limiter, clock } = context;
  if (access.mode !== 'tokens') throw new AppError('not_found', { safeText: 'There is no sign-in here.' });
  const address = request.socket.remoteAddress ?? '';
  const wait = limiter.waitSeconds(address, clock.now());
  if (wait > 0) {
    throw new AppError('rate_limited', { safeText: `Too many wrong tries. Try again in ${Math.ceil(wait / 60)} min.` });
  }
  const person = personOfToken(access.tokens, token);
  if (person !== undefined) return person;
  limiter.failed(address, clock.now());
  throw new AppError('unauthenticated', { safeText: 'That token is not known.' });
}

export function frameOf(
  context: WebContext,
  session: Session | undefined,
  title: string,
  here: PageFrame['here'],
): PageFrame {
  const { assets, access, sessions, notice } = context;
  const open = access.mode === 'open' ? ['This machine only, without sign-in: people name themselves.'] : [];
  return {
    title,
    here,
    style: assets.style,
    icon: assets.icon,
    scripts: assets.scripts,
    person: session?.person,
    mode: access.mode,
    csrf: session === undefined ? '' : sessions.csrf(session),
    notices: [...(notice === undefined ? [] : [notice]), ...open],
  };
}

/** Only a path of this page; anything else leads home. */
export function safeNext(next: unknown): string {
  return typeof next === 'string' && /^\/(?![/\\])[\w\-./?=&%+#:@~]*$/.test(next) ? next : '/';
}
