import { createBotAdapter } from '../../../adapters/teams/bot-adapter.js';
import { createTeamsConnector, type TeamsConnector } from '../../../adapters/teams/connector.js';
import type { TeamsSettings } from '../../../adapters/teams/settings.js';
import { createProcessLog } from '../../../src/log.js';
import { startTeams } from './server.js';
import type { TeamsOptions, TeamsServer } from './server-types.js';

export const INCIDENTS = '19:incidents00000000000000000000@thread.tacv2';
export const ARCHIVED = '19:archived000000000000000000000@thread.tacv2';
export const NOWHERE = '19:nowhere0000000000000000000000@thread.tacv2';
export const MARIA = '29:maria';
export const BEN = '29:ben';

/** A tenant with one team: a channel to tell incidents in and one that is archived. */
export function startSmallTenant(options: TeamsOptions = {}): Promise<TeamsServer> {
  return startTeams({
    users: [
      { id: MARIA, name: 'maria', userPrincipalName: 'maria@example.com', email: 'maria@example.com' },
      { id: BEN, name: 'ben', userPrincipalName: 'ben@example.com', email: 'ben@example.com' },
    ],
    channels: [
      { id: INCIDENTS, name: 'data-incidents' },
      { id: ARCHIVED, name: 'old', archived: true },
    ],
    ...options,
  });
}

/** What the web role would be set to. */
export function settingsFor({ tenant, serviceUrl, loginUrl, openIdMetadata }: TeamsServer): TeamsSettings {
  const { appId, password: appPassword } = tenant.bot;
  return { appId, appPassword, tenantId: tenant.tenantId, serviceUrl, loginUrl, openIdMetadata };
}

/** Our own connector, as this tenant's bot; its address is the server's from the start. */
export function connectorTo(teams: TeamsServer, more: Partial<TeamsSettings> = {}): TeamsConnector {
  const settings = { ...settingsFor(teams), ...more };
  const { tenant, serviceUrl } = teams;
  return createTeamsConnector({
    bot: createBotAdapter({ ...settings, processLog: createProcessLog('test', 'silent') }),
    service: async () => ({ serviceUrl, botId: tenant.bot.id, tenantId: tenant.tenantId }),
  });
}
