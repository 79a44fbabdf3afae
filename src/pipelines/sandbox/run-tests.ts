import type { PipelineConfig } from '../config.js';
import { type Finding, finding } from '../finding.js';
import type { MockTable } from '../rows/mock-row.js';
import type { Answers } from './answers.js';
import { wrongType } from './output-tests.js';
import { ALL_ROWS, ORDINARY_ROWS, type Step } from './sandbox-plan.js';
import { failed, type Judged, noted, notRun, passed, type TestResult } from './test-result.js';

/** Judges that each query runs, gives rows, and gives them in the types that were bound. */
export function judgeRun(
  config: PipelineConfig,
  steps: readonly Step[],
  given: readonly MockTable[],
  run: Answers,
): Judged {
  const empty = new Set(given.filter(({ rows }) => rows.length === 0).map(({ table }) => table.name));
  const broken = new Set<string>();
  const parts = steps.map((step): Judged => {
    const reads = step.transformer.bound?.facts.reads.map(({ input }) => input) ?? [];
    if (reads.some((id) => broken.has(id))) {
      broken.add(step.id);
      return { results: [], findings: [] };
    }
    const answer = run(ALL_ROWS, step.id);
    if (answer?.result === undefined) {
      broken.add(step.id);
      return judgeFailure(step, answer?.error ?? 'no answer');
    }
    const wrong = wrongType({ rows: answer.result, columns: step.transformer.bound?.columns ?? [] });
    const name = `types of ${step.id}`;
    const typed: Judged =
      wrong === undefined ? { results: [passed(name)], findings: [] } : failed(name, pathOf(step), wrong);
    if (answer.result.rowCount > 0) return typed;
    empty.add(step.id);
    const isFirst = !reads.some((id) => empty.has(id));
    return { results: typed.results, findings: [...typed.findings, ...(isFirst ? [noRow(step, given)] : [])] };
  });
  const ran = new Set(steps.map(({ id }) => id));
  const left = config.transformers.filter(({ id }) => !ran.has(id));
  const results = left.map(({ id }): TestResult => notRun(`run of ${id}`, 'not verified in the sandbox, or not known'));
  return {
    results: [...parts.flatMap((part) => part.results), ...results],
    findings: parts.flatMap((part) => part.findings),
  };
}

const pathOf = (step: Step): string => `${step.transformer.path}.sql`;

function judgeFailure(step: Step, error: string): Judged {
  const message = `the run of ${step.id} failed: ${error}`;
  return {
    results: [{ name: `run of ${step.id}`, state: 'failed', detail: error }],
    findings: [finding('TST001', { path: pathOf(step), message })],
  };
}

/** Queries that stop at the largest values that the types allow, and at no other: that is told, and the rest is judged without those rows. */
export function overflows(steps: readonly Step[], run: Answers): TestResult[] {
  return steps.flatMap(({ id }) => {
    const error = run(ALL_ROWS, id)?.error;
    const isOverflow = error !== undefined && /overflow|out of range|Could not cast value .* to DECIMAL/i.test(error);
    if (!isOverflow || run(ORDINARY_ROWS, id)?.result === undefined) return [];
    return [noted(`run of ${id} on extreme values`, { column: '', row: 0, expected: 'a result', got: error })];
  });
}

function noRow(step: Step, given: readonly MockTable[]): Finding {
  const rows = given.map(({ table, rows: { length } }) => `${table.name} ${length}`).join(', ');
  const message = `${step.id} gave no row for ${rows} generated rows`;
  const suggestion = 'look for filters that exclude each other, and joins that never meet';
  return finding('TST002', { path: pathOf(step), message, suggestion });
}
