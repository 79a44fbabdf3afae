import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ScriptedAnswer, type ScriptedServer, startScriptedServer } from '../../test/support/scripted-http.js';
import { type SlackCheck, slackChecks } from './checks.js';
import { createSlackClient } from './client.js';
import { SCOPES } from './scopes.js';

const ALL = Object.keys(SCOPES).join(',');

let server: ScriptedServer;
let answers: Record<string, ScriptedAnswer>;
/** Of every answer; undefined leaves it to the server. */
let date: string | undefined;
let now: number;

beforeEach(async () => {
  now = Date.now();
  date = undefined;
  answers = {
    'api.test': { json: { ok: true } },
    'auth.test': {
      json: { ok: true, team: 'Acme', team_id: 'T0ACME', user: 'countersign', user_id: 'U0BOT', bot_id: 'B0BOT' },
      headers: { 'x-oauth-scopes': ALL },
    },
    'apps.connections.open': { json: { ok: true, url: 'wss://example.com' } },
    'usergroups.users.list': { json: { ok: true, users: ['U0ANA', 'U0BEN'] } },
    'users.info': { json: { ok: true, user: { id: 'U0ANA', name: 'ana' } } },
    'conversations.info': channel({}),
  };
  server = await startScriptedServer(({ path }) => {
    const answer = answers[path.split('/').at(-1) ?? ''] ?? { json: { ok: false, error: 'unknown_method' } };
    return date === undefined ? answer : { ...answer, headers: { ...answer.headers, date } };
  });
});
afterEach(() => server.close());

function channel(fields: object): ScriptedAnswer {
  return { json: { ok: true, channel: { id: 'C0DATA', name: 'data-alerts', is_member: true, ...fields } } };
}
const refused = (error: string): ScriptedAnswer => ({ json: { ok: false, error } });

async function checks(more: { channels?: string[]; named?: string[]; socket?: boolean } = {}): Promise<SlackCheck[]> {
  const apiUrl = `${server.url}/api/`;
  return slackChecks({
    client: createSlackClient({ token: 'xoxb-test', apiUrl }),
    ...(more.socket ? { appClient: createSlackClient({ token: 'xapp-test', apiUrl }) } : {}),
    channels: more.channels ?? ['C0DATA'],
    named: more.named ?? ['S0ONCALL'],
    clock: { now: () => new Date(now) },
  });
}
const one = async (name: string, more: Parameters<typeof checks>[0] = {}): Promise<SlackCheck> => {
  const found = (await checks(more)).filter((check) => check.name === name);
  expect(found).toHaveLength(1);
  return found[0] as SlackCheck;
};

describe('a connected Slack', () => {
  it('is good in every check', async () => {
    const found = await checks({ socket: true, named: ['S0ONCALL', 'U0ANA'] });
    expect(found.map(({ name, ok }) => [name, ok])).toEqual([
      ['Slack token', true],
      ['Slack scopes', true],
      ['Slack clock', true],
      ['Slack Socket Mode', true],
      ['Slack channel C0DATA', true],
      ['Slack user group S0ONCALL', true],
      ['Slack user U0ANA', true],
    ]);
    expect(found[0]?.text).toBe('workspace Acme (T0ACME), as countersign (U0BOT)');
    expect(found[5]?.text).toBe('2 members');
    expect(found.some(({ text }) => text.startsWith('warning'))).toBe(false);
  });

  it('is asked once for a channel that several routes name, and posted to by none', async () => {
    await checks({ channels: ['C0DATA', 'C0DATA'], named: ['S0ONCALL', 'S0ONCALL'] });
    const methods = server.requests.map(({ path }) => path.split('/').at(-1));
    expect(methods.filter((method) => method === 'conversations.info')).toHaveLength(1);
    expect(methods.some((method) => method?.startsWith('chat.'))).toBe(false);
  });
});

