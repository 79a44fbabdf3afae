import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createClock } from '../support/slack/clock.js';
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
const asDialog = (content: object, more: object = {}): object => ({
  task: { type: 'continue', value: { title: 'Form', card: { contentType: CARD, content }, ...more } },
});
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
const FORM = said('form', { body: [WORDS], actions: [{ type: 'Action.Submit', title: 'Send', data: { cs: 2 } }] });

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

/** A message of the bot in the channel. */
async function posted(content: object = BUTTONS): Promise<string> {
  const form = {
    grant_type: 'client_credentials',
    client_id: teams.tenant.bot.appId,
    client_secret: teams.tenant.bot.password,
    scope: teams.scope,
  };
  const answer = await fetch(`${teams.loginUrl}/oauth2/v2.0/token`, {
    method: 'POST',
    body: new URLSearchParams(form),
  });
  const { access_token } = (await answer.json()) as { access_token: string };
  const sent = await fetch(`${teams.serviceUrl}v3/conversations/${encodeURIComponent(CHANNEL)}/activities`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${access_token}` },
    body: JSON.stringify({ type: 'message', summary: 's', attachments: [{ contentType: CARD, content }] }),
  });
  return ((await sent.json()) as { id: string }).id;
}

describe('answers of no form', () => {
  it.each([
    ['nothing', {}, /empty/],
    ['an empty object', { body: {} }, /empty/],
    ['HTTP 501', { status: 501, body: 'not implemented' }, /HTTP 501/],
    ['a bare card', { body: said('x') }, /statusCode/],
    ['a type that there is not', { body: { statusCode: 200, type: 'text', value: 'x' } }, /type "text"/],
    [
      'words without words',
      { body: { statusCode: 200, type: 'application/vnd.microsoft.activity.message', value: ' ' } },
      /without words/,
    ],
    [
      'an error without words',
      { body: { statusCode: 400, type: 'application/vnd.microsoft.error', value: {} } },
      /code and message/,
    ],
  ])('%s: the person is told by the client, and the test by a warning', async (_what, answer, fault) => {
    const id = await posted();
    bot.answer = () => answer;
    const reaction = await teams.person('ana').clickExecute(id, 'look');
    expect(reaction).toMatchObject({ ok: false, kind: 'none', text: 'Unable to reach app. Please try again.' });
    expect(teams.warnings.join()).toMatch(fault);
  });

  it('a bad card is shown as it can be, with a warning', async () => {
    const id = await posted();
    bot.answer = () => ({ body: asCard(said('x', { colour: 1 })) });
    expect((await teams.person('ana').clickExecute(id, 'look')).kind).toBe('card');
    expect(teams.warnings.join()).toMatch(/no property "colour"/);
  });

  it('an error with words is told', async () => {
    const id = await posted();
    bot.answer = () => ({
      body: { statusCode: 403, type: 'application/vnd.microsoft.error', value: { code: 'No', message: 'Not you' } },
    });
    expect(await teams.person('ana').clickExecute(id, 'look')).toMatchObject({
      ok: false,
      kind: 'error',
      text: 'Not you',
    });
    expect(teams.warnings).toEqual([]);
  });

  it('late ones are none: after 15 seconds, and for dialogs after 5, which the client sends twice more', async () => {
    const id = await posted();
    bot.answer = ({ name }) => ({ body: asCard(said('x')), afterMs: name === 'task/fetch' ? 20_000 : 60_000 });
    expect(await teams.person('ana').clickExecute(id, 'look')).toMatchObject({ kind: 'none' });
    expect(teams.deliveries.map(({ outcome }) => outcome)).toEqual(['http_timeout']);
    expect(await teams.person('ana').openDialog(id, 'Open')).toMatchObject({ kind: 'none' });
    expect(teams.deliveries.filter(({ name }) => name === 'task/fetch')).toHaveLength(3);
    expect(new Set(bot.heard.filter(({ name }) => name === 'task/fetch').map((one) => one['id'])).size).toBe(1);
  });
});

describe('dialogs', () => {
  it('open by a button, are filled in, and end with words', async () => {
    const id = await posted();
    bot.answer = ({ name }) => ({
      body: name === 'task/fetch' ? asDialog(FORM) : { task: { type: 'message', value: 'Counted' } },
    });
    const ana = teams.person('ana');
    expect(await ana.openDialog(id, 'Open')).toMatchObject({ ok: true, kind: 'dialog' });
    expect(bot.heard[0]).toMatchObject({
      name: 'task/fetch',
      replyToId: id,
      value: { data: { cs: 1 }, context: { theme: 'default' } },
    });
    expect(await ana.submitDialog({})).toMatchObject({ ok: false, blocked: { words: 'Say what you checked' } });
    expect(await ana.submitDialog({ words: 'both' })).toMatchObject({ ok: true, kind: 'message', text: 'Counted' });
    expect(bot.heard[1]).toMatchObject({ name: 'task/submit', value: { data: { cs: 2, words: 'both' } } });
    expect(ana.dialog()).toBeUndefined();
    expect(teams.warnings).toEqual([]);
  });

  it.each([
    [
      'a card that is no attachment',
      { task: { type: 'continue', value: { title: 'x', card: FORM } } },
      /no attachment/,
    ],
    ['a button that dialogs do not have', asDialog(said('x', { actions: [execute] })), /in a dialog/],
    ['a size that there is not', asDialog(FORM, { height: 'tall' }), /size "tall"/],
    ['no title', asDialog(FORM, { title: '' }), /without a title/],
    ['the answer of a card', asCard(said('x')), /unknown field|no task/],
  ])('frowned at: %s', async (_what, body, fault) => {
    const id = await posted();
    bot.answer = () => ({ body });
    await teams.person('ana').openDialog(id, 'Open');
    expect(teams.warnings.join()).toMatch(fault);
  });

  it('an action on a message carries the message, in its form and in the answer to it', async () => {
    const ana = teams.person('ana');
    const alert = ana.postQuietly(CHANNEL, 'DAG failed <b>');
    bot.answer = ({ name }) => ({
      body: name === 'composeExtension/fetchTask' ? asDialog(FORM) : { task: { type: 'message', value: 'Opened' } },
    });
    await ana.investigate(alert, 'investigate');
    await ana.submitDialog({ words: 'now' });
    expect(bot.heard.map(({ name }) => name)).toEqual(['composeExtension/fetchTask', 'composeExtension/submitAction']);
    expect(bot.heard[1]?.['value']).toMatchObject({
      commandId: 'investigate',
      data: { cs: 2, words: 'now' },
      messagePayload: { id: alert, body: { contentType: 'html', content: '<div>DAG failed &lt;b&gt;</div>' } },
    });
  });
});
