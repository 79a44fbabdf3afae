import type { App, BlockAction, ButtonAction } from '@slack/bolt';
import type { KnownBlock, View } from '@slack/types';
import { afterEach, describe, expect, it } from 'vitest';
import { startBoltApp } from '../support/slack/bolt-app.js';
import { createManualClock, type ManualClock } from '../support/slack/clock.js';
import type { SlackOptions, SlackServer } from '../support/slack/server-types.js';
import {
  BOT,
  clientOf,
  codeOf,
  FOREIGN,
  INCIDENTS,
  MARIA,
  startSmallWorld,
  until,
} from '../support/slack/small-world.js';

let slack: SlackServer;
let client: ReturnType<typeof clientOf>;
const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

async function start(listen: (app: App) => void, options: SlackOptions = {}): Promise<void> {
  slack = await startSmallWorld({ limits: 'off', ...options });
  client = clientOf(slack);
  open.push(slack, await startBoltApp(slack, listen));
}

const plain = (text: string) => ({ type: 'plain_text' as const, text });
const button = (actionId: string, value = 'v-1'): KnownBlock => ({
  type: 'actions',
  block_id: `block-${actionId}`,
  elements: [{ type: 'button', action_id: actionId, text: plain('Press'), value }],
});
const select: KnownBlock = {
  type: 'actions',
  block_id: 'choice',
  elements: [
    {
      type: 'static_select',
      action_id: 'pick',
      options: ['a', 'b'].map((value) => ({ text: plain(value), value })),
      initial_option: { text: plain('a'), value: 'a' },
    },
  ],
};
const field = (blockId: string, more: object = {}): KnownBlock => ({
  type: 'input',
  block_id: blockId,
  label: plain(blockId),
  element: { type: 'plain_text_input', action_id: 'in', ...more },
});
const modal = (blocks: KnownBlock[], more: Partial<View> = {}): View =>
  ({ type: 'modal', callback_id: 'form', title: plain('Form'), submit: plain('Send'), blocks, ...more }) as View;
const post = async (blocks: KnownBlock[], more: object = {}): Promise<string> =>
  (await client.chat.postMessage({ channel: INCIDENTS, text: 'card', blocks, ...more })).ts as string;
const payload = (at = -1): Record<string, unknown> =>
  slack.deliveries.filter(({ kind }) => kind !== 'event').at(at)?.payload ?? {};
const maria = () => slack.person('maria');

describe('a button', () => {
  it('carries who, where, what, the message as it stood and the state of its fields', async () => {
    const seen: BlockAction<ButtonAction>[] = [];
    await start((app) =>
      app.action<BlockAction<ButtonAction>>('go', async ({ ack, body }) => {
        seen.push(body);
        await ack();
      }),
    );
    const root = await post([button('go')]);
    const ts = await post([button('go', 'v-2'), select], { thread_ts: root });
    const reaction = await maria().click(INCIDENTS, ts, 'go');
    expect(reaction).toMatchObject({ ok: true });
    expect(seen[0]).toMatchObject({
      type: 'block_actions',
      user: { id: MARIA, username: 'maria', team_id: 'T0LOCAL001' },
      container: { type: 'message', message_ts: ts, channel_id: INCIDENTS, is_ephemeral: false, thread_ts: root },
      channel: { id: INCIDENTS, name: 'data-incidents' },
      message: { ts, thread_ts: root, bot_id: slack.workspace.app.botId, text: 'card' },
      state: { values: { choice: { pick: { type: 'static_select', selected_option: { value: 'a' } } } } },
      actions: [{ type: 'button', action_id: 'go', block_id: 'block-go', value: 'v-2' }],
    });
    expect(seen[0]?.response_url).toContain(slack.url);
    await maria().click(INCIDENTS, ts, 'pick', { chosen: { selected_option: { text: plain('b'), value: 'b' } } });
    expect(payload()).toMatchObject({
      actions: [{ selected_option: { value: 'b' } }],
      state: { values: { choice: { pick: { selected_option: { value: 'b' } } } } },
    });
  });

  it('still works on a screen that shows an older state, and twice for a double click', async () => {
    const texts: unknown[] = [];
    const triggers = new Set<unknown>();
    await start((app) =>
      app.action<BlockAction>('go', async ({ ack, body }) => {
        texts.push(body.message?.['text']);
        triggers.add(body.trigger_id);
        await ack();
      }),
    );
    const ts = await post([button('go')]);
    const snapshot = structuredClone(slack.workspace.message(INCIDENTS, ts));
    if (snapshot === undefined) throw new Error('no message');
    await client.chat.update({ channel: INCIDENTS, ts, text: 'decided' });
    await expect(maria().click(INCIDENTS, ts, 'go')).rejects.toThrow('no button "go"');
    await maria().click(INCIDENTS, ts, 'go', { snapshot, double: true });
    expect(texts).toEqual(['card', 'card']);
    expect(triggers.size).toBe(2);
  });

  it('shows an error when nobody acknowledges or the app fails, and is never sent again', async () => {
    await start(
      (app) => {
        app.action('fail', async () => {
          throw new Error('boom');
        });
        app.action('hang', () => new Promise(() => undefined));
      },
      { speed: 20, reactionMs: 3000 },
    );
    const ts = await post([button('fail'), button('hang')]);
    const hung = await maria().click(INCIDENTS, ts, 'hang');
    expect(hung).toMatchObject({ ok: false, error: 'Operation timed out. Apps need to respond within 3 seconds.' });
    expect(hung.ms).toBeGreaterThanOrEqual(3000);
    const failed = await maria().click(INCIDENTS, ts, 'fail');
    expect(failed).toMatchObject({ ok: false, error: 'This app responded with Status Code 500.' });
    await slack.clock.sleep(20_000);
    expect(slack.deliveries.filter(({ kind }) => kind === 'block_actions')).toHaveLength(2);
  });

  it('comes with no copy of the message when that is ephemeral', async () => {
    await start((app) => app.action('go', async ({ ack }) => ack()));
    const shown = await client.chat.postEphemeral({
      channel: INCIDENTS,
      user: MARIA,
      text: 'x',
      blocks: [button('go')],
    });
    await maria().click(INCIDENTS, shown.message_ts as string, 'go');
    expect(payload()).toMatchObject({ container: { is_ephemeral: true, message_ts: shown.message_ts } });
    expect(payload()).not.toHaveProperty('message');
    await expect(slack.person('ben').click(INCIDENTS, shown.message_ts as string, 'go')).rejects.toThrow(
      'no such message',
    );
  });
});