describe('the token and its scopes', () => {
  it('a bad token fails, with what to do', async () => {
    answers['auth.test'] = refused('invalid_auth');
    const token = await one('Slack token');
    expect([token.ok, token.text]).toEqual([false, expect.stringContaining('SLACK_BOT_TOKEN')]);
    expect((await one('Slack scopes')).ok).toBe(false);
  });

  it("a person's token fails", async () => {
    answers['auth.test'] = { json: { ok: true, team: 'Acme', user: 'ana' } };
    expect((await one('Slack token')).text).toContain('token of a person');
  });

  const granted = (scopes: string): void => {
    answers['auth.test'] = { ...answers['auth.test'], headers: { 'x-oauth-scopes': scopes } };
  };

  it('a missing scope fails, with what is not possible without it', async () => {
    granted(ALL.replace('users:read.email,', ''));
    const scopes = await one('Slack scopes');
    expect([scopes.ok, scopes.text]).toEqual([false, expect.stringMatching(/^missing: users:read\.email \(nobody/)]);
  });

  it('a scope too many is named, and fails nothing', async () => {
    granted(`${ALL},files:write`);
    const scopes = await one('Slack scopes');
    expect([scopes.ok, scopes.text]).toEqual([true, 'warning: more than is needed, take away: files:write']);
  });

  it('user groups may be read only where there are some', async () => {
    expect((await one('Slack scopes', { named: [] })).text).toContain('take away: usergroups:read');
    granted(ALL.replace('usergroups:read,', ''));
    expect((await one('Slack scopes', { named: [] })).text).toBe('all that is needed, and nothing more');
    expect((await one('Slack scopes')).ok).toBe(false);
  });
});

describe('the clock', () => {
  const CASES: [name: string, offMs: number, ok: boolean, text: RegExp][] = [
    ['agrees', 0, true, /agrees|^our clock is [1-5] s/],
    ['is half a minute ahead', 30_000, true, /^our clock is (29|30|31) s ahead/],
    ['is two minutes behind', -120_000, true, /^warning: our clock is (119|120|121) s behind/],
    ['is six minutes ahead', 360_000, false, /every click and event is refused/],
    ['is six minutes behind', -360_000, false, /every click and event is refused/],
  ];
  it.each(CASES)('%s', async (_, off, ok, text) => {
    date = new Date(now - off).toUTCString();
    const clock = await one('Slack clock');
    expect(clock.ok).toBe(ok);
    expect(clock.text).toMatch(text);
  });
});

describe('channels', () => {
  const CASES: [name: string, answer: ScriptedAnswer, ok: boolean, text: string][] = [
    ['is there', channel({}), true, '#data-alerts, the app is a member'],
    ['does not have the app', channel({ is_member: false }), false, '/invite @Countersign'],
    ['is archived', channel({ is_archived: true }), false, 'is archived'],
    ['is not there', refused('channel_not_found'), false, 'no such channel'],
    ['takes only threads', channel({ is_thread_only: true }), false, 'only threads'],
    ['takes no threads', channel({ is_non_threadable: true }), false, 'no threads'],
    ['is for few', channel({ is_read_only: true }), true, 'warning: only few may post'],
    ['is shared', channel({ is_ext_shared: true }), true, 'warning: #data-alerts is shared with another company'],
    ['has a name that paints', channel({ name: 'a\u001b[31mb' }), true, '#a??31mb'],
  ];
  it.each(CASES)('%s', async (_, answer, ok, text) => {
    answers['conversations.info'] = answer;
    const found = await one('Slack channel C0DATA');
    expect([found.ok, found.text]).toEqual([ok, expect.stringContaining(text)]);
  });
});

describe('whom routes call', () => {
  it('a group that is gone fails, an empty one is named', async () => {
    answers['usergroups.users.list'] = refused('no_such_subteam');
    expect(await one('Slack user group S0ONCALL')).toMatchObject({
      ok: false,
      text: 'Slack knows no such user group.',
    });
    answers['usergroups.users.list'] = { json: { ok: true, users: [] } };
    expect(await one('Slack user group S0ONCALL')).toMatchObject({ ok: true, text: 'warning: nobody is in it' });
  });

  it('a deactivated account fails', async () => {
    answers['users.info'] = { json: { ok: true, user: { id: 'U0ANA', name: 'ana', deleted: true } } };
    expect(await one('Slack user U0ANA', { named: ['U0ANA'] })).toMatchObject({ ok: false });
  });
});

describe('Socket Mode', () => {
  it.each(['invalid_auth', 'missing_scope', 'not_allowed_token_type', 'socket_mode_disabled'])(
    '%s fails, with what the token must be',
    async (error) => {
      answers['apps.connections.open'] = refused(error);
      const socket = await one('Slack Socket Mode', { socket: true });
      expect([socket.ok, socket.text]).toEqual([false, expect.stringContaining('connections:write')]);
    },
  );

  it('is not asked for where it is not used', async () => {
    expect((await checks()).some(({ name }) => name === 'Slack Socket Mode')).toBe(false);
  });
});

it('a Slack that does not answer fails every check and throws nothing', async () => {
  await server.close();
  const found = await checks({ socket: true });
  expect(found.every(({ ok }) => !ok)).toBe(true);
  expect(found).toHaveLength(6);
});
