import { WebClient, type WebClientOptions } from '@slack/web-api';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { IncidentSummary } from '../../../src/domain/card.js';
import type { ChatBackend } from '../../../src/domain/ports.js';
import { createProcessLog } from '../../../src/log.js';
import { untilProposal } from '../../../test/e2e/sample-story.js';
import { threadAfter } from '../../../test/support/threads.js';
import { createHomes, type Homes } from './homes.js';

const DIGEST = {
  from: '2026-05-07T00:00:00.000Z',
  to: '2026-05-14T00:00:00.000Z',
  incidents: 0,
  open: 0,
  waiting: 0,
  resolved: 0,
  escalated: 0,
  rejected: 0,
  meanMinutesToResolve: undefined,
  meanMinutesToDecide: undefined,
  meanToolCalls: undefined,
  costUsd: 0,
  byPipeline: [],
  unfinished: [],
};

describe('homes', () => {
  let published: { user: string; hash: string | undefined }[] = [];
  let answers: object[] = [];
  let homes: Homes;
  /** Held back by the network, the next call alone. */
  let held: Promise<void> | undefined;
  let open: IncidentSummary[] = [];
  /** What stands in Slack. */
  let stands = '';

  beforeEach(() => {
    vi.useFakeTimers({ now: new Date('2026-05-14T02:00:00Z') });
    published = [];
    answers = [];
    open = [];
    // The real client, with what the network would answer.
    const client = new WebClient('xoxb-x', {
      retryConfig: { retries: 0 },
      fetch: (async (_url: string, init: { body?: unknown }) => {
        const form = new URLSearchParams(String(init?.body));
        const hold = held;
        held = undefined;
        await hold;
        stands = form.get('view') ?? '';
        published.push({ user: form.get('user_id') ?? '', hash: form.get('hash') ?? undefined });
        return Response.json(answers.shift() ?? { ok: true, view: { hash: `h${published.length}` } });
      }) as unknown as NonNullable<WebClientOptions['fetch']>,
    });
    const backend = { waitingFor: () => [], list: () => open, digest: () => DIGEST } as unknown as ChatBackend;
    homes = createHomes({
      backend,
      client,
      identity: { personOf: async (user) => ({ id: `${user.toLowerCase()}@example.com`, via: 'slack' }) },
      clock: { now: () => new Date() },
      processLog: createProcessLog('test', 'silent'),
    });
  });
  afterEach(() => {
    homes.stop();
    vi.useRealTimers();
  });

  it('follow many changes once in thirty seconds', async () => {
    await homes.opened('U1', undefined);
    for (let second = 0; second < 65; second++) {
      homes.changed();
      await vi.advanceTimersByTimeAsync(1000);
    }
    expect(published.map(({ hash }) => hash)).toEqual([undefined, 'h1', 'h2']);
  });

  it('show the last change, though it came within the thirty seconds', async () => {
    await homes.opened('U1', undefined);
    await vi.advanceTimersByTimeAsync(1000);
    homes.changed();
    await vi.advanceTimersByTimeAsync(28_000);
    expect(published).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(2000);
    expect(published).toHaveLength(2);
  });

  it('opened twice at once show what is so at the later one, whichever call is slow', async () => {
    let release = (): void => undefined;
    held = new Promise((resolve) => {
      release = resolve;
    });
    const first = homes.opened('U1', undefined);
    await vi.advanceTimersByTimeAsync(10);
    open = [threadAfter(untilProposal()).summary];
    const second = homes.opened('U1', undefined);
    await vi.advanceTimersByTimeAsync(10);
    release();
    await Promise.all([first, second]);
    expect(stands).toContain(open[0]?.incident);
  });

  it('of who has not looked for a day are left alone', async () => {
    await homes.opened('U1', undefined);
    await vi.advanceTimersByTimeAsync(24 * 3600 * 1000 + 1);
    homes.changed();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(published).toHaveLength(1);
  });

  it('are published again without the hash when another window was first', async () => {
    answers = [{ ok: false, error: 'hash_conflict' }];
    await homes.opened('U1', 'old');
    expect(published.map(({ hash }) => hash)).toEqual(['old', undefined]);
    homes.changed();
    await vi.advanceTimersByTimeAsync(31_000);
    expect(published[2]).toEqual({ user: 'U1', hash: 'h2' });
  });

  it('may be asked for again when Slack is away', async () => {
    answers = [{ ok: false, error: 'service_unavailable' }];
    await expect(homes.opened('U1', undefined)).rejects.toMatchObject({ kind: 'unavailable', retryable: true });
  });

  it('change by themselves for nobody', async () => {
    homes.changed();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(published).toEqual([]);
  });
});
