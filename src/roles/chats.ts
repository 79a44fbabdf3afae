import type { z } from 'zod';
import { createDeliveryStore } from '../../adapters/redis/delivery-store.js';
import { createOnceStore } from '../../adapters/redis/once-store.js';
import { createReferenceStore } from '../../adapters/redis/reference-store.js';
import { ChatJob } from '../../adapters/slack/inbound/job.js';
import { TeamsJob } from '../../adapters/teams/inbound/job.js';
import { createChatInbox } from '../../queues/chat-inbox.js';
import { createChatWorker } from '../../queues/chat-worker.js';
import type { ChatQueue } from '../../queues/jobs.js';
import type { WebConfig } from '../config.js';
import { shortId } from '../domain/canonical.js';
import type { Inventory } from '../domain/pipeline.js';
import type { Policy } from '../domain/policy.js';
import type { ProcessLog } from '../log.js';
import type { Chat, ChatRole, OpenInboxFor } from './chat-delivery.js';
import type { LogConnection } from './log-connection.js';
import type { SlackChat, SlackChatDeps } from './slack-chat.js';
import type { Time } from './system-time.js';
import type { MembersOf } from './user-groups.js';

interface ChatParts {
  connection: LogConnection;
  policy: () => { policy: Policy };
  inventory: Inventory;
  time: Time;
  processLog: ProcessLog;
}

/** The chats that the role has settings for. They share nothing: each has its own deliverer, lease, inbox and keys. */
export interface Chats {
  all: readonly Chat[];
  /** Who is in Slack's user groups; undefined without Slack. */
  membersOf: MembersOf | undefined;
}

/** Gestures worked on at once: each waits for the log and for the chat, not for the processor. */
const CONCURRENCY = 16;
const CLOSE_WITHIN_MS = 5000;

/** A chat's libraries are loaded where that chat is connected: they are half of what a role without one would start with. */
export async function openChats(config: WebConfig, parts: ChatParts): Promise<Chats> {
  const names = namesOf(parts.inventory);
  const once = createOnceStore(parts.connection.redis);
  const slack = await openSlack(config, parts, { once, names: () => names });
  const teams = await openTeams(config, parts, { once, names: () => names });
  return { all: [slack, teams].filter((chat) => chat !== undefined), membersOf: slack?.membersOf };
}

type Shared = Pick<SlackChatDeps, 'once' | 'names'>;

async function openSlack(config: WebConfig, parts: ChatParts, shared: Shared): Promise<SlackChat | undefined> {
  const { SLACK_BOT_TOKEN: botToken, SLACK_SIGNING_SECRET: signingSecret } = config;
  if (botToken === undefined) return undefined;
  const { createSlackChat } = await import('./slack-chat.js');
  return createSlackChat({
    ...shared,
    ...roleOf(parts, 'slack', inboxOf(config, parts, 'chat', ChatJob)),
    settings: { botToken, signingSecret, appToken: config.SLACK_APP_TOKEN, apiUrl: config.SLACK_API_URL },
  });
}

async function openTeams(config: WebConfig, parts: ChatParts, shared: Shared): Promise<Chat | undefined> {
  if (config.TEAMS_TENANT_ID === undefined) return undefined;
  const { createTeamsChat, teamsSettings } = await import('./teams-chat.js');
  const settings = teamsSettings(config);
  if (settings === undefined) return undefined;
  return createTeamsChat({
    ...shared,
    ...roleOf(parts, 'teams', inboxOf(config, parts, 'chat-teams', TeamsJob)),
    settings,
    references: createReferenceStore(parts.connection.redis, 'teams'),
  });
}

function roleOf<Job>(
  { connection, policy, time, processLog }: ChatParts,
  chat: 'slack' | 'teams',
  openInbox: OpenInboxFor<Job>,
): ChatRole<Job> {
  const store = createDeliveryStore(connection.redis, chat);
  return { store, openInbox, policy, time, processLog, holder: shortId('web') };
}

function inboxOf<Job extends { id: string }>(
  { REDIS_URL: redisUrl }: WebConfig,
  { processLog }: ChatParts,
  queue: ChatQueue,
  schema: z.ZodType<Job>,
): OpenInboxFor<Job> {
  return async (work) => {
    const inbox = createChatInbox<Job>({ queue, redisUrl, processLog });
    const worker = await createChatWorker<Job>({
      queue,
      schema,
      redisUrl,
      concurrency: CONCURRENCY,
      processLog,
      handle: work.handle,
      onGivenUp: work.givenUp,
    });
    return {
      put: inbox.put,
      async close() {
        await worker.close(CLOSE_WITHIN_MS);
        await inbox.close();
      },
    };
  };
}

/** What people call things without saying what they are. */
function namesOf({ pipelines }: Inventory): ReturnType<SlackChatDeps['names']> {
  const tasks = pipelines.flatMap((pipeline) => pipeline.tasks);
  const distinct = (names: string[]): string[] => [...new Set(names)];
  return {
    dags: pipelines.map(({ dag }) => dag),
    tables: distinct(tasks.flatMap(({ reads, writes }) => [...reads, ...writes])),
    services: distinct(tasks.flatMap(({ sparkApp }) => sparkApp ?? [])),
  };
}
