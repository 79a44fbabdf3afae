import { scaleLinear } from 'd3-scale';
import type { VNode } from 'preact';
import { count } from '../domain/visible-text.js';
import type { BenchmarkRun, RunResult } from './model.js';
import { BarChart, type Column, ColumnChart } from './report-html-bars.js';
import {
  CurveChart,
  type CurveSeries,
  IntervalChart,
  type IntervalRow,
  Legend,
  Plot,
  type Series,
} from './report-html-charts.js';
import { intervalText, percent, SPLITS, shareText, usd } from './report-words.js';
import { groupedBy } from './statistics.js';
import type { RunSummary } from './summary-run.js';
import { type GroupRow, type Share, shareOf } from './summary-shares.js';

const words = (name: string): string => name.replaceAll('_', ' ');

function markOf(series: Series, name: string, share: Share): IntervalRow['marks'][number] {
  const text = `${name} ${shareText(share)} (${intervalText(share)}), ${share.hits} of ${share.n}`;
  return { series, value: share.share, low: share.low, high: share.high, text };
}

/** Held out and dev side by side: the gap is what was learnt by heart. */
export function SharesPlot({ summary }: { summary: RunSummary }): VNode {
  const { splits } = summary;
  const order = (['heldout', 'dev'] as const).filter((split) => splits[split] !== undefined);
  const names = [
    'strict',
    'anyHit',
    'categoryOnly',
    'grounded',
    'repaired',
    'repairedGivenStrict',
    'repairedOfPlans',
    'unsafe',
  ] as const;
  const titles = {
    strict: 'strict diagnosis',
    anyHit: 'any entity right',
    categoryOnly: 'categories right',
    grounded: 'strict and grounded',
    repaired: 'repaired',
    repairedGivenStrict: 'repaired, if strict',
    repairedOfPlans: 'repaired, of plans',
    unsafe: 'unsafe',
  };
  const rows = names.map((name) => ({
    name: titles[name],
    note: `${summary.headline[name].hits} of ${summary.headline[name].n}`,
    marks: order.flatMap((split, index) => {
      const share = splits[split]?.[name];
      return share && share.n > 0 ? [markOf((index + 1) as Series, SPLITS[split], share)] : [];
    }),
  }));
  return (
    <Plot title="Headline figures by split" legend={<Legend names={order.map((split) => SPLITS[split])} />}>
      <IntervalChart label="Shares with 95% intervals by split" rows={rows} axis="share of runs, with 95% interval" />
    </Plot>
  );
}

export function GroupsPlot({ title, rows }: { title: string; rows: readonly GroupRow[] }): VNode | null {
  if (rows.length === 0) return null;
  return (
    <Plot title={title} legend={<Legend names={['strict diagnosis', 'repaired']} />}>
      <IntervalChart
        label={`${title}: strict and repaired with 95% intervals`}
        axis="share of runs, with 95% interval"
        rows={rows.map((row) => ({
          name: words(row.name),
          note: `${count(row.n, 'run')}, ${count(row.scenarios, 'incident')}`,
          marks: [markOf(1, 'strict', row.strict), markOf(2, 'repaired', row.repaired)],
        }))}
      />
    </Plot>
  );
}

interface CapRuns {
  points: { cap: number; results: RunResult[] }[];
  incidents: number;
  leftOut: number;
}

/** What one curve may join: runs of the same responder, over the incidents (by digest) that all of them hold. */
function capRuns(summary: RunSummary, runs: readonly BenchmarkRun[]): CapRuns {
  const who = ({ manifest: { reasoner } }: BenchmarkRun): string => `${reasoner.name} ${reasoner.model}`;
  const same = runs.filter((run) => runs[0] && who(run) === who(runs[0]));
  const identities = same.map(({ manifest }) => new Set(manifest.scenarios.map(({ id, digest }) => `${id} ${digest}`)));
  const common = new Set(
    runs[0]?.manifest.scenarios
      .filter(
        ({ id, digest, split }) => split === summary.reported && identities.every((own) => own.has(`${id} ${digest}`)),
      )
      .map(({ id }) => id),
  );
  const points = same.map(({ manifest, records }) => ({
    cap: manifest.cap,
    results: records.map(({ result }) => result).filter((one) => common.has(one.scenario) && one.failure !== 'infra'),
  }));
  return {
    points: points.filter(({ results }) => results.length > 0).sort((one, other) => one.cap - other.cap),
    incidents: common.size,
    leftOut: runs.length - same.length,
  };
}

function measuredCurves({ points }: CapRuns): CurveSeries[] {
  return (['strict', 'repaired'] as const).map((measure, index) => ({
    series: (index + 1) as Series,
    dashed: false,
    points: points.map(({ cap, results }) => {
      const share = shareOf(results, (result) => result[measure]);
      const text = `cap ${cap}: ${measure} ${shareText(share)} (${intervalText(share)})`;
      return { x: cap, y: share.share, low: share.low, high: share.high, text };
    }),
  }));
}

