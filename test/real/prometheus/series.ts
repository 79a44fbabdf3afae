import { HISTORY, valueBefore } from '../../contract/expectations/metrics-history.js';

/**
 * Thirty days of a platform whose newest day goes wrong, as OpenMetrics text: what `promtool` makes blocks of. The values are
 * computed, not measured: they stand for nobody's platform. That Prometheus stores and evaluates them is real.
 */
export interface BackfilledSeries {
  name: string;
  labels: Record<string, string>;
  /** Value by minutes before the end of the history. */
  value(minutesBefore: number): number;
}

const DAY = 1440;
/** A repeatable noise between -1 and 1. */
const noise = (at: number, salt: number): number => Math.sin(at * 12.9898 + salt * 78.233) * Math.cos(at * 3.1 + salt);
const hourOf = (before: number): number => (24 - ((before / 60) % 24)) % 24;
/** Two busy times a day, as card payments have. */
const daily = (before: number): number => 1 + 0.4 * Math.sin(((hourOf(before) - 6) / 24) * 2 * Math.PI);

export const SERIES: readonly BackfilledSeries[] = [
  // The partition that stops being read six hours before the end: its lag grows by 90 records a minute.
  ...[0, 1, 2].map(
    (partition): BackfilledSeries => ({
      name: 'kafka_consumergroup_lag',
      labels: { consumergroup: 'orders-to-bronze', topic: 'shop.orders', partition: String(partition) },
      value: (before) =>
        Math.round(40 + 25 * noise(before, partition) + (partition === 2 && before < 360 ? (360 - before) * 90 : 0)),
    }),
  ),
  // Rows landed so far, a counter; the newest six hours bring a tenth of what is usual.
  {
    name: 'table_landed_rows_total',
    labels: { table: 'bronze.orders' },
    value: (before) => Math.round(landedUntil(before)),
  },
  // Age of the newest row: minutes on a good day, growing in step with time since the partition stopped.
  {
    name: 'table_freshness_seconds',
    labels: { table: 'bronze.orders' },
    value: (before) => Math.round(before < 360 ? 420 + (360 - before) * 60 : 420 + 120 * noise(before, 7)),
  },
  {
    name: 'table_freshness_seconds',
    labels: { table: 'bronze.customers' },
    value: (before) => Math.round(900 + 200 * noise(before, 8)),
  },
  // A counter that starts from zero again when its process does, twelve hours before the end.
  {
    name: 'task_failures_total',
    labels: { dag: 'orders_daily' },
    value: (before) => Math.floor((before < 720 ? 720 - before : 30 * DAY - before) / 97),
  },
  ...HISTORY.map((series): BackfilledSeries => ({ ...series, value: (before) => valueBefore(series, before) })),
];

/** Rows a minute, added up from the beginning. */
function landedUntil(before: number): number {
  const usual = (30 * DAY - before) * 820 + 10_000 * daily(before);
  return before < 360 ? (30 * DAY - 360) * 820 + 10_000 * daily(360) + (360 - before) * 82 : usual;
}

const FINE_MS = 30_000;
const COARSE_MS = 300_000;

/** The text of all series up to `end`: half-minutely in the newest day, five-minutely before. */
export function openMetrics(end: number): string {
  const blocks = new Map<string, string[]>();
  for (const { name, labels, value } of SERIES) {
    const shown = Object.entries(labels).map(([key, text]) => `${key}="${text}"`);
    const lines = blocks.get(name) ?? [];
    blocks.set(name, lines);
    for (let at = end - 30 * DAY * 60_000; at <= end; at += end - at > DAY * 60_000 ? COARSE_MS : FINE_MS)
      lines.push(`${name}{${shown.join(',')}} ${value((end - at) / 60_000)} ${at / 1000}`);
  }
  const families = [...blocks].map(([name, lines]) => {
    const type = name.endsWith('_total') ? 'counter' : 'gauge';
    return `# TYPE ${name.replace(/_total$/, '')} ${type}\n${lines.join('\n')}\n`;
  });
  return `${families.join('')}# EOF\n`;
}
