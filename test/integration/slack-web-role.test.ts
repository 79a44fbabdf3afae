import { afterAll, beforeAll, expect, it } from 'vitest';
import { VIEW } from '../../adapters/slack/action-ids.js';
import type { EventOf } from '../../src/domain/events.js';
import { transact } from '../../src/domain/ledger.js';
import type { DoctorLine } from '../../src/roles/role-process.js';
import { examineWeb } from '../../src/roles/web-doctor.js';
import {
  CHANNEL,
  GROUP,
  OTHER_CHANNEL,
  type SlackWebRole,
  startSlackWebRole,
  userId,
} from '../support/slack-web-role.js';
import { until } from '../support/until.js';

let world: SlackWebRole;

beforeAll(async () => {
  world = await startSlackWebRole('http');
});
afterAll(() => world.close());

const directories = async (): Promise<unknown[]> =>
  (await world.reader.log.read('system')).map(({ entry }) => (entry as EventOf<'directory.loaded'>).data.groups);

it('tells an alert in the routed channel, knows who is in the user group, and records an approval from Slack', async () => {
  const incident = await world.incidentWithProposal('daily_transactions');
  expect(await until(() => world.saying('daily_transactions failed'), 'the headline')).toBeDefined();
  await until(async () => (await directories()).length > 0, 'the directory in the log');
  expect(await directories()).toEqual([{ [GROUP]: ['ana@example.com', 'ben@example.com'] }]);
  await world.approve('ana', incident, 'Compared both versions of the schema by hand');
  const decided = await until(
    async () => (await world.reader.log.read(incident)).find(({ entry }) => entry.type === 'decision.recorded'),
    'the decision',
  );
  expect(decided.entry).toMatchObject({
    data: { statement: { votes: [{ by: { id: 'ana@example.com', via: 'slack' } }] } },
  });
  expect(await until(() => world.saying('Approved by ana@example.com'), 'the decided card')).toBeDefined();
});

it('opens the form for somebody who has only just come into the user group', async () => {
  const incident = await world.incidentWithProposal('refunds');
  const group = world.slack.workspace.groups.get(GROUP);
  if (group === undefined) throw new Error('no group');
  group.users = [...group.users, userId('cara')];
  world.pass(31_000);
  const cara = await world.press('cara', incident);
  await until(() => cara.view()?.callback_id === VIEW.form, 'the form');
  expect(cara.ephemerals()).toEqual([]);
  group.users = group.users.filter((user) => user !== userId('cara'));
});

it('leads from the App Home and from the list to the thread', async () => {
  const headline = await until(() => world.saying('daily_transactions failed'), 'the headline');
  const address = `https://local.slack.com/archives/${CHANNEL}/p${headline.ts.replace('.', '')}`;
  const ana = world.slack.person(userId('ana'));
  await ana.openHome();
  await until(() => JSON.stringify(ana.home()?.blocks ?? []).includes(address), 'the link on the home');
  const before = ana.ephemerals().length;
  await ana.slash(CHANNEL, '/countersign', 'list all');
  const told = await until(() => ana.ephemerals()[before], 'the list');
  expect(JSON.stringify(told.blocks)).toContain(address);
});

const doctor = async (): Promise<DoctorLine | undefined> =>
  (await examineWeb(world.config)).find(({ check }) => check === 'Slack deliveries');

it('tells how far the deliveries are: who delivers, what is stuck since when, and what to do', async () => {
  const ana = world.slack.person(userId('ana'));
  const status = async (): Promise<string> => {
    const before = ana.ephemerals().length;
    await ana.slash(CHANNEL, '/countersign', 'status');
    return JSON.stringify((await until(() => ana.ephemerals()[before], 'the status')).blocks);
  };
  expect(await status()).toMatch(/web-\w+ delivers to Slack/);
  expect(await doctor()).toMatchObject({ ok: true, detail: expect.stringContaining('delivers to Slack') });
  const channel = world.slack.workspace.channels.get(OTHER_CHANNEL);
  if (channel === undefined) throw new Error('no channel');
  channel.isArchived = true;
  for (const dag of ['report_a', 'report_b', 'report_c']) await world.incidentWithProposal(dag);
  await until(async () => (await doctor())?.ok === false, 'doctor to say it');
  expect((await doctor())?.detail).toMatch(/Stuck for .*channel C0OTHER.*archived. Route its incidents/);
  const told = await status();
  expect(told).toMatch(/wait, the oldest for/);
  expect(told).toContain('archived');
}, 40_000);

it('refuses a click of somebody who has left the user group since, and the log says when', async () => {
  const incident = await world.incidentWithProposal('ledger');
  const group = world.slack.workspace.groups.get(GROUP);
  if (group === undefined) throw new Error('no group');
  group.users = [userId('ben')];
  // Longer than what Slack last said is believed at a click.
  world.pass(31_000);
  const ana = await world.press('ana', incident);
  const refused = await until(
    async () => (await world.reader.log.read(incident)).find(({ entry }) => entry.type === 'click.refused'),
    'the refusal',
  );
  expect(refused.entry).toMatchObject({
    data: { reason: expect.stringContaining('ana@example.com is not on the list') },
  });
  const told = /^Not counted: ana@example.com is not/;
  await until(() => ana.ephemerals().some(({ text }) => told.test(text)), 'the reason');
  expect(ana.view()).toBeUndefined();
  expect((await directories()).at(-1)).toEqual({ [GROUP]: ['ben@example.com'] });
  expect(world.slack.warnings).toEqual([]);
});

it('shows who opens their home after a restart what is so then, though nobody is remembered', async () => {
  const ana = world.slack.person(userId('ana'));
  const group = world.slack.workspace.groups.get(GROUP);
  if (group === undefined) throw new Error('no group');
  group.users = ['ana', 'ben'].map(userId);
  // So long that the chat is asked for its members by itself.
  world.pass(61_000);
  const waiting = (): string => {
    const blocks = ana.home()?.blocks ?? [];
    return JSON.stringify(
      blocks.slice(
        0,
        blocks.findIndex(({ type }) => type === 'divider'),
      ),
    );
  };
  const over = await world.incidentWithProposal('early');
  await until(async () => {
    await ana.openHome();
    return waiting().includes(over);
  }, 'the incident on the home');
  await world.stop();
  await transact(world.reader.log, over, (incident) => {
    const data = { digest: incident?.proposals[0]?.digest ?? '', because: 'nobody decided in time' };
    const actor = { kind: 'system' as const, id: 'gate', role: 'web' };
    return { events: [{ type: 'proposal.expired', data, actor }], result: undefined };
  });
  await world.start();
  const next = await world.incidentWithProposal('late');
  await until(async () => {
    await ana.openHome();
    return waiting().includes(next);
  }, 'the home of now');
  expect(waiting()).not.toContain(over);
});
