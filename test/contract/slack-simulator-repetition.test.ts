import { describe, expect, it } from 'vitest';
import { type Received, startBareApp } from '../support/slack/bare-app.js';
import { startBoltApp } from '../support/slack/bolt-app.js';
import { createManualClock } from '../support/slack/clock.js';
import type { SlackOptions, SlackServer } from '../support/slack/server-types.js';
import { INCIDENTS, startWorldOfTest } from '../support/slack/small-world.js';
import { until } from '../support/until.js';

let slack: SlackServer;

async function start(options: SlackOptions = {}): Promise<void> {
  slack = await startWorldOfTest(options);
}

const idOf = ({ body }: Received): string => (JSON.parse(body) as { event_id: string }).event_id;

describe('repetition', () => {
  it('comes at once, after one minute and after five, always the same event', async () => {
    const clock = createManualClock(1_800_000_000_000);
    await start({ clock });
    const received = await startBareApp(slack, (_, __, response) => void response.writeHead(500).end());
    await slack.person('maria').post(INCIDENTS, 'a');
    const arrived = async (count: number): Promise<void> => {
      await until(() => slack.deliveries.length === count, `delivery ${count}`);
      await new Promise((resolve) => setImmediate(resolve));
    };
    await arrived(1);
    await clock.advance(0);
    await arrived(2);
    await clock.advance(59_000);
    expect(received).toHaveLength(2);
    await clock.advance(1000);
    await arrived(3);
    await clock.advance(299_000);
    expect(received).toHaveLength(3);
    await clock.advance(1000);
    await arrived(4);
    await clock.advance(3_600_000);
    expect(received).toHaveLength(4);
    expect(new Set(received.map(idOf)).size).toBe(1);
    expect(received.map(({ headers }) => [headers['x-slack-retry-num'], headers['x-slack-retry-reason']])).toEqual([
      [undefined, undefined],
      ['1', 'http_error'],
      ['2', 'http_error'],
      ['3', 'http_error'],
    ]);
    await slack.settled();
  });

  it('ends with the first acknowledgement, or when the app forbids it', async () => {
    await start({ speed: 1000, reactionMs: 3_000_000 });
    const received = await startBareApp(
      slack,
      (_, count, response) => void response.writeHead(count < 3 ? 500 : 200).end(),
    );
    await slack.person('maria').post(INCIDENTS, 'a');
    await slack.settled();
    expect(received).toHaveLength(3);
    await slack.close();
    await start({ speed: 1000, reactionMs: 3_000_000 });
    const forbidding = await startBareApp(
      slack,
      (_, __, response) => void response.writeHead(500, { 'x-slack-no-retry': '1' }).end(),
    );
    await slack.person('maria').post(INCIDENTS, 'a');
    await slack.settled();
    expect(forbidding).toHaveLength(1);
  });

  it('counts three seconds to the last byte, and no header of a late answer', async () => {
    await start({ speed: 20 });
    const received = await startBareApp(slack, (_, count, response) => {
      response.writeHead(200, { 'x-slack-no-retry': '1' });
      if (count > 1) response.end('done');
      else response.write('beg');
    });
    await slack.person('maria').post(INCIDENTS, 'a');
    await slack.settled();
    expect(slack.deliveries.map(({ outcome }) => outcome)).toEqual(['http_timeout', 'ok']);
    expect(slack.deliveries[0]?.ms).toBeGreaterThanOrEqual(3000);
    expect(received[1]?.headers['x-slack-retry-reason']).toBe('http_timeout');
  });

  it('runs a real Bolt listener twice for one event, as Bolt drops no doubles', async () => {
    await start({ speed: 20, reactionMs: 60_000 });
    const seen: unknown[] = [];
    await startBoltApp(slack, (app) => {
      app.event('message', async ({ body, context }) => {
        seen.push([body.event_id, context.retryNum]);
        if (seen.length === 1) throw new Error('once');
      });
    });
    await slack.person('maria').post(INCIDENTS, 'a');
    await slack.settled();
    const id = slack.deliveries[0]?.eventId;
    expect(seen).toEqual([
      [id, undefined],
      [id, 1],
    ]);
    await slack.repeatLastEvent();
    expect(seen[2]).toEqual([id, undefined]);
  });

  it('waits while Slack is down', async () => {
    await start({ speed: 100, reactionMs: 300_000 });
    const received = await startBareApp(slack, (_, count, response) => {
      if (count === 1) slack.faults.down(true);
      response.writeHead(count === 1 ? 500 : 200).end();
    });
    await slack.person('maria').post(INCIDENTS, 'a');
    await until(() => slack.deliveries.length === 1, 'the first attempt');
    await slack.clock.sleep(20_000);
    expect(received).toHaveLength(1);
    slack.faults.down(false);
    await slack.settled();
    expect(received).toHaveLength(2);
  });
});
