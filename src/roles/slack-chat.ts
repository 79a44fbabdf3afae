import { createSlackApp } from '../../adapters/slack/app.js';
import { createSlackClient } from '../../adapters/slack/client.js';
import { createSlackIdentity, type SlackIdentity } from '../../adapters/slack/identity.js';
import type { SlackAppDeps } from '../../adapters/slack/inbound/context.js';
import type { ChatJob } from '../../adapters/slack/inbound/job.js';
import { type SlackBot, slackBot } from '../../adapters/slack/login.js';
import { slackMessages } from '../../adapters/slack/messages.js';
import { createSlackPlatform } from '../../adapters/slack/platform.js';
import { createThreadLinks } from '../../adapters/slack/thread-links.js';
import { standingAt } from '../deliver/plan.js';
import { statusWords } from '../deliver/status-words.js';
import { createTurnstile } from '../deliver/turnstile.js';
import { AppError } from '../domain/errors.js';
import type { ChatBackend, OnceStore } from '../domain/ports.js';
import { type Chat, type ChatApp, type ChatRole, createChat, type OpenInbox, untilDone } from './chat-delivery.js';
import type { MembersOf } from './user-groups.js';

export interface SlackSettings {
  botToken: string;
  signingSecret: string | undefined;
  appToken: string | undefined;
  apiUrl: string | undefined;
}

export interface SlackChatDeps extends ChatRole<ChatJob> {
  settings: SlackSettings;
  once: OnceStore;
  names: NonNullable<SlackAppDeps['names']>;
}

/** Slack as the web role has it. Mount its router at `/slack`. */
export interface SlackChat extends Chat {
  /** @throws AppError `unavailable` while Slack has not told who we are. */
  membersOf: MembersOf;
}

export function createSlackChat(deps: SlackChatDeps): SlackChat {
  const { settings, time } = deps;
  const client = createSlackClient({
    token: settings.botToken,
    turnstile: createTurnstile(time),
    ...(settings.apiUrl === undefined ? {} : { apiUrl: settings.apiUrl }),
  });
  let identity: SlackIdentity | undefined;
  const chat = createChat({
    ...deps,
    name: 'Slack',
    path: '/slack',
    closed: 'Socket Mode does not open',
    async connect(backend, signal) {
      const bot = await untilDone(deps, signal, 'Slack does not let us in', () => slackBot(client));
      if (bot === undefined) return undefined;
      const known = createSlackIdentity({ client, clock: time.clock, team: bot.teamId });
      identity = known;
      return {
        platform: createSlackPlatform({ client, messages: slackMessages, botUserId: bot.botUserId }),
        app: (inbox) => slackApp(deps, { client, bot, identity: known, backend, inbox }),
      };
    },
  });
  return {
    ...chat,
    async membersOf(group) {
      if (identity === undefined) throw new AppError('unavailable', { safeText: 'Slack is not connected yet.' });
      return identity.membersOf(group);
    },
  };
}

interface Connected {
  client: ReturnType<typeof createSlackClient>;
  bot: SlackBot;
  identity: SlackIdentity;
  backend: ChatBackend;
  inbox: OpenInbox<ChatJob>;
}

function slackApp(deps: SlackChatDeps, { client, bot, identity, backend, inbox }: Connected): ChatApp<ChatJob> {
  const { settings, once, store, names, time, processLog } = deps;
  return createSlackApp({
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
}
