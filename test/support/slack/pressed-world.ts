import type { App } from '@slack/bolt';
import type { KnownBlock, View } from '@slack/types';
import { startBoltApp } from './bolt-app.js';
import type { SlackOptions, SlackPerson, SlackServer } from './server-types.js';
import { clientOf, INCIDENTS, startWorldOfTest } from './small-world.js';

/** The small world with a Bolt app in it, for what people press; it ends with the test that started it. */
export interface PressedWorld {
  slack: SlackServer;
  client: ReturnType<typeof clientOf>;
  maria: SlackPerson;
  /** A message of the app in the channel of incidents; its `ts`. */
  post(blocks: KnownBlock[], more?: object): Promise<string>;
  /** What the app was sent, events apart; the last one when nothing else is said. */
  payload(at?: number): Record<string, unknown>;
}

export async function startPressedWorld(listen: (app: App) => void, options: SlackOptions = {}): Promise<PressedWorld> {
  const slack = await startWorldOfTest(options);
  await startBoltApp(slack, listen);
  const client = clientOf(slack);
  return {
    slack,
    client,
    maria: slack.person('maria'),
    async post(blocks, more = {}) {
      return (await client.chat.postMessage({ channel: INCIDENTS, text: 'card', blocks, ...more })).ts as string;
    },
    payload: (at = -1) => slack.deliveries.filter(({ kind }) => kind !== 'event').at(at)?.payload ?? {},
  };
}

export const plain = (text: string) => ({ type: 'plain_text' as const, text });
export const button = (actionId: string, value = 'v-1'): KnownBlock => ({
  type: 'actions',
  block_id: `block-${actionId}`,
  elements: [{ type: 'button', action_id: actionId, text: plain('Press'), value }],
});
export const select: KnownBlock = {
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
export const field = (blockId: string, more: object = {}): KnownBlock => ({
  type: 'input',
  block_id: blockId,
  label: plain(blockId),
  element: { type: 'plain_text_input', action_id: 'in', ...more },
});
export const modal = (blocks: KnownBlock[], more: Partial<View> = {}): View =>
  ({ type: 'modal', callback_id: 'form', title: plain('Form'), submit: plain('Send'), blocks, ...more }) as View;
