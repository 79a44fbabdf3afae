import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { COMMAND_INVESTIGATE } from '../../adapters/teams/inbound/invokes.js';
import type { Alert } from '../../src/domain/alert.js';
import type { Person } from '../../src/domain/decision.js';
import type { ChatBackend } from '../../src/domain/ports.js';
import type { TeamsPerson } from '../support/teams/server-types.js';
import type { CardJson } from '../support/teams/types.js';
import {
  CHANNEL,
  read,
  type Shown,
  startTeamsWorld,
  type TeamsWorld,
  textsOf,
  titled,
  until,
} from '../support/teams-inbound.js';

let world: TeamsWorld;
let asIs: ChatBackend;

beforeAll(async () => {
  world = await startTeamsWorld();
  asIs = { ...world.backend };
  await world.start();
});
afterEach(() => {
  Object.assign(world.backend, asIs);
  world.teams.faults.clear();
});
afterAll(() => world.close());

const person = (name: string): TeamsPerson => world.teams.person(name);
const alone = (name: string): string[] => textsOf(person(name).direct());
const later = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
/** What we wrote into this thread, after the messages that it was shown with. */
const replies = (root: string): string[] =>
  textsOf(world.teams.tenant.thread(CHANNEL, root).filter(({ from }) => from === world.teams.tenant.bot.id));
const count = async ({ incident }: Shown, type: string): Promise<number> =>
  (await world.types(incident)).filter((one) => one === type).length;

async function answerIn(root: string, before: number): Promise<string> {
  return until(() => replies(root)[before], 'an answer in the thread');
}

describe('in an incident’s thread', () => {
  it('a mention asks a question', async () => {
    const shown = await world.show();
    const before = replies(shown.root).length;
    await person('ana').say(CHANNEL, 'when did the <b>schema</b> change?', { thread: shown.root });
    await until(async () => (await count(shown, 'question.asked')) === 1, 'the question');
    expect(await answerIn(shown.root, before)).toMatch(/Your question is in\. No tool calls are left/);
  });

  it('a mention with “note” is noted', async () => {
    const shown = await world.show();
    await person('ben').say(CHANNEL, 'note: the source team is awake', { thread: shown.root });
    await until(async () => (await count(shown, 'note.added')) === 1, 'the note');
    const thread = await world.backend.thread(shown.incident);
    await until(async () => (await world.backend.thread(shown.incident))?.notes.length === 1, 'the note to be shown');
    expect((await world.backend.thread(shown.incident))?.notes[0]).toMatchObject({
      by: 'ben@example.com',
      via: 'teams',
      text: 'the source team is awake',
    });
    expect(thread?.incident).toBe(shown.incident);
  });

  it.each<[string, RegExp]>([
    ['approve', /Words decide nothing here/],
    ['LGTM', /Words decide nothing here/],
    ['help', /Ask me about this incident/],
    ['', /Ask me about this incident/],
    ['draft a pipeline', /not there yet/],
    ['grant 99 why?', /one person may grant 5 calls/],
    ['grant 3', /What shall I look for/],
  ])('%j is answered in the thread', async (said, words) => {
    const shown = await world.show();
    const before = replies(shown.root).length;
    await person('ana').say(CHANNEL, said, { thread: shown.root });
    expect(await answerIn(shown.root, before)).toMatch(words);
    expect(await count(shown, 'question.asked')).toBe(0);
    expect(await count(shown, 'decision.recorded')).toBe(0);
  });

  it('who has no account of ours is told that it is not noted, and asks nothing', async () => {
    const shown = await world.show();
    const before = replies(shown.root).length;
    await person('guest').say(CHANNEL, 'note: hello', { thread: shown.root });
    expect(await answerIn(shown.root, before)).toMatch(/guest[\s\S]*Not noted/);
    await person('nobody').say(CHANNEL, 'why?', { thread: shown.root });
    expect(await answerIn(shown.root, before + 1)).toMatch(/no account of this company/);
    expect(await world.types(shown.incident)).toEqual(['incident.opened', 'proposal.made']);
  });

  it('a question without budget is offered more calls, and one press asks it once', async () => {
    const shown = await world.show();
    const grants: number[] = [];
    world.backend.ask = async (_incident, _by, _text, grant) => {
      grants.push(grant);
      return grant === 0 ? { outcome: 'no_budget', text: 'No calls are left.' } : { outcome: 'asked', text: 'Asked.' };
    };
    const before = replies(shown.root).length;
    await person('ana').say(CHANNEL, 'what else is broken?', { thread: shown.root });
    expect(await answerIn(shown.root, before)).toMatch(/No calls are left/);
    const offer = world.teams.tenant.thread(CHANNEL, shown.root).at(-1);
    const press = () =>
      person('ana').clickExecute(offer?.id ?? '', titled(offer?.card, 'grant'), { card: offer?.card as CardJson });
    expect(read(await press())).toMatch(/It is asked/);
    expect(read(await press())).toMatch(/It is asked/);
    expect(grants).toEqual([0, 4]);
  });
});

