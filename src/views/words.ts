import type { Tone } from '../domain/card.js';
import type { Change, Component, RootCause } from '../domain/diagnosis.js';
import type { IncidentStatus } from '../domain/incident.js';
import type { Proposal, RiskLevel } from '../domain/proposal.js';

/** How each status is said to people, and how urgent it looks. `bad` means: a person is needed. */
export const STATUS_WORDS: Record<IncidentStatus, { label: string; tone: Tone }> = {
  investigating: { label: 'Investigating', tone: 'working' },
  awaiting_decision: { label: 'Waiting for a decision', tone: 'waiting' },
  approved: { label: 'Approved', tone: 'working' },
  repairing: { label: 'Repairing', tone: 'working' },
  verifying: { label: 'Verifying recovery', tone: 'working' },
  resolved: { label: 'Resolved', tone: 'good' },
  rejected: { label: 'Rejected', tone: 'neutral' },
  expired: { label: 'Proposal expired', tone: 'bad' },
  escalated: { label: 'Escalated', tone: 'bad' },
  reopened: { label: 'Reopened', tone: 'bad' },
  outcome_unknown: { label: 'Outcome unknown', tone: 'bad' },
  closed: { label: 'Closed', tone: 'neutral' },
};

export const RISK_WORDS: Record<RiskLevel, string> = {
  trivial: 'Trivial',
  low: 'Low',
  medium: 'Medium',
  high: 'High',
};

/** Confidence in words and as a number: the number alone reads as more than it is. */
export function confidenceWords(confidence: number): string {
  const percent = `${Math.round(confidence * 100)} %`;
  if (confidence >= 0.9) return `Very likely (${percent})`;
  if (confidence >= 0.75) return `Likely (${percent})`;
  if (confidence >= 0.5) return `More likely than not (${percent})`;
  return `Unsure (${percent})`;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** An instant as people in several time zones can read it; never relative, so that a card does not change by itself. */
export function instantWords(instant: string): string {
  const day = Number(instant.slice(8, 10));
  const month = MONTHS[Number(instant.slice(5, 7)) - 1] ?? '';
  return `${instant.slice(11, 16)} UTC, ${day} ${month}`;
}

/** Minutes as people say them: `14 min`, `2 h 5 min`, `3 days`. */
export function minutesWords(minutes: number): string {
  const whole = Math.max(0, Math.round(minutes));
  if (whole < 1) return 'under a minute';
  if (whole < 120) return `${whole} min`;
  if (whole < 48 * 60) return `${Math.floor(whole / 60)} h ${whole % 60} min`;
  return `${Math.round(whole / 1440)} days`;
}

/** What the investigation cost so far; without a model that is nothing, and it says so. */
export function costWords(costUsd: number, tokens: number): string {
  if (tokens === 0) return 'none, no model used';
  const amount = costUsd > 0 && costUsd < 0.01 ? 'under $0.01' : `$${costUsd.toFixed(2)}`;
  return `${amount} for ${tokens.toLocaleString('en-US')} tokens`;
}

/** `a`, `a and b`, `a, b and c`. */
export function enumerate(names: readonly string[]): string {
  return names.length < 2 ? (names[0] ?? 'nobody') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

const COMPONENT_WORDS: Record<Component, string> = {
  airflow: 'Airflow',
  spark: 'Spark',
  delta: 'a Delta table',
  trino: 'Trino',
  kyuubi: 'Kyuubi',
  k8s: 'Kubernetes',
  kafka: 'Kafka',
  registry: 'the schema registry',
  metastore: 'the metastore',
  object_store: 'the object store',
  source: 'the source system',
  network: 'the network',
  identity: 'identity and access',
  provider: 'a provider',
};

/** A cause of the taxonomy as a person says it: `column renamed, in the schema registry`. */
export function causeWords(change: Change, component: Component): string {
  const what = change === 'none' ? 'nothing changed' : change.replaceAll('_', ' ');
  return what.startsWith(component) ? what : `${what}, in ${COMPONENT_WORDS[component]}`;
}

/** The same with the thing it happened to, whose name begins with the system: that is said already. */
export function causeText({ change, component, entity }: RootCause): string {
  return `${capitalised(causeWords(change, component))}: ${entityWords(entity)}`;
}

/** `registry:core_banking.transactions` without the kind of thing it is. */
export function entityWords(entity: string): string {
  return entity.replace(/^[a-z_0-9]+:(?=.)/, '');
}

/** What a proposal does, in one line. */
export function planWords({ steps }: Proposal): string {
  const more = steps.length > 1 ? ` (and ${counted(steps.length - 1, 'more step')})` : '';
  return `${steps[0]?.title ?? ''}${more}`;
}

/** With a full stop where there is none. */
export function sentence(text: string): string {
  return /[.?]$/.test(text) ? text : `${text}.`;
}

export function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
