import { App, ExpressReceiver, type ReceiverEvent, SocketModeReceiver } from '@slack/bolt';
import express, { type Router } from 'express';
import { AppError } from '../../../src/domain/errors.js';
import type { ProcessLog } from '../../../src/log.js';
import type { Inbound } from './context.js';
import { dispatch } from './dispatch.js';
import { requestGuard } from './request-guard.js';

/** How Slack reaches us. */
export interface Receiving {
  /** For HTTP: mount it before any body parser, as signatures cover the raw bytes. */
  router?: Router;
  start(): Promise<void>;
  stop(): Promise<void>;
}

const MOST_BYTES = 1_000_000;

/** Socket Mode with an app token, HTTP with a signing secret. @throws AppError `misconfigured` without either. */
export function createReceiving(inbound: Inbound): Receiving {
  if (inbound.appToken !== undefined) return socketMode(inbound, inbound.appToken);
  if (inbound.signingSecret !== undefined) return http(inbound, inbound.signingSecret);
  throw new AppError('misconfigured', {
    safeText: 'Set SLACK_SIGNING_SECRET (requests over HTTP) or SLACK_APP_TOKEN (Socket Mode).',
  });
}

function http(inbound: Inbound, signingSecret: string): Receiving {
  const router = express.Router();
  // The machine's own time, by which Bolt judges as well, also where a test makes ours pass faster.
  router.use(requestGuard({ now: () => new Date() }, inbound.processLog));
  const receiver = new ExpressReceiver({
    signingSecret,
    router,
    endpoints: '/events',
    // The answer is held back until the inbox has it; otherwise Bolt says "taken" before we know.
    processBeforeResponse: true,
    bodyLimit: MOST_BYTES,
    logger: boltLogger(inbound.processLog),
  });
  const app = createApp(inbound, receiver);
  receiver.init({ processEvent: (event: ReceiverEvent) => unlessNotice(inbound, app, event) } as App);
  return { router, start: async () => undefined, stop: async () => undefined };
}

function socketMode(inbound: Inbound, appToken: string): Receiving {
  const receiver = new SocketModeReceiver({
    appToken,
    logger: boltLogger(inbound.processLog),
    installerOptions: { clientOptions: clientOptions(inbound) },
  });
  const app = createApp(inbound, receiver);
  receiver.init({ processEvent: (event: ReceiverEvent) => heldBack(inbound, app, event) } as App);
  return {
    start: async () => void (await receiver.start()),
    stop: async () => void (await receiver.stop()),
  };
}

/** Bolt acknowledges an event before anybody has seen it; here it goes out when all is done, as `processBeforeResponse` does for HTTP. */
async function heldBack(inbound: Inbound, app: App, event: ReceiverEvent): Promise<void> {
  let acknowledged = false;
  let answer: unknown;
  await unlessNotice(inbound, app, {
    ...event,
    ack: async (response) => {
      acknowledged = true;
      answer = response;
    },
  });
  if (acknowledged) await event.ack(answer as never);
}

/** Bolt leaves what it does not know without an answer for three seconds. */
async function unlessNotice(inbound: Inbound, app: App, event: ReceiverEvent): Promise<void> {
  if (event.body['type'] !== 'app_rate_limited') return app.processEvent(event);
  inbound.processLog.error({}, 'Slack holds back events: more than 30,000 an hour');
  await event.ack();
}

function createApp(inbound: Inbound, receiver: ExpressReceiver | SocketModeReceiver): App {
  const { botId, botUserId } = inbound.bot;
  const app = new App({
    receiver,
    // No token: we call Slack with a client of our own, and a token that Bolt verifies may end the process.
    authorize: async () => ({ botId, botUserId }),
    convoStore: false,
    logger: boltLogger(inbound.processLog),
    clientOptions: clientOptions(inbound),
  });
  app.use(async ({ body, ...args }) => {
    const { ack } = args as { ack?: (answer?: unknown) => Promise<void> };
    await dispatch(inbound, body, ack ?? (async () => undefined));
  });
  app.error(async (error) => {
    throw error;
  });
  return app;
}

function clientOptions({ apiUrl }: Inbound): NonNullable<ConstructorParameters<typeof App>[0]>['clientOptions'] {
  return { ...(apiUrl === undefined ? {} : { slackApiUrl: apiUrl }), retryConfig: { retries: 3 } };
}

type BoltLogger = NonNullable<NonNullable<ConstructorParameters<typeof App>[0]>['logger']>;

/** Bolt's own words without what follows them, which may be a piece of somebody's message. */
function boltLogger(processLog: ProcessLog): BoltLogger {
  const words = ([first]: unknown[]): { bolt: string } => {
    const text = first instanceof Error ? first.name : String(first);
    return { bolt: (/^[\w ,.'-]{0,100}/.exec(text)?.[0] ?? '').trim() };
  };
  return {
    debug: () => undefined,
    info: () => undefined,
    warn: (...texts: unknown[]) => processLog.warn(words(texts), 'bolt'),
    error: (...texts: unknown[]) => processLog.error(words(texts), 'bolt'),
    setLevel: () => undefined,
    getLevel: () => 'warn' as never,
    setName: () => undefined,
  };
}