describe('a trigger', () => {
  const startStill = async (): Promise<ManualClock> => {
    const clock = createManualClock(1_800_000_000_000);
    await start((app) => app.action('go', async ({ ack }) => ack()), { clock });
    return clock;
  };
  const trigger = async (): Promise<string> => {
    await maria().click(INCIDENTS, await post([button('go')]), 'go');
    return payload()['trigger_id'] as string;
  };
  const view = modal([field('why')]);
  const opened = (trigger_id: string): Promise<string> => codeOf(client.views.open({ trigger_id, view }));

  it('opens one modal, once, within three seconds', async () => {
    const clock = await startStill();
    const first = await trigger();
    await clock.advance(3000);
    expect(await opened(first)).toBe('ok');
    expect(await opened(first)).toBe('exchanged_trigger_id');
    expect(await opened('1.2.abc')).toBe('invalid_trigger_id');
    const late = await trigger();
    await clock.advance(3001);
    expect(await opened(late)).toBe('expired_trigger_id');
    expect(maria().view()).toMatchObject({ type: 'modal', callback_id: 'form' });
    expect(slack.person('ben').view()).toBeUndefined();
  });

  it('is not spent on a view that Slack refuses', async () => {
    await startStill();
    const id = await trigger();
    const bad = modal([field('why')], { title: plain('x'.repeat(25)) });
    expect(await codeOf(client.views.open({ trigger_id: id, view: bad }))).toBe('invalid_arguments');
    expect(await codeOf(client.views.open({ trigger_id: id, view: { type: 'home', blocks: [] } }))).toBe(
      'invalid_arguments',
    );
    expect(await opened(id)).toBe('ok');
  });

  it('opens no second modal of the same external id', async () => {
    await startStill();
    const named = modal([button('go')], { external_id: 'ext-1' });
    await client.views.open({ trigger_id: await trigger(), view: named });
    expect(await codeOf(client.views.open({ trigger_id: await trigger(), view: named }))).toBe('duplicate_external_id');
    await maria().closeView();
    expect(await codeOf(client.views.open({ trigger_id: await trigger(), view: named }))).toBe('ok');
  });

  it('stacks three modals and no more, the upper ones from within', async () => {
    await startStill();
    expect(await codeOf(client.views.push({ trigger_id: await trigger(), view }))).toBe('not_found');
    const more = modal([button('go'), field('why')]);
    await client.views.open({ trigger_id: await trigger(), view: more });
    const pushed = async (): Promise<string> => {
      await maria().clickInView('go');
      return codeOf(client.views.push({ trigger_id: payload()['trigger_id'] as string, view: more }));
    };
    expect([await pushed(), await pushed(), await pushed()]).toEqual(['ok', 'ok', 'push_limit_reached']);
    expect(payload()).toMatchObject({ container: { type: 'view', view_id: maria().view()?.id } });
    expect(payload()).not.toHaveProperty('response_url');
    const [bottom, , top] = slack.workspace.modals.get(MARIA) ?? [];
    expect(top?.root_view_id).toBe(bottom?.id);
  });
});

