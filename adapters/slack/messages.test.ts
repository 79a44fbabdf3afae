import { describe, expect, it } from 'vitest';
import type { Thread } from '../../src/domain/card.js';
import type { ChatMessage } from '../../src/domain/chat.js';
import type { NewEvent } from '../../src/domain/events.js';
import { at, decided, POLICY, resolved, untilProposal, untilRepaired, verified } from '../../test/e2e/sample-story.js';
import { byKey, PLACE, running, shown, waiting } from '../../test/support/slack/thread-messages.js';
import { threadAfter } from '../../test/support/threads.js';
import type { SlackBody } from './body.js';
import { slackMessages } from './messages.js';

describe('a thread in Slack', () => {
  it('says in the first two lines of the channel what is the matter and what to do', () => {
    expect(shown(byKey(waiting(), 'headline')).slice(0, 2)).toEqual([
      ":large_yellow_circle: daily_transactions: task transform failed, column 'merchant_subcategory_v2' not found",
      'Waiting for a decision. Read the proposal and decide before 03:15 UTC, 14 May. It needs one approval. Nothing changes until then.',
    ]);
  });

  it('reads as a whole like this', () => {
    const thread = threadAfter([...untilRepaired(), verified(true), resolved()]);
    const live = slackMessages(waiting(), { ...PLACE, notify: 'S0123' });
    const print = (messages: ChatMessage<SlackBody>[]): string[] =>
      messages.flatMap((one) => [`== ${one.key}, ${one.urgency}: ${one.body.text}`, ...shown(one)]);
    expect(print(live)).toMatchSnapshot();
    expect(print(slackMessages(thread, PLACE)).join('\n')).toMatchSnapshot();
    expect(byKey(waiting(), 'card-proposal-1').plain.text).toMatchSnapshot();
  });

  it('is in order, each message with a key of its own', () => {
    const thread = threadAfter([...untilRepaired(), verified(true), resolved()]);
    expect(slackMessages(thread, PLACE).map(({ key }) => key)).toEqual([
      'headline',
      'trace-1',
      'card-diagnosis',
      'card-proposal-1',
      'card-repair',
      'card-verification',
      'card-outcome',
    ]);
  });

  it('stands after an outage as it would have been posted without one', () => {
    const by = { id: 'ben@example.com', via: 'web' as const };
    const actor = { kind: 'person' as const, id: by.id, role: 'web' };
    const noted = (minute: number): NewEvent => ({
      type: 'note.added',
      data: { by, text: `Seen at minute ${minute}.` },
      actor,
      at: at(minute, 30),
    });
    const asked: NewEvent = {
      type: 'question.asked',
      data: { questionId: 'q1', by, text: 'Was the source told?', grant: 0 },
      actor,
      at: at(3),
    };
    const quiet = [...untilRepaired(), verified(true), resolved()];
    const story = [...quiet, noted(0), noted(2), asked, noted(200)].sort((a, b) =>
      (a.at ?? '').localeCompare(b.at ?? ''),
    );
    const posted: string[] = [];
    for (let count = 1; count <= story.length; count++) {
      const thread = threadAfter(story.slice(0, count));
      const notes = thread.notes.map((one, number) => ({ ...one, id: `${number}` }));
      const keys = slackMessages({ ...thread, notes }, PLACE).map(({ key }) => key);
      posted.push(...keys.filter((key) => !posted.includes(key)));
      expect(keys).toEqual(posted);
    }
    expect(posted.slice(2)).toEqual([
      ...['card-diagnosis', 'note-0', 'card-proposal-1', 'note-1', 'question-q1'],
      ...['card-repair', 'card-verification', 'card-outcome', 'note-2'],
    ]);
  });

  it('of which no time is known stays in the order of its cards', () => {
    const { cards, ...thread } = threadAfter([...untilRepaired(), verified(true), resolved()]);
    const bare = cards.map(({ at: _, ...card }) => card);
    expect(slackMessages({ ...thread, cards: bare }, PLACE).map(({ key }) => key)).toEqual(
      slackMessages({ ...thread, cards }, PLACE).map(({ key }) => key),
    );
  });

  it('is not edited when nothing but time goes by', () => {
    const digests = (minute: number): string[] =>
      slackMessages(threadAfter(untilProposal(), POLICY, at(minute)), PLACE).map(({ digest }) => digest);
    expect(digests(45)).toEqual(digests(2));
  });

  it('edits what something happened to, and nothing else', () => {
    const digests = (thread: Thread): Map<string, string> =>
      new Map(slackMessages(thread, PLACE).map(({ key, digest }) => [key, digest]));
    const before = digests(waiting());
    const after = digests(threadAfter([...untilProposal(), decided('approve')], POLICY, at(5)));
    const changed = [...after].filter(([key, digest]) => before.get(key) !== digest).map(([key]) => key);
    expect(changed).toEqual(['headline', 'card-proposal-1']);
  });

  it('is urgent only where somebody waits, or would still press old buttons', () => {
    const urgencies = (thread: Thread): Record<string, string> =>
      Object.fromEntries(slackMessages(thread, PLACE).map(({ key, urgency }) => [key, urgency]));
    expect(urgencies(running())).toEqual({ headline: 'state', 'trace-1': 'progress' });
    expect(urgencies(waiting())).toEqual({
      headline: 'state',
      'trace-1': 'state',
      'card-diagnosis': 'state',
      'card-proposal-1': 'decision',
    });
    expect(urgencies(threadAfter([...untilProposal(), decided('approve')]))['card-proposal-1']).toBe('decision');
  });
});
