import { clean } from '../domain/visible-text.js';
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
  WIDTH,
  wrapped,
} from './report-words.js';
import { FAILURE_WORDS } from './summary-aims.js';
import type { Figures } from './summary-figures.js';
import { type RunSummary, summariseRun } from './summary-run.js';
import type { GroupRow, Share } from './summary-shares.js';

function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}

/** Columns as wide as their widest cell; cells are cut so that the line keeps to the terminal. */
function table(head: string[], rows: string[][], widest = 28): string[] {
  const all = [head, ...rows].map((cells) => cells.map((cell) => cut(cell, widest)));
  const widths = head.map((_, column) => Math.max(...all.map((cells) => cells[column]?.length ?? 0)));
  return all.map((cells) =>
    cut(`  ${cells.map((cell, column) => cell.padEnd((widths[column] ?? 0) + 2)).join('')}`.trimEnd(), WIDTH),
  );
}

function section(title: string, lines: string[]): string[] {
  return lines.length === 0 ? [] : ['', title, ...lines];
}

const SHARES: [string, (figures: Figures) => Share][] = [
  ['strict diagnosis', (figures) => figures.strict],
  ['any entity right', (figures) => figures.anyHit],
  ['categories right', (figures) => figures.categoryOnly],
  ['strict and grounded', (figures) => figures.grounded],
  ['repaired by execution', (figures) => figures.repaired],
  ['repaired, if strict', (figures) => figures.repairedGivenStrict],
  ['repaired, of plans', (figures) => figures.repairedOfPlans],
  ['unsafe', (figures) => figures.unsafe],
  ['escalation precision', (figures) => figures.escalation.precision],
  ['escalation recall', (figures) => figures.escalation.recall],
];

function headlineLines({ headline, splits, reported }: RunSummary): string[] {
  const other = reported === 'heldout' ? splits.dev : undefined;
  return table(
    [SPLITS[reported], 'of', 'share', '95% interval', ...(other ? ['dev'] : [])],
    SHARES.map(([name, of]) => {
      const share = of(headline);
      return [
        name,
        `${share.hits}/${share.n}`,
        shareText(share),
        intervalText(share),
        ...(other ? [shareText(of(other))] : []),
      ];
    }),
  );
}

function effortLines({ headline, cap }: RunSummary): string[] {
  const { toolCalls, tokens, costUsd, seconds, escalation, passHat, twins } = headline;
  const three = passHat.find(({ k }) => k === 3);
  const mean = (value: number): string => Math.round(value).toLocaleString('en-US');
  const rows = [
    ['unsafe, 95% bound', `${atMost(headline.unsafe)} of runs, ${atMost(headline.unsafeScenarios)} of scenarios`],
    ['escalation', `${escalation.right} right, ${escalation.missed} missed, ${escalation.needless} needless`],
    ...(three
      ? [
          [
            'pass^3',
            `${percent(three.strict)} strict, ${percent(three.repaired)} repaired, ${percent(three.both)} both`,
          ],
        ]
      : []),
    ...(twins.pairs > 0
      ? [['twins', `both right ${twins.both.hits} of ${twins.both.n} pairs of runs, only one ${twins.one}`]]
      : []),
    ['evidence coverage', percent(headline.evidenceCoverage)],
    [
      'tool calls',
      `mean ${toolCalls.mean.toFixed(1)}, p95 ${toolCalls.p95}, at the cap of ${cap}: ${toolCalls.capHits} runs`,
    ],
    ['tokens', `mean ${mean(tokens.mean)}, p95 ${mean(tokens.p95)}`],
    ['cost', `mean ${usd(costUsd.mean)}, p95 ${usd(costUsd.p95)}, all ${usd(costUsd.total)}`],
    ['seconds', `mean ${seconds.mean.toFixed(1)}, p95 ${seconds.p95.toFixed(1)}`],
  ];
  return rows.map(([name = '', value = '']) => `  ${name.padEnd(22)}${value}`);
}

function mttrLines({ headline: { mttr } }: RunSummary): string[] {
  const { assumptions } = mttr;
  const gates = mttr.byGate.map((item) => `${item.gateMinutes} min ${times(item.allRatio)}`).join(', ');
  return [
    `  all ${mttr.n} with a fault     ${times(mttr.allRatio)}   (if the person takes ${gates})`,
    `  repaired (${mttr.repaired}), mean     ${times(mttr.repairedRatio)}`,
    `  repaired (${mttr.repaired}), median   ${times(mttr.repairedMedianRatio)}`,
    ...wrapped(
      `By hand ${assumptions.manualMinutes} min: ${assumptions.manualSource}. ${assumptions.gateMinutes} min for the person who decides.`,
      '  ',
    ),
  ];
}

function groupLines(rows: readonly GroupRow[]): string[] {
  if (rows.length === 0) return [];
  return table(
    ['', 'runs', 'strict', '95%', 'repaired', '95%', 'unsafe'],
    rows.map((row) => [
      row.name,
      String(row.n),
      shareText(row.strict),
      intervalText(row.strict),
      shareText(row.repaired),
      intervalText(row.repaired),
      String(row.unsafe),
    ]),
    24,
  );
}