describe('a modal', () => {
  /** Opens the view with a button and answers its submission as given. */
  async function openForm(
    view: View,
    answer: (ack: (response?: never) => Promise<void>) => Promise<void>,
  ): Promise<void> {
    await start((app) => {
      app.action<BlockAction>('go', async ({ ack, body, client: own }) => {
        await ack();
        await own.views.open({ trigger_id: body.trigger_id, view });
      });
      app.view('form', ({ ack }) => answer(ack as never));
      app.view({ callback_id: 'form', type: 'view_closed' }, async ({ ack }) => ack());
    });
    await maria().click(INCIDENTS, await post([button('go')]), 'go');
    await until(() => maria().view(), 'the modal');
  }
  const answering = (response: unknown) => (ack: (response?: never) => Promise<void>) => ack(response as never);

  it('sends what was entered, with its own private data, and closes', async () => {
    const number: KnownBlock = {
      type: 'input',
      block_id: 'limit',
      label: plain('limit'),
      element: { type: 'number_input', action_id: 'n', is_decimal_allowed: false, min_value: '2', max_value: '9' },
    };
    const view = modal([field('why', { min_length: 3 }), number, select], { private_metadata: '{"incident":"i-1"}' });
    await openForm(view, (ack) => ack());
    expect(await maria().submitView({ why: 'ok', limit: '1' })).toMatchObject({
      ok: false,
      errors: { why: 'Must be at least 3 characters.', limit: 'Must be at least 2.' },
    });
    expect(await maria().submitView({ why: '', limit: '2.5' })).toMatchObject({
      errors: { why: 'Please complete this required field.', limit: 'Must be a valid number.' },
    });
    expect(slack.deliveries.some(({ kind }) => kind === 'view_submission')).toBe(false);
    await expect(maria().submitView({ choice: 'c' })).rejects.toThrow('no option "c"');
    expect(await maria().submitView({ why: 'because', limit: '5', choice: 'b' })).toMatchObject({ ok: true });
    expect(payload()).toMatchObject({
      type: 'view_submission',
      user: { id: MARIA },
      view: {
        private_metadata: '{"incident":"i-1"}',
        state: {
          values: {
            why: { in: { type: 'plain_text_input', value: 'because' } },
            limit: { n: { type: 'number_input', value: '5' } },
            choice: { pick: { selected_option: { value: 'b' } } },
          },
        },
      },
    });
    expect(maria().view()).toBeUndefined();
  });

  it('shows errors below its fields, only below fields that it has', async () => {
    await openForm(modal([field('why')]), answering({ response_action: 'errors', errors: { why: 'Say more.' } }));
    expect(await maria().submitView({ why: 'x' })).toMatchObject({ ok: false, errors: { why: 'Say more.' } });
    expect(maria().view()?.state.values['why']?.['in']?.['value']).toBe('x');
    slack.strictWarnings();
  });

  it.each([
    [{ response_action: 'errors', errors: { other: 'Say more.' } }],
    [{ response_action: 'errors', errors: {} }],
    [{ response_action: 'update', view: modal([field('a'), field('a')]) }],
    [{ response_action: 'push' }],
    [{ response_action: 'open' }],
  ])('takes no answer that Slack would not take: %j', async (response) => {
    await openForm(modal([field('why')]), answering(response));
    const reaction = await maria().submitView({ why: 'x' });
    expect(reaction).toMatchObject({ ok: false, error: 'We had some trouble connecting. Try again?' });
    expect(maria().view()?.blocks).toMatchObject([{ block_id: 'why' }]);
    expect(slack.deliveries.at(-1)?.outcome).toBe('invalid_response');
    expect(() => slack.strictWarnings()).toThrow('view_submission answered with');
  });

  it('is replaced, covered or cleared as the app answers', async () => {
    const answers: unknown[] = [
      { response_action: 'update', view: modal([field('why'), field('more', { initial_value: 'i' })]) },
      { response_action: 'push', view: modal([field('top')]) },
      { response_action: 'clear' },
    ];
    await openForm(modal([field('why')]), (ack) => ack(answers.shift() as never));
    const { id } = maria().view() as { id: string };
    await maria().submitView({ why: 'typed' });
    expect(maria().view()).toMatchObject({
      id,
      state: { values: { why: { in: { value: 'typed' } }, more: { in: { value: 'i' } } } },
    });
    await maria().submitView({});
    expect(maria().view()).toMatchObject({ previous_view_id: id, root_view_id: id });
    await maria().submitView({ top: 'x' });
    expect(maria().view()).toBeUndefined();
  });

  it('is updated with its hash, by its id or its external id, while it is open', async () => {
    await openForm(modal([field('why')], { external_id: 'ext-1', notify_on_close: true }), (ack) => ack());
    const { id, hash } = maria().view() as { id: string; hash: string };
    const loaded = modal([field('why')], { external_id: 'ext-1', private_metadata: 'loaded', notify_on_close: true });
    const update = (more: object): Promise<string> => codeOf(client.views.update({ view: loaded, ...more } as never));
    expect(await update({ view_id: id, hash })).toBe('ok');
    expect(await update({ view_id: id, hash })).toBe('hash_conflict');
    expect(await update({ external_id: 'ext-1' })).toBe('ok');
    expect(maria().view()?.private_metadata).toBe('loaded');
    await maria().closeView();
    expect(payload()).toMatchObject({ type: 'view_closed', is_cleared: false, view: { id } });
    expect(await update({ view_id: id })).toBe('not_found');
  });

  it('stays open when the app does not answer the submission in time', async () => {
    await openForm(modal([field('why')]), () => Promise.reject(new Error('boom')));
    expect(await maria().submitView({ why: 'x' })).toMatchObject({
      ok: false,
      error: expect.stringContaining('trouble'),
    });
    expect(maria().view()).toBeDefined();
    expect(slack.deliveries.filter(({ kind }) => kind === 'view_submission')).toHaveLength(1);
  });

  it('at home is published for one person, with its hash, where the app has a home', async () => {
    await start(() => undefined);
    const publish = (hash?: string): Promise<string> =>
      codeOf(
        client.views.publish({
          user_id: MARIA,
          view: { type: 'home', blocks: [button('go')] },
          ...(hash ? { hash } : {}),
        }),
      );
    expect(await publish()).toBe('ok');
    const { hash } = maria().home() as { hash: string };
    expect(await publish(hash)).toBe('ok');
    expect(await publish(hash)).toBe('hash_conflict');
    expect(slack.person('ben').home()).toBeUndefined();
    slack.workspace.app.homeTab = false;
    expect(await publish()).toBe('not_enabled');
  });
});

