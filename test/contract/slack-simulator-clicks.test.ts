import type { BlockAction, ButtonAction } from '@slack/bolt';
import { describe, expect, it } from 'vitest';
import { createManualClock, type ManualClock } from '../support/slack/clock.js';
import {
  button,
  field,
  modal,
  type PressedWorld,
  plain,
  select,
  startPressedWorld,
} from '../support/slack/pressed-world.js';
import { codeOf, INCIDENTS, MARIA } from '../support/slack/small-world.js';

let world: PressedWorld;

describe('a button', () => {
  it('carries who, where, what, the message as it stood and the state of its fields', async () => {
    const seen: BlockAction<ButtonAction>[] = [];
    world = await startPressedWorld((app) =>
      app.action<BlockAction<ButtonAction>>('go', async ({ ack, body }) => {
        seen.push(body);
        await ack();
      }),
    );
    const root = await world.post([button('go')]);
    const ts = await world.post([button('go', 'v-2'), select], { thread_ts: root });
    const reaction = await world.maria.click(INCIDENTS, ts, 'go');
    expect(reaction).toMatchObject({ ok: true });
    expect(seen[0]).toMatchObject({
      type: 'block_actions',
      user: { id: MARIA, username: 'maria', team_id: 'T0LOCAL001' },
      container: { type: 'message', message_ts: ts, channel_id: INCIDENTS, is_ephemeral: false, thread_ts: root },
      channel: { id: INCIDENTS, name: 'data-incidents' },
      message: { ts, thread_ts: root, bot_id: world.slack.workspace.app.botId, text: 'card' },
      state: { values: { choice: { pick: { type: 'static_select', selected_option: { value: 'a' } } } } },
      actions: [{ type: 'button', action_id: 'go', block_id: 'block-go', value: 'v-2' }],
    });
    expect(seen[0]?.response_url).toContain(world.slack.url);
    await world.maria.click(INCIDENTS, ts, 'pick', { chosen: { selected_option: { text: plain('b'), value: 'b' } } });
    expect(world.payload()).toMatchObject({
      actions: [{ selected_option: { value: 'b' } }],
      state: { values: { choice: { pick: { selected_option: { value: 'b' } } } } },
    });
  });

  it('still works on a screen that shows an older state, and twice for a double click', async () => {
    const texts: unknown[] = [];
    const triggers = new Set<unknown>();
    world = await startPressedWorld((app) =>
      app.action<BlockAction>('go', async ({ ack, body }) => {
        texts.push(body.message?.['text']);
        triggers.add(body.trigger_id);
        await ack();
      }),
    );
    const ts = await world.post([button('go')]);
    const snapshot = structuredClone(world.slack.workspace.message(INCIDENTS, ts));
    if (snapshot === undefined) throw new Error('no message');
    await world.client.chat.update({ channel: INCIDENTS, ts, text: 'decided' });
    await expect(world.maria.click(INCIDENTS, ts, 'go')).rejects.toThrow('no button "go"');
    await world.maria.click(INCIDENTS, ts, 'go', { snapshot, double: true });
    expect(texts).toEqual(['card', 'card']);
    expect(triggers.size).toBe(2);
  });

  it('shows an error when nobody acknowledges or the app fails, and is never sent again', async () => {
    world = await startPressedWorld(
      (app) => {
        app.action('fail', async () => {
          throw new Error('boom');
        });
        app.action('hang', () => new Promise(() => undefined));
      },
      { speed: 20, reactionMs: 3000 },
    );
    const ts = await world.post([button('fail'), button('hang')]);
    const hung = await world.maria.click(INCIDENTS, ts, 'hang');
    expect(hung).toMatchObject({ ok: false, error: 'Operation timed out. Apps need to respond within 3 seconds.' });
    expect(hung.ms).toBeGreaterThanOrEqual(3000);
    const failed = await world.maria.click(INCIDENTS, ts, 'fail');
    expect(failed).toMatchObject({ ok: false, error: 'This app responded with Status Code 500.' });
    await world.slack.clock.sleep(20_000);
    expect(world.slack.deliveries.filter(({ kind }) => kind === 'block_actions')).toHaveLength(2);
  });

  it('comes with no copy of the message when that is ephemeral', async () => {
    world = await startPressedWorld((app) => app.action('go', async ({ ack }) => ack()));
    const shown = await world.client.chat.postEphemeral({
      channel: INCIDENTS,
      user: MARIA,
      text: 'x',
      blocks: [button('go')],
    });
    await world.maria.click(INCIDENTS, shown.message_ts as string, 'go');
    expect(world.payload()).toMatchObject({ container: { is_ephemeral: true, message_ts: shown.message_ts } });
    expect(world.payload()).not.toHaveProperty('message');
    await expect(world.slack.person('ben').click(INCIDENTS, shown.message_ts as string, 'go')).rejects.toThrow(
      'no such message',
    );
  });
});

describe('a trigger', () => {
  const startStill = async (): Promise<ManualClock> => {
    const clock = createManualClock(1_800_000_000_000);
    world = await startPressedWorld((app) => app.action('go', async ({ ack }) => ack()), { clock });
    return clock;
  };
  const trigger = async (): Promise<string> => {
    await world.maria.click(INCIDENTS, await world.post([button('go')]), 'go');
    return world.payload()['trigger_id'] as string;
  };
  const view = modal([field('why')]);
  const opened = (trigger_id: string): Promise<string> => codeOf(world.client.views.open({ trigger_id, view }));

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
    expect(world.maria.view()).toMatchObject({ type: 'modal', callback_id: 'form' });
    expect(world.slack.person('ben').view()).toBeUndefined();
  });

  it('is not spent on a view that Slack refuses', async () => {
    await startStill();
    const id = await trigger();
    const bad = modal([field('why')], { title: plain('x'.repeat(25)) });
    expect(await codeOf(world.client.views.open({ trigger_id: id, view: bad }))).toBe('invalid_arguments');
    expect(await codeOf(world.client.views.open({ trigger_id: id, view: { type: 'home', blocks: [] } }))).toBe(
      'invalid_arguments',
    );
    expect(await opened(id)).toBe('ok');
  });

  it('opens no second modal of the same external id', async () => {
    await startStill();
    const named = modal([button('go')], { external_id: 'ext-1' });
    await world.client.views.open({ trigger_id: await trigger(), view: named });
    expect(await codeOf(world.client.views.open({ trigger_id: await trigger(), view: named }))).toBe(
      'duplicate_external_id',
    );
    await world.maria.closeView();
    expect(await codeOf(world.client.views.open({ trigger_id: await trigger(), view: named }))).toBe('ok');
  });

  it('stacks three modals and no more, the upper ones from within', async () => {
    await startStill();
    expect(await codeOf(world.client.views.push({ trigger_id: await trigger(), view }))).toBe('not_found');
    const more = modal([button('go'), field('why')]);
    await world.client.views.open({ trigger_id: await trigger(), view: more });
    const pushed = async (): Promise<string> => {
      await world.maria.clickInView('go');
      return codeOf(world.client.views.push({ trigger_id: world.payload()['trigger_id'] as string, view: more }));
    };
    expect([await pushed(), await pushed(), await pushed()]).toEqual(['ok', 'ok', 'push_limit_reached']);
    expect(world.payload()).toMatchObject({ container: { type: 'view', view_id: world.maria.view()?.id } });
    expect(world.payload()).not.toHaveProperty('response_url');
    const [bottom, , top] = world.slack.workspace.modals.get(MARIA) ?? [];
    expect(top?.root_view_id).toBe(bottom?.id);
  });
});
