import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../src/domain/errors.js';
import type { ChatBackend } from '../../src/domain/ports.js';
import type { Reaction, TeamsPerson } from '../support/teams/server-types.js';
import type { CardJson } from '../support/teams/types.js';
import {
  CHANNEL,
  read,
  type Shown,
  startTeamsWorld,
  type TeamsWorld,
  TRIVIAL,
  textsOf,
  titled,
  until,
} from '../support/teams-inbound.js';

const WORDS = { 'field.words': 'Compared both versions of the schema by hand' };

let world: TeamsWorld;
let asIs: ChatBackend;

beforeAll(async () => {
  world = await startTeamsWorld();
  asIs = { ...world.backend };
});
beforeEach(async () => {
  await world.start();
});
afterEach(async () => {
  Object.assign(world.backend, asIs);
  world.teams.faults.clear();
  await world.stopAll();
});
afterAll(async () => {
  world.teams.strictWarnings();
  await world.close();
});

const person = (name: string): TeamsPerson => world.teams.person(name);
const approve = (name: string, { card }: Shown, more = {}): Promise<Reaction> =>
  person(name).clickExecute(
    card,
    titled(world.teams.tenant.messages.find(({ id }) => id === card)?.card, 'decide', 'approve'),
    more,
  );
const ask = (name: string, { card }: Shown): Promise<Reaction> =>
  person(name).clickExecute(
    card,
    titled(world.teams.tenant.messages.find(({ id }) => id === card)?.card, 'ask', 'approve'),
  );
const alone = (name: string): string[] => textsOf(person(name).direct());
const decisions = async ({ incident }: Shown): Promise<number> =>
  (await world.types(incident)).filter((type) => type === 'decision.recorded').length;
const later = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('the reply to a click', () => {
  it('is the gate’s own answer when that is soon there, and nothing else is said', async () => {
    const shown = await world.show(TRIVIAL);
    const before = world.teams.tenant.messages.length;
    const reaction = await approve('ana', shown);
    expect(reaction).toMatchObject({ ok: true, kind: 'card' });
    expect(read(reaction)).toMatch(/ana@example.com approved this/);
    expect(() => titled(reaction.card, 'decide', 'approve')).toThrow();
    await later(300);
    expect(world.teams.tenant.messages).toHaveLength(before);
  });

  it('says that it is being recorded when the gate takes long, and the answer comes to that person alone', async () => {
    const shown = await world.show(TRIVIAL);
    world.backend.decide = async (click) => {
      await later(3600);
      return asIs.decide(click);
    };
    const reaction = await approve('ana', shown);
    expect(read(reaction)).toMatch(/being written to the log/);
    expect(reaction.ms).toBeLessThan(5000);
    expect(() => titled(reaction.card, 'decide', 'approve')).toThrow();
    await until(
      () => alone('ana').some((text) => text.includes(`${shown.incident}: ana@example.com approved`)),
      'the answer',
    );
    expect(await decisions(shown)).toBe(1);
  });

  it('is told by name in the thread where the person has no chat with the app', async () => {
    const shown = await world.show(TRIVIAL);
    world.backend.decide = async (click) => {
      await later(3300);
      return asIs.decide(click);
    };
    world.teams.faults.add({ kind: 'error', calls: ['conversation.create'], status: 403, code: 'Forbidden' });
    const reaction = await approve('ben', shown);
    expect(read(reaction)).toMatch(/being written to the log/);
    const thread = (): string[] => textsOf(world.teams.tenant.thread(CHANNEL, shown.root));
    await until(
      () => thread().some((text) => /ben[\s\S]*ben@example.com approved/.test(text)),
      'the answer in the thread',
    );
    const last = world.teams.tenant.thread(CHANNEL, shown.root).at(-1);
    expect(JSON.stringify(last?.activity['entities'])).toContain('29:ben');
  });

  it('does not wait for Teams to say who somebody is', async () => {
    const shown = await world.show(TRIVIAL);
    await world.stopAll();
    await world.start();
    world.teams.faults.add({ kind: 'slow', calls: ['member'], slowMs: 5000, count: 1 });
    const reaction = await approve('ana', shown);
    expect(reaction.ms).toBeLessThan(4500);
    expect(read(reaction)).toMatch(/being written to the log/);
    await until(
      () => alone('ana').some((text) => text.includes(`${shown.incident}: ana@example.com approved`)),
      'the answer',
      15_000,
    );
  });

  it('tells who has no account of ours why it does not count', async () => {
    for (const name of ['nobody', 'guest']) {
      const shown = await world.show(TRIVIAL);
      expect(read(await approve(name, shown))).toMatch(/Not counted: Teams shows no account of this company/);
      expect(await world.types(shown.incident)).not.toContain('decision.recorded');
    }
  });

  it('nothing is decided while Teams can not say who it is; it is tried again', async () => {
    const shown = await world.show(TRIVIAL);
    await world.stopAll();
    await world.start();
    world.teams.faults.add({ kind: 'bad_gateway', calls: ['member'], count: 2 });
    const reaction = await approve('ana', shown);
    await until(async () => (await decisions(shown)) === 1, 'the decision');
    expect(read(reaction)).toMatch(/ana@example.com approved this|being written to the log/);
  });
});

