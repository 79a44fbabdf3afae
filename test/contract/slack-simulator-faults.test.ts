import { WebAPIHTTPError, WebAPIRateLimitedError, WebAPIRequestError } from '@slack/web-api';
import { afterEach, describe, expect, it } from 'vitest';
import { createManualClock, type ManualClock } from '../support/slack/clock.js';
import { createFaults } from '../support/slack/faults.js';
import type { SlackOptions, SlackServer } from '../support/slack/server-types.js';
import { clientOf, INCIDENTS, SECRET, startSmallWorld } from '../support/slack/small-world.js';

let slack: SlackServer;
let client: ReturnType<typeof clientOf>;
afterEach(() => slack.close());

async function start(options: SlackOptions = {}): Promise<void> {
  slack = await startSmallWorld(options);
  client = clientOf(slack);
}

async function startStill(options: SlackOptions = {}): Promise<ManualClock> {
  const clock = createManualClock(1_800_000_000_000);
  await start({ clock, ...options });
  return clock;
}

const post = (channel = INCIDENTS): Promise<{ ts?: string }> => client.chat.postMessage({ channel, text: 'x' });
const stored = (): number => slack.workspace.channelByName('data-incidents').messages.length;
const edit = (ts: string): Promise<unknown> => client.chat.update({ channel: INCIDENTS, ts, text: 'y' });

/** Calls until the first 429. @returns how many went through, and the seconds to wait. */
async function untilRefused(call: () => Promise<unknown>, most = 1000): Promise<{ passed: number; seconds: number }> {
  for (let passed = 0; passed < most; passed += 1) {
    try {
      await call();
    } catch (error) {
      if (error instanceof WebAPIRateLimitedError) return { passed, seconds: error.retryAfter };
      throw error;
    }
  }
  return { passed: most, seconds: 0 };
}

describe('limits', () => {
  it('lets one message a second into a channel, with a short burst, and other channels go on', async () => {
    const clock = await startStill();
    expect(await untilRefused(post)).toEqual({ passed: 5, seconds: 1 });
    await post(SECRET);
    expect(stored()).toBe(5);
    await clock.advance(1000);
    expect(await untilRefused(post)).toEqual({ passed: 1, seconds: 1 });
    await clock.advance(60_000);
    expect((await untilRefused(post)).passed).toBe(5);
  });

  it('answers 429 with Retry-After and the body that Slack sends', async () => {
    await startStill();
    await untilRefused(post);
    const answer = await fetch(`${slack.apiUrl}chat.postMessage`, {
      method: 'POST',
      headers: { authorization: `Bearer ${slack.workspace.app.token}` },
      body: new URLSearchParams({ channel: INCIDENTS, text: 'x' }),
    });
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '1']);
    expect(await answer.json()).toEqual({ ok: false, error: 'ratelimited' });
    expect(slack.limits).toMatchObject({ rejected: 2, impatient: 1 });
  });

  it('holds fifty edits in a minute for the whole workspace, of whatever channel', async () => {
    const clock = await startStill();
    const ts = (await post()).ts as string;
    expect(await untilRefused(() => edit(ts))).toEqual({ passed: 50, seconds: 2 });
    await clock.advance(2000);
    expect((await untilRefused(() => edit(ts))).passed).toBe(1);
    await post();
  });

  it('knows the tier of each method', async () => {
    await startStill();
    const passed = async (call: () => Promise<unknown>): Promise<number> => (await untilRefused(call)).passed;
    expect(await passed(() => client.users.list({}))).toBe(20);
    expect(await passed(() => client.usergroups.list({}))).toBe(20);
    expect(await passed(() => client.conversations.history({ channel: INCIDENTS }))).toBe(50);
    expect(await passed(() => client.conversations.replies({ channel: INCIDENTS, ts: '1.1' }).catch(limited))).toBe(50);
    expect(await passed(() => client.users.info({ user: 'U0MARIA001' }))).toBe(100);
    expect(await passed(() => client.views.publish({ user_id: 'U0MARIA001', view: HOME }))).toBe(100);
  });

  it('caps the posts of a workspace', async () => {
    await startStill({ workspacePostsPerMinute: 7 });
    expect((await untilRefused(post)).passed).toBe(5);
    expect((await untilRefused(() => post(SECRET))).passed).toBe(2);
  });

  it('goes ten times faster with the clock, and tells the time to wait on the wall when asked to', async () => {
    await start({ speed: 10 });
    await untilRefused(post);
    await new Promise((resolve) => setTimeout(resolve, 150));
    await post();
    await slack.close();
    await start({ speed: 10, retryAfterIn: 'wall' });
    slack.faults.add({ kind: 'ratelimited', retryAfterSeconds: 30, count: 1 });
    expect((await untilRefused(post)).seconds).toBe(3);
  });
});

const HOME = { type: 'home' as const, blocks: [{ type: 'divider' as const }] };
const limited = (error: unknown): void => {
  if (error instanceof WebAPIRateLimitedError) throw error;
};

