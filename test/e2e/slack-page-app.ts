import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { App, type BlockAction, ExpressReceiver, LogLevel, type MessageShortcut } from '@slack/bolt';
import type { KnownBlock, ModalView, RichTextBlock } from '@slack/types';
import express from 'express';

/** What the app under test is told about the Slack it lives in. */
export interface SmallAppOptions {
  apiUrl: string;
  token: string;
  signingSecret: string;
  bot: { botId: string; botUserId: string };
}

/** A small app written with Bolt, as its documentation teaches: the page must work with anything that speaks Slack. */
export interface SmallApp {
  /** Where Slack sends everything. */
  url: string;
  /** What arrived, in order, e.g. `press ask by U1`. */
  heard: string[];
  /** Does not acknowledge anything any more while true. */
  mute: boolean;
  client: App['client'];
  close(): Promise<void>;
}

const plain = (text: string): { type: 'plain_text'; text: string } => ({ type: 'plain_text', text });
const mrkdwn = (text: string): { type: 'mrkdwn'; text: string } => ({ type: 'mrkdwn', text });

/** A headline with two buttons, one of which asks first, and a menu. */
export function cardBlocks(state: string): KnownBlock[] {
  return [
    { type: 'header', text: plain('Orders pipeline is late') },
    { type: 'section', fields: [mrkdwn(`*State*\n${state}`), mrkdwn('*Severity*\ncritical')] },
    {
      type: 'actions',
      elements: [
        { type: 'button', action_id: 'ask', style: 'primary', text: plain('Approve'), value: 'v1' },
        {
          type: 'button',
          action_id: 'drop',
          style: 'danger',
          text: plain('Reject'),
          confirm: {
            title: plain('Reject it?'),
            text: plain('Nobody is asked again.'),
            confirm: plain('Yes, reject'),
            deny: plain('Keep'),
          },
        },
        {
          type: 'static_select',
          action_id: 'level',
          placeholder: plain('Severity'),
          options: ['low', 'high'].map((value) => ({ text: plain(value), value })),
        },
        {
          type: 'overflow',
          action_id: 'more',
          options: ['Show trace', 'Show evidence'].map((text) => ({ text: plain(text), value: text.toLowerCase() })),
        },
      ],
    },
  ];
}

function form(): ModalView {
  return {
    type: 'modal',
    callback_id: 'check',
    title: plain('Approve the repair'),
    submit: plain('Approve'),
    close: plain('Cancel'),
    blocks: [
      { type: 'section', text: mrkdwn('Adds the column *currency* to `orders`.') },
      {
        type: 'input',
        block_id: 'words',
        label: plain('What did you check yourself?'),
        hint: plain('In your own words.'),
        element: { type: 'plain_text_input', action_id: 'value', multiline: true, min_length: 8, max_length: 500 },
      },
      {
        type: 'input',
        block_id: 'memory',
        optional: true,
        label: plain('Memory, GiB'),
        element: {
          type: 'number_input',
          action_id: 'value',
          is_decimal_allowed: false,
          min_value: '1',
          max_value: '64',
        },
      },
      {
        type: 'input',
        block_id: 'where',
        label: plain('Where did you look?'),
        element: {
          type: 'radio_buttons',
          action_id: 'value',
          options: ['Logs', 'Table'].map((text) => ({ text: plain(text), value: text.toLowerCase() })),
        },
      },
      {
        type: 'actions',
        block_id: 'deeper',
        elements: [{ type: 'button', action_id: 'push', text: plain('Show evidence') }],
      },
    ],
  };
}

