import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseEnv } from 'node:util';
import { parseDocument } from 'yaml';
import type { SlackOptions } from './server-types.js';

/** What an app needs to be this workspace's app. */
export interface LocalSecrets {
  botToken: string;
  appToken: string;
  signingSecret: string;
}

const BOT = 'U0BOT00001';
/** The people of `policy.yaml`, one whom no policy knows, and one whose e-mail address Slack does not have. */
const PEOPLE = [
  { id: 'U0YOU00001', name: 'you', realName: 'You', email: 'you@example.com' },
  { id: 'U0ANA00001', name: 'ana', realName: 'Ana (on-call)', email: 'ana@example.com' },
  { id: 'U0BEN00001', name: 'ben', realName: 'Ben (on-call)', email: 'ben@example.com' },
  { id: 'U0LEA00001', name: 'lea', realName: 'Lea (data lead)', email: 'lea@example.com' },
  { id: 'U0MAX00001', name: 'max', realName: 'Max (data lead)', email: 'max@example.com' },
  { id: 'U0STRANGER', name: 'sam', realName: 'Sam (stranger)', email: 'sam@elsewhere.example' },
  { id: 'U0NOMAIL01', name: 'nina', realName: 'Nina' },
];
const EVERYBODY = [...PEOPLE.map(({ id }) => id), BOT];
const WITHOUT_BOT = PEOPLE.map(({ id }) => id);
const ON_CALL = 'S0ONCALL01';
const LEADS = 'S0LEADS001';
const CRITICAL = 'C0CRITICAL';
const INCIDENTS = 'C0INCIDENT';

/** The workspace of `npm run slack:local`. The app is in all channels but #random, where it is still to be invited. */
export function localWorkspace(secrets: LocalSecrets, socketMode: boolean): SlackOptions {
  return {
    team: { id: 'T0LOCAL001', name: 'Local workspace', domain: 'local' },
    app: {
      botUserId: BOT,
      token: secrets.botToken,
      appToken: secrets.appToken,
      signingSecret: secrets.signingSecret,
      socketMode,
    },
    users: PEOPLE,
    groups: [
      { id: ON_CALL, handle: 'oncall', name: 'On-call', users: ['U0YOU00001', 'U0ANA00001', 'U0BEN00001'] },
      { id: LEADS, handle: 'data-leads', name: 'Data leads', users: ['U0LEA00001', 'U0MAX00001'] },
    ],
    channels: [
      { id: INCIDENTS, name: 'data-incidents', members: EVERYBODY },
      { id: CRITICAL, name: 'data-critical', members: EVERYBODY },
      { id: 'C0ALERTS01', name: 'data-alerts', members: EVERYBODY },
      { id: 'C0RANDOM01', name: 'random', members: WITHOUT_BOT },
    ],
  };
}

/** The `routes:` lines of a policy that sends incidents to this workspace's channels. */
export function localRoutes(): string {
  return `routes:
  - { severity: [critical], slack: ${CRITICAL}, notify: ${ON_CALL} }
  - { slack: ${INCIDENTS}, notify: ${ON_CALL} }
`;
}

/** A policy that says what `policy` says, with these routes. */
export function withLocalRoutes(policy: string): string {
  const document = parseDocument(policy);
  document.set('routes', parseDocument(localRoutes()).get('routes'));
  return document.toString({ lineWidth: 0 });
}

/** Of the file that an earlier start left, so that an app that runs with them still fits; new random ones without it. */
export function localSecrets(file: string): LocalSecrets {
  const kept = existsSync(file) ? parseEnv(readFileSync(file, 'utf8')) : {};
  const random = (): string => randomBytes(16).toString('hex');
  return {
    botToken: kept['SLACK_BOT_TOKEN'] ?? `xoxb-local-${random()}`,
    appToken: kept['SLACK_APP_TOKEN'] ?? `xapp-local-${random()}`,
    signingSecret: kept['SLACK_SIGNING_SECRET'] ?? random(),
  };
}

export interface AppSettings {
  secrets: LocalSecrets;
  apiUrl: string;
  socketMode: boolean;
  /** A policy with routes to this workspace, where there is one. */
  policyFile?: string;
}

/** The environment with which the app connects: over HTTP or Socket Mode, never both. */
export function environmentOf({ secrets, apiUrl, socketMode, policyFile }: AppSettings): string {
  const way = socketMode ? `SLACK_APP_TOKEN=${secrets.appToken}` : `SLACK_SIGNING_SECRET=${secrets.signingSecret}`;
  const policy = policyFile === undefined ? '' : `COUNTERSIGN_POLICY=${policyFile}\n`;
  return `SLACK_BOT_TOKEN=${secrets.botToken}\n${way}\nSLACK_API_URL=${apiUrl}\n${policy}`;
}

/** Readable by its owner alone, also where the file was there before. */
export function keepPrivate(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(file, text, { mode: 0o600 });
  chmodSync(file, 0o600);
}
