import type { SandboxRows } from '../../domain/sandbox.js';
import type { PipelineConfig } from '../config.js';
import { type Finding, finding } from '../finding.js';
import { columnAt, type Judged, passed, type TestResult } from './test-result.js';

/** What the run gave, by the id of a source or transformer. */
export type RunRows = (id: string) => Pick<SandboxRows, 'columns' | 'rows' | 'rowCount'> | undefined;

/** The transformers that part the rows of one input; undefined when the config has no such pair. */
function pairOf({ transformers }: PipelineConfig): { valid: string; rejected: string; input: string } | undefined {
  const valid = transformers.find(({ role }) => role === 'valid');
  const rejected = transformers.find(({ role }) => role === 'deadLetter');
  const input = valid?.inputs[0];
  if (valid === undefined || rejected === undefined || input === undefined) return undefined;
  return rejected.inputs[0] === input ? { valid: valid.id, rejected: rejected.id, input } : undefined;
}

/** Shows on generated rows that a dead-letter pair loses no row and no reason: valid and rejected are the source, each with its reason. */
export function proveDeadLetter(config: PipelineConfig, run: RunRows): Judged {
  const pair = pairOf(config);
  const block = config.errorHandling.deadLetter;
  if (pair === undefined || block === undefined) return { results: [], findings: [] };
  const [source, valid, rejected] = [run(pair.input), run(pair.valid), run(pair.rejected)];
  if (source === undefined || valid === undefined || rejected === undefined) return { results: [], findings: [] };
  const path = `transformers.${config.transformers.findIndex(({ id }) => id === pair.rejected)}.sql`;
  const findings: Finding[] = [];
  if (valid.rowCount + rejected.rowCount !== source.rowCount) {
    const message = `valid ${valid.rowCount} + rejected ${rejected.rowCount} is not ${pair.input} ${source.rowCount}`;
    const suggestion = 'state what is expected, as COALESCE(check, FALSE): a NULL is rejected then, and not lost';
    findings.push(finding('DLQ001', { path, message, suggestion }));
  }
  findings.push(...reasonFindings(block, rejected, path));
  const state: TestResult[] = findings.length === 0 ? [passed('dead letter: valid and rejected are the source')] : [];
  return { results: state, findings };
}

function reasonFindings(
  { reasonColumn, checks }: NonNullable<PipelineConfig['errorHandling']['deadLetter']>,
  rejected: NonNullable<ReturnType<RunRows>>,
  path: string,
): Finding[] {
  const at = columnAt({ ...rejected, rows: [] }, reasonColumn);
  if (at < 0) {
    return [finding('DLQ002', { path, message: `${rejected.rowCount} rejected rows without ${reasonColumn}` })];
  }
  const reasons = rejected.rows.map((row) => row[at] ?? null);
  const without = reasons.filter((reason) => reason === null).length;
  const unfilled = checks.filter(({ reason }) => !reasons.includes(reason));
  return [
    ...(without > 0
      ? [finding('DLQ002', { path, message: `${without} of ${reasons.length} rejected rows without a reason` })]
      : []),
    ...unfilled.map(({ reason }) =>
      finding('TST004', {
        path,
        message: `no generated row was rejected for ${reason}: an earlier check takes them all`,
      }),
    ),
  ];
}
