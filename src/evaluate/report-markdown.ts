import type { BenchmarkRun } from './model.js';
import {
  aimText,
  atMost,
  cautions,
  INTERVALS,
  intervalText,
  percent,
  SPLITS,
  shareText,
  times,
  usd,
} from './report-words.js';
import { FAILURE_WORDS } from './summary-aims.js';
import { type RunSummary, summariseRun } from './summary-run.js';
import type { Share } from './summary-shares.js';

/** Names come from scenario files and model settings: nothing in them may end a cell or open a tag. */
function cell(text: string): string {
  return text.replace(/[\\`*_{}[\]<>|&]/g, (mark) => `&#${mark.codePointAt(0)};`).replace(/\s+/g, ' ');
}

function row(cells: string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function tableOf(head: string[], rows: string[][]): string[] {
  return [row(head), row(head.map(() => '---')), ...rows.map(row)];
}

function shareRow(name: string, share: Share): string[] {
  return [name, `${share.hits} of ${share.n}`, shareText(share), intervalText(share)];
}

function shareTable({ headline, reported }: RunSummary): string[] {
  return tableOf(
    [`Figure (${SPLITS[reported]})`, 'Runs', 'Share', '95% interval'],
    [
      shareRow('**Strict diagnosis**: every cause, none too many', headline.strict),
      shareRow('any entity right', headline.anyHit),
      shareRow('categories right', headline.categoryOnly),
      shareRow('strict and grounded in a quote', headline.grounded),
      shareRow('**Repaired**, by execution, all incidents', headline.repaired),
      shareRow('repaired, if the diagnosis is strict', headline.repairedGivenStrict),
      shareRow('repaired, where a plan was proposed', headline.repairedOfPlans),
      shareRow('unsafe', headline.unsafe),
    ],
  );
}

function mttrSentence({ headline: { mttr } }: RunSummary): string {
  const { assumptions } = mttr;
  const gates = mttr.byGate.map((gate) => `${times(gate.allRatio)} at ${gate.gateMinutes}`).join(', ');
  return (
    `Time to resolution: **${times(mttr.allRatio)}** over all ${mttr.n} runs with a fault; over the ${mttr.repaired} repaired ` +
    `${times(mttr.repairedRatio)} by means and ${times(mttr.repairedMedianRatio)} by the median. ` +
    `A person takes ${assumptions.gateMinutes} minutes at the gate (all runs: ${gates}); ` +
    `by hand ${assumptions.manualMinutes} minutes: ${cell(assumptions.manualSource)}.`
  );
}

function sentences(summary: RunSummary): string[] {
  const { headline, gap, cap } = summary;
  const { toolCalls, costUsd, seconds, passHat, escalation } = headline;
  const three = passHat.find(({ k }) => k === 3);
  return [
    mttrSentence(summary),
    `Unsafe: ${headline.unsafe.hits} of ${headline.unsafe.n} runs; what was seen still allows ${atMost(headline.unsafe)} of runs (${atMost(headline.unsafeScenarios)} if repeats of one incident say nothing new).`,
    `Escalation: ${escalation.right} right, ${escalation.missed} missed, ${escalation.needless} needless.`,
    `Tool calls: mean ${toolCalls.mean.toFixed(1)}, p95 ${toolCalls.p95}, ${toolCalls.capHits} runs at the cap of ${cap}. Cost ${usd(costUsd.mean)} and ${seconds.mean.toFixed(0)} s an incident.`,
    ...(three
      ? [
          `All of three runs right: ${percent(three.strict)} of diagnoses, ${percent(three.repaired)} of repairs (pass^3).`,
        ]
      : []),
    ...(gap
      ? [
          `Dev minus held out: ${signed(gap.strict)} points strict, ${signed(gap.repaired)} repaired: how much is known by heart.`,
        ]
      : []),
    INTERVALS,
    ...cautions(summary),
  ];
}

function signed(difference: number): string {
  const points = Math.round(difference * 100);
  return points > 0 ? `+${points}` : String(points).replace('-', '−');
}

function baselineTable({ baselines }: RunSummary): string[] {
  if (baselines.length === 0) return [];
  const count = (item: { passed: number; n: number; unsafe: number }): string =>
    item.n === 0 ? '–' : `${item.passed} of ${item.n}${item.unsafe > 0 ? ` (${item.unsafe} unsafe)` : ''}`;
  return [
    '',
    ...tableOf(
      ['Policy without a mind', 'Held out', 'Dev'],
      baselines.map((item) => [cell(item.policy), count(item.heldout), count(item.dev)]),
    ),
  ];
}

function paperTable({ paper }: RunSummary): string[] {
  return [
    '',
    ...tableOf(
      ['', 'Paper', 'Ours', 'Fair comparison'],
      paper.map((item) => [
        item.claim,
        item.theirs,
        item.ours.map(({ name, value }) => `${name} ${value}`).join('<br>'),
        item.fair,
      ]),
    ),
  ];
}

function aimTable({ aims }: RunSummary): string[] {
  const rows = aims.map((item) => ({ name: item.name, ...aimText(item) }));
  return [
    '',
    ...tableOf(
      ['Aim', 'Bar', 'Here', ''],
      rows.map(({ name, aim, got, met }) => [name, aim, got, met === 'missed' ? '**missed**' : met]),
    ),
  ];
}

/** Where and why, incident by incident. */
function shortfallLines({ shortfalls: short }: RunSummary): string[] {
  return [
    '',
    ...short.map(
      ({ scenario, repeat, failure, unsafe, why }) =>
        `- ${cell(scenario)}#${repeat}${unsafe ? ' **unsafe**' : ''}: ${FAILURE_WORDS[failure]}; ${cell(why.slice(0, 200))}`,
    ),
  ];
}

/** A short table and the sentences that belong to it, for a README. */
export function renderMarkdownReport(run: BenchmarkRun): string {
  const summary = summariseRun(run);
  const { headline, reasoner } = summary;
  const model = reasoner.model === '' ? '' : ` (${cell(reasoner.model)})`;
  return [
    `${cell(reasoner.name)}${model}, version ${cell(summary.version)}, ${summary.startedAt.slice(0, 10)}: ${headline.scenarios} incidents of ${headline.families} families, ${summary.repeats} run(s) each.`,
    '',
    ...shareTable(summary),
    '',
    ...sentences(summary).map((sentence) => `- ${sentence}`),
    ...aimTable(summary),
    ...shortfallLines(summary),
    ...baselineTable(summary),
    ...paperTable(summary),
    '',
  ].join('\n');
}
