import { z } from 'zod';
import { AppError } from '../../src/domain/errors.js';

/** Tokens for our calls to Teams: the client credentials grant of the single tenant that the bot is registered in. */
export interface AccessTokens {
  /** Valid for some minutes more. @throws AppError `unauthenticated` when the login refuses us, `unavailable` when it can not say. */
  get(signal?: AbortSignal): Promise<string>;
  /** A new one, so that a wrong secret is noticed now. @throws as `get`. */
  renew(signal?: AbortSignal): Promise<string>;
}

export interface AccessTokenSettings {
  appId: string;
  appPassword: string;
  tenantId: string;
  /** Tenant included, without the path of tokens. */
  loginUrl?: string;
}

const SCOPE = 'https://api.botframework.com/.default';
const TIMEOUT_MS = 10_000;
/** Asked for anew so long before it ends. */
const MARGIN_MS = 5 * 60_000;

const TokenAnswer = z.object({ access_token: z.string().min(1).max(20_000), expires_in: z.coerce.number().positive() });

export function createAccessTokens(settings: AccessTokenSettings): AccessTokens {
  let held: { token: string; until: number } | undefined;
  let asking: Promise<string> | undefined;
  const ask = async (): Promise<string> => {
    const { access_token: token, expires_in: seconds } = await askToken(settings);
    held = { token, until: performance.now() + seconds * 1000 - Math.min(MARGIN_MS, seconds * 500) };
    return token;
  };
  const renew = (signal?: AbortSignal): Promise<string> => {
    asking ??= ask().finally(() => {
      asking = undefined;
    });
    return unlessAborted(asking, signal);
  };
  return {
    renew,
    get: async (signal) => (held !== undefined && performance.now() < held.until ? held.token : renew(signal)),
  };
}

/** The question goes on for the others who wait for it. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const aborted = (): void => reject(signal.reason);
    signal.addEventListener('abort', aborted, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', aborted));
  });
}

async function askToken(settings: AccessTokenSettings): Promise<z.infer<typeof TokenAnswer>> {
  const { appId, appPassword, tenantId, loginUrl } = settings;
  const login = loginUrl ?? `https://login.microsoftonline.com/${encodeURIComponent(tenantId)}`;
  let answer: Response;
  let body: unknown;
  try {
    answer = await fetch(`${login.replace(/\/+$/, '')}/oauth2/v2.0/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: appId,
        client_secret: appPassword,
        scope: SCOPE,
      }),
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    body = await answer.json().catch(() => undefined);
  } catch {
    // Nothing of the request may get into an error: the secret is in its body.
    throw new AppError('unavailable', { safeText: 'The login of Teams did not answer.' });
  }
  const token = answer.ok ? TokenAnswer.safeParse(body).data : undefined;
  if (token !== undefined) return token;
  throw refusal(answer.status, body);
}

/** The numbers of Microsoft's login (AADSTS…) that an operator can do something about. */
const MEANING: Record<number, string> = {
  7000215: 'TEAMS_APP_PASSWORD is no secret of this app. Take the value of a client secret, not its id.',
  7000222: 'TEAMS_APP_PASSWORD has ended. Make a new client secret.',
  7000112: 'the app is disabled in the tenant. Ask an administrator of Entra ID.',
  700016: 'the tenant knows no such app. Check TEAMS_APP_ID and TEAMS_TENANT_ID.',
  90002: 'there is no such tenant. Check TEAMS_TENANT_ID.',
};

const Refused = z.object({
  error: z.string().regex(/^[a-z_]{1,60}$/),
  error_codes: z.array(z.number()).max(20).optional().catch(undefined),
});

function refusal(status: number, body: unknown): AppError {
  if (status >= 400 && status < 500 && status !== 408 && status !== 429) {
    const { error = `status ${status}`, error_codes: numbers = [] } = Refused.safeParse(body).data ?? {};
    const known = numbers.map((number) => MEANING[number]).find((text) => text !== undefined);
    const because = known ?? 'check TEAMS_APP_ID, TEAMS_APP_PASSWORD and TEAMS_TENANT_ID.';
    return new AppError('unauthenticated', { safeText: `The login of Teams refuses the app (${error}): ${because}` });
  }
  return new AppError('unavailable', { safeText: 'The login of Teams can not be used now.' });
}
