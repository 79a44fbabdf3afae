import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ACTION, SHORTCUT_INVESTIGATE } from '../../adapters/slack/action-ids.js';
import { createSlackClient } from '../../adapters/slack/client.js';
import type { AskAnswer } from '../../src/domain/ports.js';
import {
  ANA,
  BEN,
  CHANNEL,
  INTERN,
  type InboundWorld,
  NOBODY,
  nextTold,
  startInboundWorld,
  TRIVIAL,
  until,
} from '../support/slack-inbound.js';

const BOT = '<@U0BOT00001>';

describe.each(['http', 'socket'] as const)('what people say, over %s', (mode) => {
  let world: InboundWorld;
  let asked: { text: string; grant: number; by: string; ref: string }[] = [];
  let answer: AskAnswer = { outcome: 'asked', text: '' };

  beforeAll(async () => {
    world = await startInboundWorld(mode);
    if (mode === 'socket') await until(() => world.slack.sockets() > 0, 'a socket');
    const seen = new Set<string>();
    world.backend.ask = async (_incident, by, text, grant, ref) => {
      if (seen.has(ref)) return { outcome: 'known', text: '' };
      if (answer.outcome === 'asked') seen.add(ref);
      asked.push({ text, grant, by: by.id, ref });
      return answer;
    };
  });
  afterAll(async () => {
    world.slack.strictWarnings();
    await world.close();
  });
  beforeEach(() => {
    asked = [];
    answer = { outcome: 'asked', text: '' };
    for (const name of ['ana', 'ben', 'intern', 'nobody']) world.slack.person(name).reload();
    world.slack.workspace.modals.clear();
  });

  const notes = async (incident: string): Promise<string[]> => {
    const thread = await world.backend.thread(incident);
    return thread?.notes.map((note) => note.text) ?? [];
  };

  it('a person’s words below an incident are noted as plain text, once', async () => {
    const shown = await world.show();
    await world.slack
      .person('ana')
      .post(CHANNEL, 'the upstream team *renamed* it: a < b & c, tell <@U0BEN00001>', shown.root);
    await until(async () => (await notes(shown.incident)).length > 0, 'the note');
    expect(await notes(shown.incident)).toEqual(['the upstream team *renamed* it: a < b & c, tell @U0BEN00001']);
    expect(asked).toEqual([]);
  });

  it('what is said elsewhere, by programs, or changed later, is left alone', async () => {
    const shown = await world.show();
    const ana = world.slack.person('ana');
    const elsewhere = await ana.post(CHANNEL, 'lunch?');
    await ana.post(CHANNEL, 'yes', elsewhere);
    await world.slack.settled();
    expect(await notes(shown.incident)).toEqual([]);
    expect(world.told(ANA)).toEqual([]);
  });

  it('somebody without an address is told once that nothing is noted', async () => {
    const shown = await world.show();
    const nobody = world.slack.person('nobody');
    await nobody.post(CHANNEL, 'one', shown.root);
    expect(await nextTold(world, NOBODY, 0)).toMatch(/^Not noted/);
    await nobody.post(CHANNEL, 'two', shown.root);
    await world.slack.person('ana').post(CHANNEL, 'three', shown.root);
    await until(async () => (await notes(shown.incident)).includes('three'), 'the note of somebody else');
    expect(world.told(NOBODY)).toHaveLength(1);
    expect(await notes(shown.incident)).toEqual(['three']);
  });

  it.each([
    ['when did the schema change?', 0, 'when did the schema change?'],
    ['grant 3 when did it change?', 3, 'when did it change?'],
    ['grant 5 more calls: who wrote it?', 5, 'who wrote it?'],
    ['Grant 1 more tool call and look at the registry', 1, 'look at the registry'],
  ])('a mention below an incident asks: %s', async (said, grant, text) => {
    const shown = await world.show();
    const ts = await world.slack.person('ana').post(CHANNEL, `${BOT} ${said}`, shown.root);
    await until(() => asked.length > 0, 'the question');
    await world.slack.settled();
    // It came as `message` and as `app_mention`.
    expect(asked).toEqual([{ text, grant, by: 'ana@example.com', ref: `slack:${CHANNEL}:${ts}` }]);
    expect(await notes(shown.incident)).toEqual([]);
  });

  it('a grant beyond the policy, or of nothing, is not asked', async () => {
    const shown = await world.show();
    const ana = world.slack.person('ana');
    await ana.post(CHANNEL, `${BOT} grant 6 look again`, shown.root);
    expect(await nextTold(world, ANA, 0)).toMatch(/may grant 5 calls/);
    await ana.post(CHANNEL, `${BOT} grant 2`, shown.root);
    expect(await nextTold(world, ANA, 1)).toMatch(/What shall I look for/);
    expect(asked).toEqual([]);
  });

  it('without budget a button offers a grant, which asks the same question', async () => {
    const shown = await world.show();
    const ana = world.slack.person('ana');
    answer = { outcome: 'no_budget', text: 'There are no calls left for this.' };
    await ana.post(CHANNEL, `${BOT} who wrote it?`, shown.root);
    expect(await nextTold(world, ANA, 0)).toMatch(/no calls left/);
    answer = { outcome: 'asked', text: '' };
    const [offer] = ana.ephemerals();
    expect(JSON.stringify(offer?.blocks)).toContain('Grant 4 calls and ask');
    await ana.click(CHANNEL, offer?.ts ?? '', ACTION.grant);
    await until(() => asked.length === 2, 'the question');
    expect(asked[1]).toMatchObject({ text: 'who wrote it?', grant: 4, by: 'ana@example.com' });
  });

  it('a refusal is told to who asked', async () => {
    const shown = await world.show();
    answer = { outcome: 'refused', text: 'Only people on call may ask.' };
    await world.slack.person('intern').post(CHANNEL, `${BOT} what is it?`, shown.root);
    expect(await nextTold(world, INTERN, 0)).toBe('Only people on call may ask.');
  });

  it.each([
    ['', true, /Ask me about this incident/],
    ['help', true, /Ask me about this incident/],
    ['approve', true, /Words decide nothing here/],
    ['draft a pipeline for refunds', true, /not there yet/],
    ['draft a pipeline for refunds', false, /not there yet/],
    ['', false, /I investigate data pipeline incidents/],
    ['what is up?', false, /I investigate data pipeline incidents/],
  ])('the bot called with “%s” (in an incident’s thread: %s) says what it can do', async (said, inThread, told) => {
    const shown = await world.show();
    await world.slack.person('ana').post(CHANNEL, `${BOT} ${said}`.trim(), inThread ? shown.root : undefined);
    expect(await nextTold(world, ANA, 0)).toMatch(told);
    expect(asked).toEqual([]);
  });

  it('in a thread of somebody else it says so', async () => {
    const ana = world.slack.person('ana');
    const root = await ana.post(CHANNEL, 'something else');
    await ana.post(CHANNEL, `${BOT} what is it?`, root);
    expect(await nextTold(world, ANA, 0)).toMatch(/not of an incident/);
  });

  it.each([
    ['help', /countersign/i],
    ['', /countersign/i],
    ['list', /./],
    ['list open', /./],
    ['list waiting', /./],
    ['list all', /./],
    ['list nonsense', /open, waiting or all/],
    ['status', /waiting for you/],
    ['digest', /./],
    ['digest 30', /./],
    ['digest often', /number of days/],
    ['nonsense', /countersign/i],
  ])('/countersign %s is answered to who typed it', async (text, told) => {
    await world.show(TRIVIAL);
    expect(await world.slack.person('ana').slash(CHANNEL, '/countersign', text)).toMatchObject({ ok: true });
    expect(await nextTold(world, ANA, 0)).toMatch(told);
    expect(world.told(BEN)).toEqual([]);
  });

  it('who can not be recognised, as a guest, is told nothing of incidents, by a command or on the home', async () => {
    const { incident } = await world.show(TRIVIAL);
    const nobody = world.slack.person('nobody');
    for (const [at, text] of ['list', 'list all', 'status', 'digest'].entries()) {
      await nobody.slash(CHANNEL, '/countersign', text);
      expect(await nextTold(world, NOBODY, at)).toMatch(/^Your Slack account is a guest/);
    }
    await nobody.openHome();
    await until(() => nobody.home(), 'the home');
    expect(JSON.stringify(nobody.home()?.blocks)).toContain('Your Slack account is a guest');
    expect(JSON.stringify([nobody.home()?.blocks, nobody.ephemerals()])).not.toContain(incident);
  });

  it('/countersign open TEXT opens an incident in the words of who typed it', async () => {
    await world.slack.person('ana').slash(CHANNEL, '/countersign', `open DAG refunds_${mode} is late since midnight`);
    const told = await nextTold(world, ANA, 0);
    expect(told).toMatch(/is opened/);
    expect(told).toContain('does not say');
    const id = /INC-\w+/.exec(told)?.[0] ?? '';
    const [opened] = await world.log.read(id);
    expect(opened?.entry).toMatchObject({
      data: { openedBy: 'ana@example.com', alert: { subject: { dag: `refunds_${mode}` } } },
    });
  });

  it('/countersign open shows a form, which opens an incident', async () => {
    const ana = world.slack.person('ana');
    await ana.slash(CHANNEL, '/countersign', 'open');
    await until(() => ana.view()?.callback_id === 'cs_open_alert', 'the form');
    await ana.submitView({
      'cs_field.title': 'Ledger is empty',
      'cs_field.severity': 'high',
      'cs_field.table': `gold.ledger_${mode}`,
    });
    await until(() => JSON.stringify(ana.view()?.blocks).includes('is opened'), 'its name');
  });

  it('“Investigate this alert” opens an incident, in nobody’s words when a monitor wrote it', async () => {
    const { workspace } = world.slack;
    const channel = workspace.channelByName(CHANNEL);
    const ts = workspace.nextTs(CHANNEL);
    channel.messages.push({
      type: 'message',
      ts,
      team: workspace.team.id,
      bot_id: 'B0ALERTS01',
      text: '',
      attachments: [
        {
          color: 'danger',
          title: `[FIRING:1] DagFailed settlements_${mode} (critical)`,
          text: `dag_id=settlements_${mode}`,
        },
      ],
    });
    const ana = world.slack.person('ana');
    await ana.messageShortcut(SHORTCUT_INVESTIGATE, CHANNEL, ts);
    const told = await nextTold(world, ANA, 0);
    const id = /INC-\w+/.exec(told)?.[0] ?? '';
    const [opened] = await world.log.read(id);
    expect(opened?.entry).toMatchObject({
      data: {
        openedBy: 'alert:alertmanager',
        severity: 'critical',
        alert: { subject: { dag: `settlements_${mode}` } },
      },
    });
    await ana.messageShortcut(SHORTCUT_INVESTIGATE, CHANNEL, ts);
    expect(await nextTold(world, ANA, 1)).toContain(`${id} is open for this already`);
    // Slack shows what is for one person alone only in threads that have a reply.
    expect(ana.ephemerals().map(({ thread_ts: thread }) => thread)).toEqual([undefined, undefined]);
    await ana.post(CHANNEL, 'I look into it', ts);
    await ana.messageShortcut(SHORTCUT_INVESTIGATE, CHANNEL, ts);
    await nextTold(world, ANA, 2);
    expect(ana.ephemerals().at(-1)).toMatchObject({ thread_ts: ts });
  });

  it('what an app wrote in a person’s name is that person’s words, who can then not approve what comes of it', async () => {
    const { workspace } = world.slack;
    const ts = workspace.nextTs(CHANNEL);
    const message = { type: 'message' as const, ts, team: workspace.team.id, bot_id: 'B0ALERTS01', user: BEN };
    workspace.channelByName(CHANNEL).messages.push({ ...message, text: `DAG invoices_${mode} failed` });
    await world.slack.person('ana').messageShortcut(SHORTCUT_INVESTIGATE, CHANNEL, ts);
    const told = await nextTold(world, ANA, 0);
    const [opened] = await world.log.read(/INC-\w+/.exec(told)?.[0] ?? '');
    expect(opened?.entry).toMatchObject({ data: { openedBy: 'ben@example.com' } });
  });

  it('a press on a message without replies is answered beside it, not in a thread that nobody sees', async () => {
    const client = createSlackClient({ token: world.slack.workspace.app.token, apiUrl: world.slack.apiUrl });
    const element = { type: 'button', action_id: 'of_old', text: { type: 'plain_text', text: 'Old' } } as const;
    const blocks = [{ type: 'actions' as const, elements: [element] }];
    const { ts = '' } = await client.chat.postMessage({ channel: CHANNEL, text: 'A headline', blocks });
    const ana = world.slack.person('ana');
    await ana.click(CHANNEL, ts, 'of_old');
    await nextTold(world, ANA, 0);
    const reply = await ana.post(CHANNEL, 'Mine', ts);
    await ana.click(CHANNEL, ts, 'of_old');
    await nextTold(world, ANA, 1);
    // Gone again, the thread is none any more.
    await ana.deleteMessage(CHANNEL, reply);
    await ana.click(CHANNEL, ts, 'of_old');
    await nextTold(world, ANA, 2);
    expect(ana.ephemerals().map(({ thread_ts: thread }) => thread)).toEqual([undefined, ts, undefined]);
  });

  it('“Investigate this alert” on our own message, or on one without words, says why not', async () => {
    const shown = await world.show();
    const ana = world.slack.person('ana');
    await ana.messageShortcut(SHORTCUT_INVESTIGATE, CHANNEL, shown.root);
    expect(await nextTold(world, ANA, 0)).toMatch(/message of Countersign itself/);
  });

  it('the home shows what waits, and follows a decision', async () => {
    const ana = world.slack.person('ana');
    const shown = await world.show(TRIVIAL);
    await ana.openHome();
    await until(() => JSON.stringify(ana.home()?.blocks ?? []).includes(shown.incident), 'the incident on the home');
    // Another window has published meanwhile.
    const home = ana.home();
    if (home !== undefined) home.hash = 'changed-elsewhere';
    await ana.openHome();
    await until(() => ana.home()?.hash !== 'changed-elsewhere', 'the home of now');
  });
});

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