describe('commands', () => {
  it('in the chat with the bot are answered there', async () => {
    await world.show();
    for (const [said, words] of [
      ['help', /changes nothing/],
      ['status', /log/],
      ['list', /\d incidents?\./],
      ['list all', /\d incidents?\./],
      ['list nonsense', /Not understood/],
      ['waiting', /ana@example.com|[Ww]ait/],
      ['digest', /2\d\d\d-/],
      ['digest 400', /Not understood/],
      ['what is this?', /changes nothing/],
    ] as const) {
      const before = alone('ana').length;
      await person('ana').chat(said);
      expect(await until(() => alone('ana')[before], said)).toMatch(words);
    }
  });

  it('in a channel tell what is of other channels to the one who asked alone', async () => {
    await world.show();
    const before = alone('ana').length;
    const root = await person('ana').say(CHANNEL, 'list');
    expect(await answerIn(root, 0)).toMatch(/in your chat with me/);
    expect(alone('ana')[before]).toMatch(/\d incidents?\./);
    expect(replies(root).join('\n')).not.toMatch(/INC-/);
  });

  it('and do not tell it aloud where the app is not there for them', async () => {
    world.teams.faults.add({ kind: 'error', calls: ['conversation.create'], status: 403, code: 'Forbidden' });
    const root = await person('ben').say(CHANNEL, 'list');
    expect(await answerIn(root, 0)).toMatch(/add the app/);
    expect(replies(root).join('\n')).not.toMatch(/INC-/);
  });

  it('tell guests nothing', async () => {
    const root = await person('guest').say(CHANNEL, 'list all');
    expect(await answerIn(root, 0)).toMatch(/you are shown nothing/);
  });

  it('“open” with words opens an incident by that person', async () => {
    const seen = investigated();
    await person('ana').chat('open The dag sales_daily is red since the release');
    const { alert, by } = await until(() => seen[0], 'the alert');
    expect(alert).toMatchObject({ subject: { dag: 'sales_daily' }, source: 'generic' });
    expect(by?.id).toBe('ana@example.com');
  });

  it('“open” alone gives a form, which is checked and opens one', async () => {
    const seen = investigated();
    await until(() => alone('ana').at(-1)?.includes('INC-NEW'), 'the answer before this');
    const before = person('ana').direct().length;
    await person('ana').chat('open');
    const form = await until(() => person('ana').direct()[before], 'the form');
    const send = (inputs: Record<string, string>) =>
      person('ana').clickExecute(form.id, titled(form.card, 'investigate'), { card: form.card as CardJson, inputs });
    await send({ 'field.title': '   .', 'field.severity': 'high' });
    expect(seen).toHaveLength(0);
    const inputs = { 'field.title': 'Orders are late', 'field.severity': 'critical', 'field.table': 'lake.orders' };
    expect(read(await send(inputs))).toMatch(/is opened/);
    expect(seen[0]?.alert).toMatchObject({
      title: 'Orders are late',
      severity: 'critical',
      subject: { table: 'lake.orders' },
    });
    expect(seen[0]?.by?.id).toBe('ana@example.com');
    await send(inputs);
    expect(seen).toHaveLength(1);
  });
});

