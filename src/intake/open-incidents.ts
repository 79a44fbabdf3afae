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
  withFingerprint(fingerprint: string): Candidate | Opening | undefined;
  ofPipeline(dag: string): (Candidate | Opening)[];
  /** Every pipeline that has an open incident. */
  pipelines(): string[];
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
  const byFingerprint = new Map<string, string>();
  const byPipeline = new Map<string, Set<string>>();

  const find = (id: string): Candidate | Opening | undefined => {
    const incident = incidents.get(id);
    return incident === undefined ? openings.get(id) : candidateOf(incident);
  };
  const index = ({ incident, pipeline, fingerprints }: Candidate): void => {
    for (const fingerprint of fingerprints) byFingerprint.set(fingerprint, incident);
    if (pipeline !== undefined) byPipeline.set(pipeline, (byPipeline.get(pipeline) ?? new Set()).add(incident));
  };
  const unindex = (candidate: Candidate | undefined): void => {
    if (candidate === undefined) return;
    for (const fingerprint of candidate.fingerprints) {
      if (byFingerprint.get(fingerprint) === candidate.incident) byFingerprint.delete(fingerprint);
    }
    const others = byPipeline.get(candidate.pipeline ?? '');
    others?.delete(candidate.incident);
    if (others?.size === 0) byPipeline.delete(candidate.pipeline ?? '');
  };

  const applyOne = (stored: StoredEntry): void => {
    const { subject, n, type } = stored.entry;
    if (!subject.startsWith('INC-')) return;
    const before = incidents.get(subject);
    if (n !== (before?.version ?? 0) + 1 || (before === undefined && type !== 'incident.opened')) return;
    const after = applyEntry(before, stored);
    openings.delete(subject);
    if (isOpen(after)) {
      incidents.set(subject, after);
      if (before === undefined || type === 'alert.joined') index(candidateOf(after));
    } else {
      unindex(candidateOf(after));
      incidents.delete(subject);
    }
  };

  return {
    withFingerprint: (fingerprint) => find(byFingerprint.get(fingerprint) ?? ''),
    ofPipeline: (dag) => [...(byPipeline.get(dag) ?? [])].flatMap((id) => find(id) ?? []),
    pipelines: () => [...byPipeline.keys()],
    apply: (entries) => entries.forEach(applyOne),
    forget(incident) {
      unindex(find(incident));
      incidents.delete(incident);
    },
    opening(candidate, append) {
      const landed = append.then(
        () => true,
        () => false,
      );
      const opening = { ...candidate, landed };
      openings.set(candidate.incident, opening);
      index(opening);
      // One that landed stays until its entry is applied: between the two it must still be found.
      void landed.then((did) => {
        if (did) return;
        openings.delete(candidate.incident);
        unindex(opening);
      });
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
export function findRelated(open: OpenIncidents, alert: Alert, inventory: Inventory, now: Date): Related | undefined {
  const same = open.withFingerprint(alert.fingerprint);
  if (same !== undefined) return { candidate: same, because: 'same_fingerprint' };
  const { dag } = alert.subject;
  if (dag === undefined) return undefined;
  const recent = (dags: readonly string[]): Candidate | undefined =>
    dags.flatMap((one) => open.ofPipeline(one)).find((known) => now.getTime() - known.lastAlertAt <= STORM_WINDOW_MS);
  const samePipeline = recent([dag]);
  if (samePipeline !== undefined) return { candidate: samePipeline, because: 'same_root' };
  const above = recent(upstreamDags(inventory, dag));
  if (above !== undefined) return { candidate: above, because: 'downstream_of_root' };
  const below = recent(open.pipelines().filter((other) => upstreamDags(inventory, other).includes(dag)));
  return below === undefined ? undefined : { candidate: below, because: 'same_root' };
}
