import type { Alert } from '../domain/alert.js';
import { applyEntry, type Incident, isOpen } from '../domain/incident.js';
import { type Inventory, upstreamDags } from '../domain/pipeline.js';
import type { StoredEntry } from '../domain/ports.js';

/** An alert joins an incident of the same root only while that one has had an alert this recently. */
const STORM_WINDOW_MS = 30 * 60_000;

/** An incident as an alert is matched against it: also one that is only just being opened. */
export interface Candidate {
  incident: string;
  pipeline: string | undefined;
  fingerprints: string[];
  lastAlertAt: number;
}

/** An incident that is being opened: its id is known before it is durable, so that a storm waits for it instead of opening more. */
export interface Opening extends Candidate {
  /** Resolves to whether the append landed. */
  landed: Promise<boolean>;
}

/** The open incidents as this process knows them: from the log it follows and, without a gap, from its own appends. */
export interface OpenIncidents {
  candidates(): (Candidate | Opening)[];
  byFingerprint(fingerprint: string): string | undefined;
  /** Idempotent: an entry that was applied already is passed over. */
  apply(entries: readonly StoredEntry[]): void;
  /** The log says it has finished, before the followed entries did. */
  forget(incident: string): void;
  /** Registers an opening until its append has landed or failed. */
  opening(candidate: Candidate, append: Promise<unknown>): void;
}

export function createOpenIncidents(): OpenIncidents {
  const incidents = new Map<string, Incident>();
  const openings = new Map<string, Opening>();
  const fingerprints = new Map<string, string>();

  const applyOne = (stored: StoredEntry): void => {
    const { subject, n, type } = stored.entry;
    if (!subject.startsWith('INC-')) return;
    const before = incidents.get(subject);
    if (n !== (before?.version ?? 0) + 1 || (before === undefined && type !== 'incident.opened')) return;
    const after = applyEntry(before, stored);
    if (!isOpen(after)) {
      incidents.delete(subject);
      return;
    }
    incidents.set(subject, after);
    if (before === undefined) fingerprints.set(after.alert.fingerprint, subject);
    const joined = after.joined.at(-1);
    if (type === 'alert.joined' && joined !== undefined) fingerprints.set(joined.fingerprint, subject);
  };

  return {
    candidates: () => [...[...incidents.values()].map(candidateOf), ...openings.values()],
    byFingerprint: (fingerprint) => fingerprints.get(fingerprint),
    apply: (entries) => entries.forEach(applyOne),
    forget: (incident) => void incidents.delete(incident),
    opening(candidate, append) {
      const landed = append.then(
        () => true,
        () => false,
      );
      openings.set(candidate.incident, { ...candidate, landed });
      void landed.then(() => openings.delete(candidate.incident));
    },
  };
}

function candidateOf(incident: Incident): Candidate {
  const alerts = [incident.alert, ...incident.joined];
  return {
    incident: incident.id,
    pipeline: incident.pipeline,
    fingerprints: alerts.map((alert) => alert.fingerprint),
    lastAlertAt: Math.max(...alerts.map((alert) => Date.parse(alert.receivedAt))),
  };
}

export interface Related {
  candidate: Candidate | Opening;
  because: 'same_fingerprint' | 'same_root' | 'downstream_of_root';
}

/** The open incident an alert belongs to: the same alert again, the same pipeline, or one up or down the lineage in a storm. */
export function findRelated(
  open: readonly Candidate[],
  alert: Alert,
  inventory: Inventory,
  now: Date,
): Related | undefined {
  const same = open.find((known) => known.fingerprints.includes(alert.fingerprint));
  if (same !== undefined) return { candidate: same, because: 'same_fingerprint' };
  const { dag } = alert.subject;
  if (dag === undefined) return undefined;
  const recent = open.filter(
    (known) => known.pipeline !== undefined && now.getTime() - known.lastAlertAt <= STORM_WINDOW_MS,
  );
  const samePipeline = recent.find((known) => known.pipeline === dag);
  if (samePipeline !== undefined) return { candidate: samePipeline, because: 'same_root' };
  const upstream = new Set(upstreamDags(inventory, dag));
  const above = recent.find((known) => upstream.has(known.pipeline ?? ''));
  if (above !== undefined) return { candidate: above, because: 'downstream_of_root' };
  const below = recent.find((known) => upstreamDags(inventory, known.pipeline ?? '').includes(dag));
  return below === undefined ? undefined : { candidate: below, because: 'same_root' };
}
