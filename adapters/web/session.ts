import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Request, Response } from 'express';

/** Who is looking. Held in a signed cookie, not on the server: a restart signs nobody out. */
export interface Session {
  id: string;
  person: string | undefined;
  /** Names the token that was used to sign in, so that taking the token away ends the session. */
  token: string | undefined;
  /** Unix seconds. */
  expires: number;
}

const LIFETIME_SECONDS = 12 * 3600;

export interface Sessions {
  /** The session of this request, or undefined when there is none that holds. */
  read(request: Request, now: Date): Session | undefined;
  start(response: Response, now: Date, who: { person?: string; token?: string }): Session;
  end(response: Response): void;
  /** What every form of this session must carry. */
  csrf(session: Session): string;
  csrfHolds(session: Session, given: unknown): boolean;
}

/** Cookies are HttpOnly and SameSite=Strict; `secure` adds Secure and the `__Host-` prefix, and needs https. */
export function createSessions(secret: string, secure: boolean): Sessions {
  const name = secure ? '__Host-countersign' : 'countersign';
  const options = { httpOnly: true, sameSite: 'strict', secure, path: '/' } as const;
  const mac = (purpose: string, text: string): string =>
    createHmac('sha256', secret).update(`${purpose}:${text}`).digest('base64url');

  return {
    read(request, now) {
      const cookie = cookieOf(request, name);
      const [payload, signature, ...rest] = cookie?.split('.') ?? [];
      if (payload === undefined || signature === undefined || rest.length > 0) return undefined;
      if (!sameText(signature, mac('session', payload))) return undefined;
      const session = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as Session;
      return session.expires > now.getTime() / 1000 ? session : undefined;
    },
    start(response, now, { person, token }) {
      const expires = Math.floor(now.getTime() / 1000) + LIFETIME_SECONDS;
      const session: Session = { id: randomBytes(16).toString('hex'), person, token, expires };
      const payload = Buffer.from(JSON.stringify(session)).toString('base64url');
      response.cookie(name, `${payload}.${mac('session', payload)}`, { ...options, maxAge: LIFETIME_SECONDS * 1000 });
      return session;
    },
    end: (response) => void response.clearCookie(name, options),
    csrf: (session) => mac('csrf', session.id),
    csrfHolds: (session, given) => typeof given === 'string' && sameText(given, mac('csrf', session.id)),
  };
}

function cookieOf(request: Request, name: string): string | undefined {
  const pairs = (request.headers.cookie ?? '').split(';').map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
}

/** Compares in a time that does not depend on where the texts differ. */
export function sameText(one: string, other: string): boolean {
  const a = createHmac('sha256', 'compare').update(one).digest();
  const b = createHmac('sha256', 'compare').update(other).digest();
  return timingSafeEqual(a, b);
}
