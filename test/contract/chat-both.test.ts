import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMemoryLog } from '../support/memory-log.js';
import type { ChatGiven, SeenCard } from './chat.js';
import { PEOPLE } from './chat.js';
import { jumpingClock } from './chat-role.js';
import { openSlackChat } from './chat-slack.js';
import { openTeamsChat } from './chat-teams.js';
import {
  CHECK,
  eventsOf,
  high,
  low,
  MEMORY,
  medium,
  OTHER_CHECK,
  openCard,
  stateOf,
  waiting,
} from './expectations/chat-given.js';

/** Both chats in front of one log, each with a role of its own, as two processes of the web role would be. */
let slack: ChatGiven & { warnings(): string[] };
let teams: ChatGiven & { warnings(): string[] };
beforeAll(async () => {
  const clock = jumpingClock(40);
  const log = createMemoryLog({ now: () => new Date(clock.now()) });
  slack = await openSlackChat({ clock, log });
  teams = await openTeamsChat({ clock, log });
});
afterAll(async () => {
  await slack.close();
  await teams.close();
});

const APPROVE = { verdict: 'approve', words: CHECK } as const;

/** Where somebody acts, and where the others look on. */
const WAYS = [
  ['Slack', 'Teams', () => ({ here: slack, there: teams })],
  ['Teams', 'Slack', () => ({ here: teams, there: slack })],
] as const;

async function bothShow(
  here: ChatGiven,
  there: ChatGiven,
  of: typeof low,
): Promise<{ incident: string; card: SeenCard; other: SeenCard }> {
  const { incident, card } = await waiting(here, of);
  return { incident, card, other: await openCard(there, incident) };
}

describe.each(WAYS)('what is done in %s while %s shows the card', (_here, _there, sides) => {
  it('approved: the other card says by whom, loses its buttons, and a late click on it is told', async () => {
    const { here, there } = sides();
    const { incident, card, other } = await bothShow(here, there, low);
    expect(other.actions).toContain('approve');
    expect((await here.press('ana', card, APPROVE)).text).toContain('ana@example.com approved this');
    const seen = await there.see(incident);
    expect(seen.cards.flatMap(({ actions }) => actions)).toEqual([]);
    expect(seen.text).toContain('Approved by ana@example.com');
    expect(seen.headline).toContain('Approved');
    const late = await there.press('ben', other, { verdict: 'approve', words: OTHER_CHECK });
    expect(late.text).toMatch(/Too late: ana@example\.com approved this/);
    const [decision, ...more] = await eventsOf(here, incident, 'decision.recorded');
    expect(more).toEqual([]);
    expect(decision?.statement.votes.map(({ by }) => by)).toEqual([{ id: PEOPLE.ana, via: here.chat }]);
  });

  it('rejected: the other chat shows the reason, and nothing can be approved there any more', async () => {
    const { here, there } = sides();
    const { incident, card, other } = await bothShow(here, there, low);
    await here.press('ben', card, { verdict: 'reject', words: 'The source takes its change back' });
    const seen = await there.see(incident);
    expect(seen.text).toContain('The source takes its change back');
    expect(seen.cards.flatMap(({ actions }) => actions)).toEqual([]);
    expect((await there.press('ana', other, APPROVE)).text).toContain('Too late: ben@example.com rejected this');
    expect(await eventsOf(here, incident, 'decision.recorded')).toHaveLength(1);
  });

  it('changed: the other chat shows the new version, and a click on the old one counts nothing', async () => {
    const { here, there } = sides();
    const { incident, card, other } = await bothShow(here, there, medium);
    await here.press('ana', card, { verdict: 'modify', values: { [MEMORY]: '12' } });
    const told = await there.press('ben', other, APPROVE);
    expect(told.text).toMatch(/ana@example\.com changed the proposal/);
    expect(await eventsOf(here, incident, 'vote.cast')).toEqual([]);
    const next = await openCard(there, incident);
    expect(next.title).toContain('version 2');
    expect((await there.press('ana', next, APPROVE)).text).toContain('nobody approves what they asked for');
    expect((await there.press('ben', next, APPROVE)).text).toContain('ben@example.com approved this');
    expect((await here.see(incident)).text).toContain('Approved by ben@example.com');
  });

  it('of two people one here and one there: both are seen in both, and one person in two chats is one', async () => {
    const { here, there } = sides();
    const { incident, card, other } = await bothShow(here, there, high);
    await here.press('ana', card, APPROVE);
    expect((await there.press('ana', other, { verdict: 'approve', words: OTHER_CHECK })).text).toContain(
      'already counts',
    );
    expect((await openCard(there, incident)).text).toContain('Approved so far: ana@example.com');
    expect((await there.press('chen', other, { verdict: 'approve', words: OTHER_CHECK })).text).toContain(
      'approved this',
    );
    const votes = (await stateOf(here, incident)).decision?.statement.votes ?? [];
    expect(votes.map(({ by }) => by)).toEqual([
      { id: PEOPLE.ana, via: here.chat },
      { id: PEOPLE.chen, via: there.chat },
    ]);
    for (const side of [here, there])
      expect((await side.see(incident)).cards.flatMap(({ actions }) => actions)).toEqual([]);
  });

  it('a note written here is read there, once, with who wrote it', async () => {
    const { here, there } = sides();
    const { incident } = await bothShow(here, there, low);
    await here.note('intern', incident, 'the source team is awake');
    for (const side of [here, there]) {
      const notes = (await side.see(incident)).notes.filter((note) => note.includes('the source team is awake'));
      expect(notes).toHaveLength(1);
    }
    expect((await there.see(incident)).notes.join()).toContain(PEOPLE.intern);
  });
});

it('two people at the same moment, one in each chat, are one decision, and the other is told who was first', async () => {
  const { incident, card, other } = await bothShow(slack, teams, low);
  const both = await Promise.all([
    slack.press('ana', card, APPROVE),
    teams.press('ben', other, { verdict: 'reject', words: 'Not tonight, the source is being fixed' }),
  ]);
  const decisions = await eventsOf(slack, incident, 'decision.recorded');
  expect(decisions).toHaveLength(1);
  const winner = decisions[0]?.statement.votes[0]?.by.id ?? '';
  expect(both.filter(({ text }) => text.includes('Too late') && text.includes(winner))).toHaveLength(1);
});

it('neither of them frowned at anything', () => {
  expect([...slack.warnings(), ...teams.warnings()]).toEqual([]);
});
