import { canonicalJson } from '../domain/canonical.js';
import { AppError } from '../domain/errors.js';
import type { Actor, EventBody, EventOf, NewEvent } from '../domain/events.js';
import { applyEntry, assertMayFollow, foldIncident, type Incident } from '../domain/incident.js';
import { transact } from '../domain/ledger.js';
import type { EventLog } from '../domain/ports.js';

/** Thrown inside a run when there is nothing left to do for it: somebody ended the investigation meanwhile. */
export class InvestigationEnded extends Error {}

/** Writes one investigation's events, each once: what the log already holds is not written again after a restart. */
export interface Recorder {
  started(data: EventOf<'investigation.started'>['data']): Promise<void>;
  changed(data: EventOf<'reasoner.changed'>['data']): Promise<void>;
  /** All calls of one turn in one append, before the first of them runs. */
  called(calls: EventOf<'tool.called'>['data'][]): Promise<void>;
  answered(data: EventOf<'tool.answered'>['data']): Promise<void>;
  /** The incident as this worker last wrote or read it. */
  current(): Promise<Incident>;
  /** The end of the investigation in one append; the events are made from the incident as it is then. */
  concluded(make: (incident: Incident) => EventBody[]): Promise<void>;
}

type Make = (incident: Incident) => EventBody[];

function eventsOf(current: Incident, make: Make, actor: Actor): NewEvent[] {
  if (current.status !== 'investigating') throw new InvestigationEnded();
  return make(current).map((event): NewEvent => ({ ...event, actor }));
}

/** A recorder of one incident. What the log throws goes through: the job is run again and resumes from the log. */
export function createRecorder(log: EventLog, incident: string, agent: string): Recorder {
  const actor: Actor = { kind: 'agent', id: agent, role: 'investigator' };
  let known: Incident | undefined;
  let last: Promise<unknown> = Promise.resolve();

  /** Appends to what this worker wrote last; false when somebody else wrote in between, so that it must read again. */
  const appendToKnown = async (make: Make): Promise<boolean> => {
    if (known === undefined) return false;
    const events = eventsOf(known, make, actor);
    if (events.length === 0) return true;
    let next = known;
    for (const event of events) assertMayFollow(next, event);
    try {
      const { entries } = await log.append(incident, known.version, events);
      for (const entry of entries) next = applyEntry(next, entry);
      known = next;
      return true;
    } catch (error) {
      known = undefined;
      if (error instanceof AppError && error.kind === 'conflict') return false;
      throw error;
    }
  };
  const writeNow = async (make: Make): Promise<void> => {
    if (await appendToKnown(make)) return;
    const { result, appended } = await transact(log, incident, (current) => {
      if (current === undefined) throw new AppError('not_found', { safeText: `There is no incident ${incident}.` });
      return { events: eventsOf(current, make, actor), result: current };
    });
    known = (appended?.entries ?? []).reduce<Incident>(applyEntry, result);
  };
  /** One write of this worker after the other: calls of one turn answer at the same time. */
  const write = (make: Make): Promise<void> => {
    const mine = last.then(() => writeNow(make));
    last = mine.catch(() => undefined);
    return mine;
  };
  return {
    started: (data) =>
      write(({ investigation }) =>
        investigation !== undefined && sameSetup(investigation, data)
          ? []
          : [{ type: 'investigation.started', data: { ...data, attempt: (investigation?.attempt ?? 0) + 1 } }],
      ),
    changed: (data) =>
      write(({ reasonerChanges }) =>
        reasonerChanges.some((change) => change.to === data.to) ? [] : [{ type: 'reasoner.changed', data }],
      ),
    called: (calls) =>
      write((current) => {
        if (current.calls.length + 1 !== calls[0]?.call) {
          throw new AppError('conflict', { safeText: 'Another worker is investigating this incident.' });
        }
        return calls.map((data) => ({ type: 'tool.called', data }));
      }),
    answered: (data) =>
      write(({ calls }) =>
        calls.some((traced) => traced.call.callId === data.callId && traced.answer !== undefined)
          ? []
          : [{ type: 'tool.answered', data }],
      ),
    async current() {
      known ??= foldIncident(await log.read(incident));
      if (known === undefined) throw new AppError('not_found', { safeText: `There is no incident ${incident}.` });
      return known;
    },
    concluded: write,
  };
}

/** A restart under the same prompt, tools and reasoner goes on; a different set-up is said in the log. */
function sameSetup(
  before: EventOf<'investigation.started'>['data'],
  now: EventOf<'investigation.started'>['data'],
): boolean {
  const { attempt: _before, ...was } = before;
  const { attempt: _now, ...is } = now;
  return canonicalJson(was) === canonicalJson(is);
}
