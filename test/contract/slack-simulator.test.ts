import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { grantedBy, grantedByOurManifest } from '../support/slack/manifest.js';
import type { SlackServer } from '../support/slack/server-types.js';
import {
  BEN,
  BOT,
  clientOf,
  codeOf,
  FOREIGN,
  HIDDEN,
  INCIDENTS,
  MARIA,
  SECRET,
  startSmallWorld,
} from '../support/slack/small-world.js';

const SILENT_MANIFEST = `
display_information: { name: Quiet }
features: { bot_user: { display_name: quiet } }
oauth_config: { scopes: { bot: [chat:write] } }
settings: {}
`;

let slack: SlackServer;
let client: ReturnType<typeof clientOf>;
beforeEach(async () => {
  slack = await startSmallWorld({ limits: 'off' });
  client = clientOf(slack);
});
afterEach(() => slack.close());

const section = (text: string) => ({ type: 'section' as const, text: { type: 'mrkdwn' as const, text } });
const post = async (text: string, more: object = {}): Promise<string> =>
  (await client.chat.postMessage({ channel: INCIDENTS, text, ...more })).ts as string;
const body = async (path: string, init: RequestInit): Promise<Record<string, unknown>> =>
  (await (await fetch(`${slack.apiUrl}${path}`, { method: 'POST', ...init })).json()) as Record<string, unknown>;

describe('transport', () => {
  it('takes forms and JSON, and the token in the header or in the form', async () => {
    const authorization = `Bearer ${slack.workspace.app.token}`;
    const json = { 'content-type': 'application/json; charset=utf-8', authorization };
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const text = JSON.stringify({ channel: INCIDENTS, text: 'a', blocks: [section('b')] });
    expect(await body('chat.postMessage', { headers: json, body: text })).toMatchObject({ ok: true });
    const inForm = `token=${slack.workspace.app.token}&channel=${INCIDENTS}&text=b`;
    expect(await body('chat.postMessage', { headers: form, body: inForm })).toMatchObject({ ok: true });
    expect(slack.workspace.channelByName('data-incidents').messages).toHaveLength(2);
    slack.strictWarnings();
    await body('auth.test', { headers: { ...json, 'content-type': 'application/json' }, body: '{}' });
    expect(slack.warnings).toEqual(['auth.test: missing_charset']);
    expect(await body('auth.test', { headers: json, body: '{' })).toEqual({ ok: false, error: 'invalid_json' });
  });

  it('refuses without a token, with a wrong one and with one of the other kind', async () => {
    expect(await body('auth.test', {})).toEqual({ ok: false, error: 'not_authed' });
    expect(await codeOf(clientOf(slack, 'xoxb-other').auth.test())).toBe('invalid_auth');
    expect(await codeOf(clientOf(slack, slack.workspace.app.appToken).auth.test())).toBe('not_allowed_token_type');
    expect(await codeOf(client.apps.connections.open({}))).toBe('not_allowed_token_type');
  });

  it('knows no other methods, no streams either', async () => {
    expect(await codeOf(client.apiCall('chat.shout'))).toBe('unknown_method');
    expect(await codeOf(client.apiCall('chat.startStream', { channel: INCIDENTS }))).toBe('unknown_method');
  });

  it('frowns at arguments that it does not know, and names what is missing', async () => {
    await client.apiCall('auth.test', { colour: 'red' });
    expect(() => slack.strictWarnings()).toThrow(/unknown argument colour/);
    await expect(client.apiCall('chat.postMessage', { text: 'x' })).rejects.toMatchObject({
      data: {
        error: 'invalid_arguments',
        response_metadata: { messages: ['[ERROR] missing required field: channel'] },
      },
    });
  });

  it('says which scopes the token has, and which one is missing', async () => {
    slack.workspace.app.scopes = ['chat:write', 'users:read'];
    const { response_metadata } = await client.auth.test();
    expect(response_metadata?.scopes).toEqual(['chat:write', 'users:read']);
    const refused = { error: 'missing_scope', needed: 'channels:history', provided: 'chat:write,users:read' };
    await expect(client.conversations.history({ channel: INCIDENTS })).rejects.toMatchObject({ data: refused });
    expect(await codeOf(client.conversations.history({ channel: SECRET }))).toBe('missing_scope');
    expect(await codeOf(client.users.lookupByEmail({ email: 'maria@example.com' }))).toBe('missing_scope');
    slack.workspace.app.scopes = [];
    expect(await codeOf(client.chat.postMessage({ channel: INCIDENTS, text: 'x' }))).toBe('missing_scope');
    expect(await codeOf(client.conversations.info({ channel: INCIDENTS }))).toBe('missing_scope');
    expect(await codeOf(client.usergroups.list({}))).toBe('missing_scope');
  });

  it('remembers every call with its answer', async () => {
    const ts = await post('hello');
    expect(slack.record).toHaveLength(1);
    expect(slack.record[0]).toMatchObject({ method: 'chat.postMessage', status: 200, answer: { ok: true, ts } });
    expect(slack.record[0]?.args).toEqual({ channel: INCIDENTS, text: 'hello' });
  });
});

