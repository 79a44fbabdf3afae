import { z } from 'zod';
import { AppError } from '../../src/domain/errors.js';
import { readJson } from '../../src/domain/http-json.js';
import type { HttpAnswer, HttpClient, HttpRequest } from '../../src/domain/platform-ports.js';

export interface AirflowDeps {
  /** Bound to the root of the Airflow address, not to its API path. */
  http: HttpClient;
  user: string;
  password: string;
  /** Airflow 3: token and /api/v2. Airflow 2: basic authentication and /api/v1. */
  version: '2' | '3';
  now?: () => number;
}

export interface AirflowSession {
  version: '2' | '3';
  /** A path below the API root, e.g. `/dags/x`. Logs in when needed; a refused token makes one new login, never a second. */
  call(request: HttpRequest): Promise<HttpAnswer>;
}

const Token = z.looseObject({ access_token: z.string().min(1) });
const Claims = z.looseObject({ exp: z.number() });
const EARLY_MS = 60_000;
const TOKEN_WITHOUT_EXPIRY_MS = 5 * 60_000;

/** One login shared by all calls: the token is kept until a minute before its `exp` claim. */
export function createAirflowSession(deps: AirflowDeps): AirflowSession {
  const now = deps.now ?? Date.now;
  const root = deps.version === '3' ? '/api/v2' : '/api/v1';
  let login: Promise<{ token: string; until: number }> | undefined;
  let until = 0;

  async function logIn(): Promise<{ token: string; until: number }> {
    const answer = await deps.http.request({
      method: 'POST',
      path: '/auth/token',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: deps.user, password: deps.password }),
      accept: [400, 401, 422],
    });
    if (answer.status >= 400) {
      throw new AppError('unauthenticated', { safeText: 'Airflow does not accept the configured user and password.' });
    }
    const token = readJson('Airflow', answer, Token).access_token;
    return { token, until: expiryOf(token) ?? now() + TOKEN_WITHOUT_EXPIRY_MS };
  }

  async function bearer(): Promise<string> {
    if (login === undefined || until - EARLY_MS <= now()) {
      const attempt = logIn();
      login = attempt;
      // Calls made while the login runs wait for it instead of making their own.
      until = Number.POSITIVE_INFINITY;
      attempt.then(
        (made) => {
          if (login === attempt) until = made.until;
        },
        () => {
          if (login === attempt) login = undefined;
        },
      );
    }
    return `Bearer ${(await login).token}`;
  }

  async function authorization(): Promise<string> {
    return deps.version === '3' ? bearer() : `Basic ${Buffer.from(`${deps.user}:${deps.password}`).toString('base64')}`;
  }

  async function send(request: HttpRequest, accept: number[]): Promise<{ answer: HttpAnswer; used: string }> {
    const used = await authorization();
    const answer = await deps.http.request({
      ...request,
      path: `${root}${request.path}`,
      headers: { ...request.headers, authorization: used },
      accept: [...(request.accept ?? []), ...accept],
    });
    return { answer, used };
  }

  return {
    version: deps.version,
    async call(request) {
      if (deps.version === '2') return (await send(request, [])).answer;
      const first = await send(request, RENEWING);
      if (!isStale(first.answer)) return granted(request, first.answer);
      if ((await authorization()) === first.used) login = undefined;
      const second = (await send(request, RENEWING)).answer;
      if (isStale(second)) {
        throw new AppError('unauthenticated', { safeText: 'Airflow does not accept the token it has just given.' });
      }
      return granted(request, second);
    },
  };
}

const RENEWING = [401, 403];

/** An expired token is answered with 401, one signed with a key that has changed since with 403, as a missing right is. */
function isStale({ status, text }: HttpAnswer): boolean {
  return status === 401 || (status === 403 && text.includes('Invalid JWT token'));
}

function granted(request: HttpRequest, answer: HttpAnswer): HttpAnswer {
  if (answer.status !== 403 || request.accept?.includes(403)) return answer;
  throw new AppError('forbidden', { safeText: 'Airflow does not allow this to our credentials (status 403).' });
}

/** Milliseconds of the token's `exp` claim; undefined when it is not a JWT with one. Read only, nothing is trusted to it. */
function expiryOf(token: string): number | undefined {
  const payload = token.split('.')[1];
  if (payload === undefined) return undefined;
  try {
    return Claims.parse(JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'))).exp * 1000;
  } catch {
    return undefined;
  }
}
