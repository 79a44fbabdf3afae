import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ACTION } from '../../adapters/slack/action-ids.js';
import { AppError } from '../../src/domain/errors.js';
import { INCREASE, type ProposalOptions, testPolicy, testStep } from '../support/incidents.js';
import { viewText, wordsBlock } from '../support/slack-gestures.js';
import {
  ANA,
  BEN,
  CHANNEL,
  type InboundWorld,
  nextTold,
  type Shown,
  startInboundWorld,
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
