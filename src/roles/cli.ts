#!/usr/bin/env node
import { Command, Option } from 'commander';
import { loadDotEnv, readLocalConfig } from '../config.js';
import type { Verdict } from '../domain/decision.js';
import { AppError } from '../domain/errors.js';
import { runBench } from './cli-bench.js';
import { type CheckFilesOptions, checkFiles } from './cli-check.js';
import { playDemo } from './cli-demo.js';
import { examineAll } from './cli-doctor.js';
import { runEval } from './cli-eval.js';
import { decideIncident, listIncidents, openFile, showIncident } from './cli-incidents.js';
import { exportRunningLog, printVerifierKey, showLog, verifyLogCommand } from './cli-log.js';
import { createOutput, EXIT, runCommand } from './cli-output.js';
import { startEverything, startRole } from './cli-start.js';
import { listTools, printAcl } from './cli-tools.js';
import { createLocalClient, type LocalClient, readLocalState } from './local-client.js';

const ROLES = ['web', 'investigator', 'repairer', 'sealer'] as const;
const VERDICTS = ['approve', 'modify', 'reject'] as const;
const output = createOutput();

loadDotEnv();
const config = readLocalConfig();
const client = (): LocalClient => createLocalClient(readLocalState(config.dataDir));

/** Every action ends in an exit code; an error is one line. */
const act =
  <A extends unknown[]>(command: (...args: A) => Promise<number>) =>
  (...args: A): Promise<void> =>
    runCommand(output, () => command(...args));

const program = new Command('countersign')
  .description("First responder to data pipeline incidents that never acts without a person's countersignature.")
  .addHelpText('after', '\nExit codes: 0 good, 1 a finding or a failure, 2 wrong usage, 3 not configured.')
  .exitOverride((error) => process.exit(error.exitCode === 0 ? EXIT.good : EXIT.usage));

program
  .command('start')
  .description('everything on one machine until Ctrl-C, or one role with its own environment')
  .addOption(new Option('--role <role>', 'this role alone; its variables are in .env.example').choices(ROLES))
  .option('--scenario <file>', 'the world the simulated platform serves (default: the sample)')
  .addOption(
    new Option('--platform <file>', 'systems of your own instead of a simulated platform; docs/connect.md').conflicts(
      'scenario',
    ),
  )
  .action(
    act((options: { role?: (typeof ROLES)[number]; scenario?: string; platform?: string }) =>
      options.role === undefined ? startEverything(config, output, options) : startRole(options.role),
    ),
  );

program
  .command('demo')
  .description('one incident in the terminal, in a fresh simulated world, through the real gate')
  .addOption(new Option('--decide <verdict>', 'decide without asking').choices(VERDICTS))
  .option('--as <person>', 'who decides, e.g. you@example.com')
  .option('--check <text>', 'for approve: what you checked yourself')
  .option('--reason <text>', 'for reject: why')
  .option('--scenario <file>', 'another scenario than the sample')
  .action(
    act((options: { decide?: Verdict; as?: string; check?: string; reason?: string; scenario?: string }) =>
      playDemo(config, output, { ...options, color: config.color && process.stdout.isTTY === true }),
    ),
  );

program
  .command('open')
  .argument('<file>', 'an alert payload: Alertmanager, Airflow callback, PagerDuty or generic')
  .description('an alert payload as an incident, delivered as its sender would')
  .action(act((file: string) => openFile(client(), output, file)));

program
  .command('list')
  .description('incidents, newest first')
  .option('--json', 'for programs')
  .action(act((options: { json?: boolean }) => listIncidents(client(), output, options.json === true)));

program
  .command('show')
  .argument('<id>', 'an incident, e.g. INC-7F3K2QA')
  .option('--json', 'for programs')
  .description('one thread')
  .action(
    act((id: string, options: { json?: boolean }) =>
      showIncident(client(), output, id, options.json === true, config.color && process.stdout.isTTY === true),
    ),
  );

