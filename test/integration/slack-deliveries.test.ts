import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ANA, BEN, CHANNEL, type InboundWorld, startInboundWorld } from '../support/slack-inbound.js';
import { until } from '../support/until.js';

const BOT = '<@U0BOT00001>';

describe('a storm of deliveries', () => {
  let world: InboundWorld;
  beforeAll(async () => {
    world = await startInboundWorld();
  });
  afterAll(() => world.close());

  it('of each gesture three times, as message and mention, leaves one note and one question', async () => {
    const shown = await world.show();
    const asked: string[] = [];
    world.backend.ask = async (_incident, _by, _text, _grant, ref) => {
      asked.push(ref);
      return { outcome: 'asked', text: '' };
    };
    const sends: Promise<{ status: number }>[] = [];
    for (let n = 0; n < 20; n++) {
      const note = {
        channel: CHANNEL,
        thread_ts: shown.root,
        user: ANA,
        text: `note ${n}`,
        ts: `10.${n}`,
        client_msg_id: `n-${n}`,
      };
      const mention = { ...note, text: `${BOT} question ${n}`, ts: `20.${n}`, client_msg_id: `q-${n}` };
      const ids = { note: `EvN${n}`, message: `EvM${n}`, mention: `EvA${n}` };
      for (let time = 0; time < 3; time++) {
        sends.push(world.sendEvent({ type: 'message', ...note }, { event_id: ids.note }));
        sends.push(world.sendEvent({ type: 'message', ...mention }, { event_id: ids.message }));
        sends.push(world.sendEvent({ type: 'app_mention', ...mention }, { event_id: ids.mention }));
      }
    }
    const statuses = (await Promise.all(sends)).map(({ status }) => status);
    expect(statuses.filter((status) => status !== 200)).toEqual([]);
    const count = async (): Promise<number> =>
      (await world.types(shown.incident)).filter((type) => type === 'note.added').length;
    await until(async () => (await count()) >= 20 && asked.length >= 20, 'all of it', 20_000);
    await new Promise((wait) => setTimeout(wait, 500));
    expect(await count()).toBe(20);
    expect(asked.toSorted()).toEqual(Array.from({ length: 20 }, (_, n) => `slack:${CHANNEL}:20.${n}`).toSorted());
  });

  it('of one gesture under two times of writing leaves one note', async () => {
    const shown = await world.show();
    const note = {
      type: 'message',
      channel: CHANNEL,
      thread_ts: shown.root,
      user: BEN,
      text: 'once',
      client_msg_id: 'same',
    };
    expect((await world.sendEvent({ ...note, ts: '30.1' })).status).toBe(200);
    expect((await world.sendEvent({ ...note, ts: '30.2' })).status).toBe(200);
    expect((await world.sendEvent({ ...note, ts: '30.3', text: 'twice', client_msg_id: 'other' })).status).toBe(200);
    await until(
      async () => (await world.types(shown.incident)).filter((type) => type === 'note.added').length >= 2,
      'the notes',
    );
    const thread = await world.backend.thread(shown.incident);
    expect(thread?.notes.map(({ text }) => text).toSorted()).toEqual(['once', 'twice']);
    // A client names its gestures itself, and whoever sees the name can give it to a message of their own.
    expect((await world.sendEvent({ ...note, ts: '30.4', user: ANA, text: 'mine' })).status).toBe(200);
    await until(
      async () => (await world.types(shown.incident)).filter((type) => type === 'note.added').length >= 3,
      'the note of another person',
    );
  });

  it.each([
    ['of a bot', { bot_id: 'B1' }],
    ['of ourselves', { user: 'U0BOT00001' }],
    ['an edit', { subtype: 'message_changed' }],
    ['a join', { subtype: 'channel_join' }],
    ['hidden', { hidden: true }],
    ['without words', { text: '' }],
  ])('ignores a message that is %s', async (_, change) => {
    const shown = await world.show();
    const base = { type: 'message', channel: CHANNEL, thread_ts: shown.root, user: ANA, text: 'x' };
    expect((await world.sendEvent({ ...base, ts: `${shown.root}1`, ...change })).status).toBe(200);
    expect((await world.sendEvent({ ...base, ts: `${shown.root}2`, text: 'after it' })).status).toBe(200);
    await until(async () => (await world.types(shown.incident)).includes('note.added'), 'the note after it');
    const thread = await world.backend.thread(shown.incident);
    expect(thread?.notes.map(({ text }) => text)).toEqual(['after it']);
  });
});

describe('over Socket Mode without Redis', () => {
  it('an event is not acknowledged, so that Slack sends it again', async () => {
    const world = await startInboundWorld('socket');
    await until(() => world.slack.sockets() > 0, 'a socket');
    const shown = await world.show();
    await world.slack.settled();
    const before = world.slack.deliveries.length;
    await world.redis.kill9();
    await world.slack.person('ana').post(CHANNEL, 'do not lose this', shown.root);
    const first = await until(() => world.slack.deliveries[before], 'the delivery to fail', 15_000);
    expect(first).toMatchObject({ kind: 'event', via: 'socket' });
    expect(first.outcome).not.toBe('ok');
    await world.redis.restart();
    // The first repetition comes at once, the second after a minute.
    await until(async () => (await world.types(shown.incident)).includes('note.added'), 'the note', 90_000);
    expect((await world.types(shown.incident)).filter((type) => type === 'note.added')).toHaveLength(1);
    await world.close();
  });
});
