/** Series whose every derived figure can be worked out by hand. Simulator and real server hold the same, up to an instant of their own. */
export interface HistorySeries {
  name: string;
  labels: Record<string, string>;
  meaning: string;
  /** [minutes before the end, value], oldest first; straight lines between. */
  points: readonly [number, number][];
}

const DAY = 1440;

export const HISTORY: readonly HistorySeries[] = [
  {
    name: 'contract_flat',
    labels: { kind: 'flat', table: 'bronze.orders' },
    meaning: 'always the same',
    points: [
      [30 * DAY, 42],
      [0, 42],
    ],
  },
  {
    name: 'contract_rising',
    labels: { kind: 'rising', table: 'bronze.orders' },
    meaning: 'one more a minute',
    points: [
      [30 * DAY, 10_000 - 30 * DAY],
      [0, 10_000],
    ],
  },
  {
    // Its process began again twelve hours before the end.
    name: 'contract_restarts_total',
    labels: { kind: 'counter', table: 'bronze.orders' },
    meaning: 'a counter of one a minute that begins again',
    points: [
      [30 * DAY, 0],
      [720.5, 30 * DAY - 720.5],
      [720, 0],
      [0, 720],
    ],
  },
  {
    name: 'contract_lag',
    labels: { kind: 'lag', topic: 'shop.orders' },
    meaning: 'records behind: usual until six hours before the end, then growing',
    points: [
      [30 * DAY, 40],
      [360, 40],
      [0, 32_440],
    ],
  },
];

/** Value of a series at an instant before the end. */
export function valueBefore({ points }: HistorySeries, minutes: number): number {
  const after = points.findIndex(([before]) => before < minutes);
  const [left, right] = [points[after - 1], points[after]];
  if (!left || !right) return points.at(-1)?.[1] ?? Number.NaN;
  return left[1] + ((right[1] - left[1]) * (left[0] - minutes)) / (left[0] - right[0]);
}
