import pLimit from 'p-limit';
import { asAppError } from '../domain/errors.js';
import type { RepairAction } from '../domain/proposal.js';
import type { AgentOutcome, OracleVerdict, RunRecord, ScenarioKey } from './model.js';
import type { PlannedRun } from './run-plan.js';
import { type MttrAssumptions, scoreRun } from './score-run.js';

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

/** What the responder did, and the thread in which people would have followed it. */
export interface Response {
  outcome: AgentOutcome;
  thread: string[];
}

export interface BenchmarkPorts<World extends OpenedWorld> {
  /** A fresh world for one run; `seed` re-draws its ids. */
  openWorld(file: string, seed: number): Promise<World>;
  /** Alert in, outcome out: agent, gate, repair and verification as in production. Must not look at `key`. */
  respond(world: World): Promise<Response>;
}

/** How a run ended: with a record, or with a world that could not be had, twice. */
export type RunEnd = { record: RunRecord } | { unopened: string };

export interface BenchmarkOptions {
  runs: readonly PlannedRun[];
  /** Of the first repeat; each further one adds 1. */
  seed: number;
  /** Worlds at once. */
  concurrency: number;
  assume?: MttrAssumptions;
  /** Asked before each try: once it says no, what runs is finished and nothing new is begun. */
  mayStart(): boolean;
  /** Aborted: what is under way is thrown away. */
  signal: AbortSignal;
  onStart?(run: PlannedRun): void;
  /** What one try cost, also one that is made again. */
  onSpent?(usd: number): void;
  onEnd(run: PlannedRun, end: RunEnd): void;
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
async function respondIn<World extends OpenedWorld>(ports: BenchmarkPorts<World>, world: World): Promise<Response> {
  try {
    return await ports.respond(world);
  } catch (thrown) {
    return { outcome: { ...NOTHING, infraError: asAppError(thrown).safeText }, thread: [] };
  }
}

async function judged(
  world: OpenedWorld,
  outcome: AgentOutcome,
): Promise<{ outcome: AgentOutcome; verdict?: OracleVerdict }> {
  if (outcome.infraError !== undefined) return { outcome };
  try {
    return { outcome, verdict: await world.judge({ ending: outcome.ending, repairs: outcome.repairs }) };
  } catch (thrown) {
    return { outcome: { ...outcome, infraError: asAppError(thrown).safeText } };
  }
}

async function tryOnce<World extends OpenedWorld>(
  ports: BenchmarkPorts<World>,
  { file, repeat }: PlannedRun,
  options: BenchmarkOptions,
): Promise<RunEnd> {
  let world: World;
  try {
    world = await ports.openWorld(file, options.seed + repeat - 1);
  } catch (thrown) {
    return { unopened: asAppError(thrown).safeText };
  }
  try {
    const { outcome: responded, thread } = await respondIn(ports, world);
    const { outcome, verdict } = await judged(world, responded);
    options.onSpent?.(outcome.costUsd);
    const result = scoreRun(world.key, outcome, verdict, repeat, options.assume);
    const { key } = world;
    return { record: { format: 1, result, key, outcome, ...(verdict === undefined ? {} : { verdict }), thread } };
  } finally {
    await world.close();
  }
}

/** Failed through no fault of the responder's. */
export function isApart(end: RunEnd): boolean {
  return !('record' in end) || end.record.outcome.infraError !== undefined;
}

/**
 * Runs each in a world of its own, several at once, and scores by execution. What our machinery failed in is tried once more and then
 * set apart. @throws AppError when a world can not be closed: what it started may still be there.
 */
export async function runBenchmark<World extends OpenedWorld>(
  ports: BenchmarkPorts<World>,
  options: BenchmarkOptions,
): Promise<void> {
  const limit = pLimit(options.concurrency);
  const mayStart = (): boolean => !options.signal.aborted && options.mayStart();
  await limit.map(options.runs, async (run) => {
    if (!mayStart()) return;
    options.onStart?.(run);
    let end = await tryOnce(ports, run, options);
    if (isApart(end) && mayStart()) end = await tryOnce(ports, run, options);
    if (!options.signal.aborted) options.onEnd(run, end);
  });
}