describe('what is sent by no client', () => {
  const press = (shown: Shown, cs: unknown): Promise<Reaction> =>
    person('ana').invoke(
      'adaptiveCard/action',
      { action: { type: 'Action.Execute', verb: 'decide', data: { cs } }, trigger: 'manual' },
      { conversation: `${CHANNEL};messageid=${shown.root}`, replyToId: shown.card },
    );

  it.each<[string, (shown: Shown) => unknown, RegExp]>([
    ['a button of another version', () => ({ verb: 'approve_all', incident: 'x' }), /older version/],
    [
      'a button with something more',
      (shown) => ({ verb: 'decide', incident: shown.incident, admin: true }),
      /older version/,
    ],
    ['a button without anything', () => undefined, /older version/],
    ['a decision without a verdict', (shown) => ({ verb: 'decide', incident: shown.incident }), /older version/],
    [
      'another digest',
      (shown) => ({ verb: 'decide', incident: shown.incident, digest: '0'.repeat(64), verdict: 'approve' }),
      /changed|newest|version/,
    ],
    [
      'no such incident',
      () => ({ verb: 'decide', incident: 'INC-NONE', digest: '0'.repeat(64), verdict: 'approve' }),
      /There is no incident/,
    ],
    [
      'a form for no such incident',
      () => ({ verb: 'ask', incident: 'INC-NONE', verdict: 'reject' }),
      /There is no incident/,
    ],
    [
      'the trace of no such incident',
      () => ({ verb: 'show', incident: 'INC-NONE', detail: 'trace' }),
      /does not know this incident/,
    ],
  ])('%s is answered and does nothing', async (_, cs, words) => {
    const shown = await world.show(TRIVIAL);
    const reaction = await press(shown, cs(shown));
    expect(reaction.kind).not.toBe('none');
    expect(read(reaction)).toMatch(words);
    expect(await decisions(shown)).toBe(0);
  });

  it('an invoke of a kind that is not known gets a status', async () => {
    const activity = world.teams.activityFrom('ana', { type: 'invoke', name: 'signin/verifyState', value: {} });
    expect((await world.teams.deliver(activity, await world.teams.tokenFor())).status).toBe(501);
  });

  it('the words of the process log hold nothing of what was sent', async () => {
    const shown = await world.show(TRIVIAL);
    await press(shown, { verb: 'decide', incident: 'a-very-secret-word' });
    expect(world.lines.join('')).not.toContain('a-very-secret-word');
  });
});

