import type { TraceLine } from '../domain/card.js';
import type { Incident } from '../domain/incident.js';
import { investigationCalls, type TracedCall } from '../domain/question.js';
import { clip } from './fit.js';

/** Reasoning travels with each call but is shown beside it, not as an argument. */
const REASONING = new Set(['thought', 'hypothesis', 'confidence']);

/** Arguments as the field writes a call: `source="core_banking.transactions", since="24h"`. */
export function argsText(args: Record<string, unknown>): string {
  const shown = Object.entries(args).filter(([name, value]) => !REASONING.has(name) && value !== undefined);
  return clip(shown.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(', '), 400);
}

/** The trace of the investigation, one folded line a call. */
export function traceOf(incident: Incident): TraceLine[] {
  const working = incident.status === 'investigating';
  return investigationCalls(incident).map((traced) => lineOf(traced, working));
}

/** One call; without an answer it is either still being made, or lost. */
export function lineOf({ call, at, answer }: TracedCall, working: boolean): TraceLine {
  const line = {
    call: call.call,
    at,
    tool: call.tool,
    args: argsText(call.args),
    thought: clip(call.thought, 1000),
    hypothesis: clip(call.hypothesis, 300),
    confidence: call.confidence,
  };
  if (answer === undefined) {
    const unanswered = working ? '' : 'no answer was recorded';
    return { ...line, status: working ? 'running' : 'error', headline: unanswered, flagged: false };
  }
  return {
    ...line,
    status: answer.status,
    headline: clip(answer.headline, 300),
    observation: answer.observation,
    flagged: answer.flags.length > 0,
  };
}
