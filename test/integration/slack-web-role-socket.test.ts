import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClock, type SlackClock } from '../support/slack/clock.js';
import { CHANNEL, type SlackWebRole, startSlackWebRole, userId } from '../support/slack-web-role.js';
import { until } from '../support/until.js';

let world: SlackWebRole;

/** Slack sends an event again after a minute and after five; here after a second and after five. */
function impatient(clock: SlackClock): SlackClock {
  return { ...clock, sleep: (ms, signal) => clock.sleep(ms >= 60_000 ? ms / 60 : ms, signal) };
}

beforeAll(async () => {
  world = await startSlackWebRole('socket', impatient(createClock()));
});
afterAll(async () => {
  expect(world.slack.warnings).toEqual([]);
  await world.close();
});

const notes = async (incident: string): Promise<string[]> =>
  (await world.reader.log.read(incident)).flatMap(({ entry }) =>
    entry.type === 'note.added' ? [entry.data.text] : [],
  );

describe('the whole web role in Socket Mode', () => {
  it('records an approval, with no address that Slack could reach', async () => {
    expect(world.config.SLACK_SIGNING_SECRET).toBeUndefined();
    await until(async () => (await world.types('system')).length > 0, 'the members of the user group');
    const incident = await world.incidentWithProposal('daily_transactions');
    await world.approve('ana', incident, 'Compared both versions of the schema by hand');
    await until(() => world.saying('Approved by ana@example.com'), 'the decided card');
    expect(await world.types(incident)).toContain('decision.recorded');
    expect(world.slack.deliveries.every(({ via }) => via === 'socket')).toBe(true);
  });

  it.each([
    ['refresh_requested', 'refunds', 'ben'],
    ['cut', 'ledger', 'ana'],
  ] as const)('loses nothing when Slack ends the connection: %s', async (how, dag, who) => {
    const { slack } = world;
    const incident = await world.incidentWithProposal(dag);
    const headline = await until(() => world.saying(`${dag} failed`), 'the headline');
    const person = slack.person(userId(who));
    const write = (text: string): Promise<string> => person.post(CHANNEL, text, headline.ts);
    const before = Array.from({ length: 10 }, (_, at) => `before ${at}`);
    const after = Array.from({ length: 10 }, (_, at) => `after ${at}`);
    await world.press(who, incident);
    await until(() => person.view(), 'the form');
    for (const text of before) await write(text);
    // Some of them are on their way at this moment, and what follows finds no connection.
    slack.disconnectSockets(how);
    for (const text of after) await write(text);
    await until(() => slack.sockets() > 0, 'the new connection');
    await slack.settled();
    // The form that was open all the time still counts.
    const [block = ''] = (person.view()?.blocks ?? []).flatMap(({ type, block_id: id }) =>
      type === 'input' ? [id] : [],
    );
    expect(await person.submitView({ [block]: 'Compared both versions of the schema by hand' })).toMatchObject({
      ok: true,
    });
    await until(async () => (await world.types(incident)).includes('decision.recorded'), 'the decision');
    await until(async () => (await notes(incident)).length >= before.length + after.length, 'all notes');
    expect((await notes(incident)).sort()).toEqual([...before, ...after].sort());
    const decisions = (await world.types(incident)).filter((type) => type === 'decision.recorded');
    expect(decisions).toHaveLength(1);
  });
});