describe('a response_url', () => {
  const press = async (blocks = [button('go')]): Promise<{ ts: string; url: string }> => {
    const ts = await post(blocks);
    await maria().click(INCIDENTS, ts, 'go');
    return { ts, url: payload()['response_url'] as string };
  };
  const respond = async (url: string, args: object): Promise<[number, unknown]> => {
    const answer = await fetch(url, { method: 'POST', body: JSON.stringify(args) });
    return [answer.status, ((await answer.json()) as { error?: string }).error ?? 'ok'];
  };
  const listen = (app: App): void => app.action('go', async ({ ack }) => ack());

  it('works five times', async () => {
    await start(listen);
    const { url } = await press();
    for (let use = 1; use <= 5; use += 1) expect(await respond(url, { text: `${use}` })).toEqual([200, 'ok']);
    expect(await respond(url, { text: '6' })).toEqual([404, 'used_url']);
    expect(maria().ephemerals(INCIDENTS)).toHaveLength(5);
    expect(await respond(`${slack.url}/actions/T0LOCAL001/x/y`, { text: 'x' })).toEqual([404, 'no_such_url']);
  });

  it('works for thirty minutes', async () => {
    const clock = createManualClock();
    await start(listen, { clock });
    const { url } = await press();
    await clock.advance(30 * 60_000);
    expect(await respond(url, { text: 'x' })).toEqual([200, 'ok']);
    await clock.advance(1);
    expect(await respond(url, { text: 'x' })).toEqual([404, 'expired_url']);
  });

  it('replaces and deletes the message, ephemeral ones too, or speaks to the channel', async () => {
    await start(listen);
    const { ts, url } = await press();
    await respond(url, { text: 'new', replace_original: true });
    expect(slack.workspace.message(INCIDENTS, ts)).toMatchObject({ text: 'new' });
    expect(slack.workspace.message(INCIDENTS, ts)).not.toHaveProperty('blocks');
    await respond(url, { delete_original: true });
    expect(slack.workspace.message(INCIDENTS, ts)).toBeUndefined();
    await respond(url, { text: 'to all', response_type: 'in_channel' });
    expect(slack.workspace.channelByName('data-incidents').messages).toMatchObject([{ text: 'to all', user: BOT }]);
    const shown = await client.chat.postEphemeral({
      channel: INCIDENTS,
      user: MARIA,
      text: 'x',
      blocks: [button('go')],
    });
    await maria().click(INCIDENTS, shown.message_ts as string, 'go');
    await respond(payload()['response_url'] as string, { text: 'changed', replace_original: true });
    expect(maria().ephemerals()).toMatchObject([{ text: 'changed', ts: shown.message_ts }]);
  });

  it('takes only what Slack takes, save the total length', async () => {
    await start(listen);
    const { url } = await press();
    expect(await respond(url, {})).toEqual([400, 'no_text']);
    const section = (length: number) => ({ type: 'section', text: plain('x'.repeat(length)) });
    expect(await respond(url, { text: 'x', blocks: [section(3001)] })).toEqual([400, 'invalid_blocks']);
    const long = Array.from({ length: 6 }, () => section(3000));
    expect(await codeOf(client.chat.postMessage({ channel: INCIDENTS, text: 'x', blocks: long as never }))).toBe(
      'msg_blocks_too_long',
    );
    expect(await respond(url, { text: 'x', blocks: long })).toEqual([200, 'ok']);
  });
});

