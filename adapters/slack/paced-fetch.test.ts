import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Pace } from '../../src/domain/chat.js';
import { createSlackClient } from './client.js';
import { slackError } from './errors.js';

let server: Server;
let asked: string[] = [];
let answer = { status: 200, retryAfter: '' };

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    const headers = {
      'content-type': 'application/json',
      ...(answer.retryAfter ? { 'retry-after': answer.retryAfter } : {}),
    };
    response.writeHead(answer.status, headers).end(JSON.stringify({ ok: answer.status === 200, error: 'ratelimited' }));
    request.resume();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
});
afterAll(() => server.close());

function clientWith(wait: number): {
  client: ReturnType<typeof createSlackClient>;
  entered: Pace[];
  stopped: number[];
} {
  asked = [];
  const entered: Pace[] = [];
  const stopped: number[] = [];
  const turnstile = {
    enter: async (pace: Pace) => {
      entered.push(pace);
      return wait;
    },
    stop: (_pace: Pace, ms: number) => void stopped.push(ms),
  };
  const { port } = server.address() as AddressInfo;
  const client = createSlackClient({ token: 'xoxb-1', apiUrl: `http://127.0.0.1:${port}/api/`, turnstile });
  return { client, entered, stopped };
}

describe('calls that people’s gestures need', () => {
  it('go through the turnstile by their method, below what Slack allows', async () => {
    answer = { status: 200, retryAfter: '' };
    const { client, entered } = clientWith(0);
    await client.users.info({ user: 'U1' });
    expect(asked).toEqual(['/api/users.info']);
    expect(entered).toMatchObject([{ bucket: 'users.info' }]);
    expect(entered[0]?.perMinute).toBeLessThan(100);
  });

  it('are refused here when their turn is too far away, with the time to wait, and Slack is not asked', async () => {
    const { client } = clientWith(12_300);
    const error = await client.views.open({ trigger_id: 't', view: { type: 'modal' } as never }).catch(slackError);
    expect(error).toMatchObject({ kind: 'rate_limited', retryAfterMs: 13_000 });
    expect(asked).toEqual([]);
  });

  it('stop when Slack says so, for as long as it says', async () => {
    answer = { status: 429, retryAfter: '7' };
    const { client, stopped } = clientWith(0);
    await client.users.info({ user: 'U1' }).catch(() => undefined);
    expect(stopped).toEqual([7000]);
  });

  it('leave the deliveries to their own scheduler', async () => {
    answer = { status: 200, retryAfter: '' };
    const { client, entered } = clientWith(60_000);
    await client.chat.postMessage({ channel: 'C1', text: 'x' });
    expect(entered).toEqual([]);
    expect(asked).toEqual(['/api/chat.postMessage']);
  });
});
