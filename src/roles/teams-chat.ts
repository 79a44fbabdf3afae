import { createBotAdapter } from '../../adapters/teams/bot-adapter.js';
import { createTeamsConnector } from '../../adapters/teams/connector.js';
import { teamsMessages } from '../../adapters/teams/messages.js';
import { createTeamsPlatform } from '../../adapters/teams/platform.js';
import { createTeamsReferences } from '../../adapters/teams/references.js';
import type { TeamsSettings } from '../../adapters/teams/settings.js';
import type { WebConfig } from '../config.js';
import type { ReferenceStore } from '../domain/chat-references.js';
import type { OnceStore } from '../domain/ports.js';
import { type Chat, type ChatApp, type ChatRole, createChat } from './chat-delivery.js';

/** Until the inbound side is here. */
export interface TeamsJob {
  id: string;
}

export interface TeamsChatDeps extends ChatRole<TeamsJob> {
  settings: TeamsSettings;
  once: OnceStore;
  references: ReferenceStore;
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
    connect: async () => ({
      platform: createTeamsPlatform({ connector, messages: teamsMessages }),
      app: () => silent(connector.login),
    }),
  });
}

function silent(start: () => Promise<void>): ChatApp<TeamsJob> {
  return {
    start,
    stop: async () => undefined,
    handle: async () => undefined,
    givenUp: async () => undefined,
    changed: () => undefined,
  };
}
