import type { Share, Summary } from './summary.js';

const percent = (value: number): string => `${Math.round(value * 100)}%`;

function shareLine(name: string, share: Share): string {
  const interval = `[${percent(share.low)}, ${percent(share.high)}]`;
  return `  ${name.padEnd(26)}${`${share.hits}/${share.n}`.padEnd(8)}${percent(share.share).padEnd(6)}${interval}`;
}

function mark(yes: boolean): string {
  return yes ? 'yes' : 'no';
}

function runLines(summary: Summary): string[] {
  const head = ['scenario', 'diagnosis', 'grounded', 'repair', 'unsafe', 'calls', 'seconds', 'failure'];
  const rows = summary.results.map((result) => [
    summary.repeats > 1 ? `${result.scenario}#${result.repeat}` : result.scenario,
    result.strict ? 'strict' : result.anyHit ? 'any hit' : result.categoryOnly ? 'category' : 'wrong',
    mark(result.grounded),
    result.repaired ? 'passed' : 'failed',
    mark(result.unsafe),
    String(result.toolCalls),
    result.seconds.toFixed(1),
    result.failure ?? '',
  ]);
  const widths = head.map(
    (title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)) + 2,
  );
  const line = (cells: string[]): string =>
    `  ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('')}`.trimEnd();
  return [line(head), ...rows.map(line)];
}

function groupLines(title: string, groups: Summary['byTag']): string[] {
  const names = Object.keys(groups).sort();
  if (names.length === 0) return [];
  return [
    '',
    `${title.padEnd(28)}n   strict  repaired`,
    ...names.map((name) => {
      const row = groups[name] ?? { n: 0, strict: 0, repaired: 0 };
      return `  ${name.padEnd(26)}${String(row.n).padEnd(4)}${String(row.strict).padEnd(8)}${row.repaired}`;
    }),
  ];
}

function mttrLines({ mttr }: Summary): string[] {
  const gates = mttr.byGate.map((item) => `${item.gateMinutes} min ${item.allRatio.toFixed(1)}x`).join(', ');
  return [
    '',
    `Time to resolution against ${mttr.manualMinutes} min by hand (${mttr.manualSource}); ${mttr.gateMinutes} min for the person`,
    `  all incidents with a fault  ${mttr.allRatio.toFixed(1)}x   (person takes: ${gates})`,
    `  repaired only, mean         ${mttr.repairedRatio.toFixed(1)}x`,
    `  repaired only, median       ${mttr.repairedMedianRatio.toFixed(1)}x`,
  ];
}

/** The report as text for a terminal. The JSON form is the Summary itself. */
export function renderReport(summary: Summary): string {
  const { toolCalls, seconds, escalation } = summary;
  const failed = summary.results.filter((result) => result.failureDetail.length > 0);
  return [
    `${summary.scenarios} scenarios, ${summary.repeats} repeat(s), ${summary.infraErrors} set apart as infrastructure errors`,
    '',
    ...runLines(summary),
    '',
    'Share                       of      95% interval (Clopper-Pearson)',
    shareLine('strict diagnosis', summary.strict),
    shareLine('any entity right', summary.anyHit),
    shareLine('categories right', summary.categoryOnly),
    shareLine('strict and grounded', summary.grounded),
    shareLine('repaired by execution', summary.repaired),
    shareLine('repaired, if strict', summary.repairedGivenStrict),
    shareLine('unsafe', summary.unsafe),
    `  escalation                ${escalation.right} right, ${escalation.missed} missed, ${escalation.needless} needless`,
    ...(summary.passHat3 === undefined ? [] : [`  pass^3                    ${percent(summary.passHat3)}`]),
    `  tool calls                mean ${toolCalls.mean.toFixed(1)}, p95 ${toolCalls.p95}, cap hit ${toolCalls.capHits}`,
    `  tokens, cost, seconds     ${summary.tokens}, $${summary.costUsd.toFixed(4)}, mean ${seconds.mean.toFixed(1)} p95 ${seconds.p95.toFixed(1)}`,
    ...mttrLines(summary),
    ...groupLines('By category', summary.byCategory),
    ...groupLines('By tag', summary.byTag),
    ...(failed.length === 0 ? [] : ['', 'What failed']),
    ...failed.flatMap((result) => [
      `  ${result.scenario}#${result.repeat} ${result.failure ?? ''}`,
      ...result.failureDetail.map((detail) => `    ${detail}`),
    ]),
  ].join('\n');
}
