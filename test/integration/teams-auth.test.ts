import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { generateKeyPair, SignJWT } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createTeamsApp, type TeamsAppDeps } from '../../adapters/teams/app.js';
import { createBotAdapter } from '../../adapters/teams/bot-adapter.js';
import { createProcessLog } from '../../src/log.js';
import type { SeenCard } from '../contract/chat.js';
import { until } from '../contract/chat-role.js';
import { CHANNEL, openTeamsChat, type TeamsGiven, userId } from '../contract/chat-teams.js';
import { type Handle, verdictButton } from '../contract/chat-teams-seen.js';
import { eventsOf, expectDecided, trivial, waiting } from '../contract/expectations/chat-given.js';
import { byPublicKey, bySomeKey, prolonged, unsigned } from '../support/forged-tokens.js';
import { asObject, type Json } from '../support/teams/core.js';

const ISSUER = 'https://api.botframework.com';
const ELSEWHERE = '0c0c0c0c-1111-4222-8333-0d0d0d0d0d0d';
const INTRUDER_SERVICE = 'https://intruder.example/teams/';

/** What one attempt comes with; undefined: no token. */
type Token = (given: TeamsGiven) => Promise<string | undefined>;

interface Row {
  title: string;
  token: Token;
  change?: (activity: Json) => Json;
  status: number;
  counts: boolean;
  /** What whoever did it is told, where they are told anything. */
  tells?: RegExp;
}

const good: Token = (given) => given.teams.tokenFor();
const claiming =
  (claims: Parameters<TeamsGiven['teams']['tokenFor']>[0]): Token =>
  (given) =>
    given.teams.tokenFor(claims);
const from = (more: Json) => (activity: Json) => ({ ...activity, from: { ...asObject(activity['from']), ...more } });
const at = (serviceUrl: unknown) => (activity: Json) => ({ ...activity, serviceUrl });
/** The person is of that tenant, the conversation of ours. */
const personOf = (tenant: string) => (activity: Json) => ({
  ...activity,
  channelData: { ...asObject(activity['channelData']), tenant: { id: tenant } },
});
const conversationOf = (tenantId: string) => (activity: Json) => ({
  ...activity,
  conversation: { ...asObject(activity['conversation']), tenantId },
});

/** Whose click counts, and whose is refused at the door (not a byte of answer to a bad token) or told that it does not count. */
const TABLE: Row[] = [
  { title: 'a token of Teams, for this bot', token: good, status: 200, counts: true },
  {
    title: 'one that ended two minutes ago: clocks differ',
    token: claiming({ expiresIn: -120 }),
    status: 200,
    counts: true,
  },
  { title: 'no token', token: async () => undefined, status: 401, counts: false },
  { title: 'words in its place', token: async () => 'let-me-in', status: 401, counts: false },
  { title: 'an empty token', token: async () => '', status: 401, counts: false },
  { title: 'a token for another bot', token: claiming({ audience: ELSEWHERE }), status: 401, counts: false },
  { title: 'a token that ended an hour ago', token: claiming({ expiresIn: -3600 }), status: 401, counts: false },
  {
    title: 'a signature by another key, under the name of a good one',
    token: claiming({ forged: true }),
    status: 401,
    counts: false,
  },
  {
    title: 'a key that nobody published',
    token: async (given) => bySomeKey(await given.teams.tokenFor()),
    status: 401,
    counts: false,
  },
  { title: 'no signature', token: async (given) => unsigned(await given.teams.tokenFor()), status: 401, counts: false },
  {
    title: 'the published key taken for a shared secret',
    token: async (given) => byPublicKey(await given.teams.tokenFor(), given.teams.openIdMetadata),
    status: 401,
    counts: false,
  },
  {
    title: 'other claims under a good signature',
    token: async (given) => prolonged(await given.teams.tokenFor()),
    status: 401,
    counts: false,
  },
  { title: 'another issuer', token: claiming({ issuer: 'https://issuer.example' }), status: 401, counts: false },
  {
    title: "an issuer whom botbuilder's Emulator believes",
    token: claiming({ issuer: 'https://sts.windows.net/d6d49420-f39b-4df7-a1dc-d59a935871db/' }),
    status: 401,
    counts: false,
  },
  {
    title: 'a token for another service address',
    token: claiming({ serviceUrl: INTRUDER_SERVICE }),
    status: 401,
    counts: false,
  },
  {
    title: 'an activity that wants its answers elsewhere',
    token: good,
    change: at(INTRUDER_SERVICE),
    status: 401,
    counts: false,
  },
  { title: 'an activity that says no address', token: good, change: at(undefined), status: 401, counts: false },
  {
    title: 'a conversation of another tenant',
    token: good,
    change: (activity) => conversationOf(ELSEWHERE)(personOf(ELSEWHERE)(activity)),
    status: 403,
    counts: false,
  },
  {
    title: 'another channel of the Bot Framework',
    token: good,
    change: (activity) => ({ ...activity, channelId: 'webchat' }),
    status: 401,
    counts: false,
  },
  {
    title: 'a person of another tenant in a shared channel of ours',
    token: good,
    change: personOf(ELSEWHERE),
    status: 200,
    counts: false,
    tells: /another company/,
  },
  {
    title: "somebody's name with another account",
    token: good,
    change: from({ aadObjectId: ELSEWHERE }),
    status: 200,
    counts: false,
    tells: /Not counted/,
  },
  {
    title: 'an account that is not said',
    token: good,
    change: from({ aadObjectId: undefined }),
    status: 200,
    counts: false,
    tells: /Not counted/,
  },
];

