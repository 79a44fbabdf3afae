import { afterEach, describe, expect, it } from 'vitest';
import type { IncidentSummary } from '../../../src/domain/card.js';
import { AppError } from '../../../src/domain/errors.js';
import { createProcessLog } from '../../../src/log.js';
import type { Where } from './job.js';
import { createWaitingCards, type WaitingCards, waitingBody } from './waiting-cards.js';

const ANA = { id: 'ana@example.com', via: 'teams' } as const;
const WHERE: Where = { user: '29:ana', aad: 'aad', conversation: 'a:chat', personal: true };
const STANDING = { conversation: 'a:chat', message: '170' };

function summary(incident: string): IncidentSummary {
  return {
    incident,
    title: `${incident} failed`,
    status: 'awaiting_decision',
    statusText: 'Waiting for a decision',
    tone: 'waiting',
    severity: 'high',
    pipeline: 'daily',
    owner: 'data',
    openedAt: '2026-03-01T09:00:00Z',
    lastAt: '2026-03-01T09:10:00Z',
    alerts: 1,
    toolCalls: 3,
    minutes: undefined,
    costUsd: 0,
    finished: false,
  };
}

let cards: WaitingCards | undefined;
afterEach(() => cards?.stop());

function given() {
  const state = {
    waits: ['INC-1'],
    person: ANA as typeof ANA | undefined,
    fails: 0,
    edits: [] as [string, string, string][],
  };
  const deps = {
    backend: {
      waitingFor: () => state.waits.map(summary),
      list: () => state.waits.map(summary),
      digest: () => ({
        from: '2026-02-22T00:00:00Z',
        to: '2026-03-01T00:00:00Z',
        incidents: 1,
        open: 1,
        waiting: 1,
        resolved: 0,
        escalated: 0,
        rejected: 0,
        meanMinutesToResolve: undefined,
        meanMinutesToDecide: undefined,
        meanToolCalls: undefined,
        costUsd: 0,
        byPipeline: [],
        unfinished: [],
      }),
    },
    connector: {
      async edit(conversation: string, message: string, activity: object) {
        if (state.fails-- > 0) throw new AppError('unavailable', { safeText: 'away' });
        state.edits.push([conversation, message, JSON.stringify(activity)]);
      },
    },
    identity: { personOf: async () => state.person },
    clock: { now: () => new Date() },
    processLog: createProcessLog('test', 'silent'),
    paceMs: 40,
  };
  const made = createWaitingCards(deps);
  cards = made;
  return {
    state,
    made,
    keep: async () => made.keep({ where: WHERE, standing: STANDING, digest: waitingBody(deps, ANA).digest }),
  };
}

const quiet = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 150));

describe('what waits for somebody', () => {
  it('is edited where it stands when it changes, once for many changes', async () => {
    const { state, made, keep } = given();
    await keep();
    state.waits = ['INC-1', 'INC-2'];
    for (let time = 0; time < 10; time++) made.changed();
    await expect.poll(() => state.edits.length).toBe(1);
    expect(state.edits[0]?.slice(0, 2)).toEqual(['a:chat', '170']);
    expect(state.edits[0]?.[2]).toContain('INC-2');
    await quiet();
    expect(state.edits).toHaveLength(1);
  });

  it('is left alone while it is the same, and for who never asked', async () => {
    const { state, made, keep } = given();
    state.waits = [];
    made.changed();
    state.waits = ['INC-1'];
    await keep();
    made.changed();
    await quiet();
    expect(state.edits).toEqual([]);
  });

  it('is shown no more to who is nobody now', async () => {
    const { state, made, keep } = given();
    await keep();
    state.waits = ['INC-9'];
    state.person = undefined;
    made.changed();
    await quiet();
    state.person = ANA;
    made.changed();
    await quiet();
    expect(state.edits).toEqual([]);
  });

  it('is tried again at the next change when Teams was away', async () => {
    const { state, made, keep } = given();
    await keep();
    state.waits = ['INC-1', 'INC-2'];
    state.fails = 1;
    made.changed();
    await quiet();
    expect(state.edits).toEqual([]);
    made.changed();
    await expect.poll(() => state.edits.length).toBe(1);
  });
});
