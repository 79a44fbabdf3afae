import { describe, expect, it } from 'vitest';
import {
  asEntries,
  decided,
  opened,
  resolved,
  started,
  untilProposal,
  untilRepaired,
  verified,
} from '../../test/e2e/sample-story.js';
import type { NewEvent } from '../domain/events.js';
import { foldIncident, type Incident } from '../domain/incident.js';
import { digestOfStretch } from './digest.js';

/** The sample story begins on this day, 02:14. */
const DAY = { from: new Date('2026-05-14T00:00:00Z'), to: new Date('2026-05-15T00:00:00Z') };

function told(id: string, events: readonly NewEvent[], pipeline = 'daily_transactions'): Incident {
  const incident = foldIncident(asEntries(events, id));
  if (incident === undefined) throw new Error('no incident');
  return { ...incident, pipeline };
}

const whole = told('INC-A', [...untilRepaired(), verified(true), resolved()]);
const waiting = told('INC-B', untilProposal(), 'ledger');
const rejected = told('INC-C', [...untilProposal(), decided('reject')], 'ledger');
const escalated = told('INC-D', [
  opened(),
  started(),
  {
    type: 'incident.escalated',
    data: { reason: 'no tool calls left', to: 'payments-data', partial: true },
    actor: { kind: 'agent', id: 'agent', role: 'investigator' },
  },
]);

describe('the digest', () => {
  it('counts what was opened, resolved, decided and handed over in the stretch', () => {
    const digest = digestOfStretch([whole, waiting, rejected, escalated], DAY);
    expect(digest).toMatchObject({
      from: '2026-05-14T00:00:00.000Z',
      to: '2026-05-15T00:00:00.000Z',
      incidents: 4,
      open: 3,
      waiting: 1,
      resolved: 1,
      escalated: 1,
      rejected: 1,
      meanMinutesToResolve: whole.resolvedMinutes,
      meanToolCalls: 3,
      byPipeline: [
        { pipeline: 'daily_transactions', incidents: 2 },
        { pipeline: 'ledger', incidents: 2 },
      ],
    });
    // The card came 31 s into the story, the decisions at minute 5.
    expect(digest.meanMinutesToDecide).toBeCloseTo(4.483, 2);
  });

  it('takes the time of a decision from the first card, also when it was edited since', () => {
    const [first] = whole.proposals;
    if (first === undefined) throw new Error('no proposal');
    const edited = { ...whole, proposals: [first, { ...first, at: '2026-05-14T02:18:59.000Z' }] };
    expect(digestOfStretch([edited], DAY).meanMinutesToDecide).toBeCloseTo(4.483, 2);
  });

  it('is empty, not zero, where nothing happened, and still names what is open from before', () => {
    const next = { from: DAY.to, to: new Date('2026-05-16T00:00:00Z') };
    const digest = digestOfStretch([whole, waiting], next);
    expect(digest).toMatchObject({ incidents: 0, resolved: 0, open: 1, waiting: 1, costUsd: 0, byPipeline: [] });
    expect([digest.meanMinutesToResolve, digest.meanMinutesToDecide, digest.meanToolCalls]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(digest.unfinished.map(({ incident }) => incident)).toEqual(['INC-B']);
  });

  it('lists the longest open first', () => {
    const older = { ...waiting, id: 'INC-OLD', openedAt: '2026-05-01T00:00:00.000Z' };
    const { unfinished } = digestOfStretch([waiting, older, whole], DAY);
    expect(unfinished.map(({ incident }) => incident)).toEqual(['INC-OLD', 'INC-B']);
  });

  it('begins after its first instant and ends with its last, so that now is in it and no instant is counted twice', () => {
    const at = (openedAt: string): Incident => ({ ...waiting, openedAt });
    const edges = [at('2026-05-14T00:00:00.000Z'), at('2026-05-15T00:00:00.000Z'), at('2026-05-15T00:00:00.001Z')];
    expect(digestOfStretch(edges, DAY).incidents).toBe(1);
  });
});