describe('who may speak to the Teams endpoint', () => {
  let given: TeamsGiven;
  beforeAll(async () => {
    given = await openTeamsChat();
  });
  afterAll(() => given.close());

  for (const row of TABLE) {
    it(`${row.title}: ${row.counts ? 'counts' : row.status === 200 ? 'does not count' : 'refused'}`, async () => {
      const { incident, card } = await waiting(given, trivial);
      const activity = approvalBy('ana', card, given);
      const changed = row.change?.(activity) ?? activity;
      const token = await row.token(given);
      const calls = given.teams.record.length;
      const answer = await given.teams.deliver(changed, token);
      expect(answer.status).toBe(row.status);
      if (row.status === 401) expect(answer.body).toBe('');
      if (row.status !== 200) {
        // Nobody is asked for; cards of earlier rows may still be edited meanwhile.
        expect(given.teams.record.slice(calls).filter(({ call }) => call === 'member')).toEqual([]);
      }
      if (row.tells !== undefined) expect(answer.body).toMatch(row.tells);
      // Gestures are worked off in their order: had Ana's counted, Ben's would come too late.
      if (!row.counts) await given.press('ben', card, { verdict: 'approve' });
      await until(async () => (await eventsOf(given, incident, 'decision.recorded')).length > 0, 'a decision');
      await expectDecided(given, incident, 'approve', [row.counts ? 'ana' : 'ben']);
    });
  }
});

describe('the door', () => {
  const closing: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  /** The real router; nothing behind it may be reached. */
  async function door(openIdMetadata: string): Promise<string> {
    const settings = { appId: ELSEWHERE, tenantId: ELSEWHERE };
    const processLog = createProcessLog('test', 'silent');
    const login = { appPassword: 'a secret of tests', loginUrl: 'http://127.0.0.1:9/', openIdMetadata };
    const bot = createBotAdapter({ ...settings, ...login, processLog });
    const behind = { settings, processLog, bot, clock: { now: () => new Date() } } as Partial<TeamsAppDeps>;
    const { router } = createTeamsApp(behind as TeamsAppDeps);
    const server = createServer(express().use('/teams', router));
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    closing.push(() => {
      server.closeAllConnections();
      return new Promise((done) => server.close(() => done()));
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/teams/messages`;
  }

  it('refuses by the headers what can not be Teams, and what it can not read', async () => {
    const url = await door('http://127.0.0.1:9/keys');
    const post = async (headers: Record<string, string>, body: string): Promise<[number, string]> => {
      const answer = await fetch(url, { method: 'POST', headers, body });
      return [answer.status, await answer.text()];
    };
    const json = { 'content-type': 'application/json' };
    const authorization = 'Bearer a.b.c';
    expect(await post({ ...json, authorization: 'Basic YTpi' }, '{}')).toEqual([401, '']);
    expect(await post({ 'content-type': 'text/plain', authorization }, '{}')).toEqual([415, '']);
    expect(await post({ ...json, authorization }, '{')).toEqual([400, '']);
    expect(await post({ ...json, authorization }, `["${'x'.repeat(1_000_000)}"]`)).toEqual([413, '']);
    expect((await fetch(url)).status).toBe(404);
  });

  it('answers 503 while the keys can not be read, so that Teams sends again', async () => {
    const url = await door('http://127.0.0.1:9/keys');
    const { privateKey } = await generateKeyPair('RS256');
    const token = await new SignJWT({ serviceurl: 'https://smba.trafficmanager.net/teams/' })
      .setProtectedHeader({ alg: 'RS256', kid: 'some-key' })
      .setIssuer(ISSUER)
      .setAudience(ELSEWHERE)
      .setExpirationTime('1h')
      .sign(privateKey);
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({
        type: 'message',
        channelId: 'msteams',
        serviceUrl: 'https://smba.trafficmanager.net/teams/',
      }),
    });
    expect([answer.status, await answer.text()]).toEqual([503, '']);
  });
});

/** Somebody's click on "Approve" as Teams would send it, not sent. */
function approvalBy(who: 'ana', on: SeenCard, { teams }: TeamsGiven): Json {
  const { message, card } = on.handle as Handle;
  const button = verdictButton(card, 'approve');
  const root = teams.tenant.message(CHANNEL, message)?.root;
  const { tenantId, team } = teams.tenant;
  return teams.activityFrom(userId(who), {
    type: 'invoke',
    name: 'adaptiveCard/action',
    replyToId: message,
    conversation: { isGroup: true, conversationType: 'channel', tenantId, id: `${CHANNEL};messageid=${root}` },
    channelData: { channel: { id: CHANNEL }, team: { id: team.id }, tenant: { id: tenantId } },
    value: {
      action: {
        type: 'Action.Execute',
        title: button?.title,
        verb: button?.carried.verb,
        data: { cs: button?.carried },
      },
      trigger: 'manual',
    },
  });
}
