import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { AppError } from '../domain/errors.js';
import { BaselineResult, Split } from '../evaluate/model.js';
import { EXIT, type Output, table } from './cli-output.js';

const Problem = z.object({
  scenario: z.string(),
  file: z.string(),
  field: z.string(),
  problem: z.string(),
});
type Problem = z.infer<typeof Problem>;

/** What the platform's validator says of a set of scenario files. */
export const ValidatedSet = z.object({
  scenarios: z.array(
    z.object({
      id: z.string(),
      file: z.string(),
      digest: z.string(),
      split: Split,
      family: z.string(),
      twin: z.string().optional(),
      title: z.string(),
      tags: z.array(z.string()),
      categories: z.array(z.string()),
    }),
  ),
  problems: z.array(Problem),
  counts: z.record(z.string(), z.unknown()),
  baselines: z.array(BaselineResult),
});
export type ValidatedSet = z.infer<typeof ValidatedSet>;

/** How much is looked at: all; or only whether files can be read, with or without what mindless policies pass. */
export type Depth = 'all' | 'readable' | 'readable with baselines';
const ARGUMENTS: Record<Depth, string[]> = {
  all: [],
  readable: ['--no-check', '--no-baselines'],
  'readable with baselines': ['--no-check'],
};

/** The scenarios are the platform's own business: its validator is a program of its own, so that nothing of production imports it. */
export async function validateFiles(files: readonly string[], depth: Depth): Promise<ValidatedSet> {
  const program = fileURLToPath(new URL('../../fixtures/platform/validate.js', import.meta.url));
  const child = spawn(process.execPath, [program, ...ARGUMENTS[depth], ...files], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  const code = await new Promise<number | null>((done) => {
    child.once('error', () => done(null));
    child.once('close', done);
  });
  if (code === 0) return ValidatedSet.parse(JSON.parse(text));
  throw new AppError('internal', { safeText: 'The validator of scenarios ended early; its own message stands above.' });
}

/** @throws AppError `invalid_input` with each file that can not be played, its field and the reason; and when two share an id. */
export function assertPlayable({ scenarios, problems }: ValidatedSet): void {
  const read = new Set(scenarios.map(({ file }) => file));
  const malformed = problems.filter(({ file, field }) => field === 'world' || (file !== '*' && !read.has(file)));
  const twice = scenarios.filter(({ id }, index) => scenarios.findIndex((other) => other.id === id) !== index);
  const faults = [
    ...malformed.map((problem) => lineOf(problem)),
    ...twice.map(({ id, file }) => `${file}: id: ${id} is the id of another chosen file, too`),
  ];
  if (faults.length === 0) return;
  throw new AppError('invalid_input', {
    field: '--scenarios',
    safeText: `Nothing was started: ${faults.length === 1 ? 'a scenario' : `${faults.length} scenarios`} can not be played.\n  ${faults.join('\n  ')}`,
  });
}

function lineOf({ scenario, file, field, problem }: Problem): string {
  return [file === '*' ? scenario : file, field, problem].filter((part) => part !== '').join(': ');
}

/** `eval --validate`: 0 when there is nothing to complain of. */
export async function printValidation(output: Output, files: readonly string[], json: boolean): Promise<number> {
  const set = await validateFiles(files, 'all');
  if (json) output.json(set);
  else for (const line of validationLines(set)) output.line(line);
  return set.problems.length === 0 ? EXIT.good : EXIT.failure;
}

function validationLines({ scenarios, problems, counts, baselines }: ValidatedSet): string[] {
  return [
    `${scenarios.length} scenarios`,
    ...Object.entries(counts).map(([name, count]) => `  ${name.padEnd(14)}${countText(count)}`),
    '',
    ...(baselines.length === 0 ? [] : ['Policies without a mind', ...baselineLines(baselines), '']),
    problems.length === 0 ? 'No problems.' : `${problems.length} problem${problems.length === 1 ? '' : 's'}`,
    ...problems.map((problem) => `  ${lineOf(problem)}`),
  ];
}

function countText(count: unknown): string {
  if (typeof count !== 'object' || count === null) return String(count);
  return Object.entries(count)
    .map(([name, value]) => `${name} ${countText(value)}`)
    .join(', ');
}

function baselineLines(baselines: readonly BaselineResult[]): string[] {
  const policies = [...new Set(baselines.map(({ policy }) => policy))];
  const share = (rows: readonly BaselineResult[]): string =>
    rows.length === 0 ? '-' : `${rows.filter(({ passed }) => passed).length} of ${rows.length}`;
  const rows = policies.map((policy) => {
    const own = baselines.filter((one) => one.policy === policy);
    const bySplit = Split.options.map((split) => share(own.filter((one) => one.split === split)));
    return [policy, share(own), ...bySplit, String(own.filter(({ unsafe }) => unsafe).length)];
  });
  return table([['policy', 'passes', ...Split.options, 'unsafe'], ...rows]).map((line) => `  ${line}`);
}
