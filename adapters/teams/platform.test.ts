import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDelivery } from '../../src/deliver/delivery.js';
import { digestOf } from '../../src/domain/canonical.js';
import type { Thread } from '../../src/domain/card.js';
import type { ChatMessage, ChatPlatform } from '../../src/domain/chat.js';
import { createProcessLog } from '../../src/log.js';
import { createMemoryDeliveries } from '../../test/support/delivery/memory-store.js';
import { type ThreadSketch, threadFrom } from '../../test/support/delivery/threads.js';
import { createClock } from '../../test/support/slack/clock.js';
import type { FaultKind } from '../../test/support/teams/faults.js';
import type { TeamsOptions, TeamsServer } from '../../test/support/teams/server-types.js';
import { ARCHIVED, connectorTo, INCIDENTS, NOWHERE, startSmallTenant } from '../../test/support/teams/small-tenant.js';
import type { TeamsMessage } from '../../test/support/teams/types.js';
import type { TeamsBody } from './body.js';
import { createTeamsPlatform } from './platform.js';

const signal = new AbortController().signal;
const PLACE = { channel: INCIDENTS };

/** One card with one button; a text that says so makes it one that Teams does not take. */
function cardOf(text: string): TeamsBody {
  const version = text.includes('malformed') ? '9.9' : '1.5';
  return {
    summary: text,
    card: {
      ...{ type: 'AdaptiveCard', $schema: 'http://adaptivecards.io/schemas/adaptive-card.json' },
      version: version as '1.5',
      fallbackText: text,
      body: [{ type: 'TextBlock', text, wrap: true }],
      actions: [
        { type: 'Action.Execute', title: 'Show', verb: 'show', data: { cs: { verb: 'show', incident: 'INC-1' } } },
      ],
      msteams: { width: 'Full' },
    },
  };
}

let teams: TeamsServer;
let platform: ChatPlatform<TeamsBody>;

async function tenant(options: TeamsOptions = {}): Promise<void> {
  teams = await startSmallTenant(options);
  platform = createTeamsPlatform({ connector: connectorTo(teams), messages: messagesOf });
}

function messagesOf(thread: Thread): ChatMessage<TeamsBody>[] {
  const message = (key: string, urgency: ChatMessage['urgency'], text: string): ChatMessage<TeamsBody> => {
    const body = cardOf(text);
    return { key, urgency, digest: digestOf(body), body, plain: { summary: text, text } };
  };
  return [
    message('headline', 'state', thread.headline.title),
    ...thread.trace.map(({ headline }) => message('trace-1', 'progress', headline)),
    ...thread.cards.map(({ id, title, actions }) =>
      message(`card-${id}`, actions.length > 0 ? 'decision' : 'state', title),
    ),
  ];
}

const standing = (): TeamsMessage[] => teams.tenant.messages.filter(({ deleted }) => !deleted);

afterEach(async () => {
  await teams.close();
});

