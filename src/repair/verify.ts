import type { Actor, EventBody, EventOf } from '../domain/events.js';
import type { Incident } from '../domain/incident.js';
import { transact } from '../domain/ledger.js';
import type { Policy } from '../domain/policy.js';
import type { Job } from '../domain/ports.js';
import type { Expectation, FactName } from '../domain/proposal.js';
import { type Approved, approvedIn, type RepairDeps } from './run.js';
import { movedText, type Reading, readWorld } from './world-check.js';

type Results = EventOf<'verification.checked'>['data']['results'];

/** What a check gets even where the proposal gives it no time at all: what was changed takes a moment to show. */
const LEAST_SECONDS = 10;
/** Each wait is this part of the time gone by: a recovery is seen at most so much later than it happened. */
const GROWTH = 0.15;

/** Facts that move all the time: only whether they are good enough is news. */
const MOVING: ReadonlySet<FactName> = new Set(['metric.value', 'delta.rows']);

/** What comes to nothing else by itself: who waits for recovery is told now, not when the time is over. */
const FINAL: Partial<Record<FactName, readonly string[]>> = {
  'airflow.run_state': ['failed'],
  'airflow.task_state': ['failed', 'upstream_failed'],
};
/** Airflow takes a clear at once; a state this long after the repair is that of the new run. */
const FINAL_AFTER_SECONDS = 60;

function isFinal({ fact }: Expectation, observed: string | undefined): boolean {
  return observed !== undefined && FINAL[fact]?.includes(observed) === true;
}

function secondsFor(check: Expectation, policy: Policy): number {
  return Math.min(Math.max(check.withinSeconds, LEAST_SECONDS), policy.verification.timeoutMinutes * 60);
}

function checksOf(approved: Approved): Expectation[] {
  return approved.proposal.steps.flatMap((step) => step.verification);
}

/** Seconds after the repair at which to look: often at first, ever more rarely, and once when the time is over. */
export function roundsWithin(seconds: number): number[] {
  const rounds: number[] = [];
  for (let at = 1; at < seconds; at += Math.max(1, at * GROWTH)) rounds.push(Math.round(at * 10) / 10);
  return [...rounds, seconds + 1];
}

/** All rounds at once, as delayed jobs: none depends on the one before, so none is lost with a worker. What is over ignores the rest. */
export function verificationJobs(approved: Approved, policy: Policy): Job[] {
  const longest = Math.max(0, ...checksOf(approved).map((check) => secondsFor(check, policy)));
  const { decisionId, incident } = approved.statement;
  return roundsWithin(longest).map((seconds, index) => ({
    queue: 'verify' as const,
    id: `${decisionId}-v${index + 1}`,
    incident,
    decisionId,
    round: index + 1,
    delayMs: Math.round(seconds * 1000),
  }));
}

/**
 * One round: reads every fact that the approver was promised, writes when something changed, and ends the incident when all is
 * met or the time of one is over. State is the log alone, so it may run twice, or after a crash, and come to the same.
 */
export async function verifyRecovery(deps: RepairDeps, worker: Actor, id: string, signal: AbortSignal): Promise<void> {
  const stored = await deps.log.read(id);
  const finished = stored.findLast(({ entry }) => entry.type === 'repair.finished')?.entry;
  if (finished?.type !== 'repair.finished') return;
  const approved = approvedIn(stored, finished.data.decisionId);
  if (approved?.incident.status !== 'verifying') return;
  const readings = await readWorld(deps.facts, checksOf(approved), signal);
  if (signal.aborted) return;
  const now = deps.clock.now();
  const { policy } = await deps.policy();
  const since = (now.getTime() - Date.parse(finished.at)) / 1000;
  const overdue = readings.filter(
    ({ met, check, observed }) =>
      !met && since >= (isFinal(check, observed) ? FINAL_AFTER_SECONDS : secondsFor(check, policy)),
  );
  await transact(deps.log, id, (incident) => {
    if (incident?.status !== 'verifying' || incident.repairs.length !== approved.incident.repairs.length) {
      return { events: [], result: undefined };
    }
    const from = { actor: worker, causationId: finished.data.decisionId };
    const bodies = [
      ...checked(incident, finished.data.decisionId, readings),
      ...ending(incident, readings, overdue, now),
    ];
    return { events: bodies.map((body) => ({ ...body, ...from })), result: undefined };
  });
}

function checked(incident: Incident, decisionId: string, readings: readonly Reading[]): EventBody[] {
  const results: Results = readings.map(({ check, met, observed }) => ({ check, met, observed }));
  const earlier = incident.verification?.decisionId === decisionId ? incident.verification : undefined;
  if (results.length === 0 || (earlier !== undefined && !isNews(earlier.results, results))) return [];
  return [{ type: 'verification.checked', data: { decisionId, round: (earlier?.round ?? 0) + 1, results } }];
}

function isNews(before: Results, after: Results): boolean {
  return after.some(({ check, met, observed }, index) => {
    const earlier = before[index];
    return earlier?.met !== met || (!MOVING.has(check.fact) && earlier.observed !== observed);
  });
}

function ending(incident: Incident, readings: readonly Reading[], overdue: readonly Reading[], now: Date): EventBody[] {
  if (readings.length === 0) {
    return [
      {
        type: 'incident.reopened',
        data: { failed: ['The proposal names nothing by which recovery could be verified; a person has to look.'] },
      },
    ];
  }
  if (overdue.length > 0) return [{ type: 'incident.reopened', data: { failed: overdue.map(movedText) } }];
  if (readings.some((reading) => !reading.met)) return [];
  const verified = readings.map(
    ({ check, observed }) => check.text || `${check.fact} of ${check.target} is ${observed}`,
  );
  if (incident.alertResolved) verified.push('The sender of the alert reported it resolved.');
  return [
    { type: 'incident.resolved', data: { minutes: minutesSince(incident.openedAt, now), by: 'repairer', verified } },
  ];
}

function minutesSince(openedAt: string, now: Date): number {
  return Math.max(0, Math.round((now.getTime() - Date.parse(openedAt)) / 6000) / 10);
}
