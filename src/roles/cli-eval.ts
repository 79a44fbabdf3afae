import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { LocalConfig } from '../config.js';
import type { RunManifest, RunRecord } from '../evaluate/model.js';
import { renderTextReport } from '../evaluate/report-text.js';
import { type BenchmarkOptions, type RunEnd, runBenchmark } from '../evaluate/run-benchmark.js';
import { type PlannedRun, runsLeft } from '../evaluate/run-plan.js';
import { summariseRun } from '../evaluate/summary-run.js';
import { type EvalOptions, fileOfKept } from './cli-eval-options.js';
import { planRun } from './cli-eval-plan.js';
import { createProgress } from './cli-eval-progress.js';
import { type ExaminedReasoner, reasonerOf } from './cli-eval-reasoner.js';
import { keepReports } from './cli-eval-report.js';
import { respond } from './cli-eval-respond.js';
import { createWorlds, type ServedWorld } from './cli-eval-world.js';
import { EXIT, type Output } from './cli-output.js';
import { holdsRun, type KeptRun, keepManifest, keepRecord, readRun } from './eval-folder.js';
import { onInterrupt } from './on-interrupt.js';

/** `eval`: a world per run, four real role processes before it, the real gate, scored by execution. */
export async function runEval(config: LocalConfig, output: Output, options: EvalOptions): Promise<number> {
  const out = resolve(options.out ?? freshFolder(config.dataDir));
  const before = holdsRun(out) ? readRun(out) : undefined;
  const reasoner = await reasonerOf(config, options.reasoner ?? nameOf(before?.manifest));
  const manifest = await planRun({ ...options, out }, reasoner, before?.manifest);
  mkdirSync(out, { recursive: true });
  keepManifest(out, manifest);
  output.error(`Results: ${out}`);
  const batch: Batch = { config, options, out, manifest, records: before?.records ?? [], reasoner };
  const { overBudget } = await makeRuns(batch, output);
  return conclude(output, options, out, overBudget);
}

/** One start of the command on a folder. */
interface Batch {
  config: LocalConfig;
  options: EvalOptions;
  out: string;
  manifest: RunManifest;
  /** Those that are there already. */
  records: readonly RunRecord[];
  reasoner: ExaminedReasoner;
}

function freshFolder(dataDir: string): string {
  return join(dataDir, 'eval', new Date().toISOString().slice(0, 19).replaceAll(/[-:]/g, ''));
}

/** Models are named by themselves, so that going on asks for the same one. */
function nameOf(manifest: RunManifest | undefined): string | undefined {
  if (manifest === undefined) return undefined;
  const { name, model } = manifest.reasoner;
  return name === 'openai' ? model : name;
}

async function makeRuns(batch: Batch, output: Output): Promise<{ overBudget: boolean }> {
  const { config, options, out, manifest, records, reasoner } = batch;
  const runs = runsLeft(manifest, records);
  const stop = new AbortController();
  const responder = await responderOf(config, reasoner, manifest.cap, stop.signal);
  let spent = records.reduce((sum, { outcome }) => sum + outcome.costUsd, 0);
  const isSpent = (): boolean => options.budgetUsd !== undefined && spent >= options.budgetUsd;
  const total = manifest.scenarios.length * manifest.repeats;
  const before = records.filter(({ outcome }) => outcome.infraError === undefined);
  const progress = createProgress({ total, before, spentUsd: spent });
  const forget = onInterrupt(async () => {
    stop.abort();
    progress.done();
    await responder.endAll();
    output.error(`Stopped; what was done is kept. ${goOn(out)}`);
  });
  const onEnd = (run: PlannedRun, end: RunEnd): void => {
    if ('record' in end) keepRecord(out, end.record);
    progress.ended(run, end);
  };
  const onSpent = (usd: number): void => {
    spent += usd;
    progress.spent(usd);
  };
  try {
    await responder.run({
      ...{ runs, seed: manifest.seed, concurrency: options.concurrency, signal: stop.signal },
      ...{ mayStart: () => !isSpent(), onStart: progress.started, onSpent, onEnd },
    });
  } finally {
    progress.done();
    await responder.endAll();
    forget();
  }
  return { overBudget: isSpent() };
}

/** Who answers, and in which worlds: the whole house, or a model without the agent's loop. */
async function responderOf(
  config: LocalConfig,
  { baseline, settings }: ExaminedReasoner,
  cap: number,
  signal: AbortSignal,
): Promise<{ run(options: BenchmarkOptions): Promise<void>; endAll(): Promise<void> }> {
  if (baseline !== undefined) {
    // Only here, as it brings the agent's libraries with it.
    const { createBaseline } = await import('./baseline-responder.js');
    const ports = createBaseline(config, baseline, settings, signal);
    return { run: (options) => runBenchmark(ports, options), endAll: ports.endAll };
  }
  const worlds = createWorlds(config, { model: settings, cap });
  const openWorld = (file: string, seed: number): Promise<ServedWorld> => worlds.open(fileOfKept(file), seed);
  return { run: (options) => runBenchmark<ServedWorld>({ openWorld, respond }, options), endAll: worlds.endAll };
}

const goOn = (out: string): string => `To go on: countersign eval --out ${out}`;

/** Figures from the folder alone, as anybody who reads it later gets them. */
function conclude(output: Output, { json, budgetUsd }: EvalOptions, out: string, overBudget: boolean): number {
  const kept = readRun(out);
  const left = runsLeft(kept.manifest, kept.records).length;
  const run: KeptRun =
    left > 0 ? kept : { ...kept, manifest: { finishedAt: new Date().toISOString(), ...kept.manifest } };
  keepManifest(out, run.manifest);
  if (json) output.json(summariseRun(run));
  else output.line(`\n${renderTextReport(run)}`);
  output.error(`Reports: ${keepReports(out, run).join(', ')}`);
  if (left === 0) return EXIT.good;
  const why = overBudget ? `the budget of $${budgetUsd} is used up` : 'they were set apart as infrastructure errors';
  const { scenarios, repeats } = run.manifest;
  output.error(`Unfinished: ${left} of ${scenarios.length * repeats} runs are missing, as ${why}. ${goOn(out)}`);
  return EXIT.unfinished;
}
