import type { RequestHandler } from 'express';
import { createSlackApp, type SlackApp } from '../../adapters/slack/app.js';
import { createSlackClient } from '../../adapters/slack/client.js';
import { createSlackIdentity, type SlackIdentity } from '../../adapters/slack/identity.js';
import type { SlackAppDeps } from '../../adapters/slack/inbound/context.js';
import type { ChatInbox, ChatJob } from '../../adapters/slack/inbound/job.js';
import { type SlackBot, slackBot } from '../../adapters/slack/login.js';
import { slackMessages } from '../../adapters/slack/messages.js';
import { createSlackPlatform } from '../../adapters/slack/platform.js';
import { createThreadLinks } from '../../adapters/slack/thread-links.js';
import { createDelivery, type Delivery, type Shown } from '../deliver/delivery.js';
import { standingAt } from '../deliver/plan.js';
import { statusWords } from '../deliver/status-words.js';
import { createTurnstile } from '../deliver/turnstile.js';
import type { Thread } from '../domain/card.js';
import type { DeliveryStore, Place } from '../domain/chat.js';
import { AppError } from '../domain/errors.js';
import type { Policy } from '../domain/policy.js';
import type { ChatBackend, OnceStore } from '../domain/ports.js';
import { routeOf } from '../domain/routes.js';
import type { ProcessLog } from '../log.js';
import type { Time } from './system-time.js';
import type { MembersOf } from './user-groups.js';

export interface SlackSettings {
  botToken: string;
  signingSecret: string | undefined;
  appToken: string | undefined;
  apiUrl: string | undefined;
}

export interface SlackChatDeps {
  settings: SlackSettings;
  store: DeliveryStore;
  once: OnceStore;
  /** Opens the durable inbox and has its jobs worked on. */
  openInbox(work: Pick<SlackApp, 'handle' | 'givenUp'>): Promise<OpenInbox>;
  policy: () => { policy: Policy };
  names: NonNullable<SlackAppDeps['names']>;
  time: Time;
  processLog: ProcessLog;
  /** Names this process among those that could deliver. */
  holder: string;
}

export interface OpenInbox extends ChatInbox {
  close(): Promise<void>;
}

/** Slack as the web role has it: what people do there, and what they see there. */
export interface SlackChat {
  /** Mount it at `/slack`, before any body parser. Answers 503 until Slack knows us, so that Slack sends again. */
  router: RequestHandler;
  /** @throws AppError `unavailable` while Slack has not told who we are. */
  membersOf: MembersOf;
  /** Brings the thread up to date, soon; any number of times. */
  show(thread: Shown): Promise<void>;
  /**
   * Until the signal aborts. Slack being away stops nothing else of the role: it is tried again. `replayed` resolves when `show` was
   * called for all that is in the log: nothing is delivered before that, or what was over long ago would be told as if it went on.
   */
  run(backend: ChatBackend, signal: AbortSignal, replayed: Promise<void>): Promise<void>;
  /** Resolves when everything that was shown stands in Slack; only while this process delivers. */
  settled(incident?: string): Promise<void>;
}

interface Live {
  app: SlackApp;
  delivery: Delivery;
}

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 60_000;

export function createSlackChat(deps: SlackChatDeps): SlackChat {
  const { settings } = deps;
  const client = createSlackClient({
    token: settings.botToken,
    turnstile: createTurnstile(deps.time),
    ...(settings.apiUrl === undefined ? {} : { apiUrl: settings.apiUrl }),
  });
  /** Threads that changed before Slack told who we are. */
  const early = new Map<string, Shown>();
  let identity: SlackIdentity | undefined;
  let live: Live | undefined;
  return {
    router(request, response, next) {
      if (live === undefined) response.status(503).end();
      else if (live.app.router === undefined) next();
      else live.app.router(request, response, next);
    },
    async membersOf(group) {
      if (identity === undefined) throw new AppError('unavailable', { safeText: 'Slack is not connected yet.' });
      return identity.membersOf(group);
    },
    async show(thread) {
      if (live === undefined) early.set(thread.incident, outlineOf(thread));
      else {
        live.app.changed();
        await live.delivery.show(thread);
      }
    },
    async run(backend, signal, replayed) {
      const bot = await untilDone(deps, signal, 'Slack does not let us in', () => slackBot(client));
      if (bot === undefined) return;
      identity = createSlackIdentity({ client, clock: deps.time.clock, team: bot.teamId });
      const delivery = slackDelivery(deps, client, bot, backend);
      const { app, inbox } = await slackApp(deps, client, bot, identity, backend);
      live = { app, delivery };
      for (const thread of early.values()) await delivery.show(thread);
      const starting = untilDone(deps, signal, 'Socket Mode does not open', () => app.start());
      await Promise.race([replayed, aborted(signal)]);
      await delivery.run(signal);
      await starting;
      await app.stop();
      await inbox.close();
    },
    settled: async (incident) => live?.delivery.settled(incident),
  };
}

