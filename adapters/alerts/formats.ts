import { z } from 'zod';
import type { Alert, AlertSource, Severity } from '../../src/domain/alert.js';
import { clipped } from '../../src/domain/clipped.js';
import { AppError } from '../../src/domain/errors.js';

/** RFC 3339 with offset or Z, as senders write it; kept as UTC. */
const Instant = z.iso.datetime({ offset: true });
const Labels = z.record(z.string().max(100), z.string().max(500));

/** Prometheus Alertmanager webhook, version 4. `endsAt` of year 1 means still firing. */
const AlertmanagerPayload = z.object({
  version: z.literal('4'),
  status: z.enum(['firing', 'resolved']),
  groupKey: z.string().max(2000),
  alerts: z
    .array(
      z.object({
        status: z.enum(['firing', 'resolved']),
        labels: Labels,
        annotations: z.record(z.string().max(100), z.string().max(8000)).default({}),
        startsAt: Instant,
        endsAt: Instant.optional(),
        generatorURL: z.string().max(2000).optional(),
        fingerprint: z.string().min(1).max(200),
      }),
    )
    .min(1)
    .max(500),
});

/** What the callback in docs/connect.md sends from `on_failure_callback`. */
const AirflowPayload = z.strictObject({
  dag_id: z.string().min(1).max(250),
  task_id: z.string().max(250).optional(),
  run_id: z.string().min(1).max(250),
  try_number: z.number().int().min(0).optional(),
  max_tries: z.number().int().min(0).optional(),
  state: z.enum(['failed', 'success']).default('failed'),
  at: Instant,
  exception: z.string().max(8000).default(''),
  log_url: z.string().max(2000).optional(),
});

/** PagerDuty v3 webhook; only incident events matter, others are acknowledged and ignored. */
const PagerDutyPayload = z.object({
  event: z.object({
    id: z.string().min(1).max(200),
    event_type: z.string().max(100),
    occurred_at: Instant,
    data: z.object({
      id: z.string().min(1).max(100),
      title: z.string().min(1).max(1000),
      urgency: z.enum(['high', 'low']).optional(),
      html_url: z.string().max(2000).optional(),
      created_at: Instant.optional(),
      service: z.object({ summary: z.string().max(250).optional() }).optional(),
      custom_fields: z.array(z.object({ name: z.string(), value: z.union([z.string(), z.null()]) })).optional(),
    }),
  }),
});

/** Countersign's own format for everything else; documented in docs/connect.md. */
const GenericPayload = z.strictObject({
  fingerprint: z.string().min(1).max(200),
  status: z.enum(['firing', 'resolved']).default('firing'),
  started_at: Instant,
  title: z.string().min(1).max(300),
  text: z.string().max(8000).default(''),
  severity: z.enum(['critical', 'high', 'medium', 'low']).default('medium'),
  labels: Labels.default({}),
  subject: z
    .strictObject({
      dag: z.string().max(250).optional(),
      task: z.string().max(250).optional(),
      run: z.string().max(250).optional(),
      table: z.string().max(250).optional(),
      service: z.string().max(250).optional(),
    })
    .default({}),
  link: z.string().max(2000).optional(),
});

/** One payload as alerts. @throws AppError `invalid_input` naming the field at fault. */
export function parseAlerts(source: AlertSource, payload: unknown, receivedAt: Date): Alert[] {
  const at = receivedAt.toISOString();
  switch (source) {
    case 'alertmanager':
      return parsed(AlertmanagerPayload, payload).alerts.map((alert) => fromAlertmanager(alert, at));
    case 'airflow':
      return [fromAirflow(parsed(AirflowPayload, payload), at)];
    case 'pagerduty':
      return fromPagerDuty(parsed(PagerDutyPayload, payload), at);
    case 'generic':
      return [fromGeneric(parsed(GenericPayload, payload), at)];
  }
}

/** The delivery's own id where it stands in the body: PagerDuty sends the same event id again when it retries. */
export function deliveryIdIn(source: AlertSource, payload: unknown): string | undefined {
  return source === 'pagerduty' ? parsed(PagerDutyPayload, payload).event.id : undefined;
}

/** The source a payload file is of, by its shape; for `countersign open FILE`. */
export function detectSource(payload: unknown): AlertSource {
  const shape = (payload ?? {}) as Record<string, unknown>;
  if ('alerts' in shape && 'groupKey' in shape) return 'alertmanager';
  if ('event' in shape) return 'pagerduty';
  if ('dag_id' in shape) return 'airflow';
  return 'generic';
}

