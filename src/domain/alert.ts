import { z } from 'zod';

/** The alert sources that have a parser in adapters/alerts. */
export const AlertSource = z.enum(['alertmanager', 'airflow', 'pagerduty', 'generic']);
export type AlertSource = z.infer<typeof AlertSource>;

export const Severity = z.enum(['critical', 'high', 'medium', 'low']);
export type Severity = z.infer<typeof Severity>;

/** One alert as every source is reduced to; text fields are untrusted and already redacted and bounded. */
export const Alert = z.strictObject({
  source: AlertSource,
  /** The sender's own identity of this alert; same fingerprint joins the same open incident. */
  fingerprint: z.string().min(1).max(200),
  status: z.enum(['firing', 'resolved']),
  /** When the sender says it began (RFC 3339, UTC). */
  startedAt: z.iso.datetime(),
  receivedAt: z.iso.datetime(),
  title: z.string().min(1).max(300),
  text: z.string().max(8000),
  severity: Severity,
  /** What the alert is about; whatever of these the sender gave. */
  labels: z.record(z.string().max(100), z.string().max(500)),
  subject: z.strictObject({
    dag: z.string().max(250).optional(),
    task: z.string().max(250).optional(),
    run: z.string().max(250).optional(),
    table: z.string().max(250).optional(),
    service: z.string().max(250).optional(),
  }),
  /** A link back to the sender, shown as text, never followed. */
  link: z.string().max(2000).optional(),
});
export type Alert = z.infer<typeof Alert>;
