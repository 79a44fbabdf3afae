import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { compareRuns } from '../evaluate/compare-runs.js';
import { renderComparison } from '../evaluate/compare-text.js';
import { renderHtmlReport } from '../evaluate/report-html.js';
import { renderMarkdownReport } from '../evaluate/report-markdown.js';
import { renderTextReport } from '../evaluate/report-text.js';
import { summariseRun } from '../evaluate/summary-run.js';
import { type Act, EXIT, type Output } from './cli-output.js';
import { type KeptRun, keepText, readRun } from './eval-folder.js';

/** Writes the reports of a run beside its records. */
export function keepReports(dir: string, run: KeptRun): string[] {
  return [keepText(dir, 'report.html', renderHtmlReport([run])), keepText(dir, 'report.md', renderMarkdownReport(run))];
}

interface ReportOptions {
  html?: string;
  markdown?: string;
  json?: boolean;
}

/** `eval report`: the figures of a folder, from its records alone. */
function report(output: Output, folders: readonly string[], options: ReportOptions): number {
  const [run, ...others] = folders.map(readRun);
  if (run === undefined) return EXIT.usage;
  const written: [string | undefined, () => string][] = [
    [options.html, () => renderHtmlReport([run, ...others])],
    [options.markdown, () => renderMarkdownReport(run)],
  ];
  for (const [file, render] of written) {
    if (file === undefined) continue;
    writeFileSync(file, render());
    output.error(`Written: ${file}`);
  }
  if (options.json === true) output.json(summariseRun(run));
  else if (options.html === undefined && options.markdown === undefined) output.line(renderTextReport(run));
  return EXIT.good;
}

/** Adds `eval report` and `eval compare`. */
export function addReportCommands(evaluate: Command, output: Output, act: Act): void {
  evaluate
    .command('report')
    .argument('<folder...>', 'of eval --out; further ones, e.g. of other caps, serve the curve on the page')
    .description('the figures of a run, from its records alone')
    .option('--html <file>', 'as one page that needs no network')
    .option('--markdown <file>', 'as Markdown')
    .option('--json', 'for programs')
    .action(act(async (folders: string[], options: ReportOptions) => report(output, folders, options)));
  evaluate
    .command('compare')
    .argument('<first>', 'a folder of eval --out')
    .argument('<second>', 'another')
    .description('two runs of the same scenarios, paired run by run')
    .option('--common-only', 'what is common, where the scenarios are not the same')
    .option('--json', 'for programs')
    .action(
      act(async (first: string, second: string, options: { commonOnly?: boolean; json?: boolean }) => {
        const comparison = compareRuns(readRun(first), readRun(second), { commonOnly: options.commonOnly === true });
        if (options.json === true) output.json(comparison);
        else output.line(renderComparison(comparison));
        return EXIT.good;
      }),
    );
}
