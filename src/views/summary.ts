import type { IncidentSummary } from '../domain/card.js';
import { type Incident, isOpen } from '../domain/incident.js';
import { clip, LIMITS } from './fit.js';
import { STATUS_WORDS } from './words.js';

/** One row of a list of incidents. */
export function summaryOf(incident: Incident): IncidentSummary {
  const { label, tone } = STATUS_WORDS[incident.status];
  return {
    incident: incident.id,
    title: clip(incident.title, LIMITS.title),
    status: incident.status,
    statusText: label,
    tone,
    severity: incident.severity,
    pipeline: incident.pipeline ?? '',
    owner: incident.owner ?? '',
    openedAt: incident.openedAt,
    lastAt: incident.lastAt,
    alerts: incident.alerts,
    toolCalls: incident.calls.length,
    minutes: incident.resolvedMinutes,
    costUsd: incident.costUsd,
    finished: !isOpen(incident),
  };
}
