import { describe, expect, it } from 'vitest';
import type { Digest, IncidentSummary } from '../../src/domain/card.js';
import { untilProposal } from '../../test/e2e/sample-story.js';
import { checkBody, linesOf } from '../../test/support/teams/checked-messages.js';
import { threadAfter } from '../../test/support/threads.js';
import { readCarried } from './action-data.js';
import type { CardElement } from './body.js';
import { waitingCard } from './home-card.js';
import { digestReply, grantReply, helpReply, listReply, sayReply, statusReply } from './replies.js';

const one = threadAfter(untilProposal()).summary;

function summaries(count: number, more: Partial<IncidentSummary> = {}): IncidentSummary[] {
  return Array.from({ length: count }, (_, at) => ({ ...one, incident: `INC-${at}`, ...more }));
}

const nasty = summaries(60, {
  title: '<at>On call</at> [x](https://evil.example) '.repeat(4),
  pipeline: '漢'.repeat(100),
  owner: '"'.repeat(100),
});

const digest = (unfinished: IncidentSummary[]): Digest => ({
  from: '2026-05-07T00:00:00.000Z',
  to: '2026-05-14T00:00:00.000Z',
  incidents: 12,
  open: 2,
  waiting: 1,
  resolved: 9,
  escalated: 1,
  rejected: 0,
  meanMinutesToResolve: 31.2,
  meanMinutesToDecide: 4,
  meanToolCalls: 5.25,
  costUsd: 1.5,
  byPipeline: [
    { pipeline: 'daily_transactions', incidents: 7 },
    { pipeline: '', incidents: 5 },
  ],
  unfinished,
});

describe('answers to commands', () => {
  it('are within the limits, whatever is in the lists', () => {
    const log = { entries: 9, sealed: 7 } as Parameters<typeof statusReply>[0]['log'];
    const all = {
      help: helpReply(),
      list: listReply(nasty),
      none: listReply([]),
      digest: digestReply(digest(nasty)),
      status: statusReply({ waiting: nasty, open: nasty, log, deliveries: ['Teams said stop.'] }),
      say: sayReply('漢'.repeat(9000)),
      grant: grantReply({ text: 'No calls are left.', incident: 'INC-1', question: '漢'.repeat(2000), grant: 4 }),
      waiting: waitingCard({
        person: 'ana@example.com',
        waiting: nasty,
        open: nasty,
        digest: digest([]),
        now: new Date(),
      }),
    };
    for (const [name, body] of Object.entries(all)) checkBody(name, body);
  });

  it('lists incidents with a way to each, and counts the rest', () => {
    const listed = listReply(summaries(17));
    const lines = linesOf(listed.card);
    expect(lines.slice(0, 4)).toEqual([
      '17 incidents.',
      `🟡 ${one.title}`,
      'Waiting for a decision · high · daily_transactions · payments-data · INC-0',
      '[Show it]',
    ]);
    expect(lines.at(-1)).toBe('2 more incidents: the web page lists all.');
    const actions = (elements: readonly CardElement[]): unknown[] =>
      elements.flatMap((element) =>
        element.type === 'ActionSet' ? element.actions : element.type === 'Container' ? actions(element.items) : [],
      );
    const ways = actions(listed.card?.body ?? []) as { data?: unknown }[];
    expect(ways).toHaveLength(15);
    expect(readCarried(ways[1]?.data)).toEqual({ verb: 'show', incident: 'INC-1', card: 'headline', detail: 'all' });
  });

  it('tells the numbers', () => {
    expect(linesOf(digestReply(digest([])).card)).toEqual([
      '2026-05-07 to 2026-05-14',
      '•  12 incidents: 9 resolved, 1 escalated, 0 rejected, 2 open, 1 waiting for a decision.',
      '•  On average 31 min from alert to verified recovery, 4 min from card to decision.',
      '•  On average 5.3 tool calls.',
      '•  Models cost $1.50.',
      '•  By pipeline: daily_transactions 7, not in the inventory 5.',
    ]);
  });

  it('grants what was asked for again, and only what can be carried', () => {
    const [press] = grantReply({ text: 't', incident: 'INC-1', question: 'Why?', grant: 4 }).card?.actions ?? [];
    expect(press?.title).toBe('Grant 4 calls and ask');
    expect(press !== undefined && 'data' in press && readCarried(press.data)).toEqual({
      verb: 'grant',
      incident: 'INC-1',
      question: 'Why?',
    });
    const long = grantReply({ text: 't', incident: 'INC-1', question: 'x'.repeat(2001), grant: 4 });
    expect(long.card?.actions).toBeUndefined();
    expect(linesOf(long.card)).toEqual(['t', 'To allow 4 more, ask again and begin with “grant 4”.']);
  });
});

describe('what waits for one person', () => {
  const args = {
    waiting: summaries(1),
    open: summaries(3),
    digest: digest([]),
    now: new Date('2026-05-14T03:00:00.000Z'),
  };

  it('stands first, and not twice', () => {
    const { card, summary } = waitingCard({ ...args, person: 'ana@example.com' });
    const lines = linesOf(card);
    expect(summary).toBe('1 decision waiting for you. 3 open incidents.');
    expect(lines[0]).toBe('🟡 1 decision waiting for you');
    expect(lines.filter((text) => text.endsWith('INC-0'))).toHaveLength(1);
    expect(lines.indexOf('Other open incidents')).toBeGreaterThan(lines.findIndex((text) => text.endsWith('INC-0')));
    expect(lines.at(-1)).toBe('[Look again]');
  });

  it('says why nothing can wait for somebody who is not known', () => {
    const lines = linesOf(waitingCard({ ...args, person: undefined }).card);
    expect(lines[1]).toMatch(/no decision can wait for you/);
    expect(lines.filter((text) => text.endsWith('INC-0'))).toHaveLength(1);
  });
});
