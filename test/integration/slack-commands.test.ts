import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SHORTCUT_INVESTIGATE } from '../../adapters/slack/action-ids.js';
import { createSlackClient } from '../../adapters/slack/client.js';
import {
  ANA,
  BEN,
  CHANNEL,
  type InboundWorld,
  NOBODY,
  nextTold,
  startInboundWorld,
  TRIVIAL,
} from '../support/slack-inbound.js';
import { until } from '../support/until.js';

describe.each(['http', 'socket'] as const)('commands, shortcuts and the home, over %s', (mode) => {
  let world: InboundWorld;

  beforeAll(async () => {
    world = await startInboundWorld(mode);
    if (mode === 'socket') await until(() => world.slack.sockets() > 0, 'a socket');
  });
  afterAll(async () => {
    world.slack.strictWarnings();
    await world.close();
  });
  beforeEach(() => world.clearScreens());

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
