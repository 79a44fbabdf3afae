import { type Command, Option } from 'commander';
import type { LocalConfig } from '../config.js';
import { AppError } from '../domain/errors.js';
import { createOutput, type Output } from './cli-output.js';
import type { CaseAgent } from './eval-case-folder.js';

interface AgentFlags {
  agent: string;
  model: string;
  out?: string;
  repeat: string;
}

interface ServeFlags extends AgentFlags {
  scenario: string;
  stdio?: boolean;
  port?: string;
  token?: boolean;
  cap: string;
  seed?: string;
  minutes: string;
  alertOut?: string;
  traceOut?: string;
}

interface ScoreFlags extends AgentFlags {
  scenario: string;
  answer: string;
  trace: string;
}

/** How `act` of the command line turns a command into an exit code. */
type Act = <A extends unknown[]>(command: (...args: A) => Promise<number>) => (...args: A) => Promise<void>;

/** `eval serve` and `eval score`: another agent's way into the benchmark. */
export function addCaseCommands(evaluate: Command, act: Act, config: LocalConfig, output: Output): void {
  // What stands after the word serve is serve's own, also where eval has an option of that name.
  evaluate.parent?.enablePositionalOptions();
  evaluate.enablePositionalOptions();
  const named = (command: Command): Command =>
    command
      .option('--agent <name>', 'who takes part, as reports name it', 'another agent')
      .option('--model <name>', 'the model behind it', 'unknown')
      .option('--repeat <n>', 'which run of this scenario it is', '1')
      .option('--out <folder>', 'keep the record here, for eval report and eval compare');
  named(
    evaluate
      .command('serve')
      .description('one scenario as an MCP server for an agent of your own; docs/benchmark.md')
      .requiredOption('--scenario <file>', 'the scenario'),
  )
    .addOption(new Option('--stdio', 'over standard input and output (the default)').conflicts('port'))
    .option('--port <n>', 'over Streamable HTTP at 127.0.0.1; 0 takes any free port')
    .option('--token', 'with --port: ask for a bearer token, drawn now and printed')
    .option('--cap <n>', 'tool calls that may be made', '12')
    .option('--seed <n>', 're-draws ids and noise (default: the repeat)')
    .option('--minutes <n>', 'wall clock after which the case is closed', '30')
    .option('--alert-out <file>', 'write alert.json too, for an agent that reads files')
    .option('--trace-out <file>', 'write the trace after every call, for eval score')
    .action(act((flags: ServeFlags) => serve(config, output, flags)));
  named(
    evaluate
      .command('score')
      .description('scores an answer that came as a file')
      .requiredOption('--scenario <file>', 'the scenario that was served')
      .requiredOption('--answer <file>', 'answer.json')
      .requiredOption('--trace <file>', 'what eval serve --trace-out wrote'),
  ).action(act((flags: ScoreFlags) => score(config, output, flags)));
}

async function serve(config: LocalConfig, output: Output, flags: ServeFlags): Promise<number> {
  const { serveCase } = await import('./eval-serve.js');
  const repeat = whole('--repeat', flags.repeat, 1);
  return serveCase(config, flags.port === undefined ? createOutput(process.stderr) : output, {
    ...common(flags),
    scenario: flags.scenario,
    ...(flags.port === undefined ? {} : { port: whole('--port', flags.port, 0, 65_535) }),
    token: flags.token === true,
    cap: whole('--cap', flags.cap, 1, 24),
    seed: flags.seed === undefined ? repeat : whole('--seed', flags.seed, 0),
    minutes: whole('--minutes', flags.minutes, 1, 24 * 60),
    ...(flags.alertOut === undefined ? {} : { alertOut: flags.alertOut }),
    ...(flags.traceOut === undefined ? {} : { traceOut: flags.traceOut }),
  });
}

async function score(config: LocalConfig, output: Output, flags: ScoreFlags): Promise<number> {
  const { scoreFiles } = await import('./eval-score.js');
  const { scenario, answer, trace } = flags;
  return scoreFiles(config, output, { ...common(flags), scenario, answer, trace });
}

function common(flags: AgentFlags): { repeat: number; agent: CaseAgent; out?: string } {
  return {
    repeat: whole('--repeat', flags.repeat, 1),
    agent: { name: flags.agent, model: flags.model },
    ...(flags.out === undefined ? {} : { out: flags.out }),
  };
}

function whole(option: string, text: string, least: number, most = Number.MAX_SAFE_INTEGER): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new AppError('invalid_input', {
    field: option,
    safeText: `${option} takes a whole number from ${least}${most === Number.MAX_SAFE_INTEGER ? '' : ` to ${most}`}, not ${text}`,
  });
}
