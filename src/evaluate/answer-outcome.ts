import { sha256Hex } from '../domain/canonical.js';
import type { Diagnosis, Evidence } from '../domain/diagnosis.js';
import type { RepairAction } from '../domain/proposal.js';
import type { AnswerStep, SubmittedAnswer } from './answer.js';
import type { AgentOutcome, ToolCallRecord } from './model.js';
import type { CaseTrace } from './open-case.js';

/** What an answer cost, where that is known. */
export interface AnswerCost {
  inputTokens: number;
  outputTokens: number;
  costUsd: number;
}

const UNKNOWN: AnswerCost = { inputTokens: 0, outputTokens: 0, costUsd: 0 };

/** A whole answer as evidence: as much of it as a quote may be long. */
const QUOTE = 1000;
/** A quote shorter than this is found anywhere. */
const SHORTEST_QUOTE = 8;

/** A submitted answer and its trace as an outcome like any other; without an answer the agent stayed silent. */
export function answerOutcome(
  answer: SubmittedAnswer | undefined,
  trace: CaseTrace,
  cost: AnswerCost = UNKNOWN,
): AgentOutcome {
  const common = { calls: trace.calls, capHit: trace.capHit, seconds: trace.seconds, ...cost };
  if (answer === undefined) return { ...common, ending: 'silent', repairs: [] };
  return {
    ...common,
    ending: endingOf(answer.plan),
    repairs: repairsOf(answer.plan),
    diagnosis: diagnosisOf(answer, trace),
  };
}

function endingOf(plan: readonly AnswerStep[]): 'repair' | 'escalate' | 'none' {
  const only = plan.at(0)?.do;
  return only === 'escalate' || only === 'none' ? only : 'repair';
}

function repairsOf(plan: readonly AnswerStep[]): RepairAction[] {
  return plan.filter((step): step is RepairAction => step.do !== 'escalate' && step.do !== 'none');
}

const OUTCOME = { repair: 'repair', escalate: 'escalate', none: 'no_action' } as const;

function diagnosisOf(answer: SubmittedAnswer, { calls, capHit }: CaseTrace): Diagnosis {
  const evidence: Evidence[] = [];
  const struck: Diagnosis['struck'] = [];
  for (const quote of [...answer.evidence, ...wholeAnswers(answer.evidence_ids, calls)]) {
    const call = calls.find(({ callId }) => callId === quote.call);
    const reason = faultOf(quote, call);
    if (call === undefined || reason !== undefined) {
      struck.push({ quote: quote.quote, reason: reason ?? '' });
      continue;
    }
    const { callId, tool, text } = call;
    evidence.push({ callId, tool, quote: quote.quote, supports: quote.supports, observation: sha256Hex(text) });
  }
  return {
    outcome: OUTCOME[endingOf(answer.plan)],
    causes: answer.causes.map((cause) => ({ ...cause, claim: cause.claim.trim() || 'No claim was given.' })),
    summary: answer.report,
    confidence: answer.confidence,
    evidence: evidence.slice(0, 12),
    struck,
    ruledOut: [],
    flags: [
      ...new Set([
        ...answer.flags,
        ...(struck.length > 0 ? (['evidence_struck'] as const) : []),
        ...(capHit ? (['partial'] as const) : []),
      ]),
    ],
  };
}

interface Quoted {
  call: string;
  quote: string;
  supports: string;
}

function wholeAnswers(ids: readonly string[], calls: readonly ToolCallRecord[]): Quoted[] {
  return ids.map((id) => {
    const text = calls.find(({ callId }) => callId === id)?.text ?? '';
    return { call: id, quote: text.slice(0, QUOTE) || '(no answer)', supports: 'the answer as a whole' };
  });
}

/** The same check that the investigation makes of its own quotes: byte for byte, in the stored answer of the call that is named. */
function faultOf(quote: Quoted, call: ToolCallRecord | undefined): string | undefined {
  if (call === undefined) return `There is no call ${quote.call}.`;
  if (quote.quote.trim().length < SHORTEST_QUOTE) return 'The quote is too short to prove anything.';
  return call.text.includes(quote.quote)
    ? undefined
    : `The quote is not in the answer of ${call.callId}, byte for byte.`;
}

/** The case as people would read it, line by line. */
export function answerThread(title: string, outcome: AgentOutcome): string[] {
  const { diagnosis, repairs, ending } = outcome;
  return [
    title,
    ...outcome.calls.flatMap(({ callId, tool, args, status, thought }) => [
      ...(thought === undefined ? [] : [`  ${thought}`]),
      `${callId} ${tool} ${JSON.stringify(args)} -> ${status}`,
    ]),
    ...(diagnosis?.causes ?? []).map(
      ({ category, entity, change, claim }) => `cause: ${category} ${entity} ${change}: ${claim}`,
    ),
    ...(diagnosis === undefined || diagnosis.summary === '' ? [] : [diagnosis.summary]),
    ...repairs.map((action, index) => `step ${index + 1}: ${JSON.stringify(action)}`),
    `ended with: ${ending}`,
  ];
}
