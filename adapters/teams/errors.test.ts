import { afterEach, describe, expect, it } from 'vitest';
import { AppError, type ErrorKind } from '../../src/domain/errors.js';
import { createProcessLog } from '../../src/log.js';
import { type ScriptedAnswer, type ScriptedServer, startScriptedServer } from '../../test/support/scripted-http.js';
import { createBotAdapter } from './bot-adapter.js';
import { createTeamsConnector } from './connector.js';
import { teamsError } from './errors.js';

const TOKEN = 'a-token-nobody-may-see';
const LET_IN: ScriptedAnswer = { json: { access_token: TOKEN, expires_in: 3600 } };
let server: ScriptedServer | undefined;
afterEach(() => server?.close());

/** What a send to the real connector client throws at this answer. */
async function thrownAt(answer: ScriptedAnswer, login: ScriptedAnswer = LET_IN): Promise<unknown> {
  server = await startScriptedServer(({ path }) => (path.includes('/oauth2/') ? login : answer));
  const { url } = server;
  const bot = createBotAdapter({
    ...{ appId: 'app', appPassword: 'a-made-up-password', tenantId: 'tenant', loginUrl: `${url}/login` },
    processLog: createProcessLog('test', 'silent'),
  });
  const service = async () => ({ serviceUrl: `${url}/`, botId: '28:app', tenantId: 'tenant' });
  return createTeamsConnector({ bot, service })
    .send('19:x@thread.tacv2;messageid=1', { type: 'message', text: 'x' })
    .catch((thrown: unknown) => thrown);
}

const refusal = (status: number, code: string): ScriptedAnswer => ({
  status,
  json: { error: { code, message: 'theirs, not to be repeated' } },
});

describe('what Teams and the network do becomes one of our errors', () => {
  const CASES: [name: string, answer: ScriptedAnswer, kind: ErrorKind, text: RegExp][] = [
    ['a body that it refuses', refusal(400, 'BadSyntax'), 'invalid_input', /malformed/],
    ['a message that is too large', refusal(413, 'MessageSizeTooBig'), 'invalid_input', /larger/],
    ['a page about a request that is too large', { status: 413, text: '<html>' }, 'invalid_input', /larger/],
    ['a token that it does not take', refusal(401, 'Unauthorized'), 'unauthenticated', /TEAMS_APP_ID/],
    ['a team without us', refusal(403, 'BotNotInConversationRoster'), 'forbidden', /Add the app to the team/],
    ['an app that is blocked', refusal(403, 'BotDisabledByAdmin'), 'forbidden', /administrator has blocked/],
    ['a refusal without a code', { status: 403, text: '' }, 'forbidden', /may not/],
    ['another address', refusal(400, 'InvalidBotApiHost'), 'misconfigured', /TEAMS_SERVICE_URL/],
    ['a deleted message', refusal(404, 'ActivityNotFoundInConversation'), 'not_found', /message is not/],
    ['a thread that is gone', refusal(404, 'ConversationNotFound'), 'not_found', /conversation is not/],
    ['an address that is none', { status: 405, text: 'x' }, 'unexpected_answer', /status 405/],
    ['two calls that met', refusal(412, 'PreconditionFailed'), 'rate_limited', /busy/],
    ['a limit', refusal(429, 'TooManyRequests'), 'rate_limited', /slow down/],
    ['a failure inside', refusal(500, 'ServiceError'), 'unavailable', /not known/],
    ['a broken gateway', { status: 502, text: 'x' }, 'unavailable', /not known/],
    ['a gateway that waited too long', { status: 504, text: 'x' }, 'unavailable', /not known/],
    ['a page of a proxy', { text: '<html>Sign in</html>' }, 'unavailable', /not known|did not say/],
    ['an answer without a name', { status: 201, json: {} }, 'unavailable', /did not say/],
    ['a cut connection', { cut: true }, 'unavailable', /broke/],
    [
      'a redirect, which is not followed',
      { status: 307, text: '', headers: { location: 'http://127.0.0.1:1/' } },
      'unexpected_answer',
      /status 307/,
    ],
  ];
  it.each(CASES)('%s', async (_, answer, kind, text) => {
    const thrown = await thrownAt(answer);
    expect(thrown).toMatchObject({ name: 'AppError', kind, safeText: expect.stringMatching(text) });
    const { safeText, cause } = thrown as AppError;
    expect(`${safeText} ${JSON.stringify(cause)} ${String(cause)}`).not.toMatch(/theirs|nobody-may-see|<html|made-up/);
  });

  it.each([
    ['seconds', '12', 12_000],
    ['nothing at all', undefined, 10_000],
    ['no time', 'soon', 10_000],
    ['a time without end', '99999999', 3_600_000],
  ])('a limit that says %s', async (_, after, ms) => {
    const headers: Record<string, string> = after === undefined ? {} : { 'retry-after': after };
    const thrown = await thrownAt({ status: 429, json: {}, headers });
    expect(thrown).toMatchObject({ kind: 'rate_limited', retryAfterMs: ms });
  });

  it('a limit that says a date', async () => {
    const at = new Date(Date.now() + 20_000).toUTCString();
    const thrown = (await thrownAt({ status: 429, json: {}, headers: { 'retry-after': at } })) as AppError;
    expect(thrown.retryAfterMs).toBeGreaterThan(15_000);
    expect(thrown.retryAfterMs).toBeLessThan(21_000);
  });

  it('a call has a connection of its own, which nobody can have given up since the last one', async () => {
    await thrownAt({ status: 201, json: { id: '1' } });
    const [sent] = server?.requests.filter(({ path }) => path.includes('/activities')) ?? [];
    expect(sent?.headers['connection']).toBe('close');
  });

  it.each([
    [7000215, /TEAMS_APP_PASSWORD is no secret/],
    [7000222, /TEAMS_APP_PASSWORD has ended/],
    [700016, /knows no such app. Check TEAMS_APP_ID/],
    [90002, /no such tenant. Check TEAMS_TENANT_ID/],
    [1, /check TEAMS_APP_ID, TEAMS_APP_PASSWORD and TEAMS_TENANT_ID/],
  ])('a login that refuses us with %i, and nothing is sent to Teams', async (number, says) => {
    const body = { error: 'invalid_client', error_codes: [number], error_description: 'theirs, with a made-up-secret' };
    const thrown = await thrownAt({ status: 201, json: { id: '1' } }, { status: 401, json: body });
    expect(thrown).toMatchObject({ kind: 'unauthenticated', safeText: expect.stringMatching(says) });
    expect((thrown as AppError).safeText).not.toMatch(/theirs|made-up/);
    expect(server?.requests.some(({ path }) => path.includes('/activities'))).toBe(false);
  });

  it('nothing is done to one of our own', () => {
    const own = new AppError('forbidden', { safeText: 'ours' });
    expect(teamsError(own)).toBe(own);
  });
});
