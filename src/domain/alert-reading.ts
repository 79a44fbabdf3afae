import type { Alert, AlertSource } from './alert.js';
import { type KnownNames, type MessageWords, nameOf, pairsIn, severityIn, subjectIn } from './alert-subject.js';
import { bounded } from './bounded.js';
import { sha256Hex } from './canonical.js';

/** An alert as it was read from a message of a chat, and what the message did not say. */
export interface AlertReading {
  alert: Alert;
  /** In plain words, for whoever pointed at the message. */
  missing: string[];
}

export interface ReadingContext {
  receivedAt: Date;
  known?: KnownNames;
}

/** A message of a chat, whatever the chat. */
export interface ChatMessageWords {
  chat: 'slack' | 'teams';
  words: MessageWords;
  /** A program wrote it, not a person. */
  monitor: boolean;
  /** What that program is called, all its names. */
  sender: string;
  /** ms since 1970, by the chat. */
  writtenAt: number;
}

/**
 * The alert in a message of any kind: Alertmanager's, PagerDuty's, Airflow's, or a person's words. Never fails: what is not
 * recognised is kept as text.
 */
export function alertReading(message: ChatMessageWords, context: ReadingContext): AlertReading {
  const { words, monitor: fromMonitor } = message;
  const pairs = pairsIn(words);
  const subject = subjectIn(words, pairs, context.known);
  const source = fromMonitor ? sourceOf(message, pairs) : 'generic';
  const heading = bareTitle(words.title ?? headingOf(words));
  const severity = severityIn(words, pairs, words.title ?? words.lines[0] ?? '');
  const began = startOf(message, pairs, context.receivedAt);
  const labels = labelsOf(pairs, source, heading);
  const link = words.titleLink ?? words.links[0];
  const alert: Alert = {
    source,
    fingerprint: fingerprintOf(source, message, heading, subject),
    status: isResolved(words, pairs, fromMonitor) ? 'resolved' : 'firing',
    startedAt: began.at.toISOString(),
    receivedAt: context.receivedAt.toISOString(),
    title: bounded(heading, 300) || 'An alert without a title',
    text: bounded(words.lines.join('\n'), 8000),
    severity: severity ?? 'medium',
    labels,
    subject,
    ...(link === undefined ? {} : { link }),
  };
  return { alert, missing: missingIn(alert, severity, began.said) };
}

