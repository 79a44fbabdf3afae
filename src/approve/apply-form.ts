import type { Inventory } from '../domain/pipeline.js';
import type { Policy } from '../domain/policy.js';
import type { Proposal } from '../domain/proposal.js';

// Stands in until src/domain/modify.ts is there.
export function applyForm(
  proposal: Proposal,
  values: Record<string, string>,
  context: { policy: Policy; inventory: Inventory; by: string; now: Date },
): { proposal: Proposal } | { fields: Record<string, string> } {
  const value = Number(values['steps.0.value']);
  const [first] = proposal.steps;
  if (first?.action.do !== 'resource_increase' || !(value > 0))
    return { fields: { 'steps.0.value': 'must be a number' } };
  const step = { ...first, action: { ...first.action, value }, after: String(value) };
  return {
    proposal: {
      ...proposal,
      revision: proposal.revision + 1,
      proposedBy: context.by,
      steps: [step, ...proposal.steps.slice(1)],
    },
  };
}
