import type { Alert } from '../domain/alert.js';
import { applyEntry, type Incident, isOpen } from '../domain/incident.js';
import { type Inventory, upstreamDags } from '../domain/pipeline.js';
import type { StoredEntry } from '../domain/ports.js';

/** An alert joins an incident of the same root only while that one has had an alert this recently. */
const STORM_WINDOW_MS = 30 * 60_000;

/** The open incidents as this process knows them: from the log it follows and, without a gap, from its own appends. */
export interface OpenIncidents {
  all(): Incident[];
  byFingerprint(fingerprint: string): string | undefined;
  /** Idempotent: an entry that was applied already is passed over. */
  apply(entries: readonly StoredEntry[]): void;
  /** Runs one at a time for alerts that could belong to one incident; others run beside each other. */
  exclusively<T>(alert: Alert, inventory: Inventory, work: () => Promise<T>): Promise<T>;
}

export function createOpenIncidents(): OpenIncidents {
  const incidents = new Map<string, Incident>();
  const fingerprints = new Map<string, string>();
  const tails = new Map<string, Promise<unknown>>();

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
    all: () => [...incidents.values()],
    byFingerprint: (fingerprint) => fingerprints.get(fingerprint),
    apply: (entries) => entries.forEach(applyOne),
    exclusively(alert, inventory, work) {
      const key = lane(alert, inventory);
      const run = (tails.get(key) ?? Promise.resolve()).then(work, work);
      const tail = run.catch(() => undefined).finally(() => tails.get(key) === tail && tails.delete(key));
      tails.set(key, tail);
      return run;
    },
  };
}

/** The most upstream pipeline, so that related alerts queue in one lane; an alert with no pipeline has a lane by fingerprint. */
function lane(alert: Alert, inventory: Inventory): string {
  const { dag } = alert.subject;
  if (dag === undefined) return `fingerprint:${alert.fingerprint}`;
  return `root:${[dag, ...upstreamDags(inventory, dag)].sort()[0]}`;
}

export interface Related {
  incident: string;
  because: 'same_fingerprint' | 'same_root' | 'downstream_of_root';
}

/** The open incident an alert belongs to: the same alert again, the same pipeline, or one up or down the lineage in a storm. */
export function findRelated(
  open: readonly Incident[],
  alert: Alert,
  inventory: Inventory,
  now: Date,
): Related | undefined {
  const same = open.find((incident) => allAlerts(incident).some((known) => known.fingerprint === alert.fingerprint));
  if (same !== undefined) return { incident: same.id, because: 'same_fingerprint' };
  const { dag } = alert.subject;
  if (dag === undefined) return undefined;
  const recent = open.filter((incident) => now.getTime() - lastAlertAt(incident) <= STORM_WINDOW_MS);
  const samePipeline = recent.find((incident) => incident.pipeline === dag);
  if (samePipeline !== undefined) return { incident: samePipeline.id, because: 'same_root' };
  const upstream = new Set(upstreamDags(inventory, dag));
  const above = recent.find((incident) => incident.pipeline !== undefined && upstream.has(incident.pipeline));
  if (above !== undefined) return { incident: above.id, because: 'downstream_of_root' };
  const below = recent.find(
    (incident) => incident.pipeline !== undefined && upstreamDags(inventory, incident.pipeline).includes(dag),
  );
  return below === undefined ? undefined : { incident: below.id, because: 'same_root' };
}

function allAlerts(incident: Incident): Alert[] {
  return [incident.alert, ...incident.joined];
}

function lastAlertAt(incident: Incident): number {
  return Math.max(...allAlerts(incident).map((alert) => Date.parse(alert.receivedAt)));
}
