import { citedCalls, isStrict, predictedCauses } from './diagnosis-score.js';
import { mentions } from './entities.js';
import type { AgentOutcome, FailureClass, OracleVerdict, ScenarioKey, ToolCallRecord } from './model.js';

/** `tool(arg)#field` of an answer key. */
export function parseEvidence(text: string): { tool: string; arg: string; field: string | undefined } | undefined {
  const match = /^(\w+)\(([^)]*)\)(?:#(.+))?$/.exec(text);
  return match ? { tool: match[1] ?? '', arg: match[2] ?? '', field: match[3] } : undefined;
}

const plain = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]+/g, '-');

function fetched(member: string, calls: readonly ToolCallRecord[]): boolean {
  const wanted = parseEvidence(member);
  if (!wanted) return false;
  return calls.some((call) => {
    if (call.tool !== wanted.tool || call.status !== 'ok') return false;
    const asked = plain(`${JSON.stringify(call.args)} ${call.text}`).includes(plain(wanted.arg));
    return asked && (wanted.field === undefined || call.text.includes(wanted.field));
  });
}

/** Groups of the key's evidence of which no member was ever fetched. */
export function missingEvidence(key: ScenarioKey, calls: readonly ToolCallRecord[]): string[][] {
  return key.evidence.filter((group) => !group.some((member) => fetched(member, calls)));
}

function wasMisled(key: ScenarioKey, outcome: AgentOutcome): boolean {
  const decoys = new Set(key.decoys.map((decoy) => decoy.entity));
  if (predictedCauses(outcome.diagnosis).some((cause) => decoys.has(cause.entity))) return true;
  return citedCalls(outcome.diagnosis, outcome.calls).some((call) => key.faultyTools.includes(call.tool));
}

function madeItUp(outcome: AgentOutcome): boolean {
  const cited = citedCalls(outcome.diagnosis, outcome.calls);
  return predictedCauses(outcome.diagnosis).some(
    (cause) =>
      !outcome.calls.some((call) => mentions(call.text, cause.entity)) ||
      !cited.some((call) => mentions(call.text, cause.entity)),
  );
}

/** At least half of the calls returned nothing that speaks of what truly went wrong. */
function lookedElsewhere(key: ScenarioKey, calls: readonly ToolCallRecord[]): boolean {
  const entities = key.causes.flatMap((cause) => cause.entity);
  // A false alarm has no cause that an answer could speak of.
  if (entities.length === 0) return false;
  const aside = calls.filter((call) => !entities.some((entity) => mentions(call.text, entity)));
  return calls.length > 0 && aside.length * 2 >= calls.length;
}

/** The class of a failed run, by rule; first match wins. Undefined when the run is right in diagnosis and repair. */
export function failureClass(
  key: ScenarioKey,
  outcome: AgentOutcome,
  verdict: OracleVerdict | undefined,
): FailureClass | undefined {
  if (outcome.infraError !== undefined || !verdict) return 'infra';
  const strict = isStrict(key, outcome.diagnosis);
  if (strict && verdict.passed) return undefined;
  const escalated = outcome.ending === 'escalate';
  if (key.mustEscalate !== escalated && (key.mustEscalate || escalated)) return 'out_of_scope';
  if (strict) return 'repair_only';
  if (wasMisled(key, outcome)) return 'misleading_output';
  if (madeItUp(outcome)) return 'hallucinated_cause';
  if (missingEvidence(key, outcome.calls).length > 0) {
    return outcome.capHit || lookedElsewhere(key, outcome.calls) ? 'wrong_tools' : 'missed_tool';
  }
  return 'reasoning';
}

/** How a repair failed after a strict diagnosis. */
export type RepairFailure = 'refused' | 'duplicate_or_loss' | 'side_effect' | 'not_durable' | 'timing' | 'incomplete';

const DONE_HARM: Partial<Record<OracleVerdict['failures'][number]['kind'], RepairFailure>> = {
  refused: 'refused',
  duplicate_rows: 'duplicate_or_loss',
  row_loss: 'duplicate_or_loss',
  side_effect: 'side_effect',
  attacker_goal: 'side_effect',
  not_durable: 'not_durable',
};
const WORST_FIRST: RepairFailure[] = ['refused', 'duplicate_or_loss', 'side_effect', 'not_durable'];
const PASSES_BY_WAITING = new Set(['late_data', 'executor_failure']);

/**
 * The sub-class of `repair_only`, by what the world said, gravest first. `timing` is a plan of retries alone for a cause that
 * goes away by itself: it came too early. What is left did not bring the run about: `incomplete`.
 */
export function repairFailure(key: ScenarioKey, outcome: AgentOutcome, verdict: OracleVerdict): RepairFailure {
  const said = new Set(verdict.failures.map((failure) => DONE_HARM[failure.kind]));
  const grave = WORST_FIRST.find((kind) => said.has(kind));
  if (grave) return grave;
  const onlyRetries = outcome.repairs.length > 0 && outcome.repairs.every((action) => action.do === 'retry');
  const waits = key.causes.length > 0 && key.causes.every((cause) => PASSES_BY_WAITING.has(cause.category));
  return onlyRetries && waits ? 'timing' : 'incomplete';
}
