import type { Section, Thread } from '../../src/domain/card.js';
import type { NewEvent } from '../../src/domain/events.js';
import { foldIncident } from '../../src/domain/incident.js';
import type { Policy } from '../../src/domain/policy.js';
import { threadOf } from '../../src/views/thread.js';
import { asEntries, at, POLICY } from '../e2e/sample-story.js';

/** Threads for tests of what chats are sent. */

export function threadAfter(events: readonly NewEvent[], policy: Policy = POLICY, now = at(13)): Thread {
  const incident = foldIncident(asEntries(events));
  if (incident === undefined) throw new Error('no incident');
  return threadOf(incident, { policy, now: new Date(now) });
}

/** What a decision turns on. */
export const TERMS: Section = {
  kind: 'facts',
  rows: [
    { name: 'Risk', value: 'High. It changes 200 columns.' },
    { name: 'Who may approve', value: 'ana@example.com' },
    { name: 'Decide before', value: '03:15 UTC, 14 May' },
  ],
};
