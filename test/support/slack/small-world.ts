import type { WebClient } from '@slack/web-api';
import { onTestFinished } from 'vitest';
import { createSlackClient } from '../../../adapters/slack/client.js';
import { startSlack } from './server.js';
import type { SlackOptions, SlackServer } from './server-types.js';

export const BOT = 'U0BOT00001';
export const MARIA = 'U0MARIA001';
export const BEN = 'U0BEN00001';
export const INCIDENTS = 'C0INCIDENT';
export const SECRET = 'C0SECRET01';
export const FOREIGN = 'C0FOREIGN1';
export const ARCHIVED = 'C0ARCHIVED';
export const HIDDEN = 'C0HIDDEN01';

/** More than our app asks for, so that what Slack does with it can be seen. */
const EVERYTHING: NonNullable<SlackOptions['app']> = {
  scopes: [
    'app_mentions:read',
    'channels:history',
    'channels:read',
    'chat:write',
    'commands',
    'groups:history',
    'groups:read',
    'im:history',
    'im:write',
    'reactions:write',
    'team:read',
    'usergroups:read',
    'users:read',
    'users:read.email',
  ],
  events: ['app_mention', 'app_home_opened', 'message.channels', 'message.groups', 'message.im'],
  messagesTab: 'on',
};

/** A workspace with one channel of each kind: joined, private, not joined, archived, private and not joined. */
export function startSmallWorld(options: SlackOptions = {}): Promise<SlackServer> {
  return startSlack({
    users: [
      { id: MARIA, name: 'maria', realName: 'Maria Keller', email: 'maria@example.com' },
      { id: BEN, name: 'ben', realName: 'Ben Roth', email: 'ben@example.com' },
    ],
    groups: [{ id: 'S0ONCALL01', handle: 'data-oncall', name: 'Data on call', users: [MARIA] }],
    channels: [
      { id: INCIDENTS, name: 'data-incidents', members: [MARIA, BEN, BOT] },
      { id: SECRET, name: 'payroll', members: [MARIA, BOT], isPrivate: true },
      { id: FOREIGN, name: 'random', members: [MARIA, BEN] },
      { id: ARCHIVED, name: 'old', members: [MARIA, BOT], isArchived: true },
      { id: HIDDEN, name: 'board', members: [MARIA], isPrivate: true },
    ],
    ...options,
    app: { ...EVERYTHING, ...options.app },
  });
}

/** The small world without rate limits, for one test: it ends with it. */
export async function startWorldOfTest(options: SlackOptions = {}): Promise<SlackServer> {
  const slack = await startSmallWorld({ limits: 'off', ...options });
  onTestFinished(() => slack.close());
  return slack;
}

/** Our own client, as one of this workspace. */
export function clientOf(slack: SlackServer, token = slack.workspace.app.token): WebClient {
  return createSlackClient({ token, apiUrl: slack.apiUrl });
}

/** Slack's error code of a call that must fail; `ok` when it did not. */
export async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'ok';
  } catch (error) {
    const { data } = error as { data?: { error?: string } };
    return data?.error ?? String((error as Error).message);
  }
}
