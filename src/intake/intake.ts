import type { Alert } from '../domain/alert.js';
import { shortId, uuidv7 } from '../domain/canonical.js';
import type { Person } from '../domain/decision.js';
import type { Actor, NewEvent } from '../domain/events.js';
import { foldIncident, type Incident } from '../domain/incident.js';
import { transact } from '../domain/ledger.js';
import type { Inventory } from '../domain/pipeline.js';
import type { Clock, EventLog, Redactor } from '../domain/ports.js';
import type { ProcessLog } from '../log.js';
import { findRelated, type OpenIncidents } from './open-incidents.js';

export interface IntakeDeps {
  log: EventLog;
  open: OpenIncidents;
  inventory: Inventory;
  redactor: Redactor;
  clock: Clock;
  processLog: ProcessLog;
}

/** What became of an alert: a new incident, one more of an open incident, a resolve signal, or nothing we know of. */
export interface Accepted {
  incident: string | undefined;
  outcome: 'opened' | 'joined' | 'resolve_recorded' | 'ignored';
  /** Of a joined one: what it has in common with the incident. */
  because?: JoinReason;
}

export interface Intake {
  /**
   * Returns only when the alert is durable in the log; throws `unavailable` when it is not, so that the sender tries again. An alert
   * made of a person's own words is opened in their name, so that nobody can write what they then approve.
   */
  accept(alert: Alert, inTheWordsOf?: Person): Promise<Accepted>;
}

/** Alert to incident. Alerts that arrive at the same instant for the same thing wait for each other, so a storm opens one incident. */
export function createIntake(deps: IntakeDeps): Intake {
  return {
    async accept(raw, inTheWordsOf) {
      const alert = redacted(raw, deps.redactor);
      const actor = actorOf(alert, inTheWordsOf);
      if (alert.status === 'resolved') return recordResolve(deps, alert, actor);
      return joinOrOpen(deps, alert, actor);
    },
  };
}

/** Matching and registering an opening happen without a pause between them, so two alerts of one storm can not both open. */
async function joinOrOpen(deps: IntakeDeps, alert: Alert, actor: Actor): Promise<Accepted> {
  const related = findRelated(deps.open, alert, deps.inventory, deps.clock.now());
  if (related === undefined) return { incident: await open(deps, alert, actor), outcome: 'opened' };
  const { candidate, because } = related;
  if ('landed' in candidate && !(await candidate.landed)) return joinOrOpen(deps, alert, actor);
  const joined = await join(deps, candidate.incident, alert, because, actor);
  if (joined) return { incident: candidate.incident, outcome: 'joined', because };
  deps.open.forget(candidate.incident);
  return joinOrOpen(deps, alert, actor);
}

function actorOf(alert: Alert, inTheWordsOf: Person | undefined): Actor {
  if (inTheWordsOf !== undefined) return { kind: 'person', id: inTheWordsOf.id, role: 'web' };
  return { kind: 'system', id: `alert:${alert.source}`, role: 'web' };
}

/** Alerts are written by machines that log customer data: redact before anything is stored or shown. */
function redacted(alert: Alert, redactor: Redactor): Alert {
  const clean = (text: string): string => redactor.redact(text, 'intake').text;
  const labels = Object.fromEntries(Object.entries(alert.labels).map(([name, value]) => [name, clean(value)]));
  return { ...alert, title: clean(alert.title).slice(0, 300), text: clean(alert.text).slice(0, 8000), labels };
}

type Opened = Extract<NewEvent, { type: 'incident.opened' }>;

/** What an alert opens, by the inventory; the alert must be redacted. */
function openingOf(inventory: Inventory, alert: Alert, actor: Actor): Opened {
  const pipeline = pipelineOf(inventory, alert);
  const data = {
    alert,
    title: alert.title,
    severity: pipeline?.severity === 'critical' ? ('critical' as const) : alert.severity,
    root: pipeline?.dag ?? alert.subject.dag ?? alert.subject.table,
    pipeline: pipeline?.dag ?? alert.subject.dag,
    owner: pipeline?.owner,
    unknown: unknownIn(inventory, alert),
    openedBy: actor.id,
  };
  return { type: 'incident.opened', data, actor };
}

