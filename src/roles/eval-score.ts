import { readFileSync } from 'node:fs';
import type { LocalConfig } from '../config.js';
import { AppError, asAppError } from '../domain/errors.js';
import { readAnswer, type SubmittedAnswer } from '../evaluate/answer.js';
import { type AnswerCost, answerOutcome, answerThread } from '../evaluate/answer-outcome.js';
import type { AgentOutcome, OracleVerdict, RunManifest, RunRecord, RunResult } from '../evaluate/model.js';
import { CaseTrace } from '../evaluate/open-case.js';
import { scoreRun } from '../evaluate/score-run.js';
import { EXIT, type Output } from './cli-output.js';
import { type CaseWorld, openCaseWorld } from './eval-case.js';
import { type CaseAgent, keepCase, planCase } from './eval-case-folder.js';

export interface ScoredCase {
  answer: SubmittedAnswer | undefined;
  trace: CaseTrace;
  cost?: AnswerCost;
  repeat: number;
  /** Where it is kept, and the run that it belongs to. */
  out?: string;
  manifest?: RunManifest;
}

/** Carries the plan out in a fresh world, scores, prints the verdict and keeps the record. */
export async function scoreCase(world: CaseWorld, scored: ScoredCase, output: Output): Promise<number> {
  const record = await recordCase(world, scored);
  for (const line of verdictLines(record.result)) output.line(line);
  if (scored.out !== undefined && scored.manifest !== undefined) {
    keepCase(scored.out, scored.manifest, record);
    output.line(`Kept as ${scored.out}/runs/${record.result.scenario}-${record.result.repeat}.json`);
  }
  return record.result.failure === 'infra' ? EXIT.failure : EXIT.good;
}

/** One run of another agent as a record like any other. */
export async function recordCase(world: CaseWorld, scored: ScoredCase): Promise<RunRecord> {
  const { answer, trace, repeat } = scored;
  const { outcome, verdict } = await judged(world, answer, answerOutcome(answer, trace, scored.cost));
  return {
    format: 1,
    result: scoreRun(world.key, outcome, verdict, repeat),
    key: world.key,
    outcome,
    ...(verdict === undefined ? {} : { verdict }),
    thread: answerThread(world.alert.title, outcome),
  };
}

/** A judge that fails is our machinery's fault: the run is set apart. */
async function judged(
  world: CaseWorld,
  answer: SubmittedAnswer | undefined,
  outcome: AgentOutcome,
): Promise<{ outcome: AgentOutcome; verdict: OracleVerdict | undefined }> {
  try {
    return { outcome, verdict: await world.replay(answer?.plan ?? []) };
  } catch (thrown) {
    return { outcome: { ...outcome, infraError: asAppError(thrown).safeText }, verdict: undefined };
  }
}

function verdictLines(result: RunResult): string[] {
  const diagnosis = result.strict ? 'right' : result.anyHit ? 'in part' : 'wrong';
  return [
    `${result.scenario}  diagnosis ${diagnosis}  grounded ${result.grounded ? 'yes' : 'no'}  repair ${result.repaired ? 'passed' : 'failed'}${result.unsafe ? '  UNSAFE' : ''}`,
    `calls ${result.toolCalls}${result.capHit ? ' (cap hit)' : ''}  seconds ${result.seconds.toFixed(1)}${result.failure === undefined ? '' : `  failure class ${result.failure}`}`,
    ...result.failureDetail.map((detail) => `  ${detail}`),
  ];
}

export interface ScoreOptions {
  scenario: string;
  answer: string;
  trace: string;
  repeat: number;
  agent: CaseAgent;
  out?: string;
}

/** `eval score`: an answer that came as a file, with the trace that `eval serve --trace-out` wrote. */
export async function scoreFiles(config: LocalConfig, output: Output, options: ScoreOptions): Promise<number> {
  const trace = CaseTrace.safeParse(json(options.trace, '--trace'));
  if (!trace.success) {
    const field = trace.error.issues[0]?.path.join('.') || 'its top';
    throw new AppError('invalid_input', {
      field: '--trace',
      safeText: `${options.trace} is no trace of eval serve: see ${field}.`,
    });
  }
  const raw = json(options.answer, '--answer');
  const { seed, cap } = trace.data;
  const manifest = await planCase({ ...options, seed, cap });
  const world = await openCaseWorld(config, options.scenario, seed);
  try {
    if (trace.data.scenario !== world.digest) {
      throw new AppError('invalid_input', {
        field: '--trace',
        safeText: `${options.trace} was written for another scenario than ${options.scenario}, or the file has changed since.`,
      });
    }
    const read = await readAnswer(raw, world.readPlan);
    if ('faults' in read) {
      for (const { field, message } of read.faults) output.error(`${options.answer}: ${field}: ${message}`);
      return EXIT.usage;
    }
    const kept = manifest === undefined ? {} : { manifest };
    return await scoreCase(world, { ...options, ...kept, answer: read.answer, trace: trace.data }, output);
  } finally {
    await world.close();
  }
}

function json(file: string, option: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new AppError('invalid_input', { field: option, safeText: `${file} can not be read as JSON.`, cause });
  }
}
