import { App, LogLevel, SocketModeReceiver } from '@slack/bolt';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { SILENT } from '../../adapters/slack/client.js';
import type { SlackOptions, SlackServer } from '../support/slack/server-types.js';
import { BOT, clientOf, codeOf, INCIDENTS, MARIA, startWorldOfTest } from '../support/slack/small-world.js';
import { until } from '../support/until.js';

let slack: SlackServer;

async function start(options: SlackOptions = {}): Promise<void> {
  slack = await startWorldOfTest({ ...options, app: { socketMode: true, ...options.app } });
}

/** A real Bolt app over Socket Mode. */
async function connectBolt(listen: (app: App) => void): Promise<void> {
  const { token, appToken, botId, botUserId } = slack.workspace.app;
  const receiver = new SocketModeReceiver({
    appToken,
    logger: SILENT,
    logLevel: LogLevel.ERROR,
    clientPingTimeout: 100,
    installerOptions: { clientOptions: { slackApiUrl: slack.apiUrl, retryConfig: { retries: 0 } } },
  });
  const app = new App({
    token,
    receiver,
    convoStore: false,
    tokenVerificationEnabled: false,
    botId,
    botUserId,
    logger: SILENT,
    clientOptions: { slackApiUrl: slack.apiUrl, retryConfig: { retries: 0 } },
  });
  listen(app);
  await app.start();
  onTestFinished(async () => void (await app.stop()));
}

interface Envelope {
  type: string;
  envelope_id: string;
  reason?: string;
  retry_attempt?: number;
  retry_reason?: string;
  num_connections?: number;
  payload?: { event_id?: string };
}

/** A bare connection that sees the frames. */
async function connectBare(acknowledge: boolean): Promise<{ frames: Envelope[]; socket: WebSocket }> {
  const { url } = await clientOf(slack, slack.workspace.app.appToken).apps.connections.open({});
  const frames: Envelope[] = [];
  const socket = new WebSocket(url as string);
  socket.on('error', () => undefined);
  socket.on('message', (data) => {
    const frame = JSON.parse(String(data)) as Envelope;
    frames.push(frame);
    if (acknowledge && frame.envelope_id) socket.send(JSON.stringify({ envelope_id: frame.envelope_id }));
  });
  onTestFinished(() => socket.terminate());
  await until(() => frames.some(({ type }) => type === 'hello'), 'the hello');
  return { frames, socket };
}

const button = {
  type: 'actions' as const,
  elements: [{ type: 'button' as const, action_id: 'go', text: { type: 'plain_text' as const, text: 'Go' } }],
};

