import type { Comparison, MeasureComparison, SplitComparison } from './compare-runs.js';
import { percent, SPLITS, wrapped } from './report-words.js';

function points(value: number): string {
  const rounded = (value * 100).toFixed(1).replace(/\.0$/, '');
  return value > 0 ? `+${rounded}` : rounded;
}

function verdictText({ verdict, difference }: MeasureComparison): string {
  if (verdict === 'noise') return difference === 0 ? 'no difference' : 'within noise';
  return verdict === 'second' ? 'B is better' : 'A is better';
}

function measureLine(item: MeasureComparison): string {
  const interval = item.interval ? `[${points(item.interval.low)}, ${points(item.interval.high)}]` : '[–]';
  return [
    `  ${item.measure.padEnd(12)}`,
    percent(item.first).padEnd(7),
    percent(item.second).padEnd(7),
    points(item.difference).padEnd(8),
    interval.padEnd(17),
    `${item.onlyFirst}:${item.onlySecond}`.padEnd(8),
    item.p.toFixed(3).padEnd(8),
    verdictText(item),
  ].join('');
}

function plainWord(split: SplitComparison): string[] {
  const ranked = split.measures.filter((item) => item.verdict !== 'noise');
  const limit = `about ${Math.round(split.rankable * 100)} points at ${split.scenarios} scenarios`;
  const said =
    ranked.length === 0
      ? `The two do not differ beyond noise: do not rank them (under ${limit}, chance decides).`
      : `Beyond noise: ${ranked.map((item) => `${item.measure} (${verdictText(item)})`).join(', ')}. The rest is not to be ranked (under ${limit}).`;
  return wrapped(said, '  ');
}

function splitLines(split: SplitComparison): string[] {
  return [
    '',
    `${SPLITS[split.split]}: ${split.scenarios} scenarios of ${split.families} families, ${split.pairs} pairs of runs`,
    '  measure     A      B      points  95% interval     only A:B p       verdict',
    ...split.measures.map(measureLine),
    ...split.effort.map(
      ({ name, first, second }) => `  ${name.padEnd(12)}${first.toFixed(2).padEnd(7)}${second.toFixed(2)}`,
    ),
    ...plainWord(split),
  ];
}

function runLine(letter: string, run: Comparison['first']): string {
  const model = run.reasoner.model === '' ? '' : ` (${run.reasoner.model})`;
  return `${letter}: ${run.reasoner.name}${model}, version ${run.version}, cap ${run.cap}, ${run.repeats} repeat(s), ${run.startedAt.slice(0, 16)}`;
}

/** Only those that are now mostly right, or no more; a single run of three that changed is chance more often than not. */
function changedLines(changed: Comparison['changed']): string[] {
  const flipped = changed.filter((item) => item.changedSides);
  const rest = changed.length - flipped.length;
  return [
    flipped.length === 0 ? 'No scenario changed sides.' : 'Scenarios that changed sides: runs right, A to B',
    ...flipped.map(
      ({ scenario, split, runs, strict, repaired }) =>
        `  ${scenario.padEnd(10)}${SPLITS[split].padEnd(10)}strict ${strict.first}/${runs} to ${strict.second}/${runs}   repaired ${repaired.first}/${runs} to ${repaired.second}/${runs}`,
    ),
    ...(rest > 0 ? [`  and ${rest} more in which some runs changed, but not most.`] : []),
  ];
}

/** The comparison for a terminal; the JSON form is the Comparison itself. */
export function renderComparison(comparison: Comparison): string {
  const { changed, leftOut, unpaired, common } = comparison;
  return [
    runLine('A', comparison.first),
    runLine('B', comparison.second),
    ...(leftOut.length > 0
      ? [`! Only the ${common} common scenarios are compared; ${leftOut.length} are not the same in both.`]
      : []),
    ...(unpaired > 0 ? [`! ${unpaired} runs have no counted partner and are left out.`] : []),
    ...comparison.splits.flatMap(splitLines),
    '  Interval: paired bootstrap over families. p: exact McNemar over scenarios, by most of their runs.',
    '',
    ...changedLines(changed),
  ].join('\n');
}