describe('a form', () => {
  it('is shown again with what was typed and what is wrong, and counts when it is right', async () => {
    const shown = await world.show();
    const form = await ask('ana', shown);
    const send = (words: string): Promise<Reaction> =>
      person('ana').clickExecute(shown.card, titled(form.card, 'decide'), {
        card: form.card as CardJson,
        inputs: { 'field.words': words },
      });
    const faulty = await send('ok ok ok ok');
    expect(JSON.stringify(faulty.card)).toContain('ok ok ok ok');
    expect(await world.types(shown.incident)).not.toContain('decision.recorded');
    expect(read(await send(WORDS['field.words']))).toMatch(/ana@example.com approved this/);
  });

  it('is not shown to whom no words would help', async () => {
    const shown = await world.show();
    const reaction = await ask('intern', shown);
    expect(read(reaction)).toMatch(/Not counted: intern@example.com is not on the list/);
    expect(await world.types(shown.incident)).toContain('click.refused');
  });

  it('is left without anything written', async () => {
    const shown = await world.show();
    const form = await ask('ana', shown);
    const back = await person('ana').clickExecute(shown.card, titled(form.card, 'cancel'), {
      card: form.card as CardJson,
    });
    expect(titled(back.card, 'ask', 'approve')).toBe(
      titled(world.teams.tenant.messages.find(({ id }) => id === shown.card)?.card, 'ask', 'approve'),
    );
    expect(await decisions(shown)).toBe(0);
  });

  it('that was open while somebody else decided hears who did', async () => {
    const shown = await world.show();
    const forms = { ana: await ask('ana', shown), ben: await ask('ben', shown) };
    const send = (name: 'ana' | 'ben'): Promise<Reaction> =>
      person(name).clickExecute(shown.card, titled(forms[name].card, 'decide'), {
        card: forms[name].card as CardJson,
        inputs: WORDS,
      });
    const [first, second] = await Promise.all([send('ana'), send('ben')]);
    const texts = [read(first), read(second)];
    expect(texts.filter((text) => /Too late/.test(text))).toHaveLength(1);
    expect(await decisions(shown)).toBe(1);
  });

  it('in a dialog is answered within its five seconds, also when Teams does not say who it is', async () => {
    const shown = await world.show();
    const form = await ask('ana', shown);
    await world.stopAll();
    await world.start();
    const opened = await person('ana').openDialog(shown.card, dialogButton(form.card), { card: form.card as CardJson });
    expect(opened.kind).toBe('dialog');
    await world.stopAll();
    await world.start();
    world.teams.faults.add({ kind: 'slow', calls: ['member'], slowMs: 9000, count: 1 });
    const sent = await person('ana').submitDialog(WORDS);
    expect(sent.ms).toBeLessThan(5000);
    expect(sent.kind).toBe('dialog');
    expect(read(sent)).toMatch(/being written to the log|approved/);
    await until(async () => (await decisions(shown)) === 1, 'the decision', 15_000);
  });
});

function dialogButton(card: CardJson | undefined): string {
  const found = JSON.stringify(card).match(
    /"title":"([^"]+)"[^{}]*"data":\{"cs":\{[^{}]*\},"msteams":\{"type":"task\/fetch"/,
  );
  if (found?.[1] === undefined) throw new Error('no button that opens a dialog');
  return found[1];
}

describe('several processes', () => {
  it('one hears, another works: the reply has the answer, and nobody is told twice', async () => {
    await world.stopAll();
    await world.start({ work: false });
    await world.start({ hear: false });
    const shown = await world.show(TRIVIAL);
    const before = alone('ana').length;
    expect(read(await approve('ana', shown))).toMatch(/ana@example.com approved this/);
    await later(1000);
    expect(alone('ana')).toHaveLength(before);
  });

  it('the one that heard dies before the work is done: the answer comes as a message', async () => {
    await world.stopAll();
    const hearing = await world.start({ work: false });
    const shown = await world.show(TRIVIAL);
    const clicked = approve('ana', shown).catch(() => undefined);
    await later(500);
    await hearing.stop();
    await clicked;
    await world.start();
    await until(
      () => alone('ana').some((text) => text.includes(`${shown.incident}: ana@example.com approved`)),
      'the answer',
      15_000,
    );
    expect(await decisions(shown)).toBe(1);
  });
});

it('a copy of a card is answered and marked, and the one that is kept up to date is not', async () => {
  const shown = await world.show(TRIVIAL);
  const deliveries = world.deliveries.get(shown.incident);
  const [key, delivery] = [...(deliveries ?? [])].find(([, one]) => one.message === shown.card) ?? [];
  if (key === undefined || delivery === undefined) throw new Error('no delivery');
  expect(read(await approve('intern', shown))).toMatch(/Not counted/);
  await later(200);
  expect(textsOf(world.teams.tenant.messages.filter(({ id }) => id === shown.card)).join('')).not.toMatch(/A copy/);
  deliveries?.set(key, { ...delivery, message: 'another' });
  expect(read(await approve('ana', shown))).toMatch(/ana@example.com approved this/);
  await until(
    () =>
      textsOf(world.teams.tenant.messages.filter(({ id }) => id === shown.card))
        .join('')
        .includes('A copy'),
    'the mark',
  );
});

it('what the inbox can not take is told at once, and counts once when it is clicked again', async () => {
  const shown = await world.show(TRIVIAL);
  world.backend.decide = async () => {
    throw new AppError('forbidden', { safeText: 'The core says no.' });
  };
  expect(read(await approve('ana', shown))).toMatch(/The core says no/);
  Object.assign(world.backend, asIs);
  expect(
    read(await approve('ana', shown, { card: world.teams.tenant.messages.find(({ id }) => id === shown.card)?.card })),
  ).toMatch(/approved this/);
  expect(await decisions(shown)).toBe(1);
});