function parsed<S extends z.ZodType>(schema: S, payload: unknown): z.infer<S> {
  const result = schema.safeParse(payload);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const field = issue === undefined || issue.path.length === 0 ? '(body)' : issue.path.join('.');
  throw new AppError('invalid_input', {
    field,
    safeText: `${field}: ${issue?.message ?? 'not of the documented form'}`,
  });
}

function utc(instant: string): string {
  return new Date(instant).toISOString();
}

function severityOf(word: string | undefined): Severity {
  const known: Record<string, Severity> = {
    critical: 'critical',
    page: 'critical',
    error: 'high',
    high: 'high',
    warning: 'medium',
    info: 'low',
    low: 'low',
  };
  return known[(word ?? '').toLowerCase()] ?? 'medium';
}

function fromAlertmanager(alert: z.infer<typeof AlertmanagerPayload>['alerts'][number], receivedAt: string): Alert {
  const { labels, annotations } = alert;
  const name = labels['alertname'] ?? 'alert';
  const dag = labels['dag'] ?? labels['dag_id'];
  const task = labels['task'] ?? labels['task_id'];
  return {
    source: 'alertmanager',
    fingerprint: alert.fingerprint,
    status: alert.status,
    startedAt: utc(alert.startsAt),
    receivedAt,
    title: clipped(annotations['summary'] ?? [name, dag, task].filter(Boolean).join(' '), 300),
    text: clipped(annotations['description'] ?? annotations['summary'] ?? name, 8000),
    severity: severityOf(labels['severity']),
    labels,
    subject: defined({
      dag,
      task,
      run: labels['run'] ?? labels['run_id'],
      table: labels['table'],
      service: labels['service'] ?? labels['job'],
    }),
    ...(alert.generatorURL ? { link: alert.generatorURL } : {}),
  };
}

function fromAirflow(payload: z.infer<typeof AirflowPayload>, receivedAt: string): Alert {
  const what = payload.task_id === undefined ? payload.dag_id : `${payload.dag_id}.${payload.task_id}`;
  const tries =
    payload.try_number === undefined
      ? ''
      : ` (try ${payload.try_number}${payload.max_tries === undefined ? '' : `/${payload.max_tries}`})`;
  return {
    source: 'airflow',
    fingerprint: clipped(`airflow:${what}`, 200),
    status: payload.state === 'success' ? 'resolved' : 'firing',
    startedAt: utc(payload.at),
    receivedAt,
    title: clipped(`${what} failed${tries}`, 300),
    text: clipped(payload.exception === '' ? `${what} failed${tries}` : payload.exception, 8000),
    severity: 'high',
    labels: {},
    subject: defined({ dag: payload.dag_id, task: payload.task_id, run: payload.run_id }),
    ...(payload.log_url ? { link: payload.log_url } : {}),
  };
}

const PAGERDUTY_STATUS: Record<string, Alert['status']> = {
  'incident.triggered': 'firing',
  'incident.reopened': 'firing',
  'incident.escalated': 'firing',
  'incident.resolved': 'resolved',
};

function fromPagerDuty(payload: z.infer<typeof PagerDutyPayload>, receivedAt: string): Alert[] {
  const { event } = payload;
  const status = PAGERDUTY_STATUS[event.event_type];
  if (status === undefined) return [];
  const custom = Object.fromEntries((event.data.custom_fields ?? []).map((field) => [field.name, field.value ?? '']));
  return [
    {
      source: 'pagerduty',
      fingerprint: `pagerduty:${event.data.id}`,
      status,
      startedAt: utc(event.data.created_at ?? event.occurred_at),
      receivedAt,
      title: clipped(event.data.title, 300),
      text: event.data.title,
      severity: event.data.urgency === 'low' ? 'low' : 'high',
      labels: {},
      subject: defined({
        dag: custom['dag'] || custom['dag_id'] || undefined,
        task: custom['task'] || custom['task_id'] || undefined,
        run: custom['run'] || custom['run_id'] || undefined,
        table: custom['table'] || undefined,
        service: event.data.service?.summary,
      }),
      ...(event.data.html_url ? { link: event.data.html_url } : {}),
    },
  ];
}

function fromGeneric(payload: z.infer<typeof GenericPayload>, receivedAt: string): Alert {
  return {
    source: 'generic',
    fingerprint: payload.fingerprint,
    status: payload.status,
    startedAt: utc(payload.started_at),
    receivedAt,
    title: payload.title,
    text: payload.text === '' ? payload.title : payload.text,
    severity: payload.severity,
    labels: payload.labels,
    subject: payload.subject,
    ...(payload.link ? { link: payload.link } : {}),
  };
}

/** Drops members that are undefined or empty. */
function defined<T extends Record<string, string | undefined>>(members: T): { [K in keyof T]?: string } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined && value !== '')) as {
    [K in keyof T]?: string;
  };
}
