import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Request, Response } from 'express';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AppError } from '../../src/domain/errors.js';
import { createProcessLog } from '../../src/log.js';
import { type BotAdapter, createBotAdapter } from './bot-adapter.js';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

let server: Server;
let url: string;
let calls: { method: string; path: string; authorization: string | undefined; body: unknown }[];
let tokensAsked: number;
let answer: Answer;

beforeEach(async () => {
  calls = [];
  tokensAsked = 0;
  answer = (_, response) => json(response, 201, { id: '1700000000001' });
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    if (request.url?.startsWith('/login/') === true) {
      tokensAsked += 1;
      const form = new URLSearchParams(text);
      if (form.get('client_secret') !== 'a secret') return json(response, 401, { error: 'invalid_client' });
      return json(response, 200, { access_token: `token-${tokensAsked}`, expires_in: 3600, token_type: 'Bearer' });
    }
    const { method = '', url: path = '' } = request;
    const body: unknown = text === '' ? undefined : JSON.parse(text);
    calls.push({ method, path: decodeURIComponent(path), authorization: request.headers.authorization, body });
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function bot(secret = 'a secret'): BotAdapter {
  return createBotAdapter({
    appId: 'app',
    appPassword: secret,
    tenantId: 'tenant',
    openIdMetadata: `${url}/keys`,
    loginUrl: `${url}/login/Tenant`,
    processLog: createProcessLog('test', 'silent'),
  });
}

const where = () => ({
  serviceUrl: `${url}/teams/`,
  conversation: '19:a@thread.tacv2;messageid=170',
  botId: '28:app',
  tenantId: 'tenant',
});
const reset: Answer = (request) => void request.socket.destroy();
const status =
  (code: number, headers: Record<string, string> = {}): Answer =>
  (_, response) =>
    void response.writeHead(code, { 'content-type': 'application/json', ...headers }).end('{}');

describe('each call is made once', () => {
  const faults: [string, Answer, number | undefined][] = [
    ['429 with a wait', status(429, { 'retry-after': '1' }), 429],
    ['429 without one', status(429), 429],
    ['500', status(500), 500],
    ['502', status(502), 502],
    ['503 with a wait', status(503, { 'retry-after': '1' }), 503],
    ['504', status(504), 504],
    ['412', status(412), 412],
    ['a cut connection', reset, undefined],
  ];
  const work: [string, (bot: BotAdapter) => Promise<unknown>][] = [
    ['a reply', (it) => it.inConversation(where(), (calls) => calls.send({ type: 'message', text: 'x' }))],
    ['an edit', (it) => it.inConversation(where(), (calls) => calls.edit('171', { type: 'message', text: 'x' }))],
    [
      'a new conversation',
      (it) => it.newConversation(where().serviceUrl, { isGroup: true, tenantId: 'tenant', bot: { id: '28:app' } }),
    ],
    ['a member', (it) => it.inConversation(where(), (calls) => calls.member('29:x'))],
  ];
  for (const [name, fault, code] of faults) {
    for (const [what, call] of work) {
      it(`${what}, answered with ${name}`, async () => {
        answer = fault;
        const thrown: unknown = await call(bot()).then(
          () => undefined,
          (error: unknown) => error,
        );
        expect(thrown).toBeInstanceOf(Error);
        expect((thrown as { statusCode?: number }).statusCode).toBe(code);
        expect(calls).toHaveLength(1);
      });
    }
  }

  it('and says how long a 429 asks to wait', async () => {
    answer = status(429, { 'retry-after': '7' });
    const thrown = await bot()
      .inConversation(where(), (calls) => calls.send({ type: 'message', text: 'x' }))
      .catch((error: unknown) => error as { response: { headers: { get(name: string): string | undefined } } });
    expect(
      (thrown as { response: { headers: { get(name: string): string } } }).response.headers.get('retry-after'),
    ).toBe('7');
  });
});

describe('what is sent', () => {
  it('a reply goes to the thread, as the bot, with a token of the single tenant', async () => {
    const id = await bot().inConversation(where(), (calls) => calls.send({ type: 'message', text: 'hello' }));
    expect(id).toBe('1700000000001');
    expect(calls).toMatchObject([
      {
        method: 'POST',
        path: '/teams/v3/conversations/19:a@thread.tacv2;messageid=170/activities',
        authorization: 'Bearer token-1',
        body: { type: 'message', text: 'hello', from: { id: '28:app' } },
      },
    ]);
  });

  it('a new conversation tells both ids, and one token serves several calls', async () => {
    answer = (_, response) => json(response, 201, { id: '19:a@thread.tacv2;messageid=9', activityId: '9' });
    const it = bot();
    const parameters = {
      isGroup: true,
      tenantId: 'tenant',
      bot: { id: '28:app' },
      channelData: { channel: { id: '19:a@thread.tacv2' } },
      activity: { type: 'message', attachments: [{ contentType: 'a', content: { any: { thing: 1 } } }] },
    };
    const made = await it.newConversation(where().serviceUrl, parameters);
    expect(made).toEqual({ conversation: '19:a@thread.tacv2;messageid=9', activity: '9' });
    await it.inConversation(where(), (calls) => calls.edit('9', { type: 'message', text: 'x' }));
    expect(calls[0]?.body).toMatchObject(parameters);
    expect(tokensAsked).toBe(1);
  });

  it('what the work throws comes out', async () => {
    const failing = bot().inConversation(where(), async () => {
      throw new AppError('conflict', { safeText: 'Ours.' });
    });
    await expect(failing).rejects.toThrow('Ours.');
  });

  it('ends when it is told to', async () => {
    answer = () => undefined;
    const stop = new AbortController();
    const sending = bot().inConversation(where(), (calls) => calls.send({ type: 'message' }, stop.signal));
    await expect.poll(() => calls.length).toBe(1);
    stop.abort();
    await expect(sending).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('who calls us', () => {
  it('is refused without a look at the keys, and without a word on the console, when the token can not be good', async () => {
    const wrote = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const claims = { iss: 'https://api.botframework.com', aud: 'app', serviceurl: `${url}/teams/`, exp: 1_700_000_000 };
    const authorization = `Bearer ${part({ alg: 'RS256', kid: 'k' })}.${part(claims)}.c2lnbmVk`;
    const ended = vi.fn();
    const status = vi.fn(() => ({ end: ended }));
    const onActivity = vi.fn();
    await bot().process(
      { body: { type: 'message', serviceUrl: `${url}/teams/` }, get: () => authorization } as unknown as Request,
      { status } as unknown as Response,
      onActivity,
    );
    expect(status).toHaveBeenCalledExactlyOnceWith(401);
    expect(ended).toHaveBeenCalledExactlyOnceWith();
    expect(onActivity).not.toHaveBeenCalled();
    expect(calls).toEqual([]);
    expect(wrote).not.toHaveBeenCalled();
    wrote.mockRestore();
  });
});

describe('who we are', () => {
  it('a wrong secret is told without it', async () => {
    const thrown = await bot('a wrong secret')
      .login()
      .catch((error: unknown) => error as AppError);
    expect(thrown).toMatchObject({ kind: 'unauthenticated' });
    expect(JSON.stringify(thrown) + String((thrown as Error).stack)).not.toContain('a wrong secret');
  });

  it('starts for nobody without an app id', () => {
    const settings = {
      appId: '',
      appPassword: 'x',
      tenantId: 'x',
      processLog: createProcessLog('test', 'silent'),
    };
    expect(() => createBotAdapter(settings)).toThrow('TEAMS_APP_ID');
  });
});