describe('Teams for deliveries', () => {
  beforeEach(() => tenant({ limits: 'off' }));

  it('posts a root, replies below it, edits, and says in each action which delivery it is of', async () => {
    const root = await platform.post(PLACE, cardOf('headline'), 'INC-1/headline', signal);
    const place = { ...PLACE, root };
    const reply = await platform.post(place, cardOf('card'), 'INC-1/card', signal);
    await platform.edit(place, root, cardOf('headline, later'), 'INC-1/headline', signal);
    await platform.edit(place, reply, cardOf('card, later'), 'INC-1/card', signal);
    const [first, second] = standing();
    expect(first).toMatchObject({ id: root, root, summary: 'headline, later', edits: 1 });
    expect(second).toMatchObject({ id: reply, root, summary: 'card, later', edits: 1 });
    expect(JSON.stringify(second?.card)).toContain('"delivery":"INC-1/card"');
    await platform.edit(place, reply, { summary: 'card', text: 'card, plain' }, 'INC-1/card', signal);
    expect(second).toMatchObject({ card: undefined, text: 'card, plain' });
    teams.strictWarnings();
  });

  it.each([
    ['a new thread in a channel that is not there', NOWHERE, undefined, 'forbidden'],
    ['a new thread in an archived team', ARCHIVED, undefined, 'forbidden'],
    ['a reply below a headline that is gone', INCIDENTS, '1700000000100', 'not_found'],
  ] as const)('says of %s that it is refused', async (_, channel, root, kind) => {
    const place = { channel, ...(root === undefined ? {} : { root }) };
    await expect(platform.post(place, cardOf('x'), 'i', signal)).rejects.toMatchObject({ kind });
    expect(standing()).toEqual([]);
  });

  it('tells a message that is gone from a body that is refused', async () => {
    const root = await platform.post(PLACE, cardOf('x'), 'i', signal);
    const place = { ...PLACE, root };
    await expect(platform.edit(place, '1700000000100', cardOf('y'), 'i', signal)).rejects.toMatchObject({
      kind: 'not_found',
    });
    const huge = cardOf('y'.repeat(60_000));
    await expect(platform.edit(place, root, huge, 'i', signal)).rejects.toMatchObject({ kind: 'invalid_input' });
  });

  it.each<[FaultKind, string, number]>([
    ['refused', 'unavailable', 0],
    ['bad_gateway', 'unavailable', 0],
    ['cut_before', 'unavailable', 0],
    ['precondition', 'rate_limited', 0],
    ['ratelimited', 'rate_limited', 0],
    ['reply_lost', 'unavailable', 1],
    ['failed_after', 'unavailable', 1],
    ['gateway_timeout', 'unavailable', 1],
  ])('makes one request and no second when struck by %s: %s', async (kind, as, made) => {
    teams.faults.add({ kind, count: 1 });
    await expect(platform.post(PLACE, cardOf('x'), 'i', signal)).rejects.toMatchObject({ kind: as });
    expect(teams.record.filter(({ call }) => call === 'conversation.create')).toHaveLength(1);
    expect(standing()).toHaveLength(made);
    // Whatever the first one left behind, the next one goes through.
    await platform.post(PLACE, cardOf('x'), 'i', signal);
    expect(standing()).toHaveLength(made + 1);
  });

  it('keeps to Retry-After, and to a pause of its own where Teams names none', async () => {
    const pauses = [];
    for (const retryAfterSeconds of [7, 'none'] as const) {
      teams.faults.add({ kind: 'ratelimited', count: 1, retryAfterSeconds });
      const error = await platform.post(PLACE, cardOf('x'), 'i', signal).catch((thrown: unknown) => thrown);
      pauses.push((error as { retryAfterMs?: number }).retryAfterMs);
    }
    expect(pauses).toEqual([7000, 10_000]);
  });

  it('ends a call that Teams does not answer as soon as nobody waits for it', async () => {
    teams.faults.add({ kind: 'slow', count: 1, slowMs: 20_000 });
    const ends = AbortSignal.timeout(200);
    await expect(platform.post(PLACE, cardOf('x'), 'i', ends)).rejects.toMatchObject({ kind: 'timeout' });
  });

  it('asks for another token when Teams does not take the one it has', async () => {
    await platform.post(PLACE, cardOf('x'), 'i', signal);
    teams.revokeTokens();
    await expect(platform.post(PLACE, cardOf('x'), 'i', signal)).rejects.toMatchObject({ kind: 'unauthenticated' });
    await platform.post(PLACE, cardOf('x'), 'i', signal);
    expect(standing()).toHaveLength(2);
  });

  it('does not know what stands in a channel, and says nothing of it', async () => {
    await platform.post(PLACE, cardOf('headline'), 'INC-1/headline', signal);
    expect(await platform.find(PLACE, new Date(0), signal)).toEqual(new Map());
    expect(platform.paceOf('find', PLACE)).toEqual([]);
  });

  it('counts all threads of a channel as one conversation, as Teams does', () => {
    const names = (call: 'post' | 'edit', root?: string): string[] =>
      platform.paceOf(call, { ...PLACE, ...(root === undefined ? {} : { root }) }).map(({ bucket }) => bucket);
    expect(names('post')).toEqual([`channel ${INCIDENTS}`, `channel hour ${INCIDENTS}`, 'app']);
    expect(names('edit', '1')).toEqual(names('post'));
    expect(names('post', '1')).toEqual(names('post'));
  });
});

