import { resolve } from 'node:path';
import { AppError } from '../domain/errors.js';
import type { RunManifest, RunRecord } from '../evaluate/model.js';
import { runsLeft } from '../evaluate/run-plan.js';
import { fileOfKept } from './cli-eval-options.js';
import { planRun } from './cli-eval-plan.js';
import { holdsRun, keepManifest, keepRecord, readRun } from './eval-folder.js';

/** Who took part, as reports name it; nobody can check it, so it is what the operator says. */
export interface CaseAgent {
  name: string;
  model: string;
}

/** One case among those of the same agent: where it is kept, and as what. */
export interface PlannedCase {
  scenario: string;
  agent: CaseAgent;
  cap: number;
  seed: number;
  repeat: number;
  out?: string;
}

/**
 * The run that this case belongs to: the one of the folder gone on with, or a new one.
 * @throws AppError `invalid_input` when the folder holds another agent's run, or this case already: results are never replaced.
 */
export async function planCase(planned: PlannedCase): Promise<RunManifest | undefined> {
  const { scenario, agent, cap, seed, repeat, out } = planned;
  if (out === undefined) return undefined;
  const before = holdsRun(out) ? readRun(out) : undefined;
  const manifest = await planRun(
    {
      ...{ reasoner: undefined, split: 'all', scenarios: [scenario], repeat, cap, out, json: false },
      // As `eval` counts: the first repeat has the seed, each further one the next.
      ...{ seed: seed - (repeat - 1), concurrency: 1, budgetUsd: undefined },
    },
    { ...agent, settings: {} },
    before?.manifest,
  );
  const file = resolve(scenario);
  const left = runsLeft(manifest, before?.records ?? []);
  if (left.some((run) => fileOfKept(run.file) === file && run.repeat === repeat)) return manifest;
  throw new AppError('invalid_input', {
    field: '--out',
    safeText: `${out} holds run ${repeat} of this scenario already. Take another folder, or the next --repeat.`,
  });
}

/** Keeps one case; once none is missing the run is finished. */
export function keepCase(out: string, manifest: RunManifest, record: RunRecord): void {
  keepManifest(out, manifest);
  keepRecord(out, record);
  const { records } = readRun(out);
  if (runsLeft(manifest, records).length > 0) return;
  keepManifest(out, { ...manifest, finishedAt: new Date().toISOString() });
}
