import { expect, it } from 'vitest';
import type { Thread } from '../../src/domain/card.js';
import { createProcessLog } from '../../src/log.js';
import { createSlackChat } from '../../src/roles/slack-chat.js';
import { createChatCore } from '../support/chat-core.js';
import { createMemoryDeliveries } from '../support/delivery/memory-store.js';
import { openWithProposal, testPolicy } from '../support/incidents.js';
import { createMemoryLog, createMemoryOnce } from '../support/memory-log.js';
import { createClock } from '../support/slack/clock.js';
import { createMemoryInbox } from '../support/slack/memory-inbox.js';
import { startSlack } from '../support/slack/server.js';
import { until } from '../support/until.js';

const CHANNEL = 'C0INCIDENT';
const BOT = 'U0BOT00001';

it('what was over before Slack was connected is not told there, however long the log takes to be read again', async () => {
  const clock = createClock(40);
  const slack = await startSlack({
    clock,
    limits: 'off',
    app: { botUserId: BOT },
    users: [{ id: 'U0ANA00001', name: 'ana', realName: 'Ana', email: 'ana@example.com' }],
    channels: [{ id: CHANNEL, name: 'data-incidents', members: [BOT] }],
  });
  const time = { clock: { now: () => new Date(clock.now()) }, sleep: clock.sleep };
  const log = createMemoryLog(time.clock);
  const policy = testPolicy({ routes: [{ slack: CHANNEL }] });
  const core = createChatCore({ log, clock: time.clock, policy });
  const { token, signingSecret } = slack.workspace.app;
  const chat = createSlackChat({
    settings: { botToken: token, signingSecret, appToken: undefined, apiUrl: slack.apiUrl },
    store: createMemoryDeliveries(time.clock),
    once: createMemoryOnce(),
    openInbox: (work) => createMemoryInbox().open(work),
    policy: () => ({ policy }),
    names: () => ({ dags: [], tables: [], services: [] }),
    time,
    processLog: createProcessLog('test', 'silent'),
    holder: 'web',
  });
  const opened = async (incident: string): Promise<Thread> => {
    await openWithProposal(log, { incident });
    const thread = await core.backend.thread(incident);
    if (thread === undefined) throw new Error('no thread');
    return thread;
  };
  const messages = (): string => JSON.stringify(slack.workspace.channels.get(CHANNEL)?.messages ?? []);
  const stop = new AbortController();
  let replayed: () => void = () => undefined;
  const running = chat.run(core.backend, stop.signal, new Promise<void>((resolve) => (replayed = resolve)));
  try {
    const before = await opened('INC-OLD');
    const connected = (): Promise<boolean> =>
      chat.membersOf('S0NONE').then(
        () => true,
        (error) => error.safeText !== 'Slack is not connected yet.',
      );
    await until(connected, 'Slack to be connected');
    // Half of its entries were read again, and the others are still to come.
    await chat.show(before);
    // Forty seconds of its time, in which a message would be posted.
    await new Promise((resolve) => setTimeout(resolve, 1000));
    await chat.show({ ...before, version: 99, summary: { finished: true, lastAt: before.summary.lastAt } });
    replayed();
    await chat.show(await opened('INC-NEW'));
    await until(() => messages().includes('INC-NEW'), 'the new incident');
    await chat.settled();
    expect(messages()).not.toContain('INC-OLD');
  } finally {
    stop.abort();
    await running;
    await slack.close();
  }
});
