import { readFileSync } from 'node:fs';
import { createSigner } from '../approve/seal.js';
import type { WebConfig } from '../config.js';
import { decidersOf } from '../domain/approval.js';
import { slackGroupsIn } from '../domain/directory.js';
import { AppError } from '../domain/errors.js';
import type { Policy } from '../domain/policy.js';
import { routeWarnings } from '../domain/routes.js';
import { chatsDoctor } from './chats-doctor.js';
import { CONNECTED, lookAtLog } from './log-connection.js';
import { observedText } from './observed-lineage.js';
import { type DoctorLine, examined } from './role-process.js';
import { inventoryText, readInventory, readJsonFile, watchPolicy } from './rules-files.js';

const ROLE = 'web';

/** @throws AppError `misconfigured` when the policy names user groups of a chat that is not connected: they would be nobody, silently. */
function groupsText(config: WebConfig): string {
  const groups = slackGroupsIn(watchPolicy(config.COUNTERSIGN_POLICY)().policy);
  if (groups.length === 0) return 'none in the policy';
  if (config.SLACK_BOT_TOKEN !== undefined) return groups.map((group) => `slack:${group}`).join(', ');
  throw new AppError('misconfigured', {
    field: 'SLACK_BOT_TOKEN',
    safeText: `The policy names Slack user groups (${groups.join(', ')}), and Slack is not connected: nobody is in them.`,
  });
}

/** Chats that the routes speak of and nobody is told in. */
function unconnected(config: WebConfig, { routes }: Policy): string[] {
  const silent = (name: string, chat: 'slack' | 'teams', connected: string | undefined): string[] =>
    connected === undefined && routes.some((route) => route[chat] !== undefined)
      ? [`routes name channels of ${name}, which is not connected: nothing is told there`]
      : [];
  return [...silent('Slack', 'slack', config.SLACK_BOT_TOKEN), ...silent('Teams', 'teams', config.TEAMS_TENANT_ID)];
}

/** Tries everything that the web role is connected to, and says what in the policy can not mean what it seems to. */
export async function examineWeb(config: WebConfig): Promise<DoctorLine[]> {
  return [
    await examined(ROLE, 'Redis', async () => {
      const seen = await lookAtLog(ROLE, config, ({ redis }) => observedText(redis));
      return `${CONNECTED}; ${seen}`;
    }),
    await examined(
      ROLE,
      'policy',
      async () => `${decidersOf(watchPolicy(config.COUNTERSIGN_POLICY)().policy).length} people may decide something`,
    ),
    await examined(ROLE, 'user groups', async () => groupsText(config)),
    await examined(ROLE, 'routes', async () => {
      const { policy } = watchPolicy(config.COUNTERSIGN_POLICY)();
      const odd = routeWarnings(policy, readInventory(config.COUNTERSIGN_INVENTORY));
      return [`${policy.routes.length} routes`, ...odd, ...unconnected(config, policy)].join('; ');
    }),
    await examined(ROLE, 'inventory', async () => inventoryText(config.COUNTERSIGN_INVENTORY)),
    await examined(
      ROLE,
      'decision key',
      async () => createSigner(readFileSync(config.COUNTERSIGN_DECISION_KEY, 'utf8')).keyId,
    ),
    await examined(ROLE, 'intake', async () => {
      const auth = readJsonFile<Record<string, unknown>>(config.COUNTERSIGN_INTAKE_AUTH, 'The intake file');
      return `accepts ${Object.keys(auth).join(', ') || 'nothing'}`;
    }),
    ...(await chatsDoctor(ROLE, config, watchPolicy(config.COUNTERSIGN_POLICY)().policy)),
  ];
}