describe('what the manifest grants', () => {
  it('is all that the app has, unless a test says otherwise', async () => {
    await slack.close();
    slack = await startSmallWorld({ app: grantedByOurManifest() });
    client = clientOf(slack);
    expect(await codeOf(client.conversations.open({ users: BEN }))).toBe('missing_scope');
    expect(await codeOf(client.users.lookupByEmail({ email: 'ben@example.com' }))).toBe('ok');
    expect(slack.workspace.app).toMatchObject({
      commands: ['/countersign'],
      messageShortcuts: [{ callbackId: 'cs_investigate_alert' }],
      homeTab: true,
      interactivity: true,
    });
    expect(slack.workspace.app.events).not.toContain('message.im');
  });

  it('takes direct messages, clicks and shortcuts away where it is silent', async () => {
    const silent = grantedBy(SILENT_MANIFEST);
    expect(silent).toMatchObject({ messagesTab: 'off', homeTab: false, interactivity: false, scopes: ['chat:write'] });
    await slack.close();
    slack = await startSmallWorld({ app: { ...silent, scopes: ['chat:write', 'im:write'] } });
    client = clientOf(slack);
    const { channel } = await client.conversations.open({ users: BEN });
    expect(await codeOf(client.chat.postMessage({ channel: BEN, text: 'x' }))).toBe('messages_tab_disabled');
    await expect(slack.person('ben').post(channel?.id as string, 'x')).rejects.toThrow('no direct messages');
    const elements = [{ type: 'button' as const, action_id: 'go', text: { type: 'plain_text' as const, text: 'Go' } }];
    const ts = await post('card', { blocks: [{ type: 'actions', elements }] });
    expect(await slack.person('ben').click(INCIDENTS, ts, 'go')).toMatchObject({ ok: false });
    expect(slack.deliveries).toEqual([]);
  });
});

describe('reading', () => {
  it('pages through a history that grows meanwhile without a gap or a double', async () => {
    const all: string[] = [];
    for (const text of ['1', '2', '3', '4', '5']) all.push(await post(text));
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await client.conversations.history({ channel: INCIDENTS, limit: 2, ...(cursor ? { cursor } : {}) });
      seen.push(...(page.messages ?? []).map(({ ts }) => ts as string));
      cursor = page.response_metadata?.next_cursor;
      expect(page.has_more).toBe(cursor !== undefined);
      await post('meanwhile');
    } while (cursor);
    expect(seen).toEqual([...all].reverse());
    expect(await codeOf(client.conversations.history({ channel: INCIDENTS, cursor: 'bogus' }))).toBe('invalid_cursor');
    expect(await codeOf(client.conversations.history({ channel: INCIDENTS, limit: 5000 }))).toBe('invalid_limit');
  });

  it('leaves the bounds of a window out unless they are asked for', async () => {
    const [a, b, c] = [await post('a'), await post('b'), await post('c')];
    const between = async (inclusive: boolean): Promise<unknown> =>
      (await client.conversations.history({ channel: INCIDENTS, oldest: a, latest: c, inclusive })).messages?.map(
        ({ ts }) => ts,
      );
    expect(await between(false)).toEqual([b]);
    expect(await between(true)).toEqual([c, b, a]);
    expect(await codeOf(client.conversations.history({ channel: FOREIGN }))).toBe('not_in_channel');
    expect(await codeOf(client.conversations.history({ channel: HIDDEN }))).toBe('channel_not_found');
  });

  it('describes channels and people, the e-mail only with its scope', async () => {
    expect((await client.conversations.info({ channel: INCIDENTS })).channel).toMatchObject({ is_member: true });
    expect((await client.conversations.info({ channel: FOREIGN })).channel).toMatchObject({ is_member: false });
    expect((await client.conversations.members({ channel: INCIDENTS })).members).toEqual([MARIA, BEN, BOT]);
    const names = (await client.conversations.list({ exclude_archived: true })).channels?.map(({ name }) => name);
    expect(names).toEqual(['data-incidents', 'random']);
    const email = async (): Promise<unknown> => (await client.users.info({ user: MARIA })).user?.profile?.email;
    expect(await email()).toBe('maria@example.com');
    slack.workspace.app.scopes = ['users:read'];
    expect(await email()).toBeUndefined();
    slack.workspace.users.set('U0GUEST001', { id: 'U0GUEST001', name: 'gus', realName: 'Gus', guest: 'one_channel' });
    const guest = (await client.users.info({ user: 'U0GUEST001' })).user;
    expect(guest).toMatchObject({ is_restricted: true, is_ultra_restricted: true, deleted: false, is_bot: false });
    expect(await codeOf(client.users.info({ user: 'U0NOBODY01' }))).toBe('user_not_found');
  });

  it('finds people by e-mail and in user groups', async () => {
    expect((await client.users.lookupByEmail({ email: 'Ben@Example.com' })).user?.id).toBe(BEN);
    expect(await codeOf(client.users.lookupByEmail({ email: 'x@example.com' }))).toBe('users_not_found');
    expect((await client.usergroups.users.list({ usergroup: 'S0ONCALL01' })).users).toEqual([MARIA]);
    expect(await codeOf(client.usergroups.users.list({ usergroup: 'S0OTHER001' }))).toBe('no_such_subteam');
  });

  it('opens a direct conversation, reacts once, and links to a reply in its thread', async () => {
    const im = (await client.conversations.open({ users: BEN })).channel?.id as string;
    expect((await client.chat.postMessage({ channel: BEN, text: 'hi' })).channel).toBe(im);
    expect(await codeOf(client.conversations.open({ users: 'U0NOBODY01' }))).toBe('user_not_found');
    const ts = await post('root');
    const react = (): Promise<unknown> => client.reactions.add({ channel: INCIDENTS, timestamp: ts, name: 'eyes' });
    await react();
    expect(await codeOf(react())).toBe('already_reacted');
    const reply = await post('reply', { thread_ts: ts });
    const { permalink } = await client.chat.getPermalink({ channel: INCIDENTS, message_ts: reply });
    expect(permalink).toBe(
      `https://local.slack.com/archives/${INCIDENTS}/p${reply.replace('.', '')}?thread_ts=${ts}&cid=${INCIDENTS}`,
    );
    expect(await codeOf(client.chat.getPermalink({ channel: INCIDENTS, message_ts: '1.1' }))).toBe('message_not_found');
  });
});