program
  .command('decide')
  .argument('<id>')
  .addArgument(program.createArgument('<verdict>', 'approve, modify or reject').choices(VERDICTS))
  .requiredOption('--as <person>', 'who decides')
  .option('--check <text>', 'for approve: what you checked yourself')
  .option('--reason <text>', 'for reject: why')
  .option('--set <name=value...>', 'for modify: fields of the form, as `show --json` lists them')
  .description('a decision, through the same gate as the page')
  .action(
    act((id: string, verdict: Verdict, options: { as: string; check?: string; reason?: string; set?: string[] }) =>
      decideIncident(client(), output, id, verdict, options),
    ),
  );

program
  .command('check')
  .argument('<target>', 'a pipeline config, or a folder of them')
  .option('--catalog <file>', 'connections, rights and schemas, as YAML')
  .option('--team <team>', 'who asks (default: the owner that each config names)')
  .option('--json', 'for programs')
  .description('pipeline configs through every check that needs no run')
  .action(act((target: string, options: CheckFilesOptions) => checkFiles(output, target, options)));

program
  .command('tools')
  .description('the frozen registry and its manifest hash')
  .option('--json', 'for programs')
  .action(act((options: { json?: boolean }) => listTools(output, options.json === true)));

const log = program.command('log').description('the tamper-evident log');
log
  .command('verify')
  .description(
    'checks every entry, checkpoint and the story; against Redis, or an exported folder with only the public key',
  )
  .option('--dir <folder>', 'an exported log')
  .option('--vkey <key>', "the log's public key (default: the running log's)")
  .option('--checkpoint <file...>', 'checkpoints you kept yourself')
  .option('--json', 'for programs')
  .action(
    act((options: { dir?: string; vkey?: string; checkpoint?: string[]; json?: boolean }) =>
      verifyLogCommand(config, output, options),
    ),
  );
log
  .command('show')
  .description('entries, newest last')
  .option('--from <index>', 'first entry', '0')
  .option('--limit <n>', 'at most so many', '100')
  .option('--subject <id>', 'of one incident')
  .option('--json', 'the stored bytes')
  .action(
    act((options: { from: string; limit: string; subject?: string; json?: boolean }) =>
      showLog(config, output, {
        from: whole('--from', options.from),
        limit: whole('--limit', options.limit),
        ...(options.subject === undefined ? {} : { subject: options.subject }),
        json: options.json === true,
      }),
    ),
  );
log
  .command('export')
  .argument('<folder>')
  .description('entries, checkpoints and public keys as files')
  .action(act((folder: string) => exportRunningLog(config, output, folder)));
log
  .command('vkey')
  .argument('<file>', 'the log key (PEM)')
  .description('the public key of a log key, as a C2SP verifier key')
  .action(act((file: string) => printVerifierKey(output, file)));

program
  .command('acl')
  .description("the Redis users of the four roles, for an operator's ACL file")
  .action(act(() => printAcl(output)));

program
  .command('doctor')
  .description('tries every configured connection and its rights')
  .addOption(new Option('--role <role>', 'this role alone, with this environment').choices(ROLES))
  .option('--json', 'for programs')
  .action(
    act((options: { role?: string; json?: boolean }) =>
      examineAll(config.dataDir, options.role, output, options.json === true),
    ),
  );

program
  .command('eval')
  .description('the benchmark: a world per scenario, the real connectors, scored by execution')
  .option('--scenario <file...>', 'these scenarios instead of the shipped set')
  .option('--repeats <n>', 'runs of each scenario', '1')
  .option('--json', 'for programs')
  .action(
    act((options: { scenario?: string[]; repeats: string; json?: boolean }) =>
      runEval(config, output, {
        scenarios: options.scenario,
        repeats: whole('--repeats', options.repeats),
        json: options.json === true,
      }),
    ),
  );

program
  .command('bench')
  .description('speed beside the bare libraries, measured in the same run')
  .option('--only <part...>', 'log, gate, agent, web, roles')
  .option('--json', 'for programs')
  .action(
    act((options: { only?: string[]; json?: boolean }) =>
      runBench(output, { only: options.only, json: options.json === true }),
    ),
  );

function whole(option: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 0) return value;
  throw new AppError('invalid_input', { field: option, safeText: `${option} takes a whole number, not ${text}` });
}

await program.parseAsync();
