import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readCarried } from '../../adapters/teams/action-data.js';
import type { Verdict } from '../../src/domain/decision.js';
import { buttonsOf } from '../support/teams/inputs.js';
import { cardText } from '../support/teams/rendering.js';
import type { Answer, GestureOptions, Reaction } from '../support/teams/server-types.js';
import type { CardJson, TeamsMessage } from '../support/teams/types.js';
import { CHANNEL, startTeamsWebRole, type TeamsWebRole } from '../support/teams/web-role.js';
import { until } from '../support/until.js';

/** Teams sends an invoke again when an answer is late, and so do networks: each is delivered three times here, always the same. */
const WORDS = 'Compared both versions of the schema by hand';
const WORDS_INPUT = 'field.words';
const REASON = 'The source takes its change back';

let world: TeamsWebRole;
/** An incident on which nothing is decided. */
let open: Waiting;
let count = 0;
beforeAll(async () => {
  world = await startTeamsWebRole();
  open = await waiting();
});
afterAll(() => world.close());

const HOW = [
  ['together', { times: 3, how: 'together' }],
  ['one after the other', { times: 3, how: 'in turn' }],
] as const satisfies readonly (readonly [string, GestureOptions])[];

interface Waiting {
  incident: string;
  card: TeamsMessage;
}

async function waiting(): Promise<Waiting> {
  count += 1;
  const incident = await world.incidentWithProposal(`dag_${count}`);
  const card = await until(() => world.saying(incident, '"verdict":"approve"'), 'the card');
  return { incident, card };
}

/** The title of the button in this card with this verb (and verdict). */
function titled(card: CardJson | undefined, verb: string, verdict?: Verdict): string {
  for (const { action } of buttonsOf(card ?? { type: 'AdaptiveCard' })) {
    const carried = readCarried(action['data']);
    if (action['type'] !== 'Action.Execute' || carried?.verb !== verb) continue;
    if (verdict === undefined || carried.verdict === verdict) return String(action['title']);
  }
  throw new Error(`no button "${verb}" in: ${cardText(card)}`);
}

/** Opens the form of a verdict and fills it in; every step is delivered as `options` say. */
async function decided(
  who: string,
  { card }: Waiting,
  verdict: Verdict,
  words: string,
  options: GestureOptions,
): Promise<Reaction> {
  const person = world.person(who);
  // On the card as everybody sees it, whatever this person was shown in its place before.
  const shown = { ...options, card: card.card as CardJson };
  const form = await person.clickExecute(card.id, titled(card.card, 'ask', verdict), shown);
  sensible(form);
  return person.clickExecute(card.id, titled(form.card, 'decide'), {
    ...options,
    inputs: { [WORDS_INPUT]: words },
    card: form.card as CardJson,
  });
}

const readOf = ({ text, card }: Answer): string => text ?? cardText(card);

/** Three answers that the client can show, in words. */
function sensible({ answers }: Reaction): string[] {
  expect(answers).toHaveLength(3);
  for (const { kind } of answers) expect(['card', 'message', 'dialog']).toContain(kind);
  const texts = answers.map((answer) => (answer.dialog === undefined ? readOf(answer) : cardText(answer.dialog.card)));
  for (const text of texts) expect(text.length).toBeGreaterThan(10);
  return texts;
}

/** What is said of the click; the card below it may have gone on meanwhile. */
const firstLines = (text: string): string => text.split('\n').slice(0, 2).join('\n');

async function countOf(incident: string, type: string): Promise<number> {
  return (await world.types(incident)).filter((one) => one === type).length;
}

