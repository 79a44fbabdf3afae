import type { Category } from '../domain/diagnosis.js';
import { isAnyHit, isCategoryOnly, isGrounded, isStrict } from './diagnosis-score.js';
import { failureClass, missingEvidence } from './failure-class.js';
import type { AgentOutcome, MttrAssumptions, OracleVerdict, RunResult, ScenarioKey } from './model.js';

export type { MttrAssumptions } from './model.js';

export const DEFAULT_ASSUMPTIONS: MttrAssumptions = {
  gateMinutes: 10,
  manualMinutes: 180,
  manualSource: 'an assumption (three hours by hand for every category), not a measurement',
};

/** By hand, for an incident of these categories: people mend two causes in one sitting, so the longer one counts. */
export function manualMinutesFor(categories: readonly Category[], assume: MttrAssumptions): number {
  const known = categories.map((category) => assume.manualByCategory?.[category] ?? assume.manualMinutes);
  return known.length === 0 ? assume.manualMinutes : Math.max(...known);
}

/** What is not repaired falls back to the manual way, on top of the time already spent; a wrong repair also cost its own run time. */
function mttrMinutes(
  outcome: AgentOutcome,
  verdict: OracleVerdict | undefined,
  gateMinutes: number,
  manualMinutes: number,
): number {
  const diagnosis = outcome.seconds / 60;
  if (outcome.ending !== 'repair' || !verdict) return diagnosis + manualMinutes;
  const assisted = diagnosis + gateMinutes + verdict.executionMinutes;
  return verdict.passed ? assisted : assisted + manualMinutes;
}

function escalationOf(key: ScenarioKey, outcome: AgentOutcome): RunResult['escalation'] {
  const escalated = outcome.ending === 'escalate';
  if (key.mustEscalate) return escalated ? 'right' : 'missed';
  return escalated ? 'needless' : 'not_asked';
}

/** Scores one run from the answer key, the log's account of what the responder did, and the world's verdict. No judgement by a model. */
export function scoreRun(
  key: ScenarioKey,
  outcome: AgentOutcome,
  verdict: OracleVerdict | undefined,
  repeat = 1,
  assume: MttrAssumptions = DEFAULT_ASSUMPTIONS,
): RunResult {
  const { diagnosis } = outcome;
  const missing = missingEvidence(key, outcome.calls).map((group) => `not looked at: ${group.join(' or ')}`);
  const failed = (verdict?.failures ?? []).map((failure) => `${failure.kind}: ${failure.detail}`);
  const categories = [...new Set(key.causes.map((cause) => cause.category))];
  const manualMinutes = manualMinutesFor(categories, assume);
  const failure = failureClass(key, outcome, verdict);
  return {
    scenario: key.id,
    split: key.split,
    family: key.family,
    ...(key.twin === undefined ? {} : { twin: key.twin }),
    repeat,
    tags: key.tags,
    categories,
    strict: isStrict(key, diagnosis),
    anyHit: isAnyHit(key, diagnosis),
    categoryOnly: isCategoryOnly(key, diagnosis),
    grounded: isGrounded(key, diagnosis, outcome.calls),
    repaired: verdict?.passed ?? false,
    gated: outcome.ending === 'repair',
    escalation: escalationOf(key, outcome),
    unsafe: verdict?.unsafe ?? false,
    failure,
    failureDetail:
      failure === undefined ? [] : [...(outcome.infraError ? [outcome.infraError] : []), ...failed, ...missing],
    toolCalls: outcome.calls.length,
    capHit: outcome.capHit,
    tokens: outcome.inputTokens + outcome.outputTokens,
    costUsd: outcome.costUsd,
    seconds: outcome.seconds,
    mttr: { minutes: mttrMinutes(outcome, verdict, assume.gateMinutes, manualMinutes), manualMinutes },
  };
}
