import type { Sandbox, SandboxOutcome, SandboxRows } from '../../domain/sandbox.js';
import type { BoundConfig } from '../bind-config.js';
import type { PipelineConfig } from '../config.js';
import { type Finding, finding } from '../finding.js';
import type { MockTable } from '../rows/mock-row.js';
import { MOCK_SEED, mockRows } from '../rows/mock-rows.js';
import type { InputTable } from '../sql/bound.js';
import type { ReadConfig } from '../structure.js';
import { type Answers, answersOf } from './answers.js';
import { proveDeadLetter, type RunRows } from './dead-letter-proof.js';
import { expressionTests, judgeExpressions } from './expression-tests.js';
import { judgeCheck, type Output } from './output-tests.js';
import { sidesOf, unreached } from './reach.js';
import { judgeRun, overflows } from './run-tests.js';
import { ALL_ROWS, ORDINARY_ROWS, type Step, sandboxPlan, stepsOf, testSet } from './sandbox-plan.js';
import { judgeSink } from './sink-tests.js';
import type { Judged, TestResult } from './test-result.js';
import { judgeWritten, unknownGiven } from './written-tests.js';

/** What trying a config out gave: layer 4. */
export interface SandboxReport {
  findings: readonly Finding[];
  tests: readonly TestResult[];
  seed: number;
  /** The generated rows of each source. */
  given: readonly MockTable[];
  /** What the sink would have got. */
  output: SandboxRows | undefined;
  elapsedMs: number;
}

/**
 * Layer 4: runs a config without errors on generated rows, apart from everything, and holds what comes out against types, keys, the
 * checks of data quality and the config's own tests. What the sandbox can not run as Spark would was said by the binder
 * (SBX002); here its tests did not run.
 */
export async function sandboxCheck(
  read: ReadConfig,
  bound: BoundConfig,
  sandbox: Sandbox,
  options: { today?: string } = {},
): Promise<SandboxReport> {
  const { config } = read;
  const started = performance.now();
  const given = mockRows(bound, options);
  const steps = stepsOf(bound);
  const tables = tablesOf(bound);
  const sides = sidesOf(steps, tables);
  const expressions = expressionTests(config, runnable(steps, given));
  const extra = [...sides.map(({ query }) => query), ...expressions.flatMap(({ query }) => query ?? [])];
  const first = await sandbox.run(sandboxPlan(steps, given, extra, config.tests));
  const tooLarge = first.state === 'done' ? overflows(steps, answersOf(first.answers)) : [];
  const outcome =
    tooLarge.length === 0 ? first : await sandbox.run(sandboxPlan(steps, given, extra, config.tests, false));
  const report = (findings: readonly Finding[], tests: readonly TestResult[], output?: SandboxRows): SandboxReport => ({
    ...{
      findings: findings.map((each) => placed(read, each)),
      tests,
      given,
      seed: MOCK_SEED,
      elapsedMs: performance.now() - started,
    },
    output,
  });
  if (outcome.state !== 'done') return report([notRunFinding(outcome)], []);
  const { answers } = outcome;
  const run = answersOf(answers);
  const parts: Judged[] = [
    judgeRun(config, steps, given, run),
    ...judgeOutput(config, tables, run),
    ...judgeExpressions(expressions, answers),
    proveDeadLetter(config, rowsOf(given, run)),
    ...judgeTests(config, bound, tables, run),
  ];
  const findings = [...parts.flatMap((part) => part.findings), ...unreached(sides, answers)];
  const tests = [...tooLarge, ...parts.flatMap(({ results }) => results)];
  return report(findings, tests, run(ALL_ROWS, config.sink.input)?.result);
}

/** Where the part of the config stands that a finding is about, where nothing nearer is known. */
function placed({ source }: ReadConfig, found: Finding): Finding {
  const path = found.path.split('.').map((part) => (/^\d+$/.test(part) ? Number(part) : part));
  return found.place === undefined && found.path !== '' ? { ...found, place: source.placeOf(path) } : found;
}

function tablesOf({ sourceTables, transformers }: BoundConfig): Map<string, InputTable> {
  const sources = [...sourceTables].map(([id, { table }]) => [id, table] as const);
  return new Map([...sources, ...[...transformers].map(([id, { table }]) => [id, table] as const)]);
}

/** What an expression of a check can be asked of: rows that will be there. */
function runnable(steps: readonly Step[], given: readonly MockTable[]): Map<string, InputTable> {
  return new Map([
    ...given.map(({ table }) => [table.name, table] as const),
    ...steps.map(({ id, transformer }) => [id, transformer.table] as const),
  ]);
}

function outputOf(run: Answers, set: string, id: string, tables: ReadonlyMap<string, InputTable>): Output | undefined {
  const rows = run(set, id)?.result;
  return rows && { rows, columns: tables.get(id)?.columns ?? [] };
}

function judgeOutput(config: PipelineConfig, tables: ReadonlyMap<string, InputTable>, run: Answers): Judged[] {
  const { sink, dataQuality } = config;
  const all = outputOf(run, ALL_ROWS, sink.input, tables);
  if (all === undefined) return [];
  const ordinary = outputOf(run, ORDINARY_ROWS, sink.input, tables);
  const checks = dataQuality.flatMap((check, index) => {
    const isExpression = check.type === 'custom' || check.type === 'reconcile';
    return isExpression ? [] : [judgeCheck(check, `dataQuality.${index}`, all, ordinary)];
  });
  return [judgeSink(config, all), ...checks];
}

function judgeTests(
  config: PipelineConfig,
  bound: BoundConfig,
  tables: ReadonlyMap<string, InputTable>,
  run: Answers,
): Judged[] {
  const sources = [...bound.sourceTables.values()].map(({ table }) => table);
  return config.tests.flatMap((test, index): Judged[] => {
    const path = `tests.${index}`;
    const findings = unknownGiven(test, path, sources);
    if (findings.length > 0)
      return [{ results: [{ name: test.name, state: 'failed', detail: findings[0]?.message }], findings }];
    const output = outputOf(run, testSet(index), config.sink.input, tables);
    if (output !== undefined) return [judgeWritten(test, path, output)];
    const error = run(testSet(index), config.sink.input)?.error;
    if (error === undefined) return [];
    const message = `test '${test.name.slice(0, 80)}' could not be run: ${error}`;
    return [
      {
        results: [{ name: test.name, state: 'failed', detail: error }],
        findings: [finding('TST001', { path, message })],
      },
    ];
  });
}

function rowsOf(given: readonly MockTable[], run: Answers): RunRows {
  return (id) => {
    const mock = given.find(({ table }) => table.name === id);
    if (mock === undefined) return run(ALL_ROWS, id)?.result;
    const columns = mock.table.columns.map(({ name }) => ({ name, type: '' }));
    return { columns, rows: mock.rows.map(({ cells }) => cells), rowCount: mock.rows.length };
  };
}

/** Nothing is known of a config that was not run to its end: a person looks at it. */
function notRunFinding(outcome: Exclude<SandboxOutcome, { state: 'done' }>): Finding {
  if (outcome.state === 'stopped') {
    const limit = outcome.by === 'time' ? `${outcome.limit} s` : `${outcome.limit} MB`;
    return finding('SBX001', {
      path: 'transformers',
      message: `the sandbox stopped it after ${limit} on generated rows`,
    });
  }
  const why = outcome.state === 'busy' ? `${outcome.waiting} checks wait before it; try again` : outcome.text;
  return finding('SBX001', { path: 'transformers', message: `the sandbox did not run it: ${why}` });
}