/** The incident that an alert would open, with no log behind it: for who is asked about it and does not answer for it. */
export function unloggedIncident(raw: Alert, inventory: Inventory, redactor: Redactor): Incident | undefined {
  const alert = redacted(raw, redactor);
  const event = openingOf(inventory, alert, actorOf(alert, undefined));
  const envelope = { v: 1 as const, id: uuidv7(), at: alert.receivedAt, subject: shortId('INC'), n: 1 };
  return foldIncident([{ index: 0, entry: { ...envelope, ...event } }]);
}

async function open(deps: IntakeDeps, alert: Alert, actor: Actor): Promise<string> {
  const incident = shortId('INC');
  const event = openingOf(deps.inventory, alert, actor);
  const job = { queue: 'investigate' as const, id: `inv-${incident}`, incident };
  const append = deps.log.append(incident, 0, [event], [job]);
  const candidate = {
    incident,
    pipeline: event.data.pipeline,
    fingerprints: [alert.fingerprint],
    lastAlertAt: Date.parse(alert.receivedAt),
  };
  deps.open.opening(candidate, append);
  const appended = await append;
  deps.open.apply(appended.entries);
  deps.processLog.info({ incident, source: alert.source }, 'incident opened');
  return incident;
}

/** False when the incident finished in the meantime, so that the alert opens a new one. */
async function join(
  deps: IntakeDeps,
  incident: string,
  alert: Alert,
  because: JoinReason,
  actor: Actor,
): Promise<boolean> {
  const { result, appended } = await transact(deps.log, incident, (state) => {
    if (state === undefined || state.status === 'resolved' || state.status === 'closed')
      return { events: [], result: false };
    return { events: [{ type: 'alert.joined', data: { alert, because }, actor }], result: true };
  });
  if (appended !== undefined) deps.open.apply(appended.entries);
  return result;
}

type JoinReason = 'same_fingerprint' | 'same_root' | 'downstream_of_root';

/** A resolve signal is a fact for the record; it never stops an investigation or a repair in flight. */
async function recordResolve(deps: IntakeDeps, alert: Alert, actor: Actor): Promise<Accepted> {
  const known = deps.open.withFingerprint(alert.fingerprint)?.incident;
  if (known === undefined) {
    deps.processLog.info({ source: alert.source }, 'resolve signal for no open incident');
    return { incident: undefined, outcome: 'ignored' };
  }
  const { appended } = await transact(deps.log, known, (state) => ({
    events: state === undefined ? [] : [{ type: 'alert.resolved', data: { alert }, actor }],
    result: undefined,
  }));
  if (appended !== undefined) deps.open.apply(appended.entries);
  return { incident: known, outcome: 'resolve_recorded' };
}

function pipelineOf(inventory: Inventory, alert: Alert): Inventory['pipelines'][number] | undefined {
  const { dag, table, service } = alert.subject;
  const byDag = inventory.pipelines.find((pipeline) => pipeline.dag === dag);
  if (byDag !== undefined) return byDag;
  return inventory.pipelines.find((pipeline) =>
    pipeline.tasks.some(
      (task) =>
        (table !== undefined && task.writes.includes(table)) || (service !== undefined && task.sparkApp === service),
    ),
  );
}

function unknownIn(inventory: Inventory, alert: Alert): string[] {
  const { dag, task, table, service } = alert.subject;
  const pipeline = inventory.pipelines.find((candidate) => candidate.dag === dag);
  const found: string[] = [];
  if (dag !== undefined && pipeline === undefined) found.push(`DAG ${dag} is not in the inventory`);
  if (pipeline !== undefined && task !== undefined && !pipeline.tasks.some((known) => known.id === task)) {
    found.push(`task ${task} is not in DAG ${dag} of the inventory`);
  }
  const tasks = inventory.pipelines.flatMap((candidate) => candidate.tasks);
  if (table !== undefined && !tasks.some((known) => known.writes.includes(table) || known.reads.includes(table))) {
    found.push(`table ${table} is read or written by no pipeline of the inventory`);
  }
  if (service !== undefined && dag === undefined && !tasks.some((known) => known.sparkApp === service)) {
    found.push(`service ${service} is not in the inventory`);
  }
  if (dag === undefined && table === undefined && service === undefined)
    found.push('the alert names no DAG, table or service');
  return found;
}
