import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { connectLog, type LogConnection } from '../../adapters/redis/connect-log.js';
import { ACTION } from '../../adapters/slack/action-ids.js';
import { blockIdOf } from '../../adapters/slack/form-inputs.js';
import { generateDecisionKey } from '../../src/approve/seal.js';
import { readConfig, type WebConfig } from '../../src/config.js';
import { transact } from '../../src/domain/ledger.js';
import { proposalDigest } from '../../src/domain/proposal.js';
import { verifierKey } from '../../src/domain/signed-note.js';
import { createProcessLog } from '../../src/log.js';
import { systemTime } from '../../src/roles/system-time.js';
import { createWeb } from '../../src/roles/web.js';
import { sampleProposal } from '../e2e/sample-story.js';
import { startTestRedis, type TestRedis } from './redis.js';
import type { SlackClock } from './slack/clock.js';
import { startSlack } from './slack/server.js';
import type { SlackPerson, SlackServer } from './slack/server-types.js';
import type { SlackMessage } from './slack/types.js';
import { until } from './until.js';

/** The whole web role as it runs in production, in this process: real Redis, real HTTP or Socket Mode, the simulated Slack. */

export const CHANNEL = 'C0INCIDENT';
export const OTHER_CHANNEL = 'C0OTHER';
export const GROUP = 'S0ONCALL01';
/** Of the alerts' sender. */
export const TOKEN = 'an intake token for tests';
const PEOPLE = ['ana', 'ben', 'cara'];
export const userId = (name: string): string => `U0${name.toUpperCase()}00001`;

export interface SlackWebRole {
  slack: SlackServer;
  /** Reads and writes the log as the investigator may. */
  reader: LogConnection;
  config: WebConfig;
  /** Puts the role's clock forward. */
  pass(ms: number): void;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** The newest message in the channel of incidents that holds this. */
  saying(...parts: string[]): SlackMessage | undefined;
  /** An alert as its sender delivers it, and a proposal as the investigator makes it. */
  incidentWithProposal(dag: string): Promise<string>;
  /** Presses "Approve" on the incident's card. */
  press(who: string, incident: string): Promise<SlackPerson>;
  approve(who: string, incident: string, words: string): Promise<void>;
  types(incident: string): Promise<string[]>;
  close(): Promise<void>;
}

