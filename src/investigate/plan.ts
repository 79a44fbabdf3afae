import { canonicalJson } from '../domain/canonical.js';
import type { Incident } from '../domain/incident.js';
import type { ObservationStore } from '../domain/ports.js';
import { ProposalStep } from '../domain/proposal.js';
import type { Answer } from './answer.js';

/** The steps of a plan as they were drafted, or why there is no such plan. */
export type DraftedPlan = { steps: ProposalStep[] } | { missing: string };

/**
 * The plan of an answer: drafted steps by the id of the call that drafted them, in the answer's order. A step that was
 * refused or never drafted spoils the whole plan, because half a repair is worse than none.
 */
export async function draftedPlan(
  answer: Answer,
  incident: Incident,
  observations: ObservationStore,
): Promise<DraftedPlan> {
  const steps = new Map<string, ProposalStep>();
  for (const id of answer.plan) {
    const traced = incident.calls.find(({ call }) => call.callId === id);
    const draft = traced?.answer?.draft;
    if (draft === undefined) return { missing: `${id.slice(0, 40)} drafted no step` };
    const stored = await observations.get(draft);
    if (stored === undefined) return { missing: `the step drafted by ${id.slice(0, 40)} is not in the store` };
    const step = ProposalStep.parse(JSON.parse(stored));
    steps.set(canonicalJson(step.action), step);
  }
  if (steps.size === 0) return { missing: 'no step was drafted' };
  if (steps.size > 6) return { missing: 'the plan has more than six steps' };
  return { steps: [...steps.values()] };
}
