import { z } from 'zod';
import type { MetricSeries } from '../../src/domain/platform-ports.js';
import type { DiagnoseTool } from '../../src/domain/tool.js';
import { record, SPAN, short, since, spanMs } from '../text.js';

const Args = z.strictObject({
  expr: z.string().min(1).max(1000).describe('Metric name of the inventory, or PromQL'),
  since: z
    .string()
    .regex(SPAN, 'a span like 30m, 6h or 7d')
    .optional()
    .describe('How far back; default 6h, at most 30d'),
  step: z
    .string()
    .regex(SPAN, 'a span like 60s, 5m or 1h')
    .optional()
    .describe('Resolution; default a sixtieth of the window'),
});

const MOST = { series: 8, points: 24, windowMs: spanMs('30d'), samples: 1_000 };
const FINEST_MS = 15_000;

/** One metric over time, with the figures that show a change: first, last, minimum, maximum, mean. */
export const metricQuery: DiagnoseTool<typeof Args> = {
  name: 'metric_query',
  version: '1',
  description:
    'Prometheus: one metric over a window, by its name in the inventory or as PromQL; per series first, last, min, max, mean and up to 24 points. ' +
    'Use it for volume, lag, memory and error rates; an empty answer means no such series, not zero.',
  args: Args,
  readOnly: true,
  async run(args, { readers, inventory, now, signal }) {
    const named = inventory.metrics.find((metric) => metric.name === args.expr.trim());
    const expr = named?.expr ?? args.expr.trim();
    if (selectsEverything(expr))
      return {
        status: 'error',
        safeText: 'expr: name a metric or give a label matcher; an expression over all series is refused.',
      };
    const end = now();
    const window = Math.min(spanMs(args.since ?? '6h'), MOST.windowMs);
    const start = new Date(Math.max(since(args.since ?? '6h', end).getTime(), end.getTime() - MOST.windowMs));
    const wanted = args.step === undefined ? window / 60 : spanMs(args.step);
    const step = Math.ceil(Math.max(wanted, window / MOST.samples, FINEST_MS) / 1000);
    const series = await readers.metrics.range(expr, start, end, step, signal);
    const filled = series.filter((one) => one.points.length > 0);
    if (filled.length === 0)
      return { status: 'no_data', searched: searched(expr, args.since ?? '6h', inventory.metrics) };
    const lines = filled.slice(0, MOST.series).flatMap(seriesLines);
    if (filled.length > MOST.series) lines.push(record('series_left_out', { count: filled.length - MOST.series }));
    return { status: 'ok', text: lines.join('\n'), headline: headline(args.expr, filled) };
  },
};

/** An empty selector, or a matcher on the name that any name meets: cheap to ask, dear to answer. */
function selectsEverything(expr: string): boolean {
  const bare = expr.replace(/\s/g, '');
  return /(?:^|[^\w:])\{(?:__name__(?:=~"\.[*+]"|!=""|!~"")(?:,)?)?\}/.test(bare);
}

function searched(expr: string, window: string, metrics: readonly { name: string; meaning: string }[]): string {
  const known = metrics.map(({ name }) => name).slice(0, 20);
  return `Prometheus for series of ${expr} in the last ${window}; metrics of the inventory: ${known.join(', ') || 'none'}`;
}

function seriesLines({ labels, points }: MetricSeries): string[] {
  const values = points.map(([, value]) => value).filter((value) => Number.isFinite(value));
  const mean = values.reduce((sum, value) => sum + value, 0) / Math.max(values.length, 1);
  const first = points[0]?.[1] ?? Number.NaN;
  const last = points.at(-1)?.[1] ?? Number.NaN;
  return [
    record('series', {
      labels: Object.entries(labels)
        .map(([key, value]) => `${key}=${value}`)
        .sort()
        .join(','),
      points: points.length,
      first: short(first),
      last: short(last),
      min: values.length > 0 ? short(Math.min(...values)) : undefined,
      max: values.length > 0 ? short(Math.max(...values)) : undefined,
      mean: values.length > 0 ? short(mean) : undefined,
    }),
    ...thinned(points).map(([at, value]) =>
      record('point', { at: new Date(at * 1000).toISOString().replace('.000Z', 'Z'), value: short(value) }),
    ),
  ];
}

/** Evenly spread points, ends always among them. */
function thinned(points: readonly [number, number][]): [number, number][] {
  if (points.length <= MOST.points) return [...points];
  const gap = (points.length - 1) / (MOST.points - 1);
  return Array.from({ length: MOST.points }, (_, index) => points[Math.round(index * gap)]).filter(
    (point) => point !== undefined,
  );
}

function headline(name: string, series: readonly MetricSeries[]): string {
  const points = series[0]?.points ?? [];
  const [first, last] = [points[0]?.[1] ?? Number.NaN, points.at(-1)?.[1] ?? Number.NaN];
  return `${name}: ${short(first)} to ${short(last)}${series.length > 1 ? `, and ${series.length - 1} more series` : ''}`;
}
