import { describe, expect, it } from 'vitest';
import { sha256Hex } from '../../src/domain/canonical.js';
import type { Thread } from '../../src/domain/card.js';
import { OBSERVATIONS, untilProposal } from '../../test/e2e/sample-story.js';
import { asLines } from '../../test/support/slack/rendering.js';
import { validateView } from '../../test/support/slack/validate/view.js';
import { threadAfter } from '../../test/support/threads.js';
import { ACTION, readCarried, VIEW } from './action-ids.js';
import { detailView, evidenceDigests } from './detail-views.js';

const thread = threadAfter(untilProposal());
const observations = new Map(Object.values(OBSERVATIONS).map((text) => [sha256Hex(text), text]));

function turns(view: { blocks: unknown[] }): { action_id: string; value: string }[] {
  return (view.blocks as { type: string; elements: { action_id: string; value: string }[] }[])
    .filter(({ type }) => type === 'actions')
    .flatMap(({ elements }) => elements);
}

/** A card of many pages. */
const long: Thread = {
  ...thread,
  cards: [
    {
      ...{ id: 'long', title: 'Long', tone: 'neutral', actions: [] },
      sections: [
        {
          kind: 'list',
          title: 'Items',
          items: Array.from({ length: 400 }, (_, at) => `item ${at} ${'x'.repeat(100)}`),
        },
      ],
    },
  ],
};

describe('details', () => {
  it('show a quote in bold within the lines around it', () => {
    const view = detailView({ thread, detail: 'evidence', card: 'diagnosis', page: 0, observations });
    expect(validateView(view)).toBeUndefined();
    expect(asLines(view.blocks)).toMatchSnapshot();
    const quote = 'age=6h kind=column_renamed field=merchant_subcategory_v2 from=merchant_subcategory';
    expect(JSON.stringify(view.blocks)).toContain(JSON.stringify({ type: 'text', text: quote, style: { bold: true } }));
    expect(view.callback_id).toBe(VIEW.detail);
  });

  it('say when the stored answer of a quote could not be read, and not when nobody looked', () => {
    const text = (known?: Map<string, string>): string =>
      asLines(detailView({ thread, detail: 'evidence', page: 0, ...(known && { observations: known }) }).blocks).join(
        '\n',
      );
    expect(text(new Map()).match(/could not be read/g)).toHaveLength(2);
    expect(text()).not.toContain('could not be read');
  });

  it('name the stored answers they need', () => {
    expect(evidenceDigests(thread, 'diagnosis')).toEqual([
      sha256Hex(OBSERVATIONS.registry),
      sha256Hex(OBSERVATIONS.blame),
    ]);
    expect(evidenceDigests(thread)).toEqual(evidenceDigests(thread, 'diagnosis'));
    expect(evidenceDigests(thread, 'proposal-1')).toEqual([]);
  });

  it('lead from page to page and back, and show every item once', () => {
    const seen: string[] = [];
    let page: number | undefined = 0;
    for (let turn = 0; page !== undefined && turn < 50; turn += 1) {
      const view = detailView({ thread: long, detail: 'all', card: 'long', page });
      expect(validateView(view)).toBeUndefined();
      seen.push(...asLines(view.blocks).filter((line) => /item \d+ /.test(line)));
      const targets = turns(view).map(({ action_id, value }) => [action_id, readCarried(value)?.page]);
      expect(targets).toContainEqual(page === 0 ? targets[0] : [ACTION.page, page - 1]);
      const next = turns(view)
        .map(({ value }) => readCarried(value))
        .find((to) => to?.page === turn + 1);
      expect(readCarried(view.private_metadata)).toEqual({
        incident: long.incident,
        detail: 'all',
        card: 'long',
        page,
      });
      page = next?.page;
    }
    expect(seen).toHaveLength(400);
    expect(new Set(seen).size).toBe(400);
    const last = detailView({ thread: long, detail: 'all', card: 'long', page: 199 });
    expect(turns(last)).toHaveLength(1);
    expect(detailView({ thread: long, detail: 'all', card: 'long', page: -3 }).title.text).toMatch(
      /^All of it, 1 of \d+$/,
    );
  });

  it('show what the card folds: the alert in its own words, preconditions, patches', () => {
    const whole = (card: string): string =>
      asLines(detailView({ thread, detail: 'all', card, page: 0 }).blocks).join('\n');
    expect(whole('headline')).toContain('Task transform of DAG daily_transactions failed (try 2 of 2).');
    expect(whole('headline')).not.toContain('Open for');
    expect(whole('proposal-1')).toContain('Must still be true when it runs');
    expect(whole('proposal-1')).toContain('+    .select(*columns, F.col("merchant_subcategory")');
    expect(whole('diagnosis')).toContain('a change in our own transform: the line was last changed 47 days ago');
  });

  it('say so when there is nothing', () => {
    const text = (args: Parameters<typeof detailView>[0]): string[] => asLines(detailView(args).blocks);
    expect(text({ thread, detail: 'all', card: 'gone', page: 0 })).toEqual([
      'This card is no longer part of the thread.',
    ]);
    expect(text({ thread, detail: 'evidence', card: 'proposal-1', page: 0 })).toEqual([
      'There are no quotes on this card.',
    ]);
    expect(text({ thread: { ...thread, trace: [] }, detail: 'trace', page: 0 })).toEqual(['No tool was called yet.']);
  });
});
