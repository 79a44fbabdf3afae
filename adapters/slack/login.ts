import type { WebClient } from '@slack/web-api';
import { AppError } from '../../src/domain/errors.js';
import { slackError } from './errors.js';

/** Who we are in Slack. */
export interface SlackBot {
  botId: string;
  botUserId: string;
  teamId: string;
  /** Address of the workspace. */
  url?: string;
}

/** By the token. @throws AppError `unauthenticated` or `forbidden` when Slack does not take it, retryable when Slack is away. */
export async function slackBot(client: WebClient): Promise<SlackBot> {
  const login = await client.auth.test().catch((error: unknown) => {
    throw slackError(error);
  });
  const { bot_id: botId, user_id: botUserId, team_id: teamId, url } = login;
  if (botId === undefined || botUserId === undefined || teamId === undefined) {
    throw new AppError('misconfigured', {
      field: 'SLACK_BOT_TOKEN',
      safeText: 'SLACK_BOT_TOKEN is not the token of a bot.',
    });
  }
  return { botId, botUserId, teamId, ...(url === undefined ? {} : { url }) };
}