/** Of ten thousand threads that wait for Slack, what is needed of each and no more. */
function outlineOf({ incident, version, summary: { finished, lastAt } }: Shown): Shown {
  return { incident, version, summary: { finished, lastAt } };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

type Client = ReturnType<typeof createSlackClient>;

function slackDelivery(deps: SlackChatDeps, client: Client, bot: SlackBot, backend: ChatBackend): Delivery {
  const { store, time, processLog, holder } = deps;
  return createDelivery({
    platform: createSlackPlatform({ client, messages: slackMessages, botUserId: bot.botUserId }),
    store,
    threadOf: (incident) => backend.thread(incident),
    placeOf: (thread) => placeOf(deps.policy().policy, thread),
    clock: time.clock,
    sleep: time.sleep,
    processLog,
    holder,
  });
}

/** The routed channel; undefined for an incident that is not told in Slack. */
function placeOf(policy: Policy, { summary }: Thread): Place | undefined {
  const route = routeOf(policy, summary);
  if (route?.slack === undefined) return undefined;
  return { channel: route.slack, ...(route.notify === undefined ? {} : { notify: route.notify }) };
}

/** The app needs the inbox to put into, and the inbox the app to work on it. */
async function slackApp(
  deps: SlackChatDeps,
  client: Client,
  bot: SlackBot,
  identity: SlackIdentity,
  backend: ChatBackend,
): Promise<{ app: SlackApp; inbox: OpenInbox }> {
  const { settings, once, store, names, time, processLog } = deps;
  let app: SlackApp | undefined;
  const ready = (): SlackApp => {
    if (app === undefined) throw new AppError('unavailable', { safeText: 'Slack is not connected yet.' });
    return app;
  };
  const inbox = await deps.openInbox({
    handle: async (job: ChatJob) => ready().handle(job),
    givenUp: async (job: ChatJob, error: Error) => ready().givenUp(job, error),
  });
  app = createSlackApp({
    backend,
    client,
    identity,
    inbox,
    once,
    store,
    ...(settings.signingSecret === undefined ? {} : { signingSecret: settings.signingSecret }),
    ...(settings.appToken === undefined ? {} : { appToken: settings.appToken }),
    ...(settings.apiUrl === undefined ? {} : { apiUrl: settings.apiUrl }),
    bot,
    threadLinks: createThreadLinks({
      workspace: bot.url,
      rootOf: async (incident) => standingAt(await store.of(incident)),
      clock: time.clock,
    }),
    deliveries: async () => statusWords('Slack', await store.lastReport(), time.clock.now()).lines,
    names,
    clock: time.clock,
    processLog,
    maxGrant: () => deps.policy().policy.talk.maxGrant,
  });
  return { app, inbox };
}

/** Again and again, ever more slowly; undefined when the signal aborted first. */
async function untilDone<T>(
  { time, processLog }: SlackChatDeps,
  signal: AbortSignal,
  what: string,
  attempt: () => Promise<T>,
): Promise<T | undefined> {
  for (let wait = FIRST_WAIT_MS; !signal.aborted; wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
    try {
      return await attempt();
    } catch (error) {
      processLog.warn({ error, wait }, what);
      await time.sleep(wait, signal);
    }
  }
  return undefined;
}
