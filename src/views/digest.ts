import type { Digest } from '../domain/card.js';
import { type Incident, isOpen } from '../domain/incident.js';
import { summaryOf } from './summary.js';

const MINUTE_MS = 60_000;

/**
 * The numbers of a stretch of time, its end included. What was opened in it is counted with its calls, its cost and where it led; what was resolved or
 * decided in it with the time that took, whenever it was opened. Open and waiting are all that are so now: a digest that leaves out
 * last week's open incident hides the one that matters.
 */
export function digestOfStretch(incidents: readonly Incident[], { from, to }: { from: Date; to: Date }): Digest {
  const within = (at: string | undefined): boolean =>
    at !== undefined && Date.parse(at) > from.getTime() && Date.parse(at) <= to.getTime();
  const opened = incidents.filter((incident) => within(incident.openedAt));
  const resolved = incidents.filter((incident) => within(incident.resolvedAt));
  const decided = incidents.filter((incident) => within(incident.decision?.statement.decidedAt));
  const unfinished = incidents.filter(isOpen).sort((a, b) => a.openedAt.localeCompare(b.openedAt));
  return {
    from: from.toISOString(),
    to: to.toISOString(),
    incidents: opened.length,
    open: unfinished.length,
    waiting: unfinished.filter((incident) => incident.status === 'awaiting_decision').length,
    resolved: resolved.length,
    escalated: opened.filter((incident) => incident.escalation !== undefined).length,
    rejected: decided.filter((incident) => incident.decision?.statement.verdict === 'reject').length,
    meanMinutesToResolve: mean(resolved.flatMap((incident) => incident.resolvedMinutes ?? [])),
    meanMinutesToDecide: mean(decided.flatMap((incident) => minutesToDecide(incident) ?? [])),
    meanToolCalls: mean(opened.map((incident) => incident.calls.length)),
    costUsd: opened.reduce((sum, incident) => sum + incident.costUsd, 0),
    byPipeline: byPipeline(opened),
    unfinished: unfinished.map(summaryOf),
  };
}

/** From the first card on: an edit that somebody else must approve is part of the wait. */
function minutesToDecide({ proposals, decision }: Incident): number | undefined {
  const asked = proposals[0]?.at;
  if (asked === undefined || decision === undefined) return undefined;
  return (Date.parse(decision.statement.decidedAt) - Date.parse(asked)) / MINUTE_MS;
}

function mean(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Most first, then by name; an incident without a pipeline counts under the empty name. */
function byPipeline(incidents: readonly Incident[]): Digest['byPipeline'] {
  const counts = new Map<string, number>();
  for (const { pipeline = '' } of incidents) counts.set(pipeline, (counts.get(pipeline) ?? 0) + 1);
  return [...counts]
    .map(([pipeline, count]) => ({ pipeline, incidents: count }))
    .sort((a, b) => b.incidents - a.incidents || a.pipeline.localeCompare(b.pipeline));
}
