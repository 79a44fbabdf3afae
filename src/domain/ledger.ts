import { AppError } from './errors.js';
import type { Entry, NewEvent } from './events.js';
import { applyEntry, assertMayFollow, foldIncident, type Incident } from './incident.js';
import type { Appended, EventLog, Job, StoredEntry } from './ports.js';

/** What a command wants to write after seeing the current state; no events means nothing to do. */
export interface Write<R> {
  events: NewEvent[];
  jobs?: Job[];
  result: R;
}

const ATTEMPTS = 64;

/**
 * Read the incident, decide, append; on conflict read again and decide again. This is how every command on an incident is
 * written: `decide` must be free of effects, as it may run many times; only its last result takes effect. It also gets the
 * entries behind the fold, for commands that look for what they themselves wrote before.
 */
export async function transact<R>(
  log: EventLog,
  subject: string,
  decide: (incident: Incident | undefined, stored: readonly StoredEntry[]) => Write<R> | Promise<Write<R>>,
): Promise<{ result: R; appended: Appended | undefined }> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const stored = await log.read(subject);
    const incident = foldIncident(stored);
    const write = await decide(incident, stored);
    if (write.events.length === 0) return { result: write.result, appended: undefined };
    assertStory(subject, incident, write.events);
    try {
      return { result: write.result, appended: await log.append(subject, stored.length, write.events, write.jobs) };
    } catch (error) {
      if (!(error instanceof AppError && error.kind === 'conflict')) throw error;
    }
  }
  throw new AppError('conflict', { safeText: `${subject} is being changed by many at once; try again.` });
}

/** Refuses a batch of which one event may not follow the one before. */
function assertStory(subject: string, before: Incident | undefined, events: readonly NewEvent[]): void {
  let incident = before;
  for (const event of events) {
    assertMayFollow(incident, event);
    const n = (incident?.version ?? 0) + 1;
    const entry = { v: 1, id: '', at: event.at ?? '', subject, n, ...event } as Entry;
    incident = applyEntry(incident, { index: -1, entry });
  }
}
