import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ScriptedAnswer, type ScriptedServer, startScriptedServer } from '../../test/support/scripted-http.js';
import { createSlackClient } from './client.js';
import { createSlackIdentity, type SlackIdentity } from './identity.js';

const TEAM = 'T0HOME';
const ANA = { id: 'U0ANA', team_id: TEAM, profile: { email: 'Ana@Example.com' } };

let server: ScriptedServer;
let identity: SlackIdentity;
let now: number;
/** Users by id; what is not there is unknown to Slack. */
let users: Record<string, object>;
let groups: Record<string, string[]>;
/** Answered to everything, when set. */
let instead: ScriptedAnswer | undefined;
let scopes: string;

beforeEach(async () => {
  now = Date.parse('2026-03-11T02:00:00Z');
  users = { U0ANA: ANA };
  groups = {};
  instead = undefined;
  scopes = 'users:read,users:read.email';
  server = await startScriptedServer(({ path, body }) => {
    if (instead !== undefined) return instead;
    const args = new URLSearchParams(body);
    const headers = { 'x-oauth-scopes': scopes };
    if (path.endsWith('/usergroups.users.list')) {
      const found = groups[args.get('usergroup') ?? ''];
      return { json: found === undefined ? { ok: false, error: 'no_such_subteam' } : { ok: true, users: found } };
    }
    const user = users[args.get('user') ?? ''];
    return { headers, json: user === undefined ? { ok: false, error: 'user_not_found' } : { ok: true, user } };
  });
  identity = createSlackIdentity({
    client: createSlackClient({ token: 'xoxb-test', apiUrl: `${server.url}/api/` }),
    clock: { now: () => new Date(now) },
    team: TEAM,
  });
});
afterEach(() => server.close());
const asked = (method: string): number => server.requests.filter(({ path }) => path.endsWith(`/${method}`)).length;

describe('who a Slack user is', () => {
  it('is the address in lower case', async () => {
    expect(await identity.personOf('U0ANA')).toEqual({ id: 'ana@example.com', via: 'slack' });
  });

  it('is known through a workspace of the same organisation', async () => {
    users['U0ORG'] = { ...ANA, id: 'U0ORG', team_id: 'T0OTHER', enterprise_user: { teams: ['T0OTHER', TEAM] } };
    expect(await identity.personOf('U0ORG')).toEqual({ id: 'ana@example.com', via: 'slack' });
  });

  const NOBODY: [name: string, user: object][] = [
    ['a deactivated account', { deleted: true }],
    ['a bot', { is_bot: true }],
    ['a workflow', { is_workflow_bot: true }],
    ['a connector', { is_connector_bot: true }],
    ['a guest', { is_restricted: true }],
    ['a guest of one channel', { is_ultra_restricted: true }],
    ['somebody of another company in a shared channel', { is_stranger: true }],
    ['somebody of another workspace', { team_id: 'T0OTHER' }],
    ['somebody of no workspace', { team_id: undefined }],
    ['somebody who was invited and never came', { is_invited_user: true }],
    ['an address that was never confirmed', { is_email_confirmed: false }],
    ['an account without an address', { profile: {} }],
    ['an account without a profile', { profile: undefined }],
    ['an empty address', { profile: { email: '  ' } }],
    ['something that is no address', { profile: { email: 'ana' } }],
    ['two addresses', { profile: { email: 'ana@example.com,eve@example.com' } }],
    ['an address with a letter that becomes another in lower case', { profile: { email: '\u212Aim@example.com' } }],
    ['an address with a letter that only looks like another', { profile: { email: '\u0430na@example.com' } }],
    ['a name of a group instead of an address', { profile: { email: '@oncall' } }],
  ];
  it.each(NOBODY)('%s is nobody', async (_, fields) => {
    users['U0ANA'] = { ...ANA, ...fields };
    expect(await identity.personOf('U0ANA')).toBeUndefined();
  });

  it('a user whom Slack does not know is nobody', async () => {
    expect(await identity.personOf('U0GONE')).toBeUndefined();
  });

  it('says so when the app may not read addresses, instead of refusing everybody in silence', async () => {
    scopes = 'users:read';
    users['U0ANA'] = { ...ANA, profile: {} };
    await expect(identity.personOf('U0ANA')).rejects.toMatchObject({
      kind: 'forbidden',
      safeText: expect.stringContaining('users:read.email'),
    });
  });
});