interface Seen {
  alert: Alert;
  by: Person | undefined;
  pointedBy: Person | undefined;
}

/** What intake is given, instead of an incident of each. */
function investigated(): Seen[] {
  const seen: Seen[] = [];
  world.backend.investigate = async (alert, by, pointedBy) => {
    seen.push({ alert, by, pointedBy });
    return { incident: 'INC-NEW', text: 'INC-NEW is opened.' };
  };
  return seen;
}

describe('“Investigate this alert” on a message', () => {
  const send = (inputs: Record<string, string> = {}) => person('ana').submitDialog(inputs);

  it('of a person: sent as it is, it is the word of who wrote it', async () => {
    const seen = investigated();
    const message = person('ben').postQuietly(CHANNEL, 'The dag sales_daily is failing: p1');
    const form = await person('ana').investigate(message, COMMAND_INVESTIGATE);
    expect(form.kind).toBe('dialog');
    expect(JSON.stringify(form.dialog?.card)).toContain('The dag sales_daily is failing');
    expect(read(await send())).toMatch(/INC-NEW is opened/);
    expect(seen).toMatchObject([{ alert: { subject: { dag: 'sales_daily' } }, pointedBy: { id: 'ana@example.com' } }]);
    // Teams' member API may know people by their account, or not: in doubt it is the word of who pointed at it.
    expect(['ana@example.com', 'ben@example.com']).toContain(seen[0]?.by?.id);
  });

  it('of a person: changed before it is sent, it is the word of who sent it', async () => {
    const seen = investigated();
    const message = person('ben').postQuietly(CHANNEL, 'The dag sales_daily is failing');
    await person('ana').investigate(message, COMMAND_INVESTIGATE);
    await send({ 'field.dag': 'another_dag' });
    expect(seen).toMatchObject([{ alert: { subject: { dag: 'another_dag' } }, by: { id: 'ana@example.com' } }]);
  });

  it('of a program: nobody’s word, unless it is changed', async () => {
    const seen = investigated();
    const value = (payload: object) => ({
      commandId: COMMAND_INVESTIGATE,
      commandContext: 'message',
      messagePayload: payload,
    });
    const payload = {
      id: '1',
      from: { application: { id: 'monitor', displayName: 'Alertmanager' } },
      body: { contentType: 'html', content: '<p>[FIRING:1] TableStale</p><p>table=lake.orders severity=high</p>' },
    };
    for (const change of [{}, { 'field.title': 'Something else' }]) {
      const form = await person('ana').invoke('composeExtension/fetchTask', value(payload));
      const card = form.dialog?.card as unknown as { actions: { data: object }[] };
      const values = inputsIn(card);
      const data = { ...card.actions[0]?.data, ...values, ...change };
      const reaction = await person('ana').invoke('composeExtension/submitAction', {
        commandId: COMMAND_INVESTIGATE,
        data,
      });
      expect(read(reaction)).toMatch(/INC-NEW is opened/);
    }
    expect(seen.map(({ by }) => by?.id)).toEqual([undefined, 'ana@example.com']);
    expect(seen[0]?.alert).toMatchObject({
      source: 'alertmanager',
      severity: 'high',
      subject: { table: 'lake.orders' },
    });
  });

  it('of our own, and one without words, opens nothing', async () => {
    const shown = await world.show();
    const ours = await person('ana').investigate(shown.card, COMMAND_INVESTIGATE);
    expect(read(ours)).toMatch(/message of Countersign itself/);
    const empty = await person('ana').investigate(person('ben').postQuietly(CHANNEL, ' '), COMMAND_INVESTIGATE);
    expect(read(empty)).toMatch(/no words in this message/);
  });

  it('delivered three times opens one', async () => {
    const seen = investigated();
    const message = person('ben').postQuietly(CHANNEL, 'The dag sales_daily is failing again');
    await person('ana').investigate(message, COMMAND_INVESTIGATE, { times: 3 });
    const { answers } = await person('ana').submitDialog({}, { times: 3 });
    expect(new Set(answers.map(({ raw }) => raw)).size).toBe(1);
    expect(seen).toHaveLength(1);
  });
});