describe('Socket Mode', () => {
  it('carries events, clicks, commands and forms to a real Bolt, and their answers back', async () => {
    await start();
    const seen: string[] = [];
    await connectBolt((app) => {
      app.event('app_mention', async ({ event }) => void seen.push(event.text));
      app.action('go', async ({ ack }) => ack());
      app.command('/countersign', async ({ ack }) => ack('from the socket'));
      app.view('form', async ({ ack }) => ack({ response_action: 'errors', errors: { why: 'Say more.' } }));
    });
    expect(slack.sockets()).toBe(1);
    const maria = slack.person('maria');
    await maria.post(INCIDENTS, `<@${BOT}> hello`);
    await slack.settled();
    expect(seen).toEqual([`<@${BOT}> hello`]);
    const { ts } = await clientOf(slack).chat.postMessage({ channel: INCIDENTS, text: 'card', blocks: [button] });
    expect(await maria.click(INCIDENTS, ts as string, 'go')).toMatchObject({ ok: true });
    expect(await maria.slash(INCIDENTS, '/countersign')).toMatchObject({ ok: true });
    expect(maria.ephemerals()).toMatchObject([{ text: 'from the socket' }]);
    await maria.click(INCIDENTS, ts as string, 'go');
    const trigger = slack.deliveries.findLast(({ kind }) => kind === 'block_actions')?.payload['trigger_id'] as string;
    const why = { type: 'input' as const, block_id: 'why', label: { type: 'plain_text' as const, text: 'why' } };
    const element = { type: 'plain_text_input' as const, action_id: 'in' };
    const title = { type: 'plain_text' as const, text: 'Form' };
    await clientOf(slack).views.open({
      trigger_id: trigger,
      view: { type: 'modal', callback_id: 'form', title, submit: title, blocks: [{ ...why, element }] },
    });
    expect(await maria.submitView({ why: 'x' })).toMatchObject({ errors: { why: 'Say more.' } });
    expect(slack.deliveries.every(({ via }) => via === 'socket')).toBe(true);
  });

  it('gives connections to the app token only, up to ten, each ticket once', async () => {
    await start();
    const bare = clientOf(slack, slack.workspace.app.appToken);
    expect(await codeOf(clientOf(slack).apps.connections.open({}))).toBe('not_allowed_token_type');
    const { url } = await bare.apps.connections.open({});
    const used = new WebSocket(url as string);
    onTestFinished(() => used.terminate());
    await new Promise((resolve) => used.once('open', resolve));
    const again = new WebSocket(url as string);
    const refused = await new Promise<string>((resolve) => again.once('error', (error) => resolve(error.message)));
    expect(refused).toContain('401');
    for (let count = 2; count <= 10; count += 1) await connectBare(true);
    expect(slack.sockets()).toBe(10);
    expect(await codeOf(bare.apps.connections.open({}))).toBe('too_many_websockets');
    slack.workspace.app.socketMode = false;
    expect(await codeOf(bare.apps.connections.open({}))).toBe('socket_mode_disabled');
  });

  it('gives each event to one of the connections', async () => {
    await start();
    const both = [await connectBare(true), await connectBare(true)];
    for (let count = 0; count < 6; count += 1) await slack.person('maria').post(INCIDENTS, `${count}`);
    await slack.settled();
    const events = both.map(({ frames }) => frames.filter(({ type }) => type === 'events_api'));
    expect(events.map(({ length }) => length)).toEqual([3, 3]);
    expect(new Set(events.flat().map(({ payload }) => payload?.event_id)).size).toBe(6);
    expect(both[1]?.frames[0]).toMatchObject({ type: 'hello', num_connections: 2 });
  });

  it('repeats an event that nobody acknowledged, the same one, and no click', async () => {
    await start({ speed: 30 });
    const { frames } = await connectBare(false);
    const { ts } = await clientOf(slack).chat.postMessage({ channel: INCIDENTS, text: 'card', blocks: [button] });
    const events = (): Envelope[] => frames.filter(({ type }) => type === 'events_api');
    await until(() => events().length >= 2, 'the repetition');
    expect(events()[1]).toMatchObject({ retry_attempt: 1, retry_reason: 'timeout', payload: events()[0]?.payload });
    expect(events()[1]?.envelope_id).not.toBe(events()[0]?.envelope_id);
    const pressed = await slack.person('maria').click(INCIDENTS, ts as string, 'go');
    expect(pressed).toMatchObject({ ok: false, error: expect.stringContaining('timed out') });
    expect(frames.filter(({ type }) => type === 'interactive')).toHaveLength(1);
  });

  it('shows the person an error when no connection is there, and repeats events until one is', async () => {
    await start({ speed: 100, reactionMs: 300_000 });
    const seen: unknown[] = [];
    const ts = await slack.person('maria').post(INCIDENTS, 'early');
    expect(await slack.person('maria').slash(INCIDENTS, '/countersign')).toMatchObject({ ok: false });
    await connectBolt((app) =>
      app.event('message', async ({ event, context }) => void seen.push([event.ts, context.retryNum])),
    );
    await slack.settled();
    expect(seen).toEqual([[ts, 2]]);
    expect(slack.workspace.message(INCIDENTS, ts)?.user).toBe(MARIA);
  });

  it.each(['refresh_requested', 'cut'] as const)('is connected again by itself after %s', async (how) => {
    await start();
    const seen: unknown[] = [];
    await connectBolt((app) => app.event('message', async ({ event }) => void seen.push(event.ts)));
    const bare = await connectBare(true);
    slack.disconnectSockets(how);
    if (how === 'refresh_requested') {
      await until(() => bare.frames.some(({ type, reason }) => type === 'disconnect' && reason === how), 'the warning');
    } else await until(() => bare.socket.readyState === WebSocket.CLOSED, 'the cut');
    await until(() => slack.sockets() === 1, 'the new connection');
    const ts = await slack.person('maria').post(INCIDENTS, 'after');
    await slack.settled();
    expect(seen).toEqual([ts]);
  });
});