describe.each(HOW)('three deliveries, %s', (_how, options) => {
  it('of an approval: one decision, and three answers that say the same', async () => {
    const one = await waiting();
    const texts = sensible(await decided('ana', one, 'approve', WORDS, options));
    for (const text of texts) expect(text).toMatch(/ana@example\.com approved this/);
    expect(new Set(texts.map(firstLines)).size).toBe(1);
    await until(async () => (await countOf(one.incident, 'decision.recorded')) === 1, 'the decision');
    await world.teams.settled();
    expect(await countOf(one.incident, 'decision.recorded')).toBe(1);
    expect(await countOf(one.incident, 'click.refused')).toBe(0);
  });

  it('of a rejection: one decision with its reason', async () => {
    const one = await waiting();
    const texts = sensible(await decided('ben', one, 'reject', REASON, options));
    for (const text of texts) expect(text).toMatch(/ben@example\.com rejected this.*Nothing will be changed/);
    await until(async () => (await countOf(one.incident, 'decision.recorded')) === 1, 'the decision');
    expect(await countOf(one.incident, 'decision.recorded')).toBe(1);
  });

  it('of an approval without words: three times the form with the fault, and nothing counts', async () => {
    const one = open;
    const texts = sensible(await decided('ana', one, 'approve', 'ok ok ok ok', options));
    expect(new Set(texts).size).toBe(1);
    expect(await countOf(one.incident, 'decision.recorded')).toBe(0);
    expect(await countOf(one.incident, 'vote.cast')).toBe(0);
  });

  it('of a click by somebody on no list: refused once, told three times', async () => {
    const one = open;
    const shown = { ...options, card: one.card.card as CardJson };
    const told = await world.person('cara').clickExecute(one.card.id, titled(one.card.card, 'ask', 'approve'), shown);
    for (const text of sensible(told)) expect(text).toMatch(/Not counted: cara@example\.com is not on the list/);
    expect(await countOf(one.incident, 'decision.recorded')).toBe(0);
    expect(await countOf(one.incident, 'click.refused')).toBe(1);
  });

  it('of a dialog opened and sent: one decision', async () => {
    const one = await waiting();
    const ana = world.person('ana');
    const form = await ana.clickExecute(one.card.id, titled(one.card.card, 'ask', 'approve'));
    const opens = buttonsOf(form.card as CardJson).find(
      ({ action }) => action['type'] === 'Action.Submit' && JSON.stringify(action['data']).includes('task/fetch'),
    );
    const title = String(opens?.action['title']);
    sensible(await ana.openDialog(one.card.id, title, { ...options, card: form.card as CardJson }));
    sensible(await ana.submitDialog({ [WORDS_INPUT]: WORDS }, options));
    await until(async () => (await countOf(one.incident, 'decision.recorded')) === 1, 'the decision');
    expect(await countOf(one.incident, 'decision.recorded')).toBe(1);
  });

  it('of a look at the evidence: three times the same page, and nothing is written', async () => {
    const one = open;
    const shows = [...world.teams.tenant.messages].findLast(
      ({ activity }) =>
        JSON.stringify(activity).includes('"verb":"show"') && JSON.stringify(activity).includes(one.incident),
    ) as TeamsMessage;
    const before = await world.types(one.incident);
    const shown = { ...options, card: shows.card as CardJson };
    const texts = sensible(await world.person('cara').clickExecute(shows.id, titled(shows.card, 'show'), shown));
    expect(new Set(texts).size).toBe(1);
    expect(await world.types(one.incident)).toEqual(before);
  });
});

it('of a note in the thread: one note', async () => {
  const { incident, card } = open;
  await world.person('cara').say(card.channel, 'note: the source team is awake', { thread: card.root, times: 3 });
  await until(async () => (await countOf(incident, 'note.added')) === 1, 'the note');
  await world.teams.repeatLast();
  expect(await countOf(incident, 'note.added')).toBe(1);
});

it('of a question in the thread: one question', async () => {
  const { incident, card } = open;
  await world.person('cara').say(card.channel, 'did anybody change our own code?', { thread: card.root, times: 3 });
  await until(async () => (await countOf(incident, 'question.asked')) === 1, 'the question');
  await world.teams.repeatLast();
  expect(await countOf(incident, 'question.asked')).toBe(1);
});

it('of a command: one answer', async () => {
  const before = world.person('ben').direct().length;
  await world.person('ben').chat('help', { times: 3 });
  await until(() => world.person('ben').direct().length > before, 'help');
  await world.teams.repeatLast();
  await world.teams.settled();
  expect(world.person('ben').direct()).toHaveLength(before + 1);
});

it('of “Investigate this alert” and of its form: one incident', async () => {
  const ben = world.person('ben');
  const alert = ben.postQuietly(CHANNEL, 'Critical: the nightly ledger export failed');
  sensible(await ben.investigate(alert, 'cs_investigate_alert', { times: 3 }));
  const told = await ben.submitDialog({}, { times: 3 });
  for (const text of sensible(told)) expect(text).toMatch(/INC-/);
  const named = new Set(sensible(told).flatMap((text) => text.match(/INC-[0-9A-Z]+/g) ?? []));
  expect(named.size).toBe(1);
  await until(() => world.saying(...named), 'the thread');
  const roots = world.teams.tenant.messages.filter(
    ({ id, root, activity }) => id === root && JSON.stringify(activity).includes('nightly ledger export'),
  );
  expect(roots.filter(({ from }) => from === world.teams.tenant.bot.id)).toHaveLength(1);
  expect(await countOf([...named][0] ?? '', 'incident.opened')).toBe(1);
});

it('with a restart between the deliveries: one decision, and an answer to each', async () => {
  const one = await waiting();
  const between = async (): Promise<void> => {
    await world.stop();
    await world.start();
  };
  const form = await world.person('ana').clickExecute(one.card.id, titled(one.card.card, 'ask', 'approve'));
  const sent = {
    inputs: { [WORDS_INPUT]: WORDS },
    card: form.card as CardJson,
    times: 3,
    how: 'in turn',
    between,
  } as const;
  const told = await world.person('ana').clickExecute(one.card.id, titled(form.card, 'decide'), sent);
  for (const text of sensible(told)) expect(text).toMatch(/ana@example\.com approved this/);
  await until(async () => (await countOf(one.incident, 'decision.recorded')) === 1, 'the decision');
  expect(await countOf(one.incident, 'decision.recorded')).toBe(1);
});

it('and Teams frowned at nothing', () => {
  expect(world.teams.warnings).toEqual([]);
});
