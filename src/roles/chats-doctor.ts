import { createDeliveryStore } from '../../adapters/redis/delivery-store.js';
import { createReferenceStore } from '../../adapters/redis/reference-store.js';
import { slackChecks } from '../../adapters/slack/checks.js';
import { createSlackClient } from '../../adapters/slack/client.js';
import { teamsChecks } from '../../adapters/teams/checks.js';
import type { RoleName, WebConfig } from '../config.js';
import { statusWords } from '../deliver/status-words.js';
import { slackGroupsIn } from '../domain/directory.js';
import { AppError } from '../domain/errors.js';
import type { Policy } from '../domain/policy.js';
import { createProcessLog } from '../log.js';
import { connectLog } from './log-connection.js';
import { type DoctorLine, examined } from './role-process.js';
import { systemTime } from './system-time.js';
import { teamsSettings } from './teams-chat.js';

/** What `countersign doctor` says of the chats; nothing of one that is not connected. */
export async function chatsDoctor(role: RoleName, config: WebConfig, policy: Policy): Promise<DoctorLine[]> {
  return [...(await slackDoctor(role, config, policy)), ...(await teamsDoctor(role, config, policy))];
}

async function slackDoctor(role: RoleName, config: WebConfig, policy: Policy): Promise<DoctorLine[]> {
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
  return [
    await examined(role, 'Slack deliveries', () => deliveryText(role, config, 'slack')),
    ...checks.map(({ name, ok, text }) => ({ role, check: name, ok, detail: text })),
  ];
}

async function teamsDoctor(role: RoleName, config: WebConfig, policy: Policy): Promise<DoctorLine[]> {
  const settings = teamsSettings(config);
  if (settings === undefined) return [];
  const deliveries = await examined(role, 'Teams deliveries', () => deliveryText(role, config, 'teams'));
  // Where Teams is called is stored; without the store the settings' word counts.
  const connection = await connectLog(role, config, createProcessLog(role, 'silent')).catch(() => undefined);
  try {
    const checks = await teamsChecks({
      settings,
      channels: policy.routes.flatMap((route) => route.teams ?? []),
      ...(connection === undefined ? {} : { store: createReferenceStore(connection.redis, 'teams') }),
      clock: systemTime.clock,
      processLog: createProcessLog(role, 'silent'),
    });
    return [deliveries, ...checks.map(({ name, ok, text }) => ({ role, check: name, ok, detail: text }))];
  } finally {
    connection?.close();
  }
}

const NAMES = { slack: 'Slack', teams: 'Teams' } as const;

/** @throws AppError `unavailable` when something can not be told in the chat, with what to do. */
async function deliveryText(role: RoleName, config: WebConfig, chat: 'slack' | 'teams'): Promise<string> {
  const connection = await connectLog(role, config, createProcessLog(role, 'silent'));
  const report = await createDeliveryStore(connection.redis, chat)
    .lastReport()
    .finally(() => connection.close());
  const { state, lines } = statusWords(NAMES[chat], report, systemTime.clock.now());
  const text = lines.join(' ');
  if (state === 'stuck') throw new AppError('unavailable', { safeText: text });
  return state === 'silent' ? `warning: ${text}` : text;
}
