import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createManualClock, type ManualClock } from '../support/slack/clock.js';
import { startTeams } from '../support/teams/server.js';
import type { TeamsOptions, TeamsServer } from '../support/teams/server-types.js';

const CHANNEL = '19:incidents@thread.tacv2';
const ARCHIVED = '19:old@thread.tacv2';
const ANA = '29:ana';
const card = (body: object[], more: object = {}): object => ({ type: 'AdaptiveCard', version: '1.5', body, ...more });
const message = (content: object): object => ({
  type: 'message',
  summary: 'An incident',
  attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content }],
});
const HELLO = message(card([{ type: 'TextBlock', text: 'hello', wrap: true }]));

let clock: ManualClock;
let teams: TeamsServer;
let token: string;

async function open(options: TeamsOptions = {}): Promise<void> {
  clock = createManualClock();
  teams = await startTeams({
    clock,
    users: [
      { id: ANA, name: 'ana', email: 'Ana@example.com', userPrincipalName: 'ana@example.com' },
      { id: '29:gast', name: 'gast', userRole: 'guest', email: 'gast@elsewhere.example' },
    ],
    channels: [
      { id: CHANNEL, name: 'incidents' },
      { id: ARCHIVED, name: 'old', archived: true },
    ],
    ...options,
  });
  token = await newToken();
}

beforeEach(() => open());
afterEach(() => teams.close());

async function newToken(change: Record<string, string> = {}): Promise<string> {
  const form = {
    grant_type: 'client_credentials',
    client_id: teams.tenant.bot.appId,
    client_secret: teams.tenant.bot.password,
    scope: teams.scope,
    ...change,
  };
  const answer = await fetch(`${teams.loginUrl}/oauth2/v2.0/token`, {
    method: 'POST',
    body: new URLSearchParams(form),
  });
  const body = (await answer.json()) as { access_token?: string; error?: string };
  return body.access_token ?? `${answer.status} ${body.error}`;
}

interface Answered {
  status: number;
  retryAfter: string | null;
  body: { id?: string; activityId?: string; error?: { code: string } } & Record<string, unknown>;
}