/** Ids and values of all inputs in a card. */
function inputsIn(card: unknown): Record<string, string> {
  const found: Record<string, string> = {};
  const look = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    const { type, id, value: typed } = value as { type?: unknown; id?: unknown; value?: unknown };
    if (typeof type === 'string' && type.startsWith('Input.') && typeof id === 'string')
      found[id] = String(typed ?? '');
    Object.values(value).forEach(look);
  };
  look(card);
  return found;
}

describe('what is none of ours', () => {
  it('is answered with nothing and does nothing', async () => {
    const shown = await world.show();
    const before = world.teams.tenant.messages.length;
    const thread = `${CHANNEL};messageid=${shown.root}`;
    const conversation = {
      id: thread,
      conversationType: 'channel',
      isGroup: true,
      tenantId: world.teams.tenant.tenantId,
    };
    const { bot } = world.teams.tenant;
    for (const more of [
      { conversation, text: 'people among themselves', entities: [] },
      {
        conversation,
        text: 'x',
        from: { id: bot.id },
        entities: [{ type: 'mention', mentioned: { id: bot.id }, text: '<at>x</at>' }],
      },
      { conversation, type: 'messageReaction', reactionsAdded: [{ type: 'like' }] },
      { conversation, type: 'messageDelete' },
      { type: 'conversationUpdate', membersAdded: [{ id: bot.id }] },
      { type: 'typing' },
    ]) {
      const { status, body } = await world.teams.deliver(
        world.teams.activityFrom('ana', more),
        await world.teams.tokenFor(),
      );
      expect({ status, body }).toEqual({ status: 200, body: '' });
    }
    await later(300);
    expect(world.teams.tenant.messages).toHaveLength(before);
    expect(await world.types(shown.incident)).toEqual(['incident.opened', 'proposal.made']);
  });

  it('is refused by its form before anybody looks at it', async () => {
    const { url } = await world.start();
    const token = await world.teams.tokenFor();
    const send = async (body: string, headers: Record<string, string>): Promise<number> => {
      const answer = await fetch(url, { method: 'POST', body, headers: { connection: 'close', ...headers } });
      expect(await answer.text()).toBe('');
      return answer.status;
    };
    const json = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
    expect(await send('{}', { 'content-type': 'application/json' })).toBe(401);
    expect(await send('{}', { ...json, 'content-type': 'text/plain' })).toBe(415);
    expect(await send('{"type":', json)).toBe(400);
    expect(await send(JSON.stringify({ text: 'x'.repeat(1_100_000) }), json)).toBe(413);
    expect(await send('[]', json)).toBe(401);
  });
});

it('and Teams frowned at nothing', () => {
  expect(world.teams.warnings).toEqual([]);
});

it('without the inbox a click hears that it is not certain, and a message is refused so that it is known', async () => {
  const shown = await world.show();
  const form = await person('ana').clickExecute(
    shown.card,
    titled(world.teams.tenant.messages.find(({ id }) => id === shown.card)?.card, 'ask', 'approve'),
  );
  await world.redis.kill9();
  const inputs = { 'field.words': 'Compared both versions of the schema by hand' };
  const reaction = await person('ana').clickExecute(shown.card, titled(form.card, 'decide'), {
    card: form.card as CardJson,
    inputs,
  });
  expect(read(reaction)).toMatch(/not certain that this was counted/);
  expect(reaction.ms).toBeLessThan(5000);
  const before = replies(shown.root).length;
  await person('ana').say(CHANNEL, 'why?', { thread: shown.root });
  expect(await answerIn(shown.root, before)).toMatch(/not certain that I took this in/);
  expect(world.teams.deliveries.at(-1)?.status).toBe(500);
  await world.redis.restart();
});