describe('deliveries to Teams', () => {
  const SPEED = 60;
  const processLog = createProcessLog('test', 'silent');

  /** Time as the simulated Teams has it, so that its limits and time-outs take a sixtieth of theirs. */
  async function delivering() {
    await tenant({ clock: createClock(SPEED) });
    const clock = { now: () => new Date(teams.clock.now()) };
    const threads = new Map<string, Thread>();
    const store = createMemoryDeliveries(clock);
    const stop = new AbortController();
    const delivery = createDelivery({
      ...{ platform, store, clock, processLog, holder: 'one' },
      threadOf: async (incident) => threads.get(incident),
      placeOf: () => PLACE,
      sleep: teams.clock.sleep,
    });
    const running = delivery.run(stop.signal);
    return {
      store,
      becomes: async (sketch: ThreadSketch): Promise<void> => {
        threads.set(sketch.incident, threadFrom({ at: clock.now().toISOString(), ...sketch }));
        await delivery.show(threads.get(sketch.incident) as Thread);
      },
      settled: () => delivery.settled(),
      async end(): Promise<void> {
        stop.abort();
        await running;
      },
    };
  }

  const STORY = Array.from(
    { length: 6 },
    (_, n): ThreadSketch => ({
      ...{ incident: `INC-${n}`, version: 1, headline: `headline ${n}`, trace: `begun ${n}` },
      cards: [{ id: 'a', text: `card ${n}`, live: true }],
    }),
  );
  const told = (): string[] =>
    standing()
      .map(({ summary }) => summary ?? '')
      .toSorted();
  const EXPECTED = STORY.flatMap((_, n) => [`over ${n}`, `begun ${n}`, `card ${n}`]).toSorted();

  async function tellStory(faults: readonly FaultKind[]): Promise<void> {
    const chat = await delivering();
    for (const kind of faults) teams.faults.add({ kind, chance: 0.08 });
    for (const sketch of STORY) await chat.becomes(sketch);
    await chat.settled();
    for (const [n, sketch] of STORY.entries())
      await chat.becomes({ ...sketch, version: 2, headline: `over ${n}`, finished: true });
    await chat.settled();
    await chat.end();
  }

  it('are made once each, through refusals, 412, 429 and cut connections, within the limits', async () => {
    await tellStory(['refused', 'bad_gateway', 'precondition', 'ratelimited', 'cut_before']);
    expect(told()).toEqual(EXPECTED);
    expect(Object.values(teams.faults.struck).reduce((a, b) => a + b)).toBeGreaterThan(0);
    const { rejected, impatient } = teams.limits;
    expect({ rejected, impatient }).toEqual({ rejected: 0, impatient: 0 });
    teams.strictWarnings();
  }, 60_000);

  it('lose nothing when answers are lost: a copy for each new message that was lost so, and no more', async () => {
    await tellStory(['reply_lost', 'failed_after', 'gateway_timeout']);
    const lost = teams.record.filter(
      ({ call, fault }) => fault !== undefined && (call === 'conversation.create' || call === 'activity.send'),
    );
    expect(lost.length).toBeGreaterThan(0);
    expect([...new Set(told())]).toEqual(expect.arrayContaining(EXPECTED.filter((one) => !one.startsWith('over'))));
    expect(told().filter((one) => one.startsWith('over '))).toHaveLength(STORY.length);
    expect(standing()).toHaveLength(EXPECTED.length + lost.length);
  }, 60_000);

  it('begin again below a new headline when somebody deleted the old one', async () => {
    const chat = await delivering();
    await chat.becomes({ incident: 'INC-1', version: 1, headline: 'headline' });
    await chat.settled();
    const [before] = standing();
    if (before === undefined) throw new Error('no headline');
    before.deleted = true;
    // Teams takes a reply below a deleted post, so only an edit tells that it is gone.
    await chat.becomes({ incident: 'INC-1', version: 2, headline: 'later' });
    await chat.settled();
    await chat.becomes({ incident: 'INC-1', version: 3, headline: 'later', cards: [{ id: 'a', text: 'card' }] });
    await chat.settled();
    await chat.end();
    const [root, card] = standing();
    expect(card?.root).toBe(root?.id);
    expect(await chat.store.incidentAt(INCIDENTS, root?.id ?? '')).toBe('INC-1');
  }, 30_000);
});