function baselineLines({ baselines }: RunSummary): string[] {
  if (baselines.length === 0) return [];
  const cell = (count: { passed: number; unsafe: number; n: number }): string =>
    count.n === 0 ? '–' : `${count.passed}/${count.n}${count.unsafe > 0 ? `, ${count.unsafe} unsafe` : ''}`;
  return table(
    ['policy', 'held out', 'dev'],
    baselines.map((row) => [row.policy, cell(row.heldout), cell(row.dev)]),
    40,
  );
}

function paperLines({ paper }: RunSummary): string[] {
  return paper.flatMap((row) => [
    `  ${row.claim.padEnd(22)}${row.theirs}`,
    ...wrapped(`Ours: ${row.ours.map(({ name, value }) => `${name} ${value}`).join('; ')}`, '    '),
    ...wrapped(row.fair, '    '),
  ]);
}

function attackLines({ headline: { attacks } }: RunSummary): string[] {
  return attacks.byChannel.map(
    ({ channel, succeeded, flagged }) =>
      `  ${channel.padEnd(30)}${succeeded.hits} of ${succeeded.n} succeeded (${atMost(succeeded)}), ${flagged} flagged`,
  );
}

function runLines({ results, repeats }: RunSummary): string[] {
  return table(
    ['scenario', 'split', 'diagnosis', 'grounded', 'repair', 'unsafe', 'calls', 'seconds', 'failure'],
    results.map((result) => [
      repeats > 1 ? `${result.scenario}#${result.repeat}` : result.scenario,
      SPLITS[result.split],
      result.strict ? 'strict' : result.anyHit ? 'any hit' : result.categoryOnly ? 'category' : 'wrong',
      result.grounded ? 'yes' : 'no',
      result.repaired ? 'passed' : 'failed',
      result.unsafe ? 'UNSAFE' : 'no',
      String(result.toolCalls),
      result.seconds.toFixed(1),
      result.failure ?? '',
    ]),
  );
}

function failureLines({ headline: { failures, repairFailures } }: RunSummary): string[] {
  const kinds = Object.entries(repairFailures).map(([kind, n]) => `${kind} ${n}`);
  return Object.entries(failures).map(
    ([name, n]) =>
      `  ${name.padEnd(22)}${n}${name === 'repair_only' && kinds.length > 0 ? `   (${kinds.join(', ')})` : ''}`,
  );
}

function detailLines({ results }: RunSummary): string[] {
  return results
    .filter((result) => result.failureDetail.length > 0)
    .flatMap((result) => [
      `  ${result.scenario}#${result.repeat} ${result.failure ?? ''}`,
      ...result.failureDetail.flatMap((detail) => wrapped(detail, '    ')),
    ]);
}

function aimLines({ aims, shortfalls: short }: RunSummary): string[] {
  const rows = aims.map((row) => ({ name: row.name, ...aimText(row) }));
  const classes = [...new Set(short.map(({ failure }) => failure))];
  return [
    ...table(
      ['aim', 'bar', 'here', ''],
      rows.map(({ name, aim, got, met }) => [name, aim, got, met]),
    ),
    ...classes.flatMap((failure) => {
      const own = short.filter((item) => item.failure === failure);
      const names = own.map(({ scenario, unsafe }) => (unsafe ? `${scenario} (unsafe)` : scenario)).join(', ');
      return wrapped(`${own.length} ${FAILURE_WORDS[failure]}: ${names}`, '  ');
    }),
  ];
}

/** The report for a terminal of 100 columns. */
export function renderTextReport(run: BenchmarkRun): string {
  const summary = summariseRun(run);
  const { headline, reasoner } = summary;
  const who = `${reasoner.name}${reasoner.model === '' ? '' : ` (${reasoner.model})`}, version ${summary.version}, cap ${summary.cap}, seed ${summary.seed}`;
  const what = `Reported: ${SPLITS[summary.reported]}, ${headline.scenarios} scenarios of ${headline.families} families, ${summary.repeats} repeat(s), ${headline.infraErrors} set apart`;
  const lines = [
    ...wrapped(who),
    ...wrapped(what),
    ...cautions(summary).flatMap((line) => wrapped(`! ${line}`)),
    ...section('Shares', headlineLines(summary)),
    ...wrapped(INTERVALS, '  '),
    ...section('Aims, and where it falls short', aimLines(summary)),
    ...section('Effort and safety', effortLines(summary)),
    ...section('Time to resolution', mttrLines(summary)),
    ...section('By category', groupLines(headline.byCategory)),
    ...section('By tag', groupLines(headline.byTag)),
    ...section('By family', groupLines(headline.byFamily)),
    ...section('Failure classes', failureLines(summary)),
    ...section('Attacks by channel', attackLines(summary)),
    ...section('Policies without a mind: passed', baselineLines(summary)),
    ...section('The paper beside it', paperLines(summary)),
    ...section('Runs', runLines(summary)),
    ...section('What failed', detailLines(summary)),
  ];
  // Names and details come from files and systems: nothing in them may steer the terminal.
  return clean(lines.join('\n'));
}
