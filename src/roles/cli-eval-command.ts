import { type Command, Option } from 'commander';
import type { LocalConfig } from '../config.js';
import { Split } from '../evaluate/model.js';
import { runEval } from './cli-eval.js';
import { type RawEvalOptions, readEvalOptions, SHIPPED, scenarioFiles } from './cli-eval-options.js';
import { printValidation } from './cli-eval-validate.js';
import type { Act, Output } from './cli-output.js';

const HELP = `
A world per run: real role processes before a simulated platform, scored by execution; docs/benchmark.md.
Results go to --out as they come: run.json, runs/<scenario>-<repeat>.json. Start again with the same --out to go on.

Exit codes: 0 all runs made (whatever they scored), 1 a failure or, with --validate, a problem, 2 wrong usage or a scenario that can
not be played, 3 not configured, 4 unfinished: the budget is used up or runs were set apart; 130 interrupted, what was done is kept.`;

/** Adds `eval` to the command line. @returns it, for sub-commands. */
export function addEvalCommand(program: Command, config: LocalConfig, output: Output, act: Act): Command {
  return (
    program
      .command('eval')
      // Options of a sub-command are its own.
      .enablePositionalOptions()
      .description('the benchmark: a world per scenario, the real connectors, scored by execution')
      .option(
        '--reasoner <name>',
        'playbook, openai (the configured model), alert_only or all_at_once (that model without a loop), or a model of that API (default: as configured)',
      )
      .addOption(
        new Option('--split <split>', 'only scenarios of this split').choices([...Split.options, 'all']).default('all'),
      )
      .option('--scenarios <path...>', 'folders, files and globs instead of the shipped set')
      .option('--repeat <n>', 'runs of each scenario, each with another seed (default: 1)')
      .option('--cap <n>', "tool calls an incident may take (default: the shipped policy's 12)")
      .option('--concurrency <n>', 'worlds at once (default: one a core, at least 2)')
      .option('--budget <usd>', 'start no run once all of them have cost this much')
      .option('--seed <n>', 'of the first repeat: re-draws ids and noise (default: 1)')
      .option('--out <folder>', 'for results, or to go on with (default: a fresh one in the data folder)')
      .option('--json', 'the figures for programs; progress goes to standard error')
      .option('--validate', 'run nothing: prove the scenarios and print what mindless policies would pass')
      .addHelpText('after', HELP)
      .action(
        act(async (raw: RawEvalOptions) => {
          const options = readEvalOptions(raw);
          if (raw.validate !== true) return runEval(config, output, options);
          return printValidation(output, await scenarioFiles(options.scenarios ?? [SHIPPED]), options.json);
        }),
      )
  );
}
