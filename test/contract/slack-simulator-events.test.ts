import { createHmac } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Received, startBareApp } from '../support/slack/bare-app.js';
import { startBoltApp } from '../support/slack/bolt-app.js';
import { createManualClock } from '../support/slack/clock.js';
import type { SlackOptions, SlackServer } from '../support/slack/server-types.js';
import { BEN, BOT, clientOf, FOREIGN, INCIDENTS, MARIA, startWorldOfTest } from '../support/slack/small-world.js';
import { until } from '../support/until.js';

let slack: SlackServer;

async function start(options: SlackOptions = {}): Promise<void> {
  slack = await startWorldOfTest(options);
}

const ok = (_: Received, __: number, response: ServerResponse): void => void response.end();

describe('the request URL', () => {
  it('is taken only from an app that proves itself with the challenge', async () => {
    await start();
    const stranger = createServer((_, response) => void response.end('hello'));
    await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void stranger.close());
    const url = `http://127.0.0.1:${(stranger.address() as AddressInfo).port}/`;
    await expect(slack.setRequestUrl(url)).rejects.toThrow('challenge');
    expect(slack.workspace.app.requestUrl).toBeUndefined();
    await startBoltApp(slack, () => undefined);
  });
});

describe('what is sent', () => {
  it('is signed over its exact bytes, as bare JSON, with the time of the wall', async () => {
    await start({ speed: 50 });
    const received = await startBareApp(slack, ok);
    await slack.person('maria').post(INCIDENTS, 'größer als <b> & 💥');
    await slack.settled();
    const [one] = received as [Received];
    const timestamp = one.headers['x-slack-request-timestamp'] as string;
    const mac = createHmac('sha256', slack.workspace.app.signingSecret)
      .update(`v0:${timestamp}:${one.body}`)
      .digest('hex');
    expect(one.headers['x-slack-signature']).toBe(`v0=${mac}`);
    expect(one.headers['content-type']).toBe('application/json');
    expect(Math.abs(Number(timestamp) - Date.now() / 1000)).toBeLessThan(5);
    expect(one.headers).not.toHaveProperty('x-slack-retry-num');
    expect(JSON.parse(one.body)).toMatchObject({
      type: 'event_callback',
      team_id: 'T0LOCAL001',
      event: { type: 'message', channel_type: 'channel', user: MARIA, text: 'größer als &lt;b&gt; &amp; 💥' },
    });
  });

  it('is refused by a real Bolt when forged or old', async () => {
    await start({ clock: createManualClock() });
    const seen: unknown[] = [];
    await startBoltApp(slack, (app) => app.event('message', async ({ event }) => void seen.push(event.ts)));
    const posted = async (count: number): Promise<string> => {
      const ts = await slack.person('maria').post(INCIDENTS, 'a');
      await until(() => slack.deliveries.length === count, `delivery ${count}`);
      return ts;
    };
    slack.faults.forgeSignature = true;
    await posted(1);
    slack.faults.forgeSignature = false;
    slack.faults.signatureSkewSeconds = -400;
    await posted(2);
    slack.faults.signatureSkewSeconds = 0;
    const good = await posted(3);
    expect(slack.deliveries.map(({ status }) => status)).toEqual([401, 401, 200]);
    expect(seen).toEqual([good]);
  });

  it('is a message and a mention for one mention, the same ts, two events', async () => {
    await start();
    const seen: { type: string; ts: string }[] = [];
    await startBoltApp(slack, (app) => {
      app.event('app_mention', async ({ event }) => void seen.push(event));
      app.event('message', async ({ event }) => void seen.push(event));
    });
    const ts = await slack.person('maria').post(INCIDENTS, `<@${BOT}> what happened?`);
    await slack.settled();
    expect(seen.map((event) => [event.type, event.ts]).sort()).toEqual([
      ['app_mention', ts],
      ['message', ts],
    ]);
    expect(new Set(slack.deliveries.map(({ eventId }) => eventId)).size).toBe(2);
  });

  it('is nothing from where the app is not, and nothing that it did not subscribe to', async () => {
    await start();
    const received = await startBareApp(slack, ok);
    await slack.person('maria').post(FOREIGN, `<@${BOT}> hello`);
    slack.workspace.app.events = ['message.groups'];
    await slack.person('maria').post(INCIDENTS, `<@${BOT}> hello`);
    await slack.settled();
    expect(received).toEqual([]);
    await slack.person('maria').post('payroll', 'hello');
    await slack.settled();
    expect(received).toHaveLength(1);
  });

  it('needs the scope beside the subscription', async () => {
    await start({ app: { scopes: ['chat:write', 'app_mentions:read'] } });
    const received = await startBareApp(slack, ok);
    await slack.person('maria').post(INCIDENTS, `<@${BOT}> hello`);
    await slack.settled();
    expect(received.map(({ body }) => (JSON.parse(body) as { event: { type: string } }).event.type)).toEqual([
      'app_mention',
    ]);
  });

  it('can be two messages for one gesture, known by its client_msg_id', async () => {
    await start();
    const received = await startBareApp(slack, ok);
    const both = await slack.person('maria').postTwice(INCIDENTS, 'a note');
    await slack.settled();
    const events = received.map(({ body }) => (JSON.parse(body) as { event: Record<string, string> }).event);
    expect(events.map((event) => event['ts'])).toEqual(both);
    expect(both[0]).not.toBe(both[1]);
    expect(new Set(events.map((event) => event['client_msg_id'])).size).toBe(1);
  });

  it("is the app's own messages too, and their edits, and what was deleted", async () => {
    await start();
    const received = await startBareApp(slack, ok);
    const client = clientOf(slack);
    const { ts } = await client.chat.postMessage({ channel: INCIDENTS, text: 'first' });
    await client.chat.update({ channel: INCIDENTS, ts: ts as string, text: 'second' });
    await client.chat.delete({ channel: INCIDENTS, ts: ts as string });
    await slack.settled();
    expect(received.map(({ body }) => (JSON.parse(body) as { event: unknown }).event)).toMatchObject([
      { type: 'message', user: BOT, bot_id: slack.workspace.app.botId, ts },
      {
        subtype: 'message_changed',
        message: { text: 'second', ts },
        previous_message: { text: 'first' },
        hidden: true,
      },
      { subtype: 'message_deleted', deleted_ts: ts },
    ]);
  });

  it('tells when a home is opened, with what stands there', async () => {
    await start();
    const received = await startBareApp(slack, ok);
    await slack.person('ben').openHome();
    await clientOf(slack).views.publish({ user_id: BEN, view: { type: 'home', blocks: [{ type: 'divider' }] } });
    await slack.person('ben').openHome();
    await slack.settled();
    const events = received.map(({ body }) => (JSON.parse(body) as { event: Record<string, unknown> }).event);
    expect(events[0]).toMatchObject({ type: 'app_home_opened', user: BEN, tab: 'home', channel: `D${BEN.slice(1)}` });
    expect(events[0]).not.toHaveProperty('view');
    expect(events[1]).toMatchObject({ view: { type: 'home', blocks: [{ type: 'divider' }] } });
  });
});
