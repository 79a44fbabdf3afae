import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sampleProposal, untilProposal } from '../e2e/sample-story.js';
import { cardText, messageText } from '../support/teams/rendering.js';
import type { GestureOptions, Reaction } from '../support/teams/server-types.js';
import type { TeamsMessage } from '../support/teams/types.js';
import type { SeenCard } from './chat.js';
import { until } from './chat-role.js';
import { CHANNEL, openTeamsChat, type TeamsGiven, userId } from './chat-teams.js';
import { type Handle, verdictButton } from './chat-teams-seen.js';
import {
  eventsOf,
  expectDecided,
  expectUndecided,
  low,
  newIncident,
  now,
  storeObservations,
  trivial,
  waiting,
} from './expectations/chat-given.js';

/** What only Teams can do to us: its accounts, its lost answers, its refusals, views of one person alone. */
let given: TeamsGiven;
beforeAll(async () => {
  given = await openTeamsChat();
});
afterAll(() => given.close());

function approve(who: string, { handle }: SeenCard, options: GestureOptions = {}): Promise<Reaction> {
  const { message, card } = handle as Handle;
  const title = verdictButton(card, 'approve')?.title ?? '';
  return given.teams.person(userId(who)).clickExecute(message, title, { ...options, card });
}

const readOf = ({ text, card }: Reaction): string => text ?? cardText(card);

/** Messages of an incident's thread by the bot, lost copies too. */
async function thread(incident: string): Promise<TeamsMessage[]> {
  const root = (await given.standing(incident)).get('headline')?.id ?? '';
  return given.teams.tenant.thread(CHANNEL, root).filter(({ from }) => from === given.teams.tenant.bot.id);
}

describe('whose click it is', () => {
  it.each([
    ['guest', 'a guest with the address of an approver'],
    ['foreign', 'somebody of another company with the address of an approver'],
  ])('%s: nothing is counted for %s', async (who) => {
    const { incident, card } = await waiting(given, trivial);
    const before = (await given.core().log.read(incident)).length;
    expect(readOf(await approve(who, card))).toMatch(/Not counted/);
    expect((await given.core().log.read(incident)).length).toBe(before);
  });

  it('an account that Teams signed for is not another one of the roster, whatever its name in the chat', async () => {
    const { incident, card } = await waiting(given, trivial);
    const { teams } = given;
    const { message, card: shown } = card.handle as Handle;
    const button = verdictButton(shown, 'approve');
    const activity = teams.activityFrom(userId('ana'), {
      type: 'invoke',
      name: 'adaptiveCard/action',
      replyToId: message,
      conversation: {
        id: `${CHANNEL};messageid=${teams.tenant.message(CHANNEL, message)?.root}`,
        conversationType: 'channel',
      },
      from: { id: userId('ana'), name: 'ana', aadObjectId: teams.person(userId('intern')).user.aadObjectId },
      value: {
        action: { type: 'Action.Execute', verb: button?.carried.verb, data: { cs: button?.carried } },
        trigger: 'manual',
      },
    });
    const { status, body } = await teams.deliver(activity, await teams.tokenFor());
    expect(status).toBe(200);
    expect(body).toMatch(/Not counted/);
    await expectUndecided(given, incident);
  });
});

describe('when Teams keeps a message and loses its answer', () => {
  it('the card is there twice; a click on the lost one counts, and it is marked as a copy', async () => {
    const { incident } = await waitingAfter(() =>
      given.teams.faults.add({ kind: 'reply_lost', calls: ['activity.send', 'activity.reply'], count: 1 }),
    );
    const standing = await given.standing(incident);
    const cards = (await thread(incident)).filter(({ card }) => verdictButton(card, 'approve') !== undefined);
    expect(cards).toHaveLength(2);
    const kept = new Set([...standing.values()].map(({ id }) => id));
    const lost = cards.find(({ id }) => !kept.has(id)) as TeamsMessage;
    const handle = { message: lost.id, card: lost.card } as Handle;
    const told = await given.presser.press(
      'ana',
      { incident, title: '', text: '', actions: [], handle },
      { verdict: 'approve' },
    );
    expect(told[0]?.text).toContain('ana@example.com approved this');
    await expectDecided(given, incident, 'approve', ['ana']);
    await until(() => /A copy/.test(messageText(lost)), 'the copy to be marked');
    await given.standing(incident);
    expect((await thread(incident)).filter(({ card }) => verdictButton(card, 'approve') !== undefined)).toEqual([]);
  });
});

