import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createClock } from '../support/slack/clock.js';
import type { Json } from '../support/teams/core.js';
import { cardText } from '../support/teams/rendering.js';
import { type ScriptedBot, startScriptedBot } from '../support/teams/scripted-bot.js';
import { startTeams } from '../support/teams/server.js';
import type { TeamsServer } from '../support/teams/server-types.js';

const CHANNEL = '19:incidents@thread.tacv2';
const CARD = 'application/vnd.microsoft.card.adaptive';
const said = (words: string, more: object = {}): object => ({
  type: 'AdaptiveCard',
  version: '1.5',
  body: [{ type: 'TextBlock', text: words }],
  ...more,
});
const asCard = (value: object): object => ({ statusCode: 200, type: CARD, value });
const execute = { type: 'Action.Execute', title: 'Approve', verb: 'decide', data: { cs: { incident: 'INC-1' } } };
const WORDS = {
  type: 'Input.Text',
  id: 'words',
  label: 'Check',
  isRequired: true,
  errorMessage: 'Say what you checked',
};
const BUTTONS = said('decide', {
  actions: [
    { ...execute, title: 'Look', verb: 'look' },
    { type: 'Action.Submit', title: 'Open', data: { msteams: { type: 'task/fetch' }, cs: 1 } },
    { type: 'Action.ShowCard', title: 'Why', card: { ...said('why'), body: [WORDS], actions: [execute] } },
  ],
});

let teams: TeamsServer;
let bot: ScriptedBot;
beforeEach(async () => {
  teams = await startTeams({
    clock: createClock(100),
    users: [
      { id: '29:ana', name: 'ana' },
      { id: '29:ben', name: 'ben' },
    ],
    channels: [{ id: CHANNEL, name: 'incidents', members: ['29:ana'] }],
  });
  bot = await startScriptedBot(teams);
});
afterEach(async () => {
  await bot.close();
  await teams.close();
});

