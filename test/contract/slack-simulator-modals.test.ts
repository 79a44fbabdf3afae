import type { BlockAction } from '@slack/bolt';
import type { KnownBlock, View } from '@slack/types';
import { describe, expect, it } from 'vitest';
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
import { until } from '../support/until.js';

let world: PressedWorld;

describe('a modal', () => {
  /** Opens the view with a button and answers its submission as given. */
  async function openForm(
    view: View,
    answer: (ack: (response?: never) => Promise<void>) => Promise<void>,
  ): Promise<void> {
    world = await startPressedWorld((app) => {
      app.action<BlockAction>('go', async ({ ack, body, client: own }) => {
        await ack();
        await own.views.open({ trigger_id: body.trigger_id, view });
      });
      app.view('form', ({ ack }) => answer(ack as never));
      app.view({ callback_id: 'form', type: 'view_closed' }, async ({ ack }) => ack());
    });
    await world.maria.click(INCIDENTS, await world.post([button('go')]), 'go');
    await until(() => world.maria.view(), 'the modal');
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
    expect(await world.maria.submitView({ why: 'ok', limit: '1' })).toMatchObject({
      ok: false,
      errors: { why: 'Must be at least 3 characters.', limit: 'Must be at least 2.' },
    });
    expect(await world.maria.submitView({ why: '', limit: '2.5' })).toMatchObject({
      errors: { why: 'Please complete this required field.', limit: 'Must be a valid number.' },
    });
    expect(world.slack.deliveries.some(({ kind }) => kind === 'view_submission')).toBe(false);
    await expect(world.maria.submitView({ choice: 'c' })).rejects.toThrow('no option "c"');
    expect(await world.maria.submitView({ why: 'because', limit: '5', choice: 'b' })).toMatchObject({ ok: true });
    expect(world.payload()).toMatchObject({
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
    expect(world.maria.view()).toBeUndefined();
  });

  it('shows errors below its fields, only below fields that it has', async () => {
    await openForm(modal([field('why')]), answering({ response_action: 'errors', errors: { why: 'Say more.' } }));
    expect(await world.maria.submitView({ why: 'x' })).toMatchObject({ ok: false, errors: { why: 'Say more.' } });
    expect(world.maria.view()?.state.values['why']?.['in']?.['value']).toBe('x');
    world.slack.strictWarnings();
  });

  it.each([
    [{ response_action: 'errors', errors: { other: 'Say more.' } }],
    [{ response_action: 'errors', errors: {} }],
    [{ response_action: 'update', view: modal([field('a'), field('a')]) }],
    [{ response_action: 'push' }],
    [{ response_action: 'open' }],
  ])('takes no answer that Slack would not take: %j', async (response) => {
    await openForm(modal([field('why')]), answering(response));
    const reaction = await world.maria.submitView({ why: 'x' });
    expect(reaction).toMatchObject({ ok: false, error: 'We had some trouble connecting. Try again?' });
    expect(world.maria.view()?.blocks).toMatchObject([{ block_id: 'why' }]);
    expect(world.slack.deliveries.at(-1)?.outcome).toBe('invalid_response');
    expect(() => world.slack.strictWarnings()).toThrow('view_submission answered with');
  });

  it('is replaced, covered or cleared as the app answers', async () => {
    const answers: unknown[] = [
      { response_action: 'update', view: modal([field('why'), field('more', { initial_value: 'i' })]) },
      { response_action: 'push', view: modal([field('top')]) },
      { response_action: 'clear' },
    ];
    await openForm(modal([field('why')]), (ack) => ack(answers.shift() as never));
    const { id } = world.maria.view() as { id: string };
    await world.maria.submitView({ why: 'typed' });
    expect(world.maria.view()).toMatchObject({
      id,
      state: { values: { why: { in: { value: 'typed' } }, more: { in: { value: 'i' } } } },
    });
    await world.maria.submitView({});
    expect(world.maria.view()).toMatchObject({ previous_view_id: id, root_view_id: id });
    await world.maria.submitView({ top: 'x' });
    expect(world.maria.view()).toBeUndefined();
  });

  it('is updated with its hash, by its id or its external id, while it is open', async () => {
    await openForm(modal([field('why')], { external_id: 'ext-1', notify_on_close: true }), (ack) => ack());
    const { id, hash } = world.maria.view() as { id: string; hash: string };
    const loaded = modal([field('why')], { external_id: 'ext-1', private_metadata: 'loaded', notify_on_close: true });
    const update = (more: object): Promise<string> =>
      codeOf(world.client.views.update({ view: loaded, ...more } as never));
    expect(await update({ view_id: id, hash })).toBe('ok');
    expect(await update({ view_id: id, hash })).toBe('hash_conflict');
    expect(await update({ external_id: 'ext-1' })).toBe('ok');
    expect(world.maria.view()?.private_metadata).toBe('loaded');
    await world.maria.closeView();
    expect(world.payload()).toMatchObject({ type: 'view_closed', is_cleared: false, view: { id } });
    expect(await update({ view_id: id })).toBe('not_found');
  });

  it('stays open when the app does not answer the submission in time', async () => {
    await openForm(modal([field('why')]), () => Promise.reject(new Error('boom')));
    expect(await world.maria.submitView({ why: 'x' })).toMatchObject({
      ok: false,
      error: expect.stringContaining('trouble'),
    });
    expect(world.maria.view()).toBeDefined();
    expect(world.slack.deliveries.filter(({ kind }) => kind === 'view_submission')).toHaveLength(1);
  });

  it('at home is published for one person, with its hash, where the app has a home', async () => {
    world = await startPressedWorld(() => undefined);
    const publish = (hash?: string): Promise<string> =>
      codeOf(
        world.client.views.publish({
          user_id: MARIA,
          view: { type: 'home', blocks: [button('go')] },
          ...(hash ? { hash } : {}),
        }),
      );
    expect(await publish()).toBe('ok');
    const { hash } = world.maria.home() as { hash: string };
    expect(await publish(hash)).toBe('ok');
    expect(await publish(hash)).toBe('hash_conflict');
    expect(world.slack.person('ben').home()).toBeUndefined();
    world.slack.workspace.app.homeTab = false;
    expect(await publish()).toBe('not_enabled');
  });
});
