import { Severity } from '../domain/alert.js';
import type { IncidentFilter, IncidentSummary } from '../domain/card.js';
import { AppError } from '../domain/errors.js';
import { applyEntry, type Incident, isOpen } from '../domain/incident.js';
import type { StoredEntry } from '../domain/ports.js';
import { summaryOf } from './summary.js';

/** All incidents as the log tells them so far: a projection that can be thrown away and built again. */
export interface IncidentBoard {
  /** Index of the entry it wants next. */
  next(): number;
  /**
   * Folds entries in log order and names the incidents that changed. Entries it has seen are skipped, so a replay after a
   * reconnect is harmless. @throws AppError `internal` on a gap: read the log again from `next()`.
   */
  apply(entries: readonly StoredEntry[]): string[];
  get(incident: string): Incident | undefined;
  /** Undecided first, the most severe of them first; then by last change. */
  list(filter?: IncidentFilter): IncidentSummary[];
}

export function createIncidentBoard(): IncidentBoard {
  const incidents = new Map<string, Incident>();
  let next = 0;

  const fold = (stored: StoredEntry): string | undefined => {
    const { subject, type } = stored.entry;
    const before = incidents.get(subject);
    // Drafts and the system have their own stories; only an opened incident is one.
    if (before === undefined && type !== 'incident.opened') return undefined;
    incidents.set(subject, applyEntry(before, stored));
    return subject;
  };

  return {
    next: () => next,
    apply(entries) {
      const changed = new Set<string>();
      for (const stored of entries) {
        if (stored.index < next) continue;
        if (stored.index > next)
          throw new AppError('internal', { safeText: `The board wants entry ${next} and was given ${stored.index}.` });
        const subject = fold(stored);
        next = stored.index + 1;
        if (subject !== undefined) changed.add(subject);
      }
      return [...changed];
    },
    get: (incident) => incidents.get(incident),
    list(filter = {}) {
      return [...incidents.values()]
        .filter((incident) => matches(incident, filter))
        .sort(byUrgency)
        .map(summaryOf);
    },
  };
}

function byUrgency(a: Incident, b: Incident): number {
  const waits = (incident: Incident): number => (incident.status === 'awaiting_decision' ? 0 : 1);
  const severe = (incident: Incident): number =>
    incident.status === 'awaiting_decision' ? Severity.options.indexOf(incident.severity) : 0;
  return waits(a) - waits(b) || severe(a) - severe(b) || b.lastAt.localeCompare(a.lastAt) || b.id.localeCompare(a.id);
}

function matches(incident: Incident, filter: IncidentFilter): boolean {
  if (filter.status === 'open' && !isOpen(incident)) return false;
  if (filter.status !== undefined && filter.status !== 'open' && incident.status !== filter.status) return false;
  if (filter.severity !== undefined && incident.severity !== filter.severity) return false;
  if (filter.pipeline !== undefined && (incident.pipeline ?? '') !== filter.pipeline) return false;
  return filter.text === undefined || textOf(incident).includes(filter.text.trim().toLowerCase());
}

/** What a person would remember of an incident: its name, title, pipeline, owner, cause and who decided. */
function textOf(incident: Incident): string {
  const parts = [
    incident.id,
    incident.title,
    incident.pipeline ?? '',
    incident.owner ?? '',
    incident.root ?? '',
    ...(incident.diagnosis?.causes.flatMap((cause) => [cause.entity, cause.claim]) ?? []),
    ...(incident.decision?.statement.votes.map((vote) => vote.by.id) ?? []),
  ];
  return parts.join('\n').toLowerCase();
}
