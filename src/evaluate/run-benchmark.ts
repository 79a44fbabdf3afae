import { asAppError } from '../domain/errors.js';
import type { RepairAction } from '../domain/proposal.js';
import type { AgentOutcome, OracleVerdict, RunResult, ScenarioKey } from './model.js';
import { type MttrAssumptions, scoreRun } from './score-run.js';
import { type Summary, summarise } from './summary.js';

/**
 * One world, served to the production adapters. Only the scorer holds `judge` and `close`; the responder's processes get addresses
 * and credentials of the served systems, and no way to the scenario.
 */
export interface OpenedWorld {
  /** The answer key, fetched by the scorer; must never be handed on. */
  key: ScenarioKey;
  /** Judges the world as the responder left it. Does not change it. */
  judge(by: { ending: AgentOutcome['ending']; repairs: readonly RepairAction[] }): Promise<OracleVerdict>;
  /** Ends everything the world started. Called also when the run failed. */
  close(): Promise<void>;
}

export interface BenchmarkPorts<World extends OpenedWorld> {
  /** A fresh world for one run; `seed` re-draws its ids. */
  openWorld(scenario: string, seed: number): Promise<World>;
  /** Alert in, outcome out: agent, gate, repair and verification as in production. Must not look at `key`. */
  respond(world: World): Promise<AgentOutcome>;
}

export interface BenchmarkOptions {
  /** Scenario names, e.g. `s01`; what they mean is the platform's business. */
  scenarios: readonly string[];
  repeats: number;
  seed: number;
  assume?: MttrAssumptions;
  onResult?: (result: RunResult) => void;
}

const NOTHING: AgentOutcome = {
  ending: 'silent',
  repairs: [],
  calls: [],
  capHit: false,
  inputTokens: 0,
  outputTokens: 0,
  costUsd: 0,
  seconds: 0,
};

/** Whatever is thrown on the way is our machinery's fault, not the responder's: set apart, to be run again. */
async function respondIn<World extends OpenedWorld>(ports: BenchmarkPorts<World>, world: World): Promise<AgentOutcome> {
  try {
    return await ports.respond(world);
  } catch (thrown) {
    return { ...NOTHING, infraError: asAppError(thrown).safeText };
  }
}

async function judged(
  world: OpenedWorld,
  outcome: AgentOutcome,
): Promise<{ outcome: AgentOutcome; verdict: OracleVerdict | undefined }> {
  try {
    return { outcome, verdict: await world.judge({ ending: outcome.ending, repairs: outcome.repairs }) };
  } catch (thrown) {
    return { outcome: { ...outcome, infraError: asAppError(thrown).safeText }, verdict: undefined };
  }
}

async function runOnce<World extends OpenedWorld>(
  ports: BenchmarkPorts<World>,
  scenario: string,
  repeat: number,
  options: BenchmarkOptions,
): Promise<RunResult> {
  const world = await ports.openWorld(scenario, options.seed + repeat - 1);
  try {
    const { outcome, verdict } = await judged(world, await respondIn(ports, world));
    return scoreRun(world.key, outcome, verdict, repeat, options.assume);
  } finally {
    await world.close();
  }
}

/**
 * Runs each scenario in a world of its own, one after another, and scores by execution.
 * @throws AppError when a world can not be opened or closed: then there is nothing to score.
 */
export async function runBenchmark<World extends OpenedWorld>(
  ports: BenchmarkPorts<World>,
  options: BenchmarkOptions,
): Promise<Summary> {
  const results: RunResult[] = [];
  for (let repeat = 1; repeat <= options.repeats; repeat += 1) {
    for (const scenario of options.scenarios) {
      const result = await runOnce(ports, scenario, repeat, options);
      results.push(result);
      options.onResult?.(result);
    }
  }
  return summarise(results, options.assume);
}
