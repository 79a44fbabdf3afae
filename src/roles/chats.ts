import { createDeliveryStore } from '../../adapters/redis/delivery-store.js';
import { createOnceStore } from '../../adapters/redis/once-store.js';
import { slackChecks } from '../../adapters/slack/checks.js';
import { createSlackClient } from '../../adapters/slack/client.js';
import { ChatJob } from '../../adapters/slack/inbound/job.js';
import { createChatInbox } from '../../queues/chat-inbox.js';
import { createChatWorker } from '../../queues/chat-worker.js';
import type { WebConfig } from '../config.js';
import { shortId } from '../domain/canonical.js';
import { slackGroupsIn } from '../domain/directory.js';
import type { Inventory } from '../domain/pipeline.js';
import type { Policy } from '../domain/policy.js';
import type { ProcessLog } from '../log.js';
import type { LogConnection } from './log-connection.js';
import type { DoctorLine } from './role-process.js';
import { createSlackChat, type OpenInbox, type SlackChat, type SlackChatDeps } from './slack-chat.js';
import { systemTime, type Time } from './system-time.js';

interface ChatParts {
  connection: LogConnection;
  policy: () => { policy: Policy };
  inventory: Inventory;
  time: Time;
  processLog: ProcessLog;
}

/** Gestures worked on at once: each waits for the log and for Slack, not for the processor. */
const CONCURRENCY = 16;
const CLOSE_WITHIN_MS = 5000;

/** Slack, when the role has a token for it. */
export function openSlack(config: WebConfig, parts: ChatParts): SlackChat | undefined {
  const { SLACK_BOT_TOKEN: botToken, SLACK_SIGNING_SECRET: signingSecret } = config;
  if (botToken === undefined) return undefined;
  const { connection, policy, inventory, time, processLog } = parts;
  const names = namesOf(inventory);
  return createSlackChat({
    settings: { botToken, signingSecret, appToken: config.SLACK_APP_TOKEN, apiUrl: config.SLACK_API_URL },
    store: createDeliveryStore(connection.redis, 'slack'),
    once: createOnceStore(connection.redis),
    openInbox: (work) => openInbox(config.REDIS_URL, processLog, work),
    policy,
    names: () => names,
    time,
    processLog,
    holder: shortId('web'),
  });
}

async function openInbox(
  redisUrl: string,
  processLog: ProcessLog,
  work: Parameters<SlackChatDeps['openInbox']>[0],
): Promise<OpenInbox> {
  const inbox = createChatInbox<ChatJob>({ queue: 'chat', redisUrl, processLog });
  const worker = await createChatWorker<ChatJob>({
    queue: 'chat',
    schema: ChatJob,
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

/** What `countersign doctor` says of Slack; nothing where it is not connected. */
export async function slackDoctor(role: string, config: WebConfig, policy: Policy): Promise<DoctorLine[]> {
  const { SLACK_BOT_TOKEN: token, SLACK_APP_TOKEN: appToken, SLACK_API_URL: apiUrl } = config;
  if (token === undefined) return [];
  const server = apiUrl === undefined ? {} : { apiUrl };
  const checks = await slackChecks({
    client: createSlackClient({ token, ...server }),
    ...(appToken === undefined ? {} : { appClient: createSlackClient({ token: appToken, ...server }) }),
    channels: policy.routes.flatMap((route) => route.slack ?? []),
    named: [...policy.routes.flatMap((route) => route.notify ?? []), ...slackGroupsIn(policy)],
    clock: systemTime.clock,
  });
  return checks.map(({ name, ok, text }) => ({ role, check: name, ok, detail: text }));
}
