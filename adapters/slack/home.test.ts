import { describe, expect, it } from 'vitest';
import type { Digest, IncidentSummary } from '../../src/domain/card.js';
import { untilProposal } from '../../test/e2e/sample-story.js';
import { asLines, readings } from '../../test/support/slack/rendering.js';
import { validateMessage } from '../../test/support/slack/validate/message.js';
import { validateView } from '../../test/support/slack/validate/view.js';
import { threadAfter } from '../../test/support/threads.js';
import { readCarried } from './action-ids.js';
import { homeView } from './home.js';
import { digestReply, helpReply, listReply, sayReply, statusReply } from './replies.js';

const { summary } = threadAfter(untilProposal());
const NOW = new Date('2026-05-14T03:00:00.000Z');

function digest(more: Partial<Digest> = {}): Digest {
  return {
    from: '2026-05-07T00:00:00.000Z',
    to: '2026-05-14T00:00:00.000Z',
    ...{ incidents: 7, open: 2, waiting: 1, resolved: 3, escalated: 1, rejected: 1 },
    ...{ meanMinutesToResolve: 14.4, meanMinutesToDecide: 185, meanToolCalls: 5.25, costUsd: 1.2 },
    byPipeline: [{ pipeline: 'daily_transactions', incidents: 7 }],
    unfinished: [summary],
    ...more,
  };
}

function many(count: number): IncidentSummary[] {
  return Array.from({ length: count }, (_, at) => ({
    ...summary,
    incident: `INC-${at}`,
    title: `<!channel> :fire: ${'x'.repeat(300)}`,
    owner: 'o'.repeat(300),
  }));
}

const LOG = { entries: 12, sealed: 10, sealedAt: undefined, root: undefined, origin: 'o', publicKey: 'k' };

describe('the App Home', () => {
  it('shows what waits, what is open and the numbers', () => {
    const view = homeView({ person: 'ana@example.com', waiting: [summary], open: [], digest: digest(), now: NOW });
    expect(validateView(view)).toBeUndefined();
    expect(asLines(view.blocks)).toMatchSnapshot();
    const [press] = view.blocks.flatMap((block) =>
      block.type === 'actions' && 'elements' in block ? block.elements : [],
    );
    expect(readCarried((press as { value: string }).value)).toEqual({ incident: summary.incident });
  });

  it('leads to the thread where its address is known', () => {
    const linkTo = (incident: string): string => `https://slack.example/archives/C1/${incident}`;
    const view = homeView({
      person: 'ana@example.com',
      waiting: [summary],
      open: [],
      digest: digest(),
      now: NOW,
      linkTo,
    });
    expect(validateView(view)).toBeUndefined();
    expect(JSON.stringify(view)).toContain(`"url":"https://slack.example/archives/C1/${summary.incident}"`);
  });

  it('says so to somebody it does not know', () => {
    const view = homeView({ person: undefined, waiting: [], open: [], digest: digest(), now: NOW });
    expect(asLines(view.blocks)[1]).toContain('shows no confirmed e-mail address');
  });

  it('shows what waits for the reader once, and everything open to whoever can not be known', () => {
    const both = { waiting: [summary], open: [summary], digest: digest(), now: NOW };
    const titles = (person: string | undefined): number =>
      asLines(homeView({ ...both, person }).blocks).filter((text) => text.includes(summary.title)).length;
    expect(titles('ana@example.com')).toBe(1);
    expect(titles(undefined)).toBe(1);
  });

  it('stays within the limits and counts the rest', () => {
    const others = many(3000).map((one) => ({ ...one, incident: `${one.incident}-other` }));
    const args = { person: 'ana@example.com', waiting: many(300), open: others, digest: digest(), now: NOW };
    const view = homeView(args);
    expect(validateView(view)).toBeUndefined();
    expect(readings(view)).toEqual([]);
    const lines = asLines(view.blocks);
    expect(lines).toContain('285 more incidents: /countersign list');
    expect(lines).toContain('2,980 more incidents: /countersign list');
  });
});

describe('answers to the slash command', () => {
  it('are taken, and hold nothing that Slack reads as more than letters', () => {
    const replies = [
      helpReply(),
      listReply([]),
      listReply(many(500)),
      digestReply(
        digest({ unfinished: many(50), byPipeline: many(30).map(({ owner }) => ({ pipeline: owner, incidents: 1 })) }),
      ),
      statusReply({ waiting: many(40), open: many(40), log: LOG, deliveries: many(40).map(({ title }) => title) }),
      sayReply(`<!here> ${'x'.repeat(9000)}`),
      sayReply(''),
    ];
    for (const reply of replies) {
      expect(validateMessage({ method: 'chat.postEphemeral', ...reply })).toBeUndefined();
      expect(readings(reply)).toEqual([]);
    }
    expect(asLines(listReply(many(500)).blocks ?? []).at(-1)).toBe('and 480 more: the web page lists all.');
  });

  it('read like this', () => {
    const replies = [
      helpReply(),
      listReply([summary]),
      digestReply(digest()),
      statusReply({ waiting: [summary], open: [summary], log: LOG, deliveries: ['web-1 delivers to Slack.'] }),
    ];
    expect(replies.flatMap(({ blocks }) => [...asLines(blocks ?? []), ''])).toMatchSnapshot();
    expect(
      asLines(
        digestReply(
          digest({ meanMinutesToResolve: undefined, meanMinutesToDecide: undefined, meanToolCalls: undefined }),
        ).blocks ?? [],
      ).join(),
    ).toContain('no mean time');
  });
});
