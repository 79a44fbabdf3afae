import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { connectLog, type LogConnection } from '../../../adapters/redis/connect-log.js';
import { generateDecisionKey } from '../../../src/approve/seal.js';
import { readConfig, type WebConfig } from '../../../src/config.js';
import { verifierKey } from '../../../src/domain/signed-note.js';
import { createProcessLog } from '../../../src/log.js';
import { systemTime } from '../../../src/roles/system-time.js';
import { createWeb } from '../../../src/roles/web.js';
import { startTestRedis, type TestRedis } from '../redis.js';
import { incidentWithProposal, TOKEN } from '../slack-web-role.js';
import { until } from '../until.js';
import { startTeams } from './server.js';
import type { TeamsPerson, TeamsServer } from './server-types.js';
import type { TeamsMessage } from './types.js';

/** The whole web role as it runs in production, in this process: real Redis, real HTTP, the simulated Teams. */

export const CHANNEL = '19:incidents@thread.tacv2';
/** Teams allows some 26 calls a minute in a channel, so the incidents `dag_1` to `dag_40` are told in four others in turn. */
const OTHERS = [0, 1, 2, 3].map((at) => ({
  id: `19:incidents-${at}@thread.tacv2`,
  name: `data-${at}`,
  owner: `team-${at}`,
}));
const PEOPLE = ['ana', 'ben', 'cara'];

export interface TeamsWebRole {
  teams: TeamsServer;
  /** Of the role's HTTP server. */
  url(): string;
  person(name: string): TeamsPerson;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** The newest message of the bot that holds all of this. */
  saying(...parts: string[]): TeamsMessage | undefined;
  incidentWithProposal(dag: string): Promise<string>;
  types(incident: string): Promise<string[]>;
  close(): Promise<void>;
}

export async function startTeamsWebRole(): Promise<TeamsWebRole> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-teams-'));
  const redis = await startTestRedis();
  const teams = await startTeams({
    limits: 'off',
    users: PEOPLE.map((name) => ({ id: `29:${name}`, name, userPrincipalName: `${name}@example.com` })),
    channels: [{ id: CHANNEL, name: 'data-incidents' }, ...OTHERS],
  });
  const vkey = verifierKey('countersign/log', generateKeyPairSync('ed25519').publicKey);
  const config = configOf(folder, redis, teams, vkey);
  const processLog = createProcessLog('test', 'silent');
  const reader: LogConnection = await connectLog({
    url: redis.urlFor('investigator'),
    role: 'investigator',
    vkey,
    allowWeak: true,
    processLog,
  });
  let url = '';
  let end = async (): Promise<void> => undefined;
  const world: TeamsWebRole = {
    teams,
    url: () => url,
    person: (name) => teams.person(name),
    async start() {
      const stop = new AbortController();
      const role = createWeb(config, systemTime);
      url = await new Promise<string>((resolve, reject) => {
        const running = role.run(stop.signal, (more) => resolve(more?.url ?? ''));
        running.catch(reject);
        end = async () => {
          stop.abort();
          await running;
        };
      });
      const endpoint = `${url}/teams/messages`;
      await until(async () => (await fetch(endpoint, { method: 'POST' })).status !== 503, 'Teams to be connected');
      teams.setMessagingEndpoint(endpoint);
    },
    stop: () => end(),
    saying: (...parts) =>
      teams.tenant.messages.findLast(
        ({ from, activity }) =>
          from === teams.tenant.bot.id && parts.every((part) => JSON.stringify(activity).includes(part)),
      ),
    incidentWithProposal: (dag) => incidentWithProposal(url, reader, dag),
    types: async (incident) => (await reader.log.read(incident)).map(({ entry }) => entry.type),
    async close() {
      await end();
      reader.close();
      await teams.close();
      await redis.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  await world.start();
  return world;
}

function configOf(folder: string, redis: TestRedis, teams: TeamsServer, vkey: string): WebConfig {
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const policy = {
    version: 1,
    groups: { oncall: ['ana@example.com', 'ben@example.com'] },
    approvers: { risk: { trivial: ['@oncall'], low: ['@oncall'] } },
    talk: { maxGrant: 4 },
    routes: [...OTHERS.map(({ owner, id }) => ({ owner, teams: id })), { teams: CHANNEL }],
  };
  const pipelines = Array.from({ length: 40 }, (_, at) => ({
    dag: `dag_${at + 1}`,
    owner: OTHERS[at % OTHERS.length]?.owner,
    tasks: [{ id: 't' }],
  }));
  const { appId, password } = teams.tenant.bot;
  return readConfig('web', {
    REDIS_URL: redis.urlFor('web'),
    COUNTERSIGN_LOG_LEVEL: 'silent',
    COUNTERSIGN_LOG_VKEY: vkey,
    COUNTERSIGN_ALLOW_WEAK_REDIS: 'true',
    COUNTERSIGN_POLICY: file('policy.yaml', stringify(policy)),
    COUNTERSIGN_INVENTORY: file('inventory.yaml', stringify({ pipelines })),
    COUNTERSIGN_WEB_PORT: '0',
    COUNTERSIGN_DECISION_KEY: file('decision.pem', generateDecisionKey().privateKeyPem),
    COUNTERSIGN_INTAKE_AUTH: file('intake.json', JSON.stringify({ generic: { scheme: 'bearer', tokens: [TOKEN] } })),
    COUNTERSIGN_COOKIE_SECRET: 'a cookie secret for tests, long enough',
    COUNTERSIGN_REDACTION_KEY: 'a redaction key for tests',
    TEAMS_APP_ID: appId,
    TEAMS_APP_PASSWORD: password,
    TEAMS_TENANT_ID: teams.tenant.tenantId,
    TEAMS_SERVICE_URL: teams.serviceUrl,
    TEAMS_OPENID_METADATA: teams.openIdMetadata,
    TEAMS_LOGIN_URL: teams.loginUrl,
  });
}