describe('when Slack can not say', () => {
  it.each([
    ['down', { status: 503, text: 'x' }, 'unavailable'],
    ['cut', { cut: true }, 'unavailable'],
    ['limited', { status: 429, headers: { 'retry-after': '3' }, json: {} }, 'rate_limited'],
  ] as [string, ScriptedAnswer, string][])(
    '%s: nobody is guessed, and it may be tried again',
    async (_, answer, kind) => {
      instead = answer;
      await expect(identity.personOf('U0ANA')).rejects.toMatchObject({ kind, retryable: true });
    },
  );

  it('an answer about somebody else is no answer', async () => {
    users['U0EVE'] = ANA;
    await expect(identity.personOf('U0EVE')).rejects.toMatchObject({ kind: 'unexpected_answer' });
  });

  it('a failure is not remembered', async () => {
    instead = { status: 503, text: 'x' };
    await expect(identity.personOf('U0ANA')).rejects.toThrow();
    instead = undefined;
    expect(await identity.personOf('U0ANA')).toBeDefined();
  });

  it('an answer that has grown old is not used when there is no new one', async () => {
    await identity.personOf('U0ANA');
    now += 60_000;
    instead = { status: 503, text: 'x' };
    await expect(identity.personOf('U0ANA')).rejects.toThrow();
  });
});

describe('how long an answer counts', () => {
  it('two clicks within half a minute ask once, also at the same time', async () => {
    await Promise.all([identity.personOf('U0ANA'), identity.personOf('U0ANA')]);
    now += 29_000;
    await identity.personOf('U0ANA');
    expect(asked('users.info')).toBe(1);
  });

  it('a deactivated account is nobody at a click within a minute', async () => {
    expect(await identity.personOf('U0ANA')).toBeDefined();
    users['U0ANA'] = { ...ANA, deleted: true };
    now += 30_000;
    expect(await identity.personOf('U0ANA')).toBeUndefined();
  });

  it('a clock that is set back makes no answer last longer', async () => {
    await identity.personOf('U0ANA');
    now -= 3_600_000;
    await identity.personOf('U0ANA');
    expect(asked('users.info')).toBe(2);
  });
});

describe('user groups', () => {
  beforeEach(() => {
    users['U0BEN'] = { ...ANA, id: 'U0BEN', profile: { email: 'ben@example.com' } };
    users['U0BOT'] = { ...ANA, id: 'U0BOT', is_bot: true };
    groups['S0ONCALL'] = ['U0BEN', 'U0ANA', 'U0BOT', 'U0ANA', 'U0GONE'];
  });

  it('are the addresses of the people in them, each once', async () => {
    expect(await identity.membersOf('S0ONCALL')).toEqual(['ana@example.com', 'ben@example.com']);
  });

  it('a member who leaves is out within a minute, while addresses are asked for more seldom', async () => {
    await identity.membersOf('S0ONCALL');
    groups['S0ONCALL'] = ['U0BEN'];
    now += 31_000;
    expect(await identity.membersOf('S0ONCALL')).toEqual(['ben@example.com']);
    expect([asked('usergroups.users.list'), asked('users.info')]).toEqual([2, 4]);
  });

  it('a click asks anew about somebody who was only known as a member', async () => {
    await identity.membersOf('S0ONCALL');
    now += 31_000;
    users['U0ANA'] = { ...ANA, deleted: true };
    expect(await identity.personOf('U0ANA')).toBeUndefined();
  });

  it('one that is gone is not found', async () => {
    await expect(identity.membersOf('S0NONE')).rejects.toMatchObject({ kind: 'not_found' });
  });

  it('takes a hundred people and refuses more', async () => {
    const ids = Array.from({ length: 101 }, (_, index) => `U${1000 + index}`);
    for (const [index, id] of ids.entries()) users[id] = { ...ANA, id, profile: { email: `p${index}@example.com` } };
    groups['S0FULL'] = ids.slice(0, 100);
    groups['S0MORE'] = ids;
    expect(await identity.membersOf('S0FULL')).toHaveLength(100);
    await expect(identity.membersOf('S0MORE')).rejects.toMatchObject({ kind: 'misconfigured' });
  });

  it('are not known in part: one person whom Slack can not tell makes the group unknown', async () => {
    users['U0BEN'] = { ...ANA, id: 'U0OTHER' };
    await expect(identity.membersOf('S0ONCALL')).rejects.toThrow();
  });
});
