import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDelivery } from '../../src/deliver/delivery.js';
import { digestOf } from '../../src/domain/canonical.js';
import type { Thread } from '../../src/domain/card.js';
import type { ChatMessage, ChatPlatform } from '../../src/domain/chat.js';
import { createProcessLog } from '../../src/log.js';
import { createMemoryDeliveries } from '../../test/support/delivery/memory-store.js';
import { type ThreadSketch, threadFrom } from '../../test/support/delivery/threads.js';
import type { SlackOptions, SlackServer } from '../../test/support/slack/server-types.js';
import {
  ARCHIVED,
  BOT,
  clientOf,
  FOREIGN,
  HIDDEN,
  INCIDENTS,
  startSmallWorld,
} from '../../test/support/slack/small-world.js';
import type { SlackBody } from './body.js';
import { createSlackPlatform } from './platform.js';

const signal = new AbortController().signal;
const PLACE = { channel: INCIDENTS };
const section = (text: string): SlackBody => ({ text, blocks: [{ type: 'section', text: { type: 'mrkdwn', text } }] });

let slack: SlackServer;
let platform: ChatPlatform<SlackBody>;

async function world(options: SlackOptions = {}): Promise<void> {
  slack = await startSmallWorld(options);
  platform = createSlackPlatform({ client: clientOf(slack), messages: messagesOf, botUserId: BOT });
}

/** Headline, trace and cards in one section each; a card whose text says so has more than Slack takes. */
function messagesOf(thread: Thread): ChatMessage<SlackBody>[] {
  const message = (key: string, urgency: ChatMessage['urgency'], text: string): ChatMessage<SlackBody> => {
    const body = section(text.includes('malformed') ? text.padEnd(3001, '.') : text);
    return { key, urgency, digest: digestOf(body), body, plain: { text } };
  };
  return [
    message('headline', 'state', thread.headline.title),
    ...thread.trace.map(({ headline }) => message('trace-1', 'progress', headline)),
    ...thread.cards.map(({ id, title, actions }) =>
      message(`card-${id}`, actions.length > 0 ? 'decision' : 'state', title),
    ),
  ];
}

afterEach(async () => {
  await slack.close();
});

describe('Slack for deliveries', () => {
  beforeEach(() => world());

  it('posts, answers below, edits and keeps the id of the delivery, without unfurling', async () => {
    const root = await platform.post(PLACE, section('headline'), 'INC-1/headline', signal);
    const reply = await platform.post({ ...PLACE, root }, section('card'), 'INC-1/card', signal);
    await platform.edit(PLACE, reply, { text: 'plain' }, 'INC-1/card', signal);
    const message = slack.workspace.message(INCIDENTS, reply);
    expect(message).toMatchObject({
      text: 'plain',
      thread_ts: root,
      metadata: { event_type: 'countersign_delivery', event_payload: { id: 'INC-1/card' } },
    });
    expect(message?.blocks).toBeUndefined();
    const posts = slack.record.filter(({ method }) => method === 'chat.postMessage');
    for (const { args } of posts) expect(args).toMatchObject({ unfurl_links: 'false', unfurl_media: 'false' });
    slack.strictWarnings();
  });

  it('finds its own messages by their delivery, in the channel and below a headline, over many pages', async () => {
    await slack.close();
    await world({ limits: 'off' });
    const began = new Date(slack.clock.now() - 1000);
    const root = await platform.post(PLACE, section('headline'), 'INC-1/headline', signal);
    const replies = new Map<string, string>();
    for (let n = 0; n < 450; n++) {
      const id = `INC-1/card-${n}`;
      replies.set(id, await platform.post({ ...PLACE, root }, section(`card ${n}`), id, signal));
    }
    await slack.person('maria').post(INCIDENTS, 'looks bad', root);
    expect(await platform.find(PLACE, began, signal)).toEqual(new Map([['INC-1/headline', root]]));
    expect(await platform.find({ ...PLACE, root }, began, signal)).toEqual(
      new Map([['INC-1/headline', root], ...replies]),
    );
    const later = new Date(slack.clock.now() + 60_000);
    expect(await platform.find(PLACE, later, signal)).toEqual(new Map());
    expect(slack.record.filter(({ method }) => method === 'conversations.replies').length).toBeGreaterThan(2);
    slack.strictWarnings();
  });

  it('does not adopt what somebody else posted with our metadata', async () => {
    const foreign = createSlackPlatform({ client: clientOf(slack), messages: messagesOf, botUserId: 'U0OTHERBOT' });
    await platform.post(PLACE, section('headline'), 'INC-1/headline', signal);
    expect(await foreign.find(PLACE, new Date(0), signal)).toEqual(new Map());
  });

  it.each([
    ['a channel that the app is not in', { channel: FOREIGN }, 'forbidden'],
    ['a channel that it can not see', { channel: HIDDEN }, 'forbidden'],
    ['a channel that is not there', { channel: 'C0NOWHERE0' }, 'forbidden'],
    ['an archived channel', { channel: ARCHIVED }, 'forbidden'],
    ['a headline that is gone', { ...PLACE, root: '1700000000.000100' }, 'not_found'],
  ] as const)('says of %s that a post is %s', async (_, place, kind) => {
    await expect(platform.post(place, section('x'), 'i', signal)).rejects.toMatchObject({ kind });
  });

  it('tells a message that is gone from a channel that is, and a body that is refused', async () => {
    const ts = await platform.post(PLACE, section('x'), 'i', signal);
    await slack
      .person('maria')
      .deleteMessage(INCIDENTS, ts)
      .catch(() => undefined);
    const edit = (place: { channel: string }, name: string, body = section('y')): Promise<void> =>
      platform.edit(place, name, body, 'i', signal);
    await expect(edit(PLACE, '1700000000.000100')).rejects.toMatchObject({ kind: 'not_found' });
    await expect(edit({ channel: HIDDEN }, ts)).rejects.toMatchObject({ kind: 'forbidden' });
    await expect(platform.post(PLACE, section('x'.repeat(3001)), 'i', signal)).rejects.toMatchObject({
      kind: 'invalid_input',
    });
    await expect(platform.find({ channel: FOREIGN }, new Date(0), signal)).rejects.toMatchObject({ kind: 'forbidden' });
    await expect(platform.find({ ...PLACE, root: '1700000000.000100' }, new Date(0), signal)).rejects.toMatchObject({
      kind: 'not_found',
    });
  });

  it('names the buckets of Slack: posts by channel and workspace, the rest by method', () => {
    const names = (call: 'post' | 'edit' | 'find', root?: string): string[] =>
      platform.paceOf(call, { ...PLACE, ...(root === undefined ? {} : { root }) }).map(({ bucket }) => bucket);
    expect(names('post')).toEqual([`chat.postMessage ${INCIDENTS}`, 'chat.postMessage']);
    expect(names('edit')).toEqual(['chat.update']);
    expect(names('find')).toEqual(['conversations.history']);
    expect(names('find', '1.1')).toEqual(['conversations.replies']);
  });
});

