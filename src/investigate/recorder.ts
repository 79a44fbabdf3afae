import { nextQuestionJobs } from '../domain/ask.js';
import { canonicalJson } from '../domain/canonical.js';
import { AppError } from '../domain/errors.js';
import type { Actor, EventBody, EventOf, NewEvent } from '../domain/events.js';
import { applyEntry, assertMayFollow, foldIncident, type Incident } from '../domain/incident.js';
import { transact } from '../domain/ledger.js';
import type { EventLog, Job } from '../domain/ports.js';
import { questionById } from '../domain/question.js';

/** Thrown inside a run when there is nothing left to do for it: somebody ended the investigation meanwhile. */
export class InvestigationEnded extends Error {}

/**
 * Writes the events of one investigation, or of one follow-up question, each once: what the log already holds is not written again
 * after a restart.
 */
export interface Recorder {
  started(data: EventOf<'investigation.started'>['data']): Promise<void>;
  changed(data: ReasonerChange): Promise<void>;
  /** All calls of one turn in one append, before the first of them runs. */
  called(calls: CallMade[]): Promise<void>;
  answered(data: EventOf<'tool.answered'>['data']): Promise<void>;
  /** The incident as this worker last wrote or read it. */
  current(): Promise<Incident>;
  /** The end in one append, with the job of the question that waits next; the events are made from the incident as it is then. */
  concluded(make: (incident: Incident) => EventBody[]): Promise<void>;
}

/** The recorder itself says for which question. */
type CallMade = Omit<EventOf<'tool.called'>['data'], 'question'>;
type ReasonerChange = Omit<EventOf<'reasoner.changed'>['data'], 'question'>;
type Make = (incident: Incident) => EventBody[];
type MakeJobs = (incident: Incident) => Job[];

/** Whether there is anything left to write: the investigation goes on, or the question is not answered yet. */
export function isUnderWay(incident: Incident, question: string | undefined): boolean {
  if (question === undefined) return incident.status === 'investigating';
  const found = questionById(incident, question);
  return found !== undefined && found.answered === undefined && incident.status !== 'investigating';
}

/**
 * A recorder of one incident, or of one question about it. What the log throws goes through: the job is run again and resumes from
 * the log.
 */
export function createRecorder(log: EventLog, incident: string, agent: string, question?: string): Recorder {
  const actor: Actor = { kind: 'agent', id: agent, role: 'investigator' };
  const tag = question === undefined ? {} : { question };
  let known: Incident | undefined;
  let last: Promise<unknown> = Promise.resolve();

  const eventsOf = (current: Incident, make: Make): NewEvent[] => {
    if (!isUnderWay(current, question)) throw new InvestigationEnded();
    return make(current).map((event): NewEvent => ({ ...event, actor }));
  };
  /** Appends to what this worker wrote last; false when somebody else wrote in between, so that it must read again. */
  const appendToKnown = async (make: Make, makeJobs: MakeJobs): Promise<boolean> => {
    if (known === undefined) return false;
    const events = eventsOf(known, make);
    if (events.length === 0) return true;
    let next = known;
    for (const event of events) assertMayFollow(next, event);
    try {
      const { entries } = await log.append(incident, known.version, events, makeJobs(known));
      for (const entry of entries) next = applyEntry(next, entry);
      known = next;
      return true;
    } catch (error) {
      known = undefined;
      if (error instanceof AppError && error.kind === 'conflict') return false;
      throw error;
    }
  };
  const writeNow = async (make: Make, makeJobs: MakeJobs): Promise<void> => {
    if (await appendToKnown(make, makeJobs)) return;
    const { result, appended } = await transact(log, incident, (current) => {
      if (current === undefined) throw new AppError('not_found', { safeText: `There is no incident ${incident}.` });
      return { events: eventsOf(current, make), jobs: makeJobs(current), result: current };
    });
    known = (appended?.entries ?? []).reduce<Incident>(applyEntry, result);
  };
  /** One write of this worker after the other: calls of one turn answer at the same time. */
  const write = (make: Make, makeJobs: MakeJobs = () => []): Promise<void> => {
    const mine = last.then(() => writeNow(make, makeJobs));
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
      write((current) =>
        changesOf(current, question).some((change) => change.to === data.to)
          ? []
          : [{ type: 'reasoner.changed', data: { ...data, ...tag } }],
      ),
    called: (calls) =>
      write((current) => {
        if (current.calls.length + 1 !== calls[0]?.call) {
          throw new AppError('conflict', { safeText: 'Another worker is investigating this incident.' });
        }
        return calls.map((data) => ({ type: 'tool.called', data: { ...data, ...tag } }));
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
    concluded: (make) => write(make, (current) => nextQuestionJobs(current, question)),
  };
}

/** Who took over so far, in the investigation or while this question was worked on. */
export function changesOf(incident: Incident, question: string | undefined): { to: string }[] {
  if (question === undefined) return incident.reasonerChanges;
  const changed = questionById(incident, question)?.changed;
  return changed === undefined ? [] : [changed];
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