const STATUS_PREFIX = /^\s*\[(?:firing|resolved)\b[^\]\n]{0,80}\]\s*/i;
const PAGERDUTY_PREFIX = /^\s*(?:triggered|acknowledged|resolved|escalated|reopened)?\s*:?\s*\[?#\d+\]?\s*:?\s*/i;

/** The same alert has the same title, whether it fires or is over, and however many fire with it. */
function bareTitle(title: string): string {
  return (
    title
      .slice(0, 1000)
      .replaceAll(/:[a-z0-9_+-]{1,60}:/g, ' ')
      .replaceAll(/[*`]/g, '')
      // Before the prefixes are looked for: their search takes the cube of a row of blanks.
      .replaceAll(/\s+/g, ' ')
      .replace(STATUS_PREFIX, '')
      .replace(PAGERDUTY_PREFIX, '')
      .trim()
  );
}

/** The first line that says something: a link's address, a lone emoji or a greeting of everybody does not. */
function headingOf(words: MessageWords): string {
  const line = words.lines.find(
    (one) => /[\p{L}\d]/u.test(bareTitle(one)) && !/^@(here|channel|everyone)\W*$/.test(one),
  );
  return (line ?? words.lines[0] ?? '')
    .replaceAll(/\s\(https?:\/\/[^\s)]{1,2000}\)/g, '')
    .replaceAll(/@(here|channel|everyone)\b:?/g, '');
}

const PAGERDUTY_INCIDENT = /^https:\/\/[\w-]+(?:\.eu)?\.pagerduty\.com\/incidents\/(\w{5,40})/;

function sourceOf({ words, sender: called }: ChatMessageWords, pairs: [string, string][]): AlertSource {
  const sender = `${called} ${words.footer ?? ''}`.toLowerCase();
  const first = words.title ?? words.lines[0] ?? '';
  if (words.links.some((link) => PAGERDUTY_INCIDENT.test(link)) || sender.includes('pagerduty')) return 'pagerduty';
  if (STATUS_PREFIX.test(first) || sender.includes('alertmanager')) return 'alertmanager';
  const names = new Set(pairs.map(([name]) => nameOf(name)));
  const isTask =
    (names.has('dag') || names.has('dag_id')) && ['task', 'task_id', 'log_url'].some((name) => names.has(name));
  const printed = words.lines.some((line) => line.includes('<TaskInstance: '));
  const linked = words.links.some((link) => /\/dags\/[^/]+\/(grid|graph|runs)|\/log\?(.*&)?dag_id=/.test(link));
  return isTask || printed || linked || sender.includes('airflow') ? 'airflow' : 'generic';
}

/** The same as a webhook of the same sender has, where the message gives as much; so both join one incident. */
function fingerprintOf(
  source: AlertSource,
  { chat, words, monitor: fromMonitor }: ChatMessageWords,
  title: string,
  subject: Alert['subject'],
): string {
  const incident = words.links.map((link) => PAGERDUTY_INCIDENT.exec(link)?.[1]).find((id) => id !== undefined);
  if (source === 'pagerduty' && incident !== undefined) return `pagerduty:${incident}`;
  if (source === 'airflow' && subject.dag !== undefined) {
    return `airflow:${subject.dag}${subject.task === undefined ? '' : `.${subject.task}`}`.slice(0, 200);
  }
  const { dag, task, table, service } = subject;
  const text = fromMonitor ? title : words.lines.join(' ');
  const same = text.toLowerCase().replaceAll(/\s+/g, ' ').trim();
  return `${chat}:${sha256Hex(JSON.stringify([source, same, dag, task, table, service])).slice(0, 40)}`;
}

const OVER = /^(resolved|recovered|ok|success|succeeded|closed|normal)\b/i;

/** Said in the title or as a state; "could not be resolved" further down is no end of anything. */
function isResolved(words: MessageWords, pairs: [string, string][], fromMonitor: boolean): boolean {
  if (!fromMonitor) return false;
  const first = (words.title ?? words.lines[0] ?? '').replaceAll(/:[a-z0-9_+-]{1,60}:|[*`]/g, '').trim();
  if (/^\[[^\]]*firing/i.test(first)) return false;
  if (/^\[resolved\b/i.test(first) || /^(resolved|recovered)\b\s*[:#[]/i.test(first)) return true;
  const state = pairs.find(([name]) => ['status', 'state', 'alert_state'].includes(nameOf(name)))?.[1];
  return state !== undefined && OVER.test(state.replaceAll(/:[a-z0-9_+-]{1,60}:|[*`]/g, '').trim());
}

const START_NAMES = new Set([
  'started',
  'started_at',
  'starts_at',
  'startsat',
  'start_time',
  'triggered_at',
  'since',
  'begin',
]);
const WEEK_MS = 7 * 24 * 3600 * 1000;

/** The sender's own time where it gives one that can be; otherwise when it was written. */
function startOf(
  { words, writtenAt: written }: ChatMessageWords,
  pairs: [string, string][],
  now: Date,
): { at: Date; said: boolean } {
  const possible = (ms: number): boolean => ms <= now.getTime() + 60_000 && ms > now.getTime() - 10 * WEEK_MS;
  const fallback = possible(written) ? new Date(written) : now;
  for (const [name, value] of pairs) {
    // Without a time zone it could be any hour of the day.
    if (!START_NAMES.has(nameOf(name)) || !/^\d{4}-\d\d-\d\d[T ][\d:.]{5,15}\s?(Z|UTC|[+-]\d\d:?\d\d)$/.test(value))
      continue;
    const ms = Date.parse(value.replace(' UTC', 'Z').replace(/\s(?=[+-]\d\d)/, ''));
    if (possible(ms)) return { at: new Date(ms), said: true };
  }
  if (words.at !== undefined && possible(words.at * 1000)) return { at: new Date(words.at * 1000), said: true };
  return { at: fallback, said: false };
}

const MAX_LABELS = 40;
const PERSONAL = new Set(['assigned', 'assigned_to', 'assignee', 'owner', 'acknowledged_by']);

function labelsOf(pairs: [string, string][], source: AlertSource, title: string): Alert['labels'] {
  const labels = new Map<string, string>();
  if (source === 'alertmanager') labels.set('alertname', (title.split(/[\s(]/)[0] ?? '').slice(0, 100));
  for (const [name, value] of pairs) {
    const key = nameOf(name);
    if (labels.size >= MAX_LABELS) break;
    // A name that objects have of their own would be lost or worse on the way through JSON.
    if (key === '' || key in {} || PERSONAL.has(key)) continue;
    if (!labels.has(key) || (source === 'alertmanager' && key === 'alertname'))
      labels.set(key.slice(0, 100), bounded(value, 500));
  }
  return Object.fromEntries([...labels].filter(([, value]) => value !== ''));
}

function missingIn(alert: Alert, severity: Alert['severity'] | undefined, saysWhen: boolean): string[] {
  const { dag, table, service } = alert.subject;
  return [
    ...(dag === undefined && table === undefined && service === undefined
      ? ['which DAG, table or service it is about']
      : []),
    ...(saysWhen ? [] : ['since when (the time of the message is taken)']),
    ...(severity === undefined ? ['how severe it is (medium is taken)'] : []),
  ];
}
