import type { App } from '@slack/bolt';
import { describe, expect, it } from 'vitest';
import { createManualClock } from '../support/slack/clock.js';
import { button, field, modal, type PressedWorld, plain, startPressedWorld } from '../support/slack/pressed-world.js';
import { BOT, codeOf, FOREIGN, INCIDENTS, MARIA } from '../support/slack/small-world.js';
import { until } from '../support/until.js';

let world: PressedWorld;

describe('a response_url', () => {
  const press = async (blocks = [button('go')]): Promise<{ ts: string; url: string }> => {
    const ts = await world.post(blocks);
    await world.maria.click(INCIDENTS, ts, 'go');
    return { ts, url: world.payload()['response_url'] as string };
  };
  const respond = async (url: string, args: object): Promise<[number, unknown]> => {
    const answer = await fetch(url, { method: 'POST', body: JSON.stringify(args) });
    return [answer.status, ((await answer.json()) as { error?: string }).error ?? 'ok'];
  };
  const listen = (app: App): void => app.action('go', async ({ ack }) => ack());

  it('works five times', async () => {
    world = await startPressedWorld(listen);
    const { url } = await press();
    for (let use = 1; use <= 5; use += 1) expect(await respond(url, { text: `${use}` })).toEqual([200, 'ok']);
    expect(await respond(url, { text: '6' })).toEqual([404, 'used_url']);
    expect(world.maria.ephemerals(INCIDENTS)).toHaveLength(5);
    expect(await respond(`${world.slack.url}/actions/T0LOCAL001/x/y`, { text: 'x' })).toEqual([404, 'no_such_url']);
  });

  it('works for thirty minutes', async () => {
    const clock = createManualClock();
    world = await startPressedWorld(listen, { clock });
    const { url } = await press();
    await clock.advance(30 * 60_000);
    expect(await respond(url, { text: 'x' })).toEqual([200, 'ok']);
    await clock.advance(1);
    expect(await respond(url, { text: 'x' })).toEqual([404, 'expired_url']);
  });

  it('replaces and deletes the message, ephemeral ones too, or speaks to the channel', async () => {
    world = await startPressedWorld(listen);
    const { ts, url } = await press();
    await respond(url, { text: 'new', replace_original: true });
    expect(world.slack.workspace.message(INCIDENTS, ts)).toMatchObject({ text: 'new' });
    expect(world.slack.workspace.message(INCIDENTS, ts)).not.toHaveProperty('blocks');
    await respond(url, { delete_original: true });
    expect(world.slack.workspace.message(INCIDENTS, ts)).toBeUndefined();
    await respond(url, { text: 'to all', response_type: 'in_channel' });
    expect(world.slack.workspace.channelByName('data-incidents').messages).toMatchObject([
      { text: 'to all', user: BOT },
    ]);
    const shown = await world.client.chat.postEphemeral({
      channel: INCIDENTS,
      user: MARIA,
      text: 'x',
      blocks: [button('go')],
    });
    await world.maria.click(INCIDENTS, shown.message_ts as string, 'go');
    await respond(world.payload()['response_url'] as string, { text: 'changed', replace_original: true });
    expect(world.maria.ephemerals()).toMatchObject([{ text: 'changed', ts: shown.message_ts }]);
  });

  it('takes only what Slack takes, save the total length', async () => {
    world = await startPressedWorld(listen);
    const { url } = await press();
    expect(await respond(url, {})).toEqual([400, 'no_text']);
    const section = (length: number) => ({ type: 'section', text: plain('x'.repeat(length)) });
    expect(await respond(url, { text: 'x', blocks: [section(3001)] })).toEqual([400, 'invalid_blocks']);
    const long = Array.from({ length: 6 }, () => section(3000));
    expect(await codeOf(world.client.chat.postMessage({ channel: INCIDENTS, text: 'x', blocks: long as never }))).toBe(
      'msg_blocks_too_long',
    );
    expect(await respond(url, { text: 'x', blocks: long })).toEqual([200, 'ok']);
  });
});

describe('commands and shortcuts', () => {
  it('sends a slash command as a plain form, and shows its answer to the person', async () => {
    world = await startPressedWorld((app) =>
      app.command('/countersign', async ({ ack, command }) => ack(`heard: ${command.text}`)),
    );
    expect(await world.maria.slash(INCIDENTS, '/countersign', 'status <now>')).toMatchObject({ ok: true });
    expect(world.maria.ephemerals(INCIDENTS)).toMatchObject([{ text: 'heard: status &lt;now&gt;' }]);
    expect(world.payload()).toMatchObject({ command: '/countersign', channel_name: 'data-incidents', user_id: MARIA });
    expect(await world.maria.slash(INCIDENTS, '/countersign', 'open https://example.com <@U0BEN00001>')).toMatchObject({
      ok: true,
    });
    expect(world.payload()).toMatchObject({ text: 'open https://example.com &lt;@U0BEN00001&gt;' });
    world.slack.workspace.app.escapesCommands = true;
    await world.maria.slash(INCIDENTS, '/countersign', 'open https://example.com <@U0BEN00001>');
    expect(world.payload()).toMatchObject({ text: 'open <https://example.com> <@U0BEN00001>' });
    expect(await world.maria.slash(INCIDENTS, '/other')).toMatchObject({
      ok: false,
      error: '/other is not a valid command.',
    });
  });

  it('works where the app is not, opens a modal, and shows when the app failed', async () => {
    let fails = false;
    world = await startPressedWorld((app) =>
      app.command('/countersign', async ({ ack, body, client: own }) => {
        if (fails) throw new Error('boom');
        await ack({ response_type: 'in_channel', text: 'here' });
        await own.views.open({ trigger_id: body.trigger_id, view: modal([field('why')]) });
      }),
    );
    expect(await world.maria.slash(FOREIGN, '/countersign')).toMatchObject({ ok: true });
    expect(world.slack.workspace.channelByName('random').messages).toMatchObject([{ text: 'here', user: BOT }]);
    await until(() => world.maria.view(), 'the modal');
    fails = true;
    expect((await world.maria.slash(FOREIGN, '/countersign')).error).toBe(
      '/countersign failed with the error "dispatch_failed"',
    );
  });

  it('offers the message shortcuts of the app, with the message', async () => {
    world = await startPressedWorld((app) => app.shortcut('look', async ({ ack }) => ack()), {
      app: { messageShortcuts: [{ callbackId: 'look', name: 'Look at this' }] },
    });
    const ts = await world.slack.person('ben').post(INCIDENTS, 'FIRING see https://example.com/a?b=1');
    expect(await world.maria.messageShortcut('look', INCIDENTS, ts)).toMatchObject({ ok: true });
    expect(world.payload()).toMatchObject({
      type: 'message_action',
      callback_id: 'look',
      message_ts: ts,
      message: { ts, text: 'FIRING see <https://example.com/a?b=1>' },
    });
    await expect(world.maria.messageShortcut('other', INCIDENTS, ts)).rejects.toThrow('no message shortcut');
    world.slack.workspace.app.scopes = ['chat:write'];
    await expect(world.maria.messageShortcut('look', INCIDENTS, ts)).rejects.toThrow('no message shortcut');
    expect((await world.maria.slash(INCIDENTS, '/countersign')).error).toBe('/countersign is not a valid command.');
  });
});