/** A message of the bot in the channel; with an id, that one is edited. */
async function posted(content: object = BUTTONS, edited?: string): Promise<string> {
  const { appId, password } = teams.tenant.bot;
  const form = { grant_type: 'client_credentials', client_id: appId, client_secret: password, scope: teams.scope };
  const answer = await fetch(`${teams.loginUrl}/oauth2/v2.0/token`, {
    method: 'POST',
    body: new URLSearchParams(form),
  });
  const { access_token } = (await answer.json()) as { access_token: string };
  const activities = `${teams.serviceUrl}v3/conversations/${encodeURIComponent(CHANNEL)}/activities`;
  const sent = await fetch(edited === undefined ? activities : `${activities}/${edited}`, {
    method: edited === undefined ? 'POST' : 'PUT',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${access_token}` },
    body: JSON.stringify({ type: 'message', summary: 's', attachments: [{ contentType: CARD, content }] }),
  });
  return ((await sent.json()) as { id: string }).id;
}

describe('what reaches the bot', () => {
  it('is signed by Teams for this bot; nothing else passes', async () => {
    const activity = teams.activityFrom('ana', { text: 'hello' });
    const status = async (claims?: Parameters<TeamsServer['tokenFor']>[0]): Promise<number> =>
      (await teams.deliver(activity, await teams.tokenFor(claims))).status;
    expect(await status()).toBe(200);
    expect(await status({ forged: true })).toBe(401);
    expect(await status({ audience: 'another' })).toBe(401);
    expect(await status({ issuer: 'https://evil.example' })).toBe(401);
    expect(await status({ expiresIn: -3600 })).toBe(401);
    expect(await status({ serviceUrl: 'https://evil.example' })).toBe(401);
    expect((await teams.deliver(activity)).status).toBe(401);
    expect(bot.refused).toHaveLength(6);
  });

  it('in a channel, only what mentions it; in its own chat, everything', async () => {
    await teams.person('ana').say(CHANNEL, 'just talk', { mention: false });
    const root = await teams.person('ana').say(CHANNEL, 'help');
    await teams.person('ana').say(CHANNEL, 'why?', { thread: root });
    await teams.person('ben').chat('waiting');
    expect(bot.heard.map(({ text }) => text)).toEqual([
      '<at>Countersign</at> help',
      '<at>Countersign</at> why?',
      'waiting',
    ]);
    expect(bot.heard[1]).toMatchObject({
      conversation: {
        id: `${CHANNEL};messageid=${root}`,
        conversationType: 'channel',
        tenantId: teams.tenant.tenantId,
      },
      from: { id: '29:ana', aadObjectId: teams.person('ana').user.aadObjectId },
      entities: [{ type: 'mention', mentioned: { id: teams.tenant.bot.id } }, { type: 'clientInfo' }],
    });
    expect(bot.heard[2]?.['conversation']).toMatchObject({ conversationType: 'personal' });
  });

  it('nobody writes or presses where they are not', async () => {
    const id = await posted();
    await expect(teams.person('ben').say(CHANNEL, 'hello')).rejects.toThrow('not in incidents');
    await expect(teams.person('ben').clickExecute(id, 'look')).rejects.toThrow('does not see');
  });

  it('the same thing again is the same byte for byte', async () => {
    await teams.person('ana').say(CHANNEL, 'help', { times: 2 });
    await teams.repeatLast();
    expect(new Set(bot.heard.map((one) => JSON.stringify(one))).size).toBe(1);
    expect(bot.heard).toHaveLength(3);
  });

  it('an installation says so, in the team and to a person', async () => {
    await teams.install('team');
    await teams.install({ person: 'ben' });
    expect(bot.heard.map(({ type }) => type)).toEqual([
      'installationUpdate',
      'conversationUpdate',
      'installationUpdate',
      'conversationUpdate',
    ]);
    expect(bot.heard[1]).toMatchObject({
      conversation: { id: teams.tenant.team.id },
      membersAdded: [{ id: teams.tenant.bot.id }],
    });
  });
});

describe('a pressed button', () => {
  it('sends verb, data and where it stands; the card that comes back is seen by the one who pressed', async () => {
    const id = await posted();
    bot.answer = () => ({ body: asCard(said('thank you')) });
    const reaction = await teams.person('ana').clickExecute(id, 'Look');
    expect(reaction).toMatchObject({ ok: true, kind: 'card' });
    expect(bot.heard[0]).toMatchObject({
      type: 'invoke',
      name: 'adaptiveCard/action',
      replyToId: id,
      value: {
        action: { type: 'Action.Execute', verb: 'look', data: { cs: { incident: 'INC-1' } } },
        trigger: 'manual',
      },
    });
    expect(cardText(teams.person('ana').view(id))).toBe('thank you');
    expect(cardText(teams.tenant.message(CHANNEL, id)?.card)).toContain('decide');
    expect(teams.warnings).toEqual([]);
  });

  it('sends what was typed, and nothing while a required input is empty', async () => {
    const id = await posted();
    bot.answer = () => ({ body: asCard(said('done')) });
    const stopped = await teams.person('ana').clickExecute(id, 'decide');
    expect(stopped).toMatchObject({ ok: false, blocked: { words: 'Say what you checked' } });
    expect(bot.heard).toEqual([]);
    await teams.person('ana').clickExecute(id, 'decide', { inputs: { words: 'both' } });
    expect(bot.heard[0]?.['value']).toMatchObject({ action: { data: { cs: { incident: 'INC-1' }, words: 'both' } } });
    await expect(teams.person('ana').clickExecute(id, 'decide', { inputs: { other: 'x' } })).rejects.toThrow();
  });

  it('an edit for everybody takes the own view away', async () => {
    const id = await posted();
    bot.answer = () => ({ body: asCard(said('mine')) });
    await teams.person('ana').clickExecute(id, 'look');
    expect(cardText(teams.person('ana').view(id))).toBe('mine');
    await posted(said('for everybody'), id);
    expect(cardText(teams.person('ana').view(id))).toBe('for everybody');
  });

  it('delivered three times, it is one activity with three answers', async () => {
    const id = await posted();
    let count = 0;
    bot.answer = () => ({
      body: { statusCode: 200, type: 'application/vnd.microsoft.activity.message', value: `answer ${++count}` },
    });
    const { answers } = await teams.person('ana').clickExecute(id, 'look', { times: 3, how: 'in turn' });
    expect(answers.map(({ text }) => text)).toEqual(['answer 1', 'answer 2', 'answer 3']);
    expect(new Set(bot.heard.map((one) => (one as Json)['id'])).size).toBe(1);
  });

  it('a card asks to be refreshed by those whom it names', async () => {
    const id = await posted(said('x', { refresh: { action: execute, userIds: ['29:ana'] } }));
    bot.answer = () => ({ body: asCard(said('fresh')) });
    expect(await teams.person('ana').refresh(id)).toMatchObject({ kind: 'card' });
    expect(bot.heard[0]?.['value']).toMatchObject({ trigger: 'automatic' });
  });
});
