import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createManualClock, type ManualClock } from '../support/slack/clock.js';
import { startTeams } from '../support/teams/server.js';
import type { TeamsOptions, TeamsServer } from '../support/teams/server-types.js';

const CHANNEL = '19:incidents@thread.tacv2';
const ARCHIVED = '19:old@thread.tacv2';
const ANA = '29:ana';
const card = (body: object[], more: object = {}): object => ({ type: 'AdaptiveCard', version: '1.5', body, ...more });
const message = (content: object): object => ({
  type: 'message',
  summary: 'An incident',
  attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content }],
});
const HELLO = message(card([{ type: 'TextBlock', text: 'hello', wrap: true }]));

let clock: ManualClock;
let teams: TeamsServer;
let token: string;

async function open(options: TeamsOptions = {}): Promise<void> {
  clock = createManualClock();
  teams = await startTeams({
    clock,
    users: [
      { id: ANA, name: 'ana', email: 'Ana@example.com', userPrincipalName: 'ana@example.com' },
      { id: '29:gast', name: 'gast', userRole: 'guest', email: 'gast@elsewhere.example' },
    ],
    channels: [
      { id: CHANNEL, name: 'incidents' },
      { id: ARCHIVED, name: 'old', archived: true },
    ],
    ...options,
  });
  token = await newToken();
}

beforeEach(() => open());
afterEach(() => teams.close());

async function newToken(change: Record<string, string> = {}): Promise<string> {
  const form = {
    grant_type: 'client_credentials',
    client_id: teams.tenant.bot.appId,
    client_secret: teams.tenant.bot.password,
    scope: teams.scope,
    ...change,
  };
  const answer = await fetch(`${teams.loginUrl}/oauth2/v2.0/token`, {
    method: 'POST',
    body: new URLSearchParams(form),
  });
  const body = (await answer.json()) as { access_token?: string; error?: string };
  return body.access_token ?? `${answer.status} ${body.error}`;
}

interface Answered {
  status: number;
  retryAfter: string | null;
  body: { id?: string; activityId?: string; error?: { code: string } } & Record<string, unknown>;
}

async function call(
  method: string,
  path: string,
  body?: unknown,
  authorization = `Bearer ${token}`,
): Promise<Answered> {
  const answer = await fetch(`${teams.serviceUrl}v3/${path}`, {
    method,
    headers: { 'content-type': 'application/json', authorization },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return {
    status: answer.status,
    retryAfter: answer.headers.get('retry-after'),
    body: text === '' ? {} : JSON.parse(text),
  };
}

const at = (conversation: string): string => `conversations/${encodeURIComponent(conversation)}/activities`;
const thread = (root: string): string => at(`${CHANNEL};messageid=${root}`);
async function root(activity: object = HELLO): Promise<string> {
  const made = await call('POST', 'conversations', {
    isGroup: true,
    channelData: { channel: { id: CHANNEL } },
    activity,
  });
  expect(made.status).toBe(201);
  expect(made.body.id).toBe(`${CHANNEL};messageid=${made.body.activityId}`);
  return made.body.activityId ?? '';
}

describe('limits', () => {
  it('seven in a second, eight in two, sixty in thirty; sends and edits together, in all threads of a channel', async () => {
    const one = await root();
    await clock.advance(2000);
    const statuses = async (times: number): Promise<number[]> => {
      const found: number[] = [];
      for (let time = 0; time < times; time++)
        found.push(
          (await call(time % 2 ? 'PUT' : 'POST', time % 2 ? `${thread(one)}/${one}` : thread(one), HELLO)).status,
        );
      return found;
    };
    expect((await statuses(8)).filter((status) => status === 429)).toHaveLength(1);
    await clock.advance(1000);
    expect((await statuses(2)).filter((status) => status === 429)).toHaveLength(1);
    expect((await call('POST', at(CHANNEL), HELLO)).status).toBe(429);
    expect((await call('POST', at(teams.tenant.team.id), HELLO)).status).toBe(201);
    for (let second = 0; second < 30; second += 2) {
      await clock.advance(2000);
      await statuses(5);
    }
    expect(teams.limits.rejected).toBeGreaterThan(2);
    expect(teams.limits.impatient).toBeGreaterThan(0);
    await clock.advance(60_000);
    expect(await statuses(7)).not.toContain(429);
  });

  it('says how long to wait', async () => {
    const one = await root();
    const answers = [];
    for (let time = 0; time < 8; time++) answers.push(await call('POST', thread(one), HELLO));
    expect(answers.at(-1)).toMatchObject({ status: 429, retryAfter: '1' });
  });

  it('more than a hundred kilobytes of UTF-16 are refused, more than our own 28 frowned at', async () => {
    const text = (letters: number): object => message(card([{ type: 'TextBlock', text: 'x'.repeat(letters) }]));
    expect((await call('POST', at(CHANNEL), text(52_000))).body.error?.code).toBe('MessageSizeTooBig');
    expect((await call('POST', at(CHANNEL), text(30_000))).status).toBe(201);
    expect(teams.warnings.join()).toMatch(/28672 are our own limit/);
    expect(() => teams.strictWarnings()).toThrow('28672');
  });
});

describe('faults come in pairs', () => {
  it.each([
    ['refused', 500, 0],
    ['bad_gateway', 502, 0],
    ['precondition', 412, 0],
    ['failed_after', 500, 1],
    ['gateway_timeout', 504, 1],
  ] as const)('%s answers %i and leaves %i messages', async (kind, status, messages) => {
    teams.faults.add({ kind, count: 1 });
    expect((await call('POST', at(CHANNEL), HELLO)).status).toBe(status);
    expect(teams.tenant.messages).toHaveLength(messages);
    expect((await call('POST', at(CHANNEL), HELLO)).status).toBe(201);
    expect(teams.record.at(-2)?.fault).toBe(kind);
  });

  it.each([
    ['cut_before', 0],
    ['reply_lost', 1],
  ] as const)('%s cuts the connection and leaves %i messages', async (kind, messages) => {
    teams.faults.add({ kind, calls: ['activity.send'], count: 1 });
    await expect(call('POST', at(CHANNEL), HELLO)).rejects.toThrow();
    expect(teams.tenant.messages).toHaveLength(messages);
  });

  it('a forced 429 may say nothing of how long', async () => {
    teams.faults.add({ kind: 'ratelimited', retryAfterSeconds: 'none', count: 1 });
    expect(await call('POST', at(CHANNEL), HELLO)).toMatchObject({ status: 429, retryAfter: null });
    teams.faults.add({ kind: 'ratelimited', retryAfterSeconds: 9, count: 1 });
    expect(await call('POST', at(CHANNEL), HELLO)).toMatchObject({ status: 429, retryAfter: '9' });
    expect((await call('POST', at(CHANNEL), HELLO)).status).toBe(429);
    expect(teams.limits.impatient).toBe(1);
  });

  it('when it is down it takes nothing', async () => {
    teams.faults.down(true);
    expect((await call('POST', at(CHANNEL), HELLO)).status).toBe(503);
    expect(await newToken()).toBe('503 temporarily_unavailable');
    teams.faults.down(false);
    expect((await call('POST', at(CHANNEL), HELLO)).status).toBe(201);
    expect(teams.tenant.messages).toHaveLength(1);
  });
});
