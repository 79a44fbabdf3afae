import type { WebClient } from '@slack/web-api';
import { AppError } from '../../src/domain/errors.js';
import type { Clock } from '../../src/domain/ports.js';
import { slackError } from './errors.js';
import { SCOPES } from './scopes.js';

export interface SlackCheck {
  name: string;
  /** Also true for what only deserves attention; the text then says so. */
  ok: boolean;
  text: string;
}

export interface SlackChecksDeps {
  client: WebClient;
  /** With the app token, where Socket Mode is used. */
  appClient?: WebClient;
  /** Channel ids of the routes. */
  channels: readonly string[];
  /** Ids of the user groups and users that routes call, and of the user groups that groups of the policy name. */
  named: readonly string[];
  clock: Clock;
}

const WARN_MS = 60_000;
/** Slack's signatures are refused from here on. */
const FAIL_MS = 300_000;
const CLOCK_TIMEOUT_MS = 10_000;

/** What `countersign doctor` asks Slack; reads only, and nothing throws. */
export async function slackChecks(deps: SlackChecksDeps): Promise<SlackCheck[]> {
  const { client, appClient } = deps;
  const channels = [...new Set(deps.channels)];
  const named = [...new Set(deps.named)];
  const login = client.auth.test();
  return Promise.all([
    check('Slack token', async () => workspaceText(await login)),
    check('Slack scopes', async () => scopesText((await login).response_metadata?.scopes, named.some(isGroup))),
    check('Slack clock', () => clockText(deps)),
    ...(appClient === undefined ? [] : [check('Slack Socket Mode', () => socketModeText(appClient))]),
    ...channels.map((channel) => check(`Slack channel ${channel}`, () => channelText(client, channel))),
    ...named.map((id) => check(`Slack ${isGroup(id) ? 'user group' : 'user'} ${id}`, () => namedText(client, id))),
  ]);
}

async function check(name: string, probe: () => Promise<string>): Promise<SlackCheck> {
  try {
    return { name, ok: true, text: await probe() };
  } catch (error) {
    return { name, ok: false, text: slackError(error).safeText };
  }
}

const isGroup = (id: string): boolean => id.startsWith('S');
const failed = (safeText: string): AppError => new AppError('misconfigured', { safeText });
/** Names are Slack's; they go to a terminal. */
const shown = (name: string | undefined): string =>
  (name ?? '?').replaceAll(/[^\p{L}\p{M}\p{N} ._'&()-]/gu, '?').slice(0, 80);

function workspaceText(login: Awaited<ReturnType<WebClient['auth']['test']>>): string {
  if (login.bot_id === undefined)
    throw failed('This is the token of a person; SLACK_BOT_TOKEN is the one that begins with xoxb-.');
  return `workspace ${shown(login.team)} (${shown(login.team_id)}), as ${shown(login.user)} (${shown(login.user_id)})`;
}

function scopesText(granted: readonly string[] | undefined, groups: boolean): string {
  if (granted === undefined) return 'warning: Slack did not say which scopes the token has';
  const missing = Object.entries(SCOPES).filter(
    ([scope, use]) => !granted.includes(scope) && (groups || !use.forGroups),
  );
  if (missing.length > 0) {
    const what = missing.map(([scope, use]) => `${scope} (${use.without})`).join('; ');
    throw failed(`missing: ${what}. Add them under OAuth & Permissions, then install the app again.`);
  }
  const more = granted.filter((scope) => !Object.hasOwn(SCOPES, scope) || (!groups && SCOPES[scope]?.forGroups));
  if (more.length === 0) return 'all that is needed, and nothing more';
  return `warning: more than is needed, take away: ${more.map(shownScope).join(', ')}`;
}
const shownScope = (scope: string): string => scope.replaceAll(/[^a-z_.:]/g, '?').slice(0, 60);

/** By the Date header of any answer; half the round trip is taken off, and Slack's seconds are whole. */
async function clockText({ client, clock }: SlackChecksDeps): Promise<string> {
  const before = clock.now().getTime();
  const answer = await fetch(new URL('api.test', client.slackApiUrl), {
    method: 'POST',
    redirect: 'error',
    signal: AbortSignal.timeout(CLOCK_TIMEOUT_MS),
  });
  const after = clock.now().getTime();
  await answer.body?.cancel();
  const theirs = Date.parse(answer.headers.get('date') ?? '');
  if (Number.isNaN(theirs)) return 'warning: Slack did not say what time it is';
  const off = (before + after) / 2 - (theirs + 500);
  const size = Math.round(Math.abs(off) / 1000);
  const text = `our clock is ${size} s ${off < 0 ? 'behind' : 'ahead of'} Slack's`;
  if (Math.abs(off) >= FAIL_MS)
    throw failed(`${text}: every click and event is refused. Set the clock of this machine.`);
  if (Math.abs(off) >= WARN_MS) return `warning: ${text}; from 300 s on every click and event is refused`;
  return size <= 1 ? "our clock agrees with Slack's" : text;
}

/** Opens nothing: Slack gives out an address, which is not called. */
async function socketModeText(appClient: WebClient): Promise<string> {
  try {
    await appClient.apps.connections.open({});
  } catch (error) {
    const { kind, safeText } = slackError(error);
    if (kind !== 'unauthenticated' && kind !== 'forbidden' && kind !== 'unexpected_answer') throw error;
    throw failed(
      `${kind === 'unexpected_answer' ? 'Slack refuses a connection.' : safeText} SLACK_APP_TOKEN is an app-level token (xapp-) with the scope connections:write, and socket_mode_enabled must be true.`,
    );
  }
  return 'the app token opens connections';
}

async function channelText(client: WebClient, id: string): Promise<string> {
  const { channel } = await client.conversations.info({ channel: id });
  const name = `#${shown(channel?.name)}`;
  if (channel?.is_archived) throw failed(`${name} is archived. Route its incidents to another channel in policy.yaml.`);
  if (!channel?.is_member) throw failed(`The app is not a member of ${name}. Invite it there: /invite @Countersign`);
  if (channel.is_non_threadable) throw failed(`${name} allows no threads. Route its incidents to another channel.`);
  if (channel.is_thread_only) throw failed(`In ${name} only threads may be written to. Allow the app to post there.`);
  if (channel.is_ext_shared) return `warning: ${name} is shared with another company, which sees the threads too`;
  return `${name}, the app is a member${channel.is_read_only ? '; warning: only few may post there' : ''}`;
}

async function namedText(client: WebClient, id: string): Promise<string> {
  if (!isGroup(id)) {
    const { user } = await client.users.info({ user: id });
    if (user?.deleted)
      throw failed('This account is deactivated, so nobody is called. Name another one in policy.yaml.');
    return shown(user?.name);
  }
  const { users } = await client.usergroups.users.list({ usergroup: id });
  const count = users?.length ?? 0;
  return count === 0 ? 'warning: nobody is in it' : `${count} ${count === 1 ? 'member' : 'members'}`;
}
