import type { FetchFunction } from '@slack/web-api';
import type { Pace, Turnstile } from '../../src/domain/chat.js';

type FetchResponse = Awaited<ReturnType<FetchFunction>>;

const TIER_4 = 95;
const TIER_3 = 45;
const TIER_2 = 18;

/** Calls a minute of the methods that people's gestures need; a little less than Slack allows. Deliveries have a pace of their own. */
const PER_MINUTE: Readonly<Record<string, number>> = {
  'users.info': TIER_4,
  'views.open': TIER_4,
  'views.push': TIER_4,
  'views.update': TIER_4,
  'views.publish': TIER_4,
  'chat.postEphemeral': TIER_4,
  'conversations.info': TIER_3,
  'usergroups.users.list': TIER_2,
};

/**
 * A trigger lives for three seconds. A form that comes too late is of no use to anybody, and would take the turn of one that is: when two
 * hundred people press at once and are told to press again, nobody would get a form any more.
 */
const OPEN_WITHIN_MS = 1500;
const PATIENCE_MS: Readonly<Record<string, number>> = { 'views.open': OPEN_WITHIN_MS, 'views.push': OPEN_WITHIN_MS };

/** Half of a minute's calls may come at once, so that two processes after each other do not overdraw a whole one. */
function paceOf(method: string): Pace | undefined {
  const perMinute = PER_MINUTE[method];
  return perMinute === undefined ? undefined : { bucket: method, perMinute, burst: Math.floor(perMinute / 2) };
}

/** A `fetch` that waits for its turn; where that would take too long it answers as Slack would, without asking Slack. */
export function pacedFetch(
  turnstile: Turnstile,
  send: FetchFunction = fetch as unknown as FetchFunction,
): FetchFunction {
  return async (url, init) => {
    const pace = paceOf(new URL(url).pathname.split('/').at(-1) ?? '');
    if (pace === undefined) return send(url, init);
    const wait = await turnstile.enter(pace, PATIENCE_MS[pace.bucket]);
    if (wait > 0) return refused(wait);
    const response = await send(url, init);
    if (response.status === 429) turnstile.stop(pace, secondsOf(response) * 1000);
    return response;
  };
}

function secondsOf({ headers }: FetchResponse): number {
  const seconds = Number(headers.get('retry-after'));
  return seconds > 0 ? seconds : 30;
}

function refused(waitMs: number): FetchResponse {
  const body = JSON.stringify({ ok: false, error: 'ratelimited' });
  const headers = { 'content-type': 'application/json', 'retry-after': String(Math.ceil(waitMs / 1000)) };
  return new Response(body, { status: 429, headers }) as unknown as FetchResponse;
}