describe('when Teams refuses', () => {
  it.each([
    ['412 twice', { kind: 'precondition', count: 2 }],
    ['429 without a word of how long', { kind: 'ratelimited', retryAfterSeconds: 'none', count: 1 }],
    ['429 for seven seconds', { kind: 'ratelimited', retryAfterSeconds: 7, count: 1 }],
    ['502', { kind: 'bad_gateway', count: 1 }],
    ['500', { kind: 'refused', count: 1 }],
    ['401, as for a token that was taken back', { kind: 'error', status: 401, code: 'Unauthorized', count: 1 }],
  ] as const)('%s, and did nothing: all stands there in the end, once', async (_what, fault) => {
    const { incident } = await waitingAfter(() => given.teams.faults.add(fault));
    const cards = (await thread(incident)).filter(({ card }) => verdictButton(card, 'approve') !== undefined);
    expect(cards).toHaveLength(1);
    expect(given.teams.limits.impatient).toBe(0);
  });

  it('a card as malformed: its words stand there instead', async () => {
    const { incident } = await waitingAfter(() =>
      given.teams.faults.add({
        kind: 'error',
        status: 400,
        code: 'BadArgument',
        calls: ['activity.send', 'activity.reply'],
        count: 1,
      }),
    );
    const plain = (await thread(incident)).filter(({ card }) => card === undefined);
    expect(plain).toHaveLength(1);
    const [text] = plain.map(messageText);
    for (const words of ['Decide', 'daily_transactions', 'Trivial', 'on the web page']) expect(text).toContain(words);
  });
});

describe('what one person sees alone', () => {
  it('a form is in front of the one who opened it; the others see the card, and everybody the decision', async () => {
    const { incident, card } = await waiting(given, low);
    const { message } = card.handle as Handle;
    const form = await approve('ana', card);
    expect(JSON.stringify(given.teams.person(userId('ana')).view(message))).toContain('"Input.Text"');
    expect(given.teams.person(userId('ben')).buttons(message)).toContain(
      verdictButton((card.handle as Handle).card, 'approve')?.title,
    );
    expect(form.kind).toBe('card');
    await given.press('ben', card, { verdict: 'reject', words: 'The source takes it back' });
    await given.see(incident);
    expect(cardText(given.teams.person(userId('ana')).view(message))).toContain('Rejected by ben@example.com');
  });

  it('what was typed for a card that changed meanwhile is answered with what changed', async () => {
    const { incident, card } = await waiting(given, low);
    const { message } = card.handle as Handle;
    const form = await approve('ana', card);
    await given.press('ben', card, { verdict: 'reject', words: 'The source takes it back' });
    const send = verdictButton(form.card, 'approve');
    const late = await given.teams.person(userId('ana')).clickExecute(message, send?.title ?? '', {
      card: form.card as NonNullable<typeof form.card>,
      inputs: { 'field.words': 'Compared both versions of the schema by hand' },
    });
    expect(readOf(late)).toMatch(/Too late: ben@example\.com rejected this/);
    expect(await eventsOf(given, incident, 'decision.recorded')).toHaveLength(1);
  });
});

/** A diagnosis that stands; then what the test does to Teams; then a proposal that one click approves. */
async function waitingAfter(spoil: () => void): Promise<{ incident: string }> {
  const incident = newIncident();
  const expiresAt = new Date(given.core().clock.now().getTime() + 3600_000).toISOString();
  const proposal = sampleProposal({ expiresAt, ...trivial(incident) });
  await storeObservations(given);
  const events = now(untilProposal(proposal));
  await given.core().tell(incident, events.slice(0, -1));
  await given.standing(incident);
  spoil();
  await given.core().tell(incident, events.slice(-1));
  await given.standing(incident);
  return { incident };
}

it('Teams frowned at nothing of all that', () => {
  expect(given.warnings()).toEqual([]);
});
