import type { Inventory } from './pipeline.js';
import type { Policy } from './policy.js';
import type { ProposalStep } from './proposal.js';

/** What an edit is checked against. */
export interface EditContext {
  inventory: Inventory;
  policy: Policy;
}

/** The step as edited, or the fault of each field by its name. */
export type Edited = { step: ProposalStep } | { faults: Record<string, string> };
