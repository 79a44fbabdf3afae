import { scaleLinear } from 'd3-scale';
import type { VNode } from 'preact';
import { Frame, RIGHT, type Series, WIDTH } from './report-html-charts.js';

export interface Column {
  name: string;
  /** Stacked from the axis up. */
  parts: { series: Series; value: number }[];
}

/** Counts as stacked columns; the axis names every column it has room for. */
export function ColumnChart(props: { label: string; columns: readonly Column[]; axis: string; unit: string }): VNode {
  const { columns } = props;
  const [left, top, bottom] = [44, 26, 200];
  const totals = columns.map((column) => column.parts.reduce((sum, part) => sum + part.value, 0));
  const y = scaleLinear([0, Math.max(1, ...totals)], [bottom, top]).nice(4);
  const room = (WIDTH - RIGHT - left) / Math.max(1, columns.length);
  const widest = Math.max(2, ...columns.map((column) => column.name.length)) * 9 + 6;
  const every = Math.ceil(widest / room);
  return (
    <Frame label={props.label} height={bottom + 42}>
      {y
        .ticks(4)
        .filter(Number.isInteger)
        .map((tick) => (
          <g key={tick}>
            <line class="grid" x1={left} x2={WIDTH - RIGHT} y1={y(tick)} y2={y(tick)} />
            <text class="quiet" x={left - 6} y={y(tick) + 4} text-anchor="end">
              {tick}
            </text>
          </g>
        ))}
      {columns.map((column, index) => {
        let below = 0;
        const from = left + index * room;
        return (
          <g key={column.name}>
            <title>{`${column.name}: ${totals[index]} ${props.unit}`}</title>
            {column.parts.map((part) => {
              const start = below;
              below += part.value;
              return (
                <rect
                  key={part.series}
                  class={`s${part.series} fill`}
                  x={from + room * 0.1}
                  width={room * 0.8}
                  y={y(below)}
                  height={Math.max(0, y(start) - y(below))}
                />
              );
            })}
            {index % every === 0 ? (
              <text class="quiet" x={from + room / 2} y={bottom + 16} text-anchor="middle">
                {column.name}
              </text>
            ) : null}
          </g>
        );
      })}
      <line class="axis" x1={left} x2={WIDTH - RIGHT} y1={bottom} y2={bottom} />
      <text class="quiet small" x={left - 6} y={12} text-anchor="end">
        {props.unit}
      </text>
      <text class="quiet" x={(left + WIDTH - RIGHT) / 2} y={bottom + 34} text-anchor="middle">
        {props.axis}
      </text>
    </Frame>
  );
}

/** Counts by name, longest first as given. */
export function BarChart({
  label,
  bars,
  unit,
}: {
  label: string;
  bars: readonly { name: string; value: number }[];
  unit: string;
}): VNode {
  const left = 158;
  const bottom = bars.length * 24 + 4;
  const x = scaleLinear([0, Math.max(1, ...bars.map((bar) => bar.value))], [left, WIDTH - 40]);
  return (
    <Frame label={label} height={bottom + 20}>
      {bars.map((bar, index) => (
        <g key={bar.name}>
          <text x={left - 10} y={index * 24 + 17} text-anchor="end">
            {bar.name}
          </text>
          <rect class="s1 fill" x={left} y={index * 24 + 4} width={x(bar.value) - left} height={17} />
          <text x={x(bar.value) + 6} y={index * 24 + 17}>
            {bar.value}
          </text>
        </g>
      ))}
      <line class="axis" x1={left} x2={left} y1={0} y2={bottom} />
      <text class="quiet" x={left} y={bottom + 14}>
        {unit}
      </text>
    </Frame>
  );
}
