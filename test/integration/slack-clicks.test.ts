import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ACTION } from '../../adapters/slack/action-ids.js';
import { press, value } from '../support/slack-gestures.js';
import {
  ANA,
  BEN,
  CHANNEL,
  INTERN,
  type InboundWorld,
  NOBODY,
  nextTold,
  type Shown,
  startInboundWorld,
  TRIVIAL,
} from '../support/slack-inbound.js';
import { until } from '../support/until.js';

let world: InboundWorld;

beforeAll(async () => {
  world = await startInboundWorld();
});
afterAll(async () => {
  world.slack.strictWarnings();
  await world.close();
});
beforeEach(() => world.clearScreens());

describe('every click is answered', () => {
  it('a trivial repair is approved by one press', async () => {
    const shown = await world.show(TRIVIAL);
    const reaction = await world.slack.person('ana').click(CHANNEL, shown.card, ACTION.approve);
    expect(reaction).toMatchObject({ ok: true });
    expect(await nextTold(world, ANA, 0)).toMatch(/ana@example.com approved this/);
    expect(await world.types(shown.incident)).toContain('decision.recorded');
  });

  it('two presses decide once and are both answered, and one that is delivered twice is one', async () => {
    const shown = await world.show(TRIVIAL);
    const ana = world.slack.person('ana');
    await Promise.all([1, 2].map(() => ana.click(CHANNEL, shown.card, ACTION.approve, { double: true })));
    const told = [await nextTold(world, ANA, 0), await nextTold(world, ANA, 1)];
    expect(told.filter((text) => text.startsWith('ana@example.com approved'))).not.toEqual([]);
    const types = await world.types(shown.incident);
    expect(types.filter((type) => type === 'decision.recorded')).toHaveLength(1);
  });

  it('a late press hears who decided', async () => {
    const shown = await world.show(TRIVIAL);
    await world.slack.person('ana').click(CHANNEL, shown.card, ACTION.approve);
    await nextTold(world, ANA, 0);
    await world.slack.person('ben').click(CHANNEL, shown.card, ACTION.approve);
    expect(await nextTold(world, BEN, 0)).toMatch(/^Too late: ana@example.com approved/);
  });

  it('somebody without the right is refused, in the log too', async () => {
    const shown = await world.show(TRIVIAL);
    await world.slack.person('intern').click(CHANNEL, shown.card, ACTION.approve);
    expect(await nextTold(world, INTERN, 0)).toMatch(/^Not counted: intern@example.com is not on the list/);
    expect(await world.types(shown.incident)).toContain('click.refused');
  });

  it('somebody without an address is told why', async () => {
    const shown = await world.show(TRIVIAL);
    await world.slack.person('nobody').click(CHANNEL, shown.card, ACTION.approve);
    expect(await nextTold(world, NOBODY, 0)).toMatch(/no confirmed e-mail address/);
    expect(await world.types(shown.incident)).not.toContain('decision.recorded');
  });

  it.each<[string, (shown: Shown) => object, RegExp]>([
    [
      'of another workspace',
      (shown) =>
        press(
          world,
          ANA,
          shown,
          { action_id: ACTION.approve, value: value(shown) },
          { team: { id: 'T0OTHER' }, user: { id: ANA, team_id: 'T0OTHER' } },
        ),
      /another Slack workspace/,
    ],
    [
      'of a button that is not known',
      (shown) => press(world, ANA, shown, { action_id: 'old_approve', value: value(shown) }),
      /older version/,
    ],
    [
      'of a button without a value',
      (shown) => press(world, ANA, shown, { action_id: ACTION.approve }),
      /older version/,
    ],
    [
      'of a button with another value',
      (shown) => press(world, ANA, shown, { action_id: ACTION.approve, value: '{"incident":"x","admin":true}' }),
      /older version/,
    ],
    [
      'on an incident that is not there',
      (shown) => press(world, ANA, shown, { action_id: ACTION.approve, value: '{"incident":"INC-NONE"}' }),
      /^There is no incident/,
    ],
    [
      'on a version that is not there',
      (shown) =>
        press(world, ANA, shown, {
          action_id: ACTION.approve,
          value: JSON.stringify({ incident: shown.incident, digest: 'f'.repeat(64) }),
        }),
      /^Not counted: your card shows a version/,
    ],
  ])('a press %s', async (_, payload, told) => {
    const shown = await world.show(TRIVIAL);
    expect(await world.sendForm(payload(shown))).toMatchObject({ status: 200 });
    expect(await nextTold(world, ANA, 0)).toMatch(told);
    expect(await world.types(shown.incident)).not.toContain('decision.recorded');
  });

  it('whoever left the channel meanwhile is told in their conversation with the app', async () => {
    const shown = await world.show(TRIVIAL);
    const { members } = world.slack.workspace.channelByName('data-incidents');
    members.delete(BEN);
    await world.sendForm(press(world, BEN, shown, { action_id: ACTION.approve, value: value(shown) }));
    await until(
      () =>
        world.slack.workspace.channels
          .get(`D${BEN.slice(1)}`)
          ?.messages.at(-1)
          ?.text.includes('approved this'),
      'a direct message',
    );
    members.add(BEN);
  });

  it('the fourth hand on one button is told in the ways that are left when its response address is used up', async () => {
    const shown = await world.show(TRIVIAL);
    const responseUrl = `${world.slack.url}/actions/T0LOCAL001/none/none`;
    await world.sendForm(
      press(world, ANA, shown, { action_id: ACTION.approve, value: value(shown) }, { response_url: responseUrl }),
    );
    expect(await nextTold(world, ANA, 0)).toMatch(/approved this/);
  });

  it('an address that is not Slack’s is never called', async () => {
    const shown = await world.show(TRIVIAL);
    const elsewhere = 'http://127.0.0.1:9/steal';
    await world.sendForm(
      press(world, ANA, shown, { action_id: ACTION.approve, value: value(shown) }, { response_url: elsewhere }),
    );
    expect(await nextTold(world, ANA, 0)).toMatch(/approved this/);
    expect(world.lines.join('')).not.toContain('did not answer');
  });
});