describe('deliveries to Slack', () => {
  const SPEED = 20;
  const processLog = createProcessLog('test', 'silent');

  /** Time as the simulated Slack has it, so that its limits and time-outs take a twentieth of theirs. */
  async function delivering(options: SlackOptions = {}) {
    await world({ speed: SPEED, retryAfterIn: 'clock', ...options });
    const clock = { now: () => new Date(slack.clock.now()) };
    const threads = new Map<string, Thread>();
    const store = createMemoryDeliveries(clock);
    const stop = new AbortController();
    const delivery = createDelivery({
      ...{ platform, store, clock, processLog, holder: 'one' },
      threadOf: async (incident) => threads.get(incident),
      placeOf: () => PLACE,
      sleep: slack.clock.sleep,
    });
    const running = delivery.run(stop.signal);
    return {
      store,
      becomes: async (sketch: ThreadSketch): Promise<void> => {
        threads.set(sketch.incident, threadFrom({ at: clock.now().toISOString(), ...sketch }));
        await delivery.show(threads.get(sketch.incident) as Thread);
      },
      settled: () => delivery.settled(),
      async end(): Promise<void> {
        stop.abort();
        await running;
      },
    };
  }

  const standing = (): string[] =>
    [...(slack.workspace.channels.get(INCIDENTS)?.messages ?? [])].map(
      ({ metadata }) => (metadata as { event_payload?: { id?: string } } | undefined)?.event_payload?.id ?? '',
    );

  it('are made once each, through lost replies, failures, 429s and time-outs, within the limits', async () => {
    const chat = await delivering();
    for (const kind of ['reply_lost', 'failed_after', 'refused', 'cut_before', 'ratelimited'] as const)
      slack.faults.add({ kind, chance: 0.06, retryAfterSeconds: 5 });
    const sketches = Array.from(
      { length: 12 },
      (_, n): ThreadSketch => ({
        ...{ incident: `INC-${n}`, version: 1, headline: `headline ${n}`, trace: 'begun' },
        cards: [{ id: 'a', text: n % 4 === 0 ? `malformed ${n}` : `card ${n}`, live: true }],
      }),
    );
    for (const sketch of sketches) await chat.becomes(sketch);
    await chat.settled();
    for (const sketch of sketches)
      await chat.becomes({ ...sketch, version: 2, headline: `over ${sketch.incident}`, finished: true });
    await chat.settled();
    await chat.end();
    const ids = standing();
    expect(ids.toSorted()).toEqual(
      sketches
        .flatMap(({ incident }) => ['headline', 'trace-1', 'card-a'].map((key) => `${incident}/${key}`))
        .toSorted(),
    );
    const texts = slack.workspace.channels.get(INCIDENTS)?.messages.map(({ text }) => text) ?? [];
    expect(texts.filter((text) => text.startsWith('over '))).toHaveLength(12);
    const { rejected, impatient } = slack.limits;
    expect({ rejected, impatient }).toEqual({ rejected: 0, impatient: 0 });
    expect(Object.values(slack.faults.struck).reduce((a, b) => a + b)).toBeGreaterThan(0);
    slack.strictWarnings();
  }, 60_000);

  it('begin again below a new headline when somebody deleted the old one', async () => {
    const chat = await delivering();
    await chat.becomes({ incident: 'INC-1', version: 1, headline: 'headline' });
    await chat.settled();
    const [before] = slack.workspace.channels.get(INCIDENTS)?.messages ?? [];
    await clientOf(slack).chat.delete({ channel: INCIDENTS, ts: before?.ts ?? '' });
    await chat.becomes({ incident: 'INC-1', version: 2, headline: 'headline', cards: [{ id: 'a', text: 'card' }] });
    await chat.settled();
    await chat.end();
    expect(standing().filter((id) => id !== '')).toEqual(['INC-1/headline~2', 'INC-1/card-a']);
    const [root, card] = slack.workspace.channels.get(INCIDENTS)?.messages.slice(-2) ?? [];
    expect(card?.thread_ts).toBe(root?.ts);
    expect(await chat.store.incidentAt(INCIDENTS, root?.ts ?? '')).toBe('INC-1');
  }, 30_000);
});
