import { createTeamsApp, type TeamsAppDeps } from '../../adapters/teams/app.js';
import { type BotAdapter, createBotAdapter } from '../../adapters/teams/bot-adapter.js';
import { createTeamsConnector, type TeamsConnector } from '../../adapters/teams/connector.js';
import { createTeamsIdentity } from '../../adapters/teams/identity.js';
import type { TeamsJob } from '../../adapters/teams/inbound/job.js';
import { teamsMessages } from '../../adapters/teams/messages.js';
import { createTeamsPlatform } from '../../adapters/teams/platform.js';
import { createTeamsReferences, type TeamsReferences } from '../../adapters/teams/references.js';
import type { TeamsSettings } from '../../adapters/teams/settings.js';
import type { WebConfig } from '../config.js';
import { statusWords } from '../deliver/status-words.js';
import type { ReferenceStore } from '../domain/chat-references.js';
import type { ChatBackend, OnceStore } from '../domain/ports.js';
import { type Chat, type ChatApp, type ChatRole, createChat, type OpenInbox } from './chat-delivery.js';

export interface TeamsChatDeps extends ChatRole<TeamsJob> {
  settings: TeamsSettings;
  once: OnceStore;
  references: ReferenceStore;
  names: NonNullable<TeamsAppDeps['names']>;
}

/** Microsoft's address for bots in Teams' public cloud, wherever the tenant is. */
const PUBLIC_SERVICE = 'https://smba.trafficmanager.net/teams/';

/** Undefined when Teams is not connected. */
export function teamsSettings(config: WebConfig): TeamsSettings | undefined {
  const { TEAMS_TENANT_ID: tenantId, TEAMS_LOCAL: local } = config;
  if (tenantId === undefined) return undefined;
  return {
    appId: config.TEAMS_APP_ID ?? '',
    appPassword: config.TEAMS_APP_PASSWORD ?? '',
    tenantId,
    serviceUrl: config.TEAMS_SERVICE_URL ?? PUBLIC_SERVICE,
    ...(config.TEAMS_LOGIN_URL === undefined ? {} : { loginUrl: config.TEAMS_LOGIN_URL }),
    ...(config.TEAMS_OPENID_METADATA === undefined ? {} : { openIdMetadata: config.TEAMS_OPENID_METADATA }),
    ...(local === undefined ? {} : { local }),
  };
}

/** Teams as the web role has it. Mount its router at `/teams`. */
export function createTeamsChat(deps: TeamsChatDeps): Chat {
  const { settings, time, processLog } = deps;
  const bot = createBotAdapter({ ...settings, processLog });
  const references = createTeamsReferences({ store: deps.references, settings, clock: time.clock });
  const connector = createTeamsConnector({ bot, service: references.service });
  return createChat({
    ...deps,
    name: 'Teams',
    path: '/teams',
    closed: 'Teams does not let us in',
    // Teams calls us whether or not we are let in: what people do is taken, and what they are told waits for the login.
    connect: async (backend) => ({
      platform: createTeamsPlatform({ connector, messages: teamsMessages }),
      app: (inbox) => {
        const app = teamsApp(deps, { bot, references, connector, backend, inbox });
        return { ...app, start: async () => void (await Promise.all([connector.login(), app.start()])) };
      },
    }),
  });
}

interface Connected {
  bot: BotAdapter;
  references: TeamsReferences;
  connector: TeamsConnector;
  backend: ChatBackend;
  inbox: OpenInbox<TeamsJob>;
}

function teamsApp(deps: TeamsChatDeps, { bot, references, connector, backend, inbox }: Connected): ChatApp<TeamsJob> {
  const { settings, once, store, names, time, processLog } = deps;
  const { clock } = time;
  return createTeamsApp({
    backend,
    bot,
    connector,
    references,
    identity: createTeamsIdentity({ connector, clock, settings }),
    inbox,
    once,
    store,
    settings,
    deliveries: async () => statusWords('Teams', await store.lastReport(), clock.now()).lines,
    names,
    clock,
    processLog,
    maxGrant: () => deps.policy().policy.talk.maxGrant,
  });
}