describe('faults, in pairs', () => {
  it('refused: HTTP 500, and nothing was done', async () => {
    await start();
    slack.faults.add({ kind: 'refused', methods: ['chat.postMessage'], count: 1 });
    await expect(post()).rejects.toBeInstanceOf(WebAPIHTTPError);
    expect(stored()).toBe(0);
    await post();
    expect(stored()).toBe(1);
  });

  it('failed after: the same answer, and it was done', async () => {
    await start();
    slack.faults.add({ kind: 'failed_after', count: 1 });
    await expect(post()).rejects.toMatchObject({ statusCode: 500 });
    expect(stored()).toBe(1);
    expect(slack.record[0]).toMatchObject({ status: 500, fault: 'failed_after' });
  });

  it('cut before: no answer, and nothing was done', async () => {
    await start();
    slack.faults.add({ kind: 'cut_before', count: 1 });
    await expect(post()).rejects.toBeInstanceOf(WebAPIRequestError);
    expect(stored()).toBe(0);
  });

  it('reply lost: no answer either, and it was done, to be found by its metadata', async () => {
    await start();
    slack.faults.add({ kind: 'reply_lost', count: 1 });
    const metadata = { event_type: 'cs_delivery', event_payload: { id: 'd-7' } };
    const lost = client.chat.postMessage({ channel: INCIDENTS, text: 'x', metadata });
    await expect(lost).rejects.toBeInstanceOf(WebAPIRequestError);
    const { messages } = await client.conversations.history({ channel: INCIDENTS, include_all_metadata: true });
    expect(messages?.map((message) => message.metadata?.event_payload)).toEqual([{ id: 'd-7' }]);
    expect(slack.record[0]).not.toHaveProperty('answer');
  });

  it('slow: done at once, answered late', async () => {
    const clock = await startStill();
    slack.faults.add({ kind: 'slow', slowMs: 4000, count: 1 });
    let answered = false;
    const slow = post().then(() => {
      answered = true;
    });
    while (stored() === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await clock.advance(3900);
    expect(answered).toBe(false);
    await clock.advance(200);
    await slow;
  });

  it('forced 429: not done, and whoever calls sooner is counted as impatient', async () => {
    const clock = await startStill();
    slack.faults.add({ kind: 'ratelimited', retryAfterSeconds: 20, methods: ['chat.postMessage'], count: 1 });
    await expect(post()).rejects.toMatchObject({ retryAfter: 20 });
    await clock.advance(19_000);
    await expect(post()).rejects.toMatchObject({ retryAfter: 1 });
    expect(slack.limits.impatient).toBe(1);
    await clock.advance(1000);
    await post();
    expect(stored()).toBe(1);
  });

  it('an error of Slack itself, as given', async () => {
    await start();
    slack.faults.add({ kind: 'error', error: 'fatal_error', count: 1 });
    await expect(post()).rejects.toMatchObject({ data: { error: 'fatal_error' } });
    expect(stored()).toBe(0);
  });

  it('down: every call 503, nobody can do anything, until it is up', async () => {
    await start();
    slack.faults.down(true);
    await expect(post()).rejects.toMatchObject({ statusCode: 503 });
    await expect(slack.person('maria').post(INCIDENTS, 'x')).rejects.toThrow('Slack is down');
    slack.faults.down(false);
    await post();
    expect(stored()).toBe(1);
  });

  it('strikes the same calls with the same seed, about as often as asked, and those methods only', () => {
    const run = (seed: number): boolean[] => {
      const faults = createFaults(seed);
      faults.add({ kind: 'refused', chance: 0.02, methods: ['a'] });
      return Array.from({ length: 5000 }, () => faults.strike('a') !== undefined);
    };
    const struck = run(7).filter(Boolean).length;
    expect(run(7)).toEqual(run(7));
    expect(run(8)).not.toEqual(run(7));
    expect(struck).toBeGreaterThan(60);
    expect(struck).toBeLessThan(140);
    const faults = createFaults();
    const remove = faults.add({ kind: 'refused', methods: ['a'] });
    expect(faults.strike('b')).toBeUndefined();
    remove();
    expect(faults.strike('a')).toBeUndefined();
    slack = { close: async () => undefined } as SlackServer;
  });
});

describe('load', () => {
  it('answers 2000 calls in a fraction of a minute at ten times the speed', async () => {
    await start({ speed: 10, limits: 'off' });
    const began = performance.now();
    const ts = (await post()).ts as string;
    for (let done = 0; done < 2000; done += 50) {
      await Promise.all(Array.from({ length: 50 }, (_, i) => (i % 2 === 0 ? edit(ts) : post())));
    }
    const ms = performance.now() - began;
    process.stdout.write(`2000 calls in ${Math.round(ms)} ms\n`);
    expect(slack.record).toHaveLength(2001);
    expect(ms).toBeLessThan(20_000);
  });
});
