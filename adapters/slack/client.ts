import { WebClient } from '@slack/web-api';
import type { Turnstile } from '../../src/domain/chat.js';
import { pacedFetch } from './paced-fetch.js';

export interface SlackClientOptions {
  /** Bot token (`xoxb-…`), or the app token (`xapp-…`) for Socket Mode. */
  token: string;
  /** Another server than slack.com that speaks the Web API, for tests. */
  apiUrl?: string;
  /** Keeps the calls that people's gestures need within Slack's limits. */
  turnstile?: Turnstile;
}

const TIMEOUT_MS = 10_000;

/**
 * A client that calls once: no retries, as a repeated `chat.postMessage` is a second message, and a 429 is our scheduler's business,
 * as the client would stop all channels for one.
 */
export function createSlackClient({ token, apiUrl, turnstile }: SlackClientOptions): WebClient {
  return new WebClient(token, {
    ...(apiUrl === undefined ? {} : { slackApiUrl: apiUrl }),
    ...(turnstile === undefined ? {} : { fetch: pacedFetch(turnstile) }),
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: TIMEOUT_MS,
    logger: SILENT,
  });
}

const nothing = (): void => undefined;
/** Slack's libraries log request bodies at debug and answers at warn; what matters arrives as an error. */
export const SILENT = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  setLevel: nothing,
  getLevel: () => 'error' as never,
  setName: nothing,
};
