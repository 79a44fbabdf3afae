import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { App, ExpressReceiver } from '@slack/bolt';
import express from 'express';
import { onTestFinished } from 'vitest';
import { SILENT } from '../../../adapters/slack/client.js';
import type { SlackServer } from './server-types.js';

/**
 * A real Bolt app behind a real HTTP server, known to the simulated Slack; it ends with the test. Events are acknowledged when the
 * listeners are done, so that a failing listener is a failed delivery.
 */
export async function startBoltApp(slack: SlackServer, listen: (app: App) => void): Promise<void> {
  const { signingSecret, token, botId, botUserId } = slack.workspace.app;
  const receiver = new ExpressReceiver({
    signingSecret,
    router: express.Router() as never,
    endpoints: { events: '/events' },
    processBeforeResponse: true,
    logger: SILENT,
  });
  const app = new App({
    token,
    receiver,
    convoStore: false,
    tokenVerificationEnabled: false,
    botId,
    botUserId,
    ignoreSelf: false,
    logger: SILENT,
    clientOptions: { slackApiUrl: slack.apiUrl, retryConfig: { retries: 0 }, rejectRateLimitedCalls: true },
  });
  listen(app);
  const main = express();
  main.use('/slack', receiver.router as never);
  const server = createServer(main);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  );
  await slack.setRequestUrl(`http://127.0.0.1:${(server.address() as AddressInfo).port}/slack/events`);
}