describe('commands and shortcuts', () => {
  it('sends a slash command as a plain form, and shows its answer to the person', async () => {
    await start((app) => app.command('/countersign', async ({ ack, command }) => ack(`heard: ${command.text}`)));
    expect(await maria().slash(INCIDENTS, '/countersign', 'status <now>')).toMatchObject({ ok: true });
    expect(maria().ephemerals(INCIDENTS)).toMatchObject([{ text: 'heard: status &lt;now&gt;' }]);
    expect(payload()).toMatchObject({ command: '/countersign', channel_name: 'data-incidents', user_id: MARIA });
    expect(await maria().slash(INCIDENTS, '/countersign', 'open https://example.com <@U0BEN00001>')).toMatchObject({
      ok: true,
    });
    expect(payload()).toMatchObject({ text: 'open https://example.com &lt;@U0BEN00001&gt;' });
    slack.workspace.app.escapesCommands = true;
    await maria().slash(INCIDENTS, '/countersign', 'open https://example.com <@U0BEN00001>');
    expect(payload()).toMatchObject({ text: 'open <https://example.com> <@U0BEN00001>' });
    expect(await maria().slash(INCIDENTS, '/other')).toMatchObject({
      ok: false,
      error: '/other is not a valid command.',
    });
  });

  it('works where the app is not, opens a modal, and shows when the app failed', async () => {
    let fails = false;
    await start((app) =>
      app.command('/countersign', async ({ ack, body, client: own }) => {
        if (fails) throw new Error('boom');
        await ack({ response_type: 'in_channel', text: 'here' });
        await own.views.open({ trigger_id: body.trigger_id, view: modal([field('why')]) });
      }),
    );
    expect(await maria().slash(FOREIGN, '/countersign')).toMatchObject({ ok: true });
    expect(slack.workspace.channelByName('random').messages).toMatchObject([{ text: 'here', user: BOT }]);
    await until(() => maria().view(), 'the modal');
    fails = true;
    expect((await maria().slash(FOREIGN, '/countersign')).error).toBe(
      '/countersign failed with the error "dispatch_failed"',
    );
  });

  it('offers the message shortcuts of the app, with the message', async () => {
    await start((app) => app.shortcut('look', async ({ ack }) => ack()), {
      app: { messageShortcuts: [{ callbackId: 'look', name: 'Look at this' }] },
    });
    const ts = await slack.person('ben').post(INCIDENTS, 'FIRING see https://example.com/a?b=1');
    expect(await maria().messageShortcut('look', INCIDENTS, ts)).toMatchObject({ ok: true });
    expect(payload()).toMatchObject({
      type: 'message_action',
      callback_id: 'look',
      message_ts: ts,
      message: { ts, text: 'FIRING see <https://example.com/a?b=1>' },
    });
    await expect(maria().messageShortcut('other', INCIDENTS, ts)).rejects.toThrow('no message shortcut');
    slack.workspace.app.scopes = ['chat:write'];
    await expect(maria().messageShortcut('look', INCIDENTS, ts)).rejects.toThrow('no message shortcut');
    expect((await maria().slash(INCIDENTS, '/countersign')).error).toBe('/countersign is not a valid command.');
  });
});
