import { scaleLinear } from 'd3-scale';
import type { ComponentChildren, VNode } from 'preact';
import { percent } from './report-words.js';

/** Wide enough for labels, narrow enough that text stays readable when a phone scales it down. */
export const WIDTH = 440;
export const RIGHT = 24;

/** Series are told apart by colour and by shape. */
export type Series = 1 | 2 | 3;

export function Mark({ series, x, y }: { series: Series; x: number; y: number }): VNode {
  const kind = `s${series} ${series === 1 ? 'fill' : 'open'}`;
  if (series === 1) return <circle class={kind} cx={x} cy={y} r={4.5} />;
  if (series === 2) return <path class={kind} d={`M${x} ${y - 5.5}l5.5 5.5l-5.5 5.5l-5.5 -5.5z`} />;
  return <rect class={kind} x={x - 4} y={y - 4} width={8} height={8} />;
}

export function Legend({ names, bars }: { names: readonly string[]; bars?: boolean }): VNode {
  return (
    <ul class="legend">
      {names.map((name, index) => (
        <li key={name}>
          <svg viewBox="0 0 14 14" aria-hidden="true">
            {bars ? (
              <rect class={`s${index + 1} fill`} x={1} y={1} width={12} height={12} />
            ) : (
              <Mark series={(index + 1) as Series} x={7} y={7} />
            )}
          </svg>
          {name}
        </li>
      ))}
    </ul>
  );
}

export function Plot(props: { title: string; caption?: string; legend?: VNode; children: ComponentChildren }): VNode {
  return (
    <figure>
      <h3>{props.title}</h3>
      {props.legend}
      {props.children}
      {props.caption === undefined ? null : <figcaption>{props.caption}</figcaption>}
    </figure>
  );
}

export function Frame(props: { label: string; height: number; children: ComponentChildren }): VNode {
  return (
    <svg viewBox={`0 0 ${WIDTH} ${props.height}`} role="img" aria-label={props.label}>
      {props.children}
    </svg>
  );
}

export interface IntervalRow {
  name: string;
  note: string;
  marks: { series: Series; value: number; low: number; high: number; text: string }[];
}

/** Shares with their intervals, one row a name; axis from 0 to 100%. */
export function IntervalChart({
  label,
  rows,
  axis,
}: {
  label: string;
  rows: readonly IntervalRow[];
  axis: string;
}): VNode {
  const left = 158;
  const x = scaleLinear([0, 1], [left, WIDTH - RIGHT]);
  const tops: number[] = [];
  let bottom = 6;
  for (const row of rows) {
    tops.push(bottom);
    bottom += Math.max(30, row.marks.length * 15 + 8);
  }
  return (
    <Frame label={label} height={bottom + 40}>
      <g>
        {x.ticks(5).map((tick) => (
          <g key={tick}>
            <line class="grid" x1={x(tick)} x2={x(tick)} y1={2} y2={bottom} />
            <text class="quiet" x={x(tick)} y={bottom + 15} text-anchor="middle">
              {percent(tick)}
            </text>
          </g>
        ))}
        <text class="quiet" x={(left + WIDTH - RIGHT) / 2} y={bottom + 32} text-anchor="middle">
          {axis}
        </text>
      </g>
      {rows.map((row, index) => {
        const top = tops[index] ?? 0;
        return (
          <g key={row.name}>
            <text x={left - 10} y={top + 14} text-anchor="end">
              {row.name}
            </text>
            <text class="quiet small" x={left - 10} y={top + 27} text-anchor="end">
              {row.note}
            </text>
            {row.marks.map((mark, at) => {
              const y = top + 11 + at * 15;
              return (
                <g key={mark.series} class={`s${mark.series}`}>
                  <title>{`${row.name}: ${mark.text}`}</title>
                  <line class="stroke" x1={x(mark.low)} x2={x(mark.high)} y1={y} y2={y} />
                  <Mark series={mark.series} x={x(mark.value)} y={y} />
                </g>
              );
            })}
          </g>
        );
      })}
    </Frame>
  );
}

export interface CurveSeries {
  series: Series;
  dashed: boolean;
  points: { x: number; y: number; low?: number; high?: number; text: string }[];
}

/** Shares against a count: a dashed curve in steps, or marks with intervals. Marks are not joined: nothing was measured in between. */
export function CurveChart(props: {
  label: string;
  curves: readonly CurveSeries[];
  most: number;
  axis: string;
  cap?: number;
}): VNode {
  const { curves, most } = props;
  const [left, top, bottom] = [44, 26, 230];
  const x = scaleLinear([0, Math.max(1, most)], [left, WIDTH - RIGHT]);
  const y = scaleLinear([0, 1], [bottom, top]);
  const step = (points: CurveSeries['points']): string =>
    points.map((point, index) => `${index === 0 ? `M${x(point.x)} ` : `H${x(point.x)}V`}${y(point.y)}`).join('');
  return (
    <Frame label={props.label} height={bottom + 42}>
      {y.ticks(5).map((tick) => (
        <g key={tick}>
          <line class="grid" x1={left} x2={WIDTH - RIGHT} y1={y(tick)} y2={y(tick)} />
          <text class="quiet" x={left - 6} y={y(tick) + 4} text-anchor="end">
            {percent(tick)}
          </text>
        </g>
      ))}
      {x
        .ticks(Math.min(12, Math.max(1, most)))
        .filter(Number.isInteger)
        .map((tick) => (
          <text key={tick} class="quiet" x={x(tick)} y={bottom + 16} text-anchor="middle">
            {tick}
          </text>
        ))}
      <line class="axis" x1={left} x2={WIDTH - RIGHT} y1={bottom} y2={bottom} />
      <text class="quiet small" x={4} y={12}>
        share of runs
      </text>
      <text class="quiet" x={(left + WIDTH - RIGHT) / 2} y={bottom + 34} text-anchor="middle">
        {props.axis}
      </text>
      {curves.map((curve) => {
        const { series, dashed, points } = curve;
        return (
          <g key={`${series}${dashed}`} class={`s${series}`}>
            {dashed ? <path class="stroke dash" d={step(points)} /> : null}
            {dashed
              ? null
              : points.map((point) => {
                  // Beside each other, so that neither hides the other's interval.
                  const at = x(point.x) + (series - 1.5) * 7;
                  return (
                    <g key={point.x}>
                      <title>{point.text}</title>
                      <line class="stroke" x1={at} x2={at} y1={y(point.low ?? point.y)} y2={y(point.high ?? point.y)} />
                      <Mark series={series} x={at} y={y(point.y)} />
                    </g>
                  );
                })}
          </g>
        );
      })}
    </Frame>
  );
}
