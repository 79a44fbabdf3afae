import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ACTION } from '../../adapters/slack/action-ids.js';
import type { AskAnswer } from '../../src/domain/ports.js';
import {
  ANA,
  CHANNEL,
  INTERN,
  type InboundWorld,
  NOBODY,
  nextTold,
  startInboundWorld,
} from '../support/slack-inbound.js';
import { until } from '../support/until.js';

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
    world.clearScreens();
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
});