async function call(
  method: string,
  path: string,
  body?: unknown,
  authorization = `Bearer ${token}`,
): Promise<Answered> {
  const answer = await fetch(`${teams.serviceUrl}v3/${path}`, {
    method,
    headers: { 'content-type': 'application/json', authorization },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return {
    status: answer.status,
    retryAfter: answer.headers.get('retry-after'),
    body: text === '' ? {} : JSON.parse(text),
  };
}

const at = (conversation: string): string => `conversations/${encodeURIComponent(conversation)}/activities`;
const thread = (root: string): string => at(`${CHANNEL};messageid=${root}`);
async function root(activity: object = HELLO): Promise<string> {
  const made = await call('POST', 'conversations', {
    isGroup: true,
    channelData: { channel: { id: CHANNEL } },
    activity,
  });
  expect(made.status).toBe(201);
  expect(made.body.id).toBe(`${CHANNEL};messageid=${made.body.activityId}`);
  return made.body.activityId ?? '';
}

describe('who may call', () => {
  it('gives a token for the right secret, grant and scope only', async () => {
    expect(token).not.toMatch(/^\d{3} /);
    expect(await newToken({ client_secret: 'guessed' })).toBe('401 invalid_client');
    expect(await newToken({ scope: 'https://graph.microsoft.com/.default' })).toBe('400 invalid_scope');
    expect(await newToken({ client_id: 'another' })).toBe('400 unauthorized_client');
  });

  it('takes its own tokens only, and none that were revoked', async () => {
    for (const header of ['', 'Bearer guessed', `Basic ${token}`])
      expect((await call('POST', at(CHANNEL), HELLO, header)).status).toBe(401);
    teams.revokeTokens();
    expect((await call('POST', at(CHANNEL), HELLO)).status).toBe(401);
    expect(teams.tenant.messages).toEqual([]);
  });
});

describe('threads', () => {
  it('a root has a thread of its own, replies stand below it, and an edit changes what is shown', async () => {
    const first = await root();
    const reply = await call('POST', thread(first), HELLO);
    const other = await root();
    expect(reply.status).toBe(201);
    expect(teams.tenant.thread(CHANNEL, first).map(({ id }) => id)).toEqual([first, reply.body.id]);
    expect(teams.tenant.thread(CHANNEL, other)).toHaveLength(1);
    const changed = await call(
      'PUT',
      `${thread(first)}/${reply.body.id}`,
      message(card([{ type: 'TextBlock', text: 'new' }])),
    );
    expect(changed.status).toBe(200);
    expect(JSON.stringify(teams.tenant.message(CHANNEL, reply.body.id ?? '')?.card)).toContain('new');
  });

  it.each([
    ['a channel that is not there', () => call('POST', at('19:no@thread.tacv2'), HELLO), 404, 'ConversationNotFound'],
    ['a thread that is not there', () => call('POST', thread('17'), HELLO), 404, 'ConversationNotFound'],
    ['an archived team', () => call('POST', at(ARCHIVED), HELLO), 403, 'Forbidden'],
    [
      'a message that is not there',
      () => call('PUT', `${at(CHANNEL)}/17`, HELLO),
      404,
      'ActivityNotFoundInConversation',
    ],
    ['a message without content', () => call('POST', at(CHANNEL), { type: 'message' }), 400, 'BadSyntax'],
    ['an attachment that is no card', () => call('POST', at(CHANNEL), message({ type: 'Nope' })), 400, 'BadArgument'],
    ['no such resource', () => call('GET', 'nothing'), 404, 'NotFound'],
    [
      'a member of another channel',
      () => call('GET', `conversations/${CHANNEL}/members/29:who`),
      404,
      'MemberNotFoundInConversation',
    ],
  ])('refuses %s', async (_what, attempt, status, code) => {
    const answer = await attempt();
    expect([answer.status, answer.body.error?.code]).toEqual([status, code]);
    expect(teams.tenant.messages).toEqual([]);
  });

  it('lets the bot edit its own messages only, in the thread where they are', async () => {
    const theirs = teams.person('ana').postQuietly(CHANNEL, 'hello');
    expect((await call('PUT', `${at(CHANNEL)}/${theirs}`, HELLO)).status).toBe(403);
    const [one, two] = [await root(), await root()];
    expect((await call('PUT', `${thread(two)}/${one}`, HELLO)).status).toBe(404);
  });

  it('what was deleted can not be edited', async () => {
    const one = await root();
    expect((await call('DELETE', `${thread(one)}/${one}`)).status).toBe(200);
    expect((await call('PUT', `${thread(one)}/${one}`, HELLO)).status).toBe(404);
  });
});

describe('personal chats', () => {
  it('opens one with the tenant and the person, and writes there', async () => {
    const tenantId = teams.tenant.tenantId;
    const made = await call('POST', 'conversations', { isGroup: false, members: [{ id: ANA }], tenantId });
    expect((await call('POST', at(made.body.id ?? ''), HELLO)).status).toBe(201);
    expect(teams.person('ana').direct()).toHaveLength(1);
    const foreign = { isGroup: false, members: [{ id: ANA }], tenantId: 'another' };
    expect((await call('POST', 'conversations', foreign)).status).toBe(403);
  });

  it('not with somebody who does not have the app', async () => {
    await teams.close();
    await open({ installedFor: [] });
    const answer = await call('POST', 'conversations', { members: [{ id: ANA }], tenantId: teams.tenant.tenantId });
    expect([answer.status, answer.body.error?.code]).toEqual([403, 'BotNotInConversationRoster']);
  });
});

describe('people', () => {
  it('tells of members who they are, page by page too', async () => {
    const one = await call('GET', `conversations/${encodeURIComponent(CHANNEL)}/members/${ANA}`);
    expect(one.body).toMatchObject({
      id: ANA,
      userPrincipalName: 'ana@example.com',
      userRole: 'user',
      tenantId: teams.tenant.tenantId,
    });
    const page = await call('GET', `conversations/${encodeURIComponent(CHANNEL)}/pagedmembers?pageSize=1`);
    expect(page.body['members']).toHaveLength(1);
    const next = await call(
      'GET',
      `conversations/${encodeURIComponent(CHANNEL)}/pagedmembers?continuationToken=${page.body['continuationToken']}`,
    );
    expect(next.body['members']).toMatchObject([{ id: '29:gast', userRole: 'guest' }]);
    expect(next.body['continuationToken']).toBeUndefined();
    expect(
      (await call('GET', `teams/${encodeURIComponent(teams.tenant.team.id)}/conversations`)).body['conversations'],
    ).toHaveLength(3);
  });
});
