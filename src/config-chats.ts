import { z } from 'zod';

/** The web role's settings of the chats, and what must be true of them together; read by `config.ts`. */

const Url = z.url({ protocol: /^https?$/ });

/** Settings of Slack, all of them or none. */
export const Slack = {
  /** Bot token (`xoxb-…`): with it the role serves Slack. */
  SLACK_BOT_TOKEN: z
    .string()
    .regex(/^(xoxe\.)?xoxb-/, 'a bot token begins with xoxb-')
    .optional(),
  /** For HTTP: Slack calls `/slack/events` and signs with this. */
  SLACK_SIGNING_SECRET: z.string().min(16).optional(),
  /** For Socket Mode, instead: app token (`xapp-…`); no address of ours need be reachable. */
  SLACK_APP_TOKEN: z
    .string()
    .regex(/^xapp-/, 'an app token begins with xapp-')
    .optional(),
  /** Another server than slack.com that speaks the Web API, with its path, e.g. http://127.0.0.1:4590/api/. */
  SLACK_API_URL: Url.optional(),
};
const SLACK = Object.keys(Slack) as (keyof typeof Slack)[];

/** Slack is connected in one of its two ways, or not at all. */
export function connectsSlack(
  env: Partial<Record<keyof typeof Slack, string | undefined>>,
  context: z.RefinementCtx,
): void {
  const fault = (path: keyof typeof Slack, message: string): void =>
    void context.addIssue({ code: 'custom', path: [path], message });
  const ways = [env.SLACK_SIGNING_SECRET, env.SLACK_APP_TOKEN].filter((one) => one !== undefined).length;
  if (env.SLACK_BOT_TOKEN === undefined) {
    const lone = SLACK.find((name) => env[name] !== undefined);
    if (lone !== undefined) fault('SLACK_BOT_TOKEN', `${lone} needs SLACK_BOT_TOKEN`);
    return;
  }
  if (ways === 0)
    fault('SLACK_SIGNING_SECRET', 'SLACK_BOT_TOKEN needs SLACK_SIGNING_SECRET (HTTP) or SLACK_APP_TOKEN (Socket Mode)');
  if (ways === 2)
    fault('SLACK_APP_TOKEN', 'give SLACK_SIGNING_SECRET (HTTP) or SLACK_APP_TOKEN (Socket Mode), not both');
}

const Guid = z.guid('a GUID is written 00000000-0000-0000-0000-000000000000');
/** Settings of Teams, all of them or none. */
export const Teams = {
  /** Application (client) id of the bot's registration: with it the role serves Teams at `/teams/messages`. */
  TEAMS_APP_ID: Guid.optional(),
  /** Client secret of that registration. */
  TEAMS_APP_PASSWORD: z.string().min(8).optional(),
  /** Directory (tenant) id: the bot is of this tenant alone, and so are its people. */
  TEAMS_TENANT_ID: Guid.optional(),
  /** Where Teams is called until it has called us and said so itself; of another cloud than the public one. */
  TEAMS_SERVICE_URL: Url.optional(),
  /** Other keys of Teams' tokens than Microsoft's, for tests; only together with TEAMS_LOGIN_URL. */
  TEAMS_OPENID_METADATA: Url.optional(),
  /** Another login than Microsoft's, tenant included, for tests; only together with TEAMS_OPENID_METADATA. */
  TEAMS_LOGIN_URL: Url.optional(),
  /** `playground`: the Agents Playground on this machine, without any authentication. Loopback only. */
  TEAMS_LOCAL: z.enum(['playground']).optional(),
};
const TEAMS = Object.keys(Teams) as (keyof typeof Teams)[];
type TeamsEnvironment = Partial<Record<keyof typeof Teams, string | undefined>>;

const LOOPBACK = new Set(['localhost', '127.0.0.1', '::1', '[::1]']);
const isLoopback = (url: string | undefined): boolean => url !== undefined && LOOPBACK.has(new URL(url).hostname);

/** Teams is connected wholly, or as the Playground on this machine, or not at all. */
export function connectsTeams(
  env: TeamsEnvironment & { COUNTERSIGN_WEB_HOST: string },
  context: z.RefinementCtx,
): void {
  const fault = (path: keyof typeof Teams, message: string): void =>
    void context.addIssue({ code: 'custom', path: [path], message });
  const given = TEAMS.filter((name) => env[name] !== undefined);
  if (given.length === 0) return;
  if (env.TEAMS_TENANT_ID === undefined) fault('TEAMS_TENANT_ID', `${given[0]} needs TEAMS_TENANT_ID`);
  if (env.TEAMS_LOCAL !== undefined) {
    connectsPlayground(env, fault);
    return;
  }
  for (const name of ['TEAMS_APP_ID', 'TEAMS_APP_PASSWORD'] as const)
    if (env[name] === undefined) fault(name, `${given.find((one) => one !== name) ?? given[0]} needs ${name}`);
  if ((env.TEAMS_OPENID_METADATA === undefined) !== (env.TEAMS_LOGIN_URL === undefined))
    fault('TEAMS_LOGIN_URL', 'TEAMS_OPENID_METADATA and TEAMS_LOGIN_URL are for tests and come together');
  if (env.TEAMS_SERVICE_URL?.startsWith('http:') && !isLoopback(env.TEAMS_SERVICE_URL))
    fault('TEAMS_SERVICE_URL', 'our token goes to TEAMS_SERVICE_URL, so it must be https');
  if (env.TEAMS_LOGIN_URL?.startsWith('http:') && !isLoopback(env.TEAMS_LOGIN_URL))
    fault('TEAMS_LOGIN_URL', 'our secret goes to TEAMS_LOGIN_URL, so it must be https');
  if (env.TEAMS_OPENID_METADATA?.startsWith('http:') && !isLoopback(env.TEAMS_OPENID_METADATA))
    fault('TEAMS_OPENID_METADATA', 'whoever can change TEAMS_OPENID_METADATA can be anybody, so it must be https');
}

/** Nothing is authenticated there: whoever reaches the role may be anybody, so nobody else may reach it. */
function connectsPlayground(
  env: TeamsEnvironment & { COUNTERSIGN_WEB_HOST: string },
  fault: (path: keyof typeof Teams, message: string) => void,
): void {
  if (!LOOPBACK.has(env.COUNTERSIGN_WEB_HOST))
    fault('TEAMS_LOCAL', 'TEAMS_LOCAL believes everybody, so COUNTERSIGN_WEB_HOST must be a loopback address');
  if (!isLoopback(env.TEAMS_SERVICE_URL))
    fault('TEAMS_SERVICE_URL', 'TEAMS_LOCAL needs a TEAMS_SERVICE_URL on a loopback address');
  const real = (['TEAMS_APP_ID', 'TEAMS_APP_PASSWORD', 'TEAMS_LOGIN_URL', 'TEAMS_OPENID_METADATA'] as const).find(
    (name) => env[name] !== undefined,
  );
  if (real !== undefined) fault('TEAMS_LOCAL', `TEAMS_LOCAL is for the Playground alone: take ${real} away, or it`);
}

/** Names of all settings of the chats. */
export const CHATS: readonly string[] = [...SLACK, ...TEAMS];
