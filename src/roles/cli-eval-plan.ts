import { existsSync, readFileSync } from 'node:fs';
import { AppError } from '../domain/errors.js';
import type { RunManifest } from '../evaluate/model.js';
import { differences, goneOnWith } from '../evaluate/run-plan.js';
import { type EvalOptions, fileOfKept, keptName, PACKAGE, SHIPPED, scenarioFiles } from './cli-eval-options.js';
import type { ExaminedReasoner } from './cli-eval-reasoner.js';
import { assertPlayable, type ValidatedSet, validateFiles } from './cli-eval-validate.js';

/** The tool calls that the shipped policy grants. */
const USUAL_CAP = 12;
const USUAL_SEED = 1;

/**
 * What is to be run: new, or gone on with. What was not asked for is taken from the run before.
 * @throws AppError `invalid_input` when a scenario can not be played, or the run before was another one; then nothing was started.
 */
export async function planRun(
  options: EvalOptions,
  reasoner: ExaminedReasoner,
  before: RunManifest | undefined,
): Promise<RunManifest> {
  const chosen = await chosenSet(options, before);
  const wanted: RunManifest = {
    format: 1,
    startedAt: new Date().toISOString(),
    version: versionOf(),
    reasoner: { name: reasoner.name, model: reasoner.model },
    cap: options.cap ?? before?.cap ?? USUAL_CAP,
    repeats: options.repeat ?? before?.repeats ?? 1,
    seed: options.seed ?? before?.seed ?? USUAL_SEED,
    ...chosen,
  };
  if (before === undefined) return wanted;
  const faults = differences(before, wanted);
  if (faults.length === 0) return goneOnWith(before, wanted);
  throw new AppError('invalid_input', {
    field: '--out',
    safeText: `${options.out} holds another run: ${faults.join('; ')}. Take another folder, or go on as it began.`,
  });
}

/** Files that were run before are looked for as they are now, also those that are not chosen: what is reported must be one set. */
async function chosenSet(
  { scenarios, split }: EvalOptions,
  before: RunManifest | undefined,
): Promise<Pick<RunManifest, 'scenarios' | 'baselines'>> {
  const earlier = before?.scenarios.map(({ file }) => presentFile(file)) ?? [];
  const asked = scenarios !== undefined || before === undefined ? await scenarioFiles(scenarios ?? [SHIPPED]) : [];
  const files = [...new Set([...earlier, ...asked])].sort();
  const set = await validateFiles(files, files.length > earlier.length ? 'readable with baselines' : 'readable');
  assertPlayable(set);
  const held = new Set(earlier);
  const kept = set.scenarios.filter((one) => held.has(one.file) || split === 'all' || one.split === split);
  if (kept.length === 0) {
    throw new AppError('invalid_input', {
      field: '--split',
      safeText: `None of the ${set.scenarios.length} chosen scenarios is of the split ${split}.`,
    });
  }
  const ids = new Set(kept.map(({ id }) => id));
  return {
    scenarios: kept.map(listed).sort((one, other) => (one.id < other.id ? -1 : 1)),
    baselines: set.baselines.filter(({ scenario }) => ids.has(scenario)),
  };
}

function presentFile(name: string): string {
  const file = fileOfKept(name);
  if (existsSync(file)) return file;
  throw new AppError('invalid_input', { field: '--out', safeText: `The run there needs ${file}, which is gone.` });
}

function listed(one: ValidatedSet['scenarios'][number]): RunManifest['scenarios'][number] {
  const { id, file, digest, split, family, twin, title } = one;
  return { id, file: keptName(file), digest, split, family, ...(twin === undefined ? {} : { twin }), title };
}

/** The version of this package. */
export function versionOf(): string {
  return (JSON.parse(readFileSync(PACKAGE, 'utf8')) as { version: string }).version;
}
