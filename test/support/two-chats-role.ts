import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { connectRedis } from '../../adapters/redis/connect.js';
import { connectLog, type LogConnection } from '../../adapters/redis/connect-log.js';
import { createDeliveryStore } from '../../adapters/redis/delivery-store.js';
import { generateDecisionKey } from '../../src/approve/seal.js';
import { readConfig, type WebConfig } from '../../src/config.js';
import { verifierKey } from '../../src/domain/signed-note.js';
import { createProcessLog } from '../../src/log.js';
import { compileChild } from './child-program.js';
import { startTestRedis } from './redis.js';
import { startSlack } from './slack/server.js';
import type { SlackServer } from './slack/server-types.js';
import type { SlackMessage } from './slack/types.js';
import { startWebProcess, type WebProcess } from './slack-storm/web-process.js';
import { incidentWithProposal, CHANNEL as SLACK_CHANNEL, TOKEN, userId } from './slack-web-role.js';
import type { TeamsServer } from './teams/server-types.js';
import { INCIDENTS, startSmallTenant } from './teams/small-tenant.js';
import type { TeamsMessage } from './teams/types.js';
import { until } from './until.js';

/** The web role as a process of its own, as in production, with both chats connected: real Redis, simulated Slack and Teams. */
export interface TwoChatsRole {
  teams: TeamsServer;
  slack: SlackServer;
  web: WebProcess;
  config: WebConfig;
  environment: NodeJS.ProcessEnv;
  /** Reads and writes the log as the investigator may. */
  reader: LogConnection;
  /** What stands in the channel of Teams and holds all of this, oldest first. */
  inTeams(...parts: string[]): TeamsMessage[];
  inSlack(...parts: string[]): SlackMessage[];
  /** Whether the role knows of every message of this thread in Teams that it stands there as it should. */
  delivered(incident: string): Promise<boolean>;
  incidentWithProposal(dag: string): Promise<string>;
  types(incident: string): Promise<string[]>;
  /** After a start: Slack and Teams are told where the role listens now. */
  connectChats(): Promise<void>;
  close(): Promise<void>;
}

/** Pipelines of this owner are told in both chats, of the other in Teams alone. */
const DAGS = ['daily_transactions', 'refunds', 'ledger', 'early', 'late'];
const TEAMS_ONLY = ['report_a', 'report_b', 'report_c'];
const PEOPLE = ['maria', 'ben'];

export async function startTwoChatsRole(): Promise<TwoChatsRole> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-teams-'));
  const redis = await startTestRedis({ appendfsync: 'always' });
  const teams = await startSmallTenant();
  const slack = await startSlack({
    limits: 'off',
    app: { botUserId: 'U0BOT00001', socketMode: false },
    users: PEOPLE.map((name) => ({ id: userId(name), name, realName: name, email: `${name}@example.com` })),
    channels: [{ id: SLACK_CHANNEL, name: 'incidents', members: ['U0BOT00001', ...PEOPLE.map(userId)] }],
  });
  const vkey = verifierKey('countersign/log', generateKeyPairSync('ed25519').publicKey);
  const { token, signingSecret } = slack.workspace.app;
  const environment: NodeJS.ProcessEnv = {
    ...filesIn(folder),
    REDIS_URL: redis.urlFor('web'),
    COUNTERSIGN_LOG_LEVEL: 'silent',
    COUNTERSIGN_LOG_VKEY: vkey,
    COUNTERSIGN_ALLOW_WEAK_REDIS: 'true',
    COUNTERSIGN_WEB_PORT: '0',
    COUNTERSIGN_COOKIE_SECRET: 'a cookie secret for tests, long enough',
    COUNTERSIGN_REDACTION_KEY: 'a redaction key for tests',
    SLACK_BOT_TOKEN: token,
    SLACK_SIGNING_SECRET: signingSecret,
    SLACK_API_URL: slack.apiUrl,
    TEAMS_APP_ID: teams.tenant.bot.appId,
    TEAMS_APP_PASSWORD: teams.tenant.bot.password,
    TEAMS_TENANT_ID: teams.tenant.tenantId,
    TEAMS_SERVICE_URL: teams.serviceUrl,
    TEAMS_LOGIN_URL: teams.loginUrl,
    TEAMS_OPENID_METADATA: teams.openIdMetadata,
  };
  const reader = await connectLog({
    ...{ url: redis.urlFor('investigator'), role: 'investigator', vkey, allowWeak: true },
    processLog: createProcessLog('test', 'silent'),
  });
  const connection = await connectRedis(redis.urlFor('web'), { name: 'test', use: 'commands' });
  const store = createDeliveryStore(connection, 'teams');
  const web = await startWebProcess(compileChild('src/roles/web.ts'), { ...environment, PATH: process.env['PATH'] });
  const holds = (one: unknown, parts: string[]): boolean => parts.every((part) => JSON.stringify(one).includes(part));
  const world: TwoChatsRole = {
    ...{ teams, slack, web, environment, reader, config: readConfig('web', environment) },
    inTeams: (...parts) =>
      teams.tenant.messages.filter(
        (one) =>
          one.channel === INCIDENTS &&
          one.from === teams.tenant.bot.id &&
          holds([one.summary, one.text, one.card], parts),
      ),
    inSlack: (...parts) =>
      (slack.workspace.channels.get(SLACK_CHANNEL)?.messages ?? []).filter((one) => holds(one, parts)),
    async delivered(incident) {
      const known = [...(await store.of(incident)).values()];
      return known.length > 0 && known.every(({ state, digest }) => state === 'posted' && digest !== undefined);
    },
    incidentWithProposal: (dag) => incidentWithProposal(web.url(), reader, dag),
    types: async (incident) => (await reader.log.read(incident)).map(({ entry }) => entry.type),
    async connectChats() {
      const answers = async (path: string): Promise<boolean> =>
        (await fetch(`${web.url()}${path}`, { method: 'POST' })).status !== 503;
      for (const path of ['/slack/events', '/teams/messages']) await until(() => answers(path), path);
      await slack.setRequestUrl(`${web.url()}/slack/events`);
      teams.setMessagingEndpoint(`${web.url()}/teams/messages`);
    },
    async close() {
      await web.stop();
      reader.close();
      connection.disconnect();
      await Promise.all([slack.close(), teams.close()]);
      await redis.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  await world.connectChats();
  return world;
}

function filesIn(folder: string): NodeJS.ProcessEnv {
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const pipelines = [
    ...DAGS.map((dag) => ({ dag, owner: 'payments-data' })),
    ...TEAMS_ONLY.map((dag) => ({ dag, owner: 'bi-team' })),
  ];
  const policy = {
    version: 1,
    approvers: { risk: { low: PEOPLE.map((name) => `${name}@example.com`) } },
    routes: [{ owner: 'payments-data', slack: SLACK_CHANNEL, teams: INCIDENTS }, { teams: INCIDENTS }],
  };
  return {
    COUNTERSIGN_POLICY: file('policy.yaml', stringify(policy)),
    COUNTERSIGN_INVENTORY: file(
      'inventory.yaml',
      stringify({ pipelines: pipelines.map((pipeline) => ({ ...pipeline, tasks: [{ id: 't' }] })) }),
    ),
    COUNTERSIGN_DECISION_KEY: file('decision.pem', generateDecisionKey().privateKeyPem),
    COUNTERSIGN_INTAKE_AUTH: file('intake.json', JSON.stringify({ generic: { scheme: 'bearer', tokens: [TOKEN] } })),
  };
}