export async function startSlackWebRole(mode: 'http' | 'socket', clock?: SlackClock): Promise<SlackWebRole> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-slack-'));
  const redis = await startTestRedis();
  const slack = await startSlack({
    limits: 'off',
    app: { botUserId: 'U0BOT00001', socketMode: mode === 'socket' },
    users: PEOPLE.map((name) => ({ id: userId(name), name, realName: name, email: `${name}@example.com` })),
    groups: [{ id: GROUP, handle: 'oncall', name: 'On call', users: ['ana', 'ben'].map(userId) }],
    channels: [CHANNEL, OTHER_CHANNEL].map((id) => ({
      id,
      name: id.toLowerCase(),
      members: ['U0BOT00001', ...PEOPLE.map(userId)],
    })),
    ...(clock === undefined ? {} : { clock }),
  });
  const vkey = verifierKey('countersign/log', generateKeyPairSync('ed25519').publicKey);
  const config = configOf(folder, redis, slack, vkey);
  const processLog = createProcessLog('test', 'silent');
  const reader = await connectLog({
    url: redis.urlFor('investigator'),
    role: 'investigator',
    vkey,
    allowWeak: true,
    processLog,
  });
  let ahead = 0;
  let url = '';
  let end = async (): Promise<void> => undefined;
  const saying = (...parts: string[]): SlackMessage | undefined =>
    slack.workspace.channels
      .get(CHANNEL)
      ?.messages.findLast((one) => parts.every((part) => JSON.stringify(one).includes(part)));

  const world: SlackWebRole = {
    slack,
    reader,
    config,
    saying,
    pass(ms) {
      ahead += ms;
    },
    async start() {
      const stop = new AbortController();
      const role = createWeb(config, { ...systemTime, clock: { now: () => new Date(Date.now() + ahead) } });
      url = await new Promise<string>((resolve, reject) => {
        const running = role.run(stop.signal, (more) => resolve(more?.url ?? ''));
        running.catch(reject);
        end = async () => {
          stop.abort();
          await running;
        };
      });
      if (mode === 'socket') await until(() => slack.sockets() > 0, 'a socket');
      else {
        const ready = async (): Promise<boolean> =>
          (await fetch(`${url}/slack/events`, { method: 'POST' })).status !== 503;
        await until(ready, 'Slack to be connected');
        await slack.setRequestUrl(`${url}/slack/events`);
      }
    },
    stop: () => end(),
    incidentWithProposal: (dag) => incidentWithProposal(url, reader, dag),
    async press(who, incident) {
      const card = await until(() => saying(ACTION.approve, incident), 'the card');
      const person = slack.person(userId(who));
      if (person.view() !== undefined) await person.closeView(true);
      const { ok, error } = await person.click(CHANNEL, card.ts, ACTION.approve);
      if (!ok) throw new Error(`the click failed: ${error}`);
      return person;
    },
    async approve(who, incident, words) {
      const person = await world.press(who, incident);
      await until(() => person.view(), 'the form');
      await person.submitView({ [blockIdOf('words')]: words });
    },
    types: async (incident) => (await reader.log.read(incident)).map(({ entry }) => entry.type),
    async close() {
      await end();
      reader.close();
      await slack.close();
      await redis.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  await world.start();
  return world;
}

function configOf(folder: string, redis: TestRedis, slack: SlackServer, vkey: string): WebConfig {
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const { token, appToken, signingSecret, socketMode } = slack.workspace.app;
  return readConfig('web', {
    REDIS_URL: redis.urlFor('web'),
    COUNTERSIGN_LOG_LEVEL: 'silent',
    COUNTERSIGN_LOG_VKEY: vkey,
    COUNTERSIGN_ALLOW_WEAK_REDIS: 'true',
    COUNTERSIGN_POLICY: file(
      'policy.yaml',
      stringify({
        version: 1,
        groups: { oncall: [`slack:${GROUP}`] },
        approvers: { risk: { low: ['@oncall'] } },
        routes: [
          { owner: 'payments-data', slack: CHANNEL },
          { owner: 'bi-team', slack: OTHER_CHANNEL },
        ],
      }),
    ),
    COUNTERSIGN_INVENTORY: file(
      'inventory.yaml',
      stringify({
        pipelines: [
          ...['daily_transactions', 'refunds', 'ledger', 'early', 'late'].map((dag) => ({
            dag,
            owner: 'payments-data',
          })),
          ...['report_a', 'report_b', 'report_c'].map((dag) => ({ dag, owner: 'bi-team' })),
        ].map((pipeline) => ({ ...pipeline, tasks: [{ id: 't' }] })),
      }),
    ),
    COUNTERSIGN_WEB_PORT: '0',
    COUNTERSIGN_DECISION_KEY: file('decision.pem', generateDecisionKey().privateKeyPem),
    COUNTERSIGN_INTAKE_AUTH: file('intake.json', JSON.stringify({ generic: { scheme: 'bearer', tokens: [TOKEN] } })),
    COUNTERSIGN_COOKIE_SECRET: 'a cookie secret for tests, long enough',
    COUNTERSIGN_REDACTION_KEY: 'a redaction key for tests',
    SLACK_BOT_TOKEN: token,
    ...(socketMode ? { SLACK_APP_TOKEN: appToken } : { SLACK_SIGNING_SECRET: signingSecret }),
    SLACK_API_URL: slack.apiUrl,
  });
}

/** An alert as its sender delivers it, and a proposal as the investigator makes it. */
export async function incidentWithProposal(url: string, { log }: LogConnection, dag: string): Promise<string> {
  const answer = await fetch(`${url}/intake/generic`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` },
    body: JSON.stringify({
      fingerprint: dag,
      started_at: new Date().toISOString(),
      title: `${dag} failed`,
      severity: 'high',
      subject: { dag },
    }),
  });
  const { accepted } = (await answer.json()) as { accepted: { incident: string }[] };
  const incident = accepted[0]?.incident ?? '';
  const expiresAt = new Date(Date.now() + 3600_000).toISOString();
  const proposal = sampleProposal({ incident, expiresAt });
  const actor = { kind: 'agent' as const, id: 'agent', role: 'investigator' };
  const data = { proposal, digest: proposalDigest(proposal) };
  await transact(log, incident, () => ({ events: [{ type: 'proposal.made', data, actor }], result: undefined }));
  return incident;
}
