import type { Figures } from './summary-figures.js';

/** One claim of the paper beside the figure of ours that it may fairly be held against. */
export interface PaperRow {
  claim: string;
  theirs: string;
  ours: { name: string; value: string }[];
  fair: string;
}

const percent = (value: number): string => `${Math.round(value * 100)}%`;
const times = (value: number): string => `${value.toFixed(1)}x`;

/**
 * The paper's figures beside ours. 83% and 80% come without n, repeats, rule or interval, and 36x over every incident does not
 * go with 80% repaired: at five minutes instead of 180 one failure in five makes 4.4x.
 */
export function paperRows(figures: Figures, cap: number): PaperRow[] {
  const { mttr } = figures;
  return [
    {
      claim: 'diagnosis',
      theirs: '83%',
      ours: [
        { name: 'strict', value: percent(figures.strict.share) },
        { name: 'any entity', value: percent(figures.anyHit.share) },
        { name: 'category', value: percent(figures.categoryOnly.share) },
      ],
      fair: 'Its rule of scoring is not stated: between our category figure and our strict one, which is the harder.',
    },
    {
      claim: 'proposal correctness',
      theirs: '80%',
      ours: [
        { name: 'repaired, all', value: percent(figures.repaired.share) },
        { name: 'of plans', value: percent(figures.repairedOfPlans.share) },
        { name: 'repaired, if strict', value: percent(figures.repairedGivenStrict.share) },
      ],
      fair: 'Ours is judged by carrying the repair out, over every incident; compare with "repaired, all".',
    },
    {
      claim: 'time to resolution',
      theirs: '36x',
      ours: [
        { name: 'repaired, median', value: times(mttr.repairedMedianRatio) },
        { name: 'repaired, mean', value: times(mttr.repairedRatio) },
        { name: 'all incidents', value: times(mttr.allRatio) },
        { name: 'repaired, median, nobody waited for', value: times(mttr.byGate[0]?.repairedMedianRatio ?? 0) },
      ],
      fair: 'Only with the repaired median or mean: at 80% repaired and 180 to 5 min, all incidents come to 4.4x, not 36x.',
    },
    {
      claim: 'tool calls',
      theirs: '6, cap 12',
      ours: [
        { name: 'mean', value: figures.toolCalls.mean.toFixed(1) },
        { name: 'p95', value: String(figures.toolCalls.p95) },
        { name: 'cap', value: String(cap) },
      ],
      fair: 'Comparable under the same cap only; the tools are not the same, so a call may fetch more or less.',
    },
  ];
}