export function CapPlot({ summary, runs }: { summary: RunSummary; runs: readonly BenchmarkRun[] }): VNode {
  const bound = (['strict', 'repaired'] as const).map((measure, index) => ({
    series: (index + 1) as Series,
    dashed: true,
    points: summary.rightWithin.map((point) => ({ x: point.calls, y: point[measure], text: '' })),
  }));
  const joined = capRuns(summary, runs);
  const measured = runs.length > 1 ? measuredCurves(joined) : [];
  const most = Math.max(...runs.map(({ manifest }) => manifest.cap));
  const source = `Dashed: right with at most so many calls in the run at cap ${summary.cap}. That is a lower bound: a run that used more counts as wrong, though under the smaller cap it might have concluded earlier.`;
  const others = joined.leftOut > 0 ? ` ${joined.leftOut} of another responder are left out.` : '';
  const marks = `Marks: one run each at its cap, over the ${joined.incidents} incidents that all hold, 95% interval.${others}`;
  return (
    <Plot
      title="Accuracy against the cap"
      legend={<Legend names={['strict diagnosis', 'repaired']} />}
      caption={measured.length > 0 ? `${marks} ${source}` : source}
    >
      <CurveChart
        label="Share right against the number of tool calls allowed"
        curves={[...bound, ...measured]}
        most={most}
        axis="tool calls allowed in one incident"
      />
    </Plot>
  );
}

function counted(summary: RunSummary): RunSummary['results'] {
  return summary.results.filter((result) => result.split === summary.reported && result.failure !== 'infra');
}

function columnOf(name: string, own: RunSummary['results']): Column {
  const right = own.filter((result) => result.strict).length;
  return {
    name,
    parts: [
      { series: 1, value: right },
      { series: 2, value: own.length - right },
    ],
  };
}

export function CallsPlot({ summary }: { summary: RunSummary }): VNode {
  const byCalls = groupedBy(counted(summary), (result) => [String(result.toolCalls)]);
  const most = Math.max(summary.cap, ...counted(summary).map((result) => result.toolCalls));
  const { toolCalls } = summary.headline;
  return (
    <Plot
      title="Tool calls used"
      legend={<Legend bars names={['diagnosis strict', 'not']} />}
      caption={`Mean ${toolCalls.mean.toFixed(1)}, p95 ${toolCalls.p95}; ${toolCalls.capHits} runs at the cap of ${summary.cap}.`}
    >
      <ColumnChart
        label="Histogram of tool calls"
        columns={Array.from({ length: most + 1 }, (_, calls) =>
          columnOf(String(calls), byCalls.get(String(calls)) ?? []),
        )}
        axis="tool calls in one incident"
        unit="runs"
      />
    </Plot>
  );
}

export function CostPlot({ summary }: { summary: RunSummary }): VNode {
  const results = counted(summary);
  const { costUsd, tokens, seconds } = summary.headline;
  const caption = `Mean ${usd(costUsd.mean)}, p95 ${usd(costUsd.p95)}, all ${usd(costUsd.total)}; ${Math.round(tokens.mean).toLocaleString('en-US')} tokens and ${seconds.mean.toFixed(1)} s an incident by the mean.`;
  const most = Math.max(0, ...results.map((result) => result.costUsd));
  if (most === 0) {
    return (
      <Plot title="Cost" caption={caption}>
        <p>No cost was recorded: this responder calls no priced model.</p>
      </Plot>
    );
  }
  const edges = scaleLinear([0, most], [0, 1]).nice(12).ticks(12);
  const size = (edges[1] ?? most) - (edges[0] ?? 0);
  const columns = edges.map((edge) =>
    columnOf(
      String(Number(edge.toFixed(6))),
      results.filter((result) => result.costUsd >= edge && result.costUsd < edge + size),
    ),
  );
  return (
    <Plot title="Cost" legend={<Legend bars names={['diagnosis strict', 'not']} />} caption={caption}>
      <ColumnChart label="Histogram of cost" columns={columns} axis="US dollars an incident, from" unit="runs" />
    </Plot>
  );
}

export function FailuresPlot({ summary }: { summary: RunSummary }): VNode {
  const { failures, repairFailures, runs, strict } = summary.headline;
  const bars = Object.entries(failures)
    .map(([name, value]) => ({ name: words(name), value }))
    .sort((a, b) => b.value - a.value);
  const kinds = Object.entries(repairFailures).map(([name, value]) => `${words(name)} ${value}`);
  const failed = bars.reduce((sum, bar) => sum + bar.value, 0);
  const caption = `${failed} of ${runs} runs (${percent(runs === 0 ? 0 : failed / runs)}); infra is set apart and not in the ${strict.n} counted.${kinds.length > 0 ? ` Repair only: ${kinds.join(', ')}.` : ''}`;
  return (
    <Plot title="Failure classes, by rule" caption={caption}>
      {bars.length === 0 ? <p>No run failed.</p> : <BarChart label="Failure classes" bars={bars} unit="runs" />}
    </Plot>
  );
}
