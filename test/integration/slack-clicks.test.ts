import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ACTION } from '../../adapters/slack/action-ids.js';
import { AppError } from '../../src/domain/errors.js';
import { INCREASE, type ProposalOptions, testPolicy, testStep } from '../support/incidents.js';
import { press, value, viewText, wordsBlock } from '../support/slack-gestures.js';
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
  until,
} from '../support/slack-inbound.js';

let world: InboundWorld;

beforeAll(async () => {
  world = await startInboundWorld();
});
afterAll(async () => {
  world.slack.strictWarnings();
  await world.close();
});
beforeEach(() => {
  for (const name of ['ana', 'ben', 'intern', 'nobody']) world.slack.person(name).reload();
  world.slack.workspace.modals.clear();
});

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

describe('forms', () => {
  it('ask for the check, say what is wrong under the field, and show the gate’s own answer', async () => {
    const shown = await world.show({ level: 'medium' });
    const ana = world.slack.person('ana');
    expect(await ana.click(CHANNEL, shown.card, ACTION.approve)).toMatchObject({ ok: true });
    await until(() => ana.view()?.callback_id === 'cs_form', 'the form');
    const block = wordsBlock(world, 'ana');
    const wrong = await ana.submitView({ [block]: 'The driver ran out of memory at eight gibibytes.' });
    expect(Object.keys(wrong.errors ?? {})).toEqual([block]);
    expect(await ana.submitView({ [block]: 'heap graph shows 7.9 GiB at 02:14' })).toMatchObject({ ok: true });
    await until(() => viewText(world, 'ana').includes('approved this'), 'the answer in the view');
    expect(await world.types(shown.incident)).toContain('decision.recorded');
  });

  it('answer in the thread when the view was closed', async () => {
    const shown = await world.show({ level: 'medium' });
    const ana = world.slack.person('ana');
    await ana.click(CHANNEL, shown.card, ACTION.reject);
    await until(() => ana.view()?.callback_id === 'cs_form', 'the form');
    await world.stop();
    await world.start({ work: false });
    await ana.submitView({ [wordsBlock(world, 'ana')]: 'it is the wrong application' });
    world.slack.workspace.modals.clear();
    await world.stop();
    await world.start();
    expect(await nextTold(world, ANA, 0)).toMatch(/ana@example.com rejected this/);
    expect(await world.types(shown.incident)).toContain('decision.recorded');
  });

  it('show an edit as a diff before it counts', async () => {
    const now = {
      fact: 'config.value' as const,
      target: 'feature_export.memory_gi',
      op: 'equals' as const,
      value: '8',
    };
    const steps = [testStep(INCREASE, { preconditions: [{ ...now, text: 'it is 8 still', withinSeconds: 0 }] })];
    const shown = await world.show({ level: 'medium', steps });
    const ana = world.slack.person('ana');
    await ana.click(CHANNEL, shown.card, ACTION.modify);
    await until(() => ana.view()?.callback_id === 'cs_form', 'the form');
    const input = wordsBlock(world, 'ana');
    expect((await ana.submitView({ [input]: '4000' })).errors).toBeDefined();
    expect(await ana.submitView({ [input]: '24' })).toEqual({ ok: true, ms: expect.any(Number) });
    expect(ana.view()?.callback_id).toBe('cs_confirm_edit');
    expect(viewText(world, 'ana')).toContain('24');
    expect(await world.types(shown.incident)).not.toContain('proposal.modified');
    await ana.submitView();
    await until(() => viewText(world, 'ana').includes('changed the proposal'), 'the answer');
    expect(await world.types(shown.incident)).toContain('proposal.modified');
    // The card that still stands is stale now.
    await world.slack.person('ben').click(CHANNEL, shown.card, ACTION.reject);
    expect(await nextTold(world, BEN, 0)).toMatch(/^Not counted: ana@example.com changed the proposal/);
  });

  const rejected = async (shown: Shown): Promise<void> => {
    const by = { id: 'ben@example.com', via: 'slack' as const };
    const click = { incident: shown.incident, shownDigest: shown.digest, verdict: 'reject' as const, by };
    await world.backend.decide({ ...click, words: 'it is the wrong application', clickId: 'earlier' });
  };
  const frozen = async (): Promise<void> => {
    const [from, to] = [-1, 1].map((days) => new Date(Date.now() + days * 86_400_000).toISOString());
    world.core.policy = testPolicy({ freezes: [{ from, to, reason: 'year-end close' }] });
  };

  it.each<[string, string, Partial<ProposalOptions>, (shown: Shown) => Promise<void>, RegExp, string | undefined]>([
    ['is not on the list', 'intern', {}, async () => undefined, /^Not counted: intern@example.com is not/, 'refused'],
    [
      'made the change',
      'ana',
      { more: { proposedBy: 'ana@example.com' } },
      async () => undefined,
      /^Not counted: .*ana@example.com/,
      'refused',
    ],
    ['comes too late', 'ana', {}, rejected, /^Too late: ben@example.com rejected/, undefined],
    ['presses in a freeze', 'ana', {}, frozen, /^Not counted: .*year-end close/, undefined],
    ['has no address', 'nobody', {}, async () => undefined, /no confirmed e-mail address/, undefined],
  ])(
    'are not opened for somebody who %s: the reason comes at the click',
    async (_, who, options, before, told, entry) => {
      const shown = await world.show({ level: 'medium', ...options });
      const snapshot = structuredClone(world.slack.workspace.message(CHANNEL, shown.card));
      await before(shown);
      const person = world.slack.person(who);
      try {
        await person.click(CHANNEL, shown.card, ACTION.approve, snapshot === undefined ? {} : { snapshot });
        expect(await nextTold(world, person.user.id, 0)).toMatch(told);
      } finally {
        world.core.policy = testPolicy();
      }
      expect(world.slack.workspace.modals.get(person.user.id) ?? []).toEqual([]);
      expect((await world.types(shown.incident)).includes('click.refused')).toBe(entry === 'refused');
    },
  );

  it('open in a freeze for whoever rejects, as that is allowed', async () => {
    const shown = await world.show({ level: 'medium' });
    const ana = world.slack.person('ana');
    await frozen();
    await ana.click(CHANNEL, shown.card, ACTION.reject);
    await until(() => ana.view()?.callback_id === 'cs_form', 'the form').finally(() => {
      world.core.policy = testPolicy();
    });
  });

  it.each<[string, () => Promise<never>]>([
    ['is not known in time', () => new Promise(() => undefined)],
    ['can not be asked', () => Promise.reject(new AppError('unavailable', { safeText: 'The log is away.' }))],
  ])('open when what the gate would say %s; the form says it then', async (_, preview) => {
    const shown = await world.show({ level: 'medium' });
    const intern = world.slack.person('intern');
    const before = world.backend.preview;
    world.backend.preview = preview;
    const began = performance.now();
    await intern.click(CHANNEL, shown.card, ACTION.approve);
    await until(() => intern.view()?.callback_id === 'cs_form', 'the form').finally(() => {
      world.backend.preview = before;
    });
    expect(performance.now() - began).toBeLessThan(2500);
    await intern.submitView({ [wordsBlock(world, 'intern')]: 'heap graph shows 7.9 GiB at 02:14' });
    await until(() => viewText(world, 'intern').includes('not on the list'), 'the answer');
    await until(async () => (await world.types(shown.incident)).includes('click.refused'), 'the entry');
  });

  it('opened behind a loading view give way to the reason', async () => {
    const shown = await world.show({ level: 'medium' });
    const { thread } = world.backend;
    world.backend.thread = async (id) => {
      await new Promise((resolve) => setTimeout(resolve, 900));
      return thread(id);
    };
    await world.slack.person('intern').click(CHANNEL, shown.card, ACTION.approve);
    await until(() => viewText(world, 'intern').includes('not on the list'), 'the answer').finally(() => {
      world.backend.thread = thread;
    });
  });
});
