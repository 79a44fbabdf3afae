import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { Policy } from '../../../src/domain/policy.js';
import { TEST_KEY } from '../incidents.js';
import type { SlackOptions, SlackServer } from '../slack/server-types.js';
import type { SlackUser } from '../slack/types.js';
import type { StormIncident } from './story.js';
import type { VirtualEpoch } from './virtual-time.js';

export const CHANNELS = ['C0STORM01', 'C0STORM02', 'C0STORM03', 'C0STORM04', 'C0STORM05'] as const;

/** So many incidents within the first `withinMs`, over all channels, with every risk level among them. */
export function stormIncidents(count: number, withinMs: number): StormIncident[] {
  return Array.from({ length: count }, (_, at) => ({
    id: `INC-STORM${String(at).padStart(3, '0')}`,
    owner: `team${at % CHANNELS.length}`,
    level: at % 10 < 4 ? 'trivial' : at % 10 < 8 ? 'medium' : 'high',
    opensAt: Math.round((at * withinMs) / count),
  }));
}

export function channelOf({ owner }: StormIncident): string {
  return CHANNELS[Number(owner.slice(4))] as string;
}

/** Two people for each incident, so that it is clear who was told what, and a stranger. */
export function stormUsers(count: number): SlackUser[] {
  const people = Array.from({ length: count }, (_, at) => [`first${at}`, `second${at}`]).flat();
  return ['stranger', ...people].map((name, at) => ({
    id: `U0STORM${String(at).padStart(4, '0')}`,
    name,
    realName: name,
    email: `${name}@example.com`,
  }));
}

export function stormWorkspace(users: SlackUser[], botUserId: string): Pick<SlackOptions, 'users' | 'channels'> {
  const members = [botUserId, ...users.map(({ id }) => id)];
  return { users, channels: CHANNELS.map((id, at) => ({ id, name: `storm-${at + 1}`, members })) };
}

export function stormPolicy(count: number): Policy {
  const people = Array.from({ length: count }, (_, at) => [`first${at}@example.com`, `second${at}@example.com`]).flat();
  return Policy.parse({
    version: 1,
    groups: { all: people },
    approvers: { risk: { trivial: ['@all'], low: ['@all'], medium: ['@all'], high: ['@all'] } },
    caps: { 'feature_export.memory_gi': 32 },
    routes: CHANNELS.map((slack, at) => ({ owner: `team${at}`, slack })),
  });
}

export interface StormEnvironment {
  env: NodeJS.ProcessEnv;
  policy: Policy;
  remove(): void;
}

/** The settings of a web role that is connected to this Slack, with files of its own. */
export function webEnvironment(options: {
  count: number;
  redisUrl: string;
  vkey: string;
  slack: SlackServer;
  epoch: VirtualEpoch;
  port: number;
}): StormEnvironment {
  const dir = mkdtempSync(join(tmpdir(), 'countersign-storm-'));
  const file = (name: string, text: string): string => {
    writeFileSync(join(dir, name), text, { mode: 0o600 });
    return join(dir, name);
  };
  const policy = stormPolicy(options.count);
  const { app } = options.slack.workspace;
  return {
    policy,
    remove: () => rmSync(dir, { recursive: true, force: true }),
    env: {
      PATH: process.env['PATH'],
      REDIS_URL: options.redisUrl,
      COUNTERSIGN_LOG_LEVEL: process.env['STORM_LOG'] ?? 'fatal',
      COUNTERSIGN_LOG_VKEY: options.vkey,
      COUNTERSIGN_POLICY: file('policy.yaml', stringify(policy)),
      COUNTERSIGN_INVENTORY: file('inventory.yaml', 'pipelines: []\n'),
      COUNTERSIGN_WEB_PORT: String(options.port),
      COUNTERSIGN_DECISION_KEY: file('decision.pem', TEST_KEY.privateKeyPem),
      COUNTERSIGN_INTAKE_AUTH: file('intake.json', '{}'),
      COUNTERSIGN_COOKIE_SECRET: 'c'.repeat(40),
      COUNTERSIGN_REDACTION_KEY: 'r'.repeat(40),
      SLACK_BOT_TOKEN: app.token,
      SLACK_SIGNING_SECRET: app.signingSecret,
      SLACK_API_URL: options.slack.apiUrl,
      STORM_EPOCH: JSON.stringify(options.epoch),
    },
  };
}