export async function startSmallApp(options: SmallAppOptions): Promise<SmallApp> {
  const router = express.Router();
  const receiver = new ExpressReceiver({
    signingSecret: options.signingSecret,
    router,
    endpoints: '/slack/events',
    processBeforeResponse: true,
  });
  const app = new App({
    token: options.token,
    receiver,
    convoStore: false,
    tokenVerificationEnabled: false,
    ...options.bot,
    logLevel: LogLevel.ERROR,
    clientOptions: { slackApiUrl: options.apiUrl, retryConfig: { retries: 0 } },
  });
  const small: Omit<SmallApp, 'url' | 'close'> = { heard: [], mute: false, client: app.client };
  app.use(async ({ next }) => {
    if (!small.mute) await next();
  });
  listen(app, small);
  const server = createServer(express().use(receiver.router));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(small, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/slack/events`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}

function listen(app: App, { heard }: Pick<SmallApp, 'heard'>): void {
  app.event('app_mention', async ({ event, client }) => {
    heard.push(`mention by ${event.user}`);
    const { ts } = await client.chat.postMessage({
      channel: event.channel,
      text: 'Orders pipeline is late',
      blocks: cardBlocks('waiting'),
    });
    await client.chat.postMessage({
      channel: event.channel,
      thread_ts: ts ?? '',
      text: 'Trace',
      blocks: [
        {
          type: 'plan',
          title: 'Investigated in 2 steps',
          tasks: [
            {
              type: 'task_card',
              task_id: 'a',
              title: 'Read the log',
              status: 'complete',
              output: rich('KeyError: currency'),
            },
            { type: 'task_card', task_id: 'b', title: 'Compared the schemas', status: 'in_progress' },
          ],
        },
      ],
    });
  });
  app.action('ask', async ({ ack, body, client }) => {
    heard.push(`press ask by ${body.user.id}`);
    await ack();
    await client.views.open({ trigger_id: (body as BlockAction).trigger_id, view: form() });
  });
  app.action('push', async ({ ack, body, client }) => {
    await ack();
    const view: ModalView = {
      type: 'modal',
      title: plain('Evidence'),
      blocks: [{ type: 'section', text: plain('Row 7 has no currency.') }],
    };
    await client.views.push({ trigger_id: (body as BlockAction).trigger_id, view });
  });
  app.action(/drop|level|more/, async ({ ack, body, action, respond }) => {
    const pressed = action as { action_id: string; selected_option?: { value: string } };
    heard.push(`press ${pressed.action_id} ${pressed.selected_option?.value ?? ''} by ${body.user.id}`);
    await ack();
    if (pressed.action_id === 'drop') await respond({ replace_original: false, text: 'Only *you* read this.' });
  });
  app.view('check', async ({ ack, view, body, client }) => {
    const words = view.state.values['words']?.['value']?.value ?? '';
    heard.push(`form "${words}" ${view.state.values['where']?.['value']?.selected_option?.value} by ${body.user.id}`);
    if (/^copied/.test(words)) {
      await ack({ response_action: 'errors', errors: { words: 'That is copied from the card.' } });
      return;
    }
    await ack();
    const { messages } = await client.conversations.history({ channel: 'C0INCIDENT', limit: 10 });
    const ts = messages?.find(({ text }) => text === 'Orders pipeline is late')?.ts;
    if (ts !== undefined)
      await client.chat.update({
        channel: 'C0INCIDENT',
        ts,
        text: 'Orders pipeline is late',
        blocks: cardBlocks('approved'),
      });
  });
  app.command('/countersign', async ({ ack, command }) => {
    heard.push(`command ${command.text} by ${command.user_id}`);
    await ack({ response_type: 'ephemeral', text: `You asked: ${command.text}. <script>alert(1)</script>` });
  });
  app.shortcut('cs_investigate_alert', async ({ ack, shortcut, respond }) => {
    heard.push(`shortcut on "${(shortcut as MessageShortcut).message.text}" by ${shortcut.user.id}`);
    await ack();
    await respond({ text: 'It is investigated.' });
  });
  app.event('app_home_opened', async ({ event, client }) => {
    heard.push(`home of ${event.user}`);
    await client.views.publish({
      user_id: event.user,
      view: {
        type: 'home',
        blocks: [
          { type: 'header', text: plain('Open incidents') },
          { type: 'section', text: mrkdwn('*1* waits for you') },
        ],
      },
    });
  });
}

function rich(text: string): RichTextBlock {
  return { type: 'rich_text', elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text }] }] };
}
