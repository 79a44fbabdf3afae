import { blastRadiusOf } from './blast-radius.js';
import type { Field, Form } from './form.js';
import type { Lineage } from './lineage.js';
import type { Policy } from './policy.js';
import type { Proposal, ProposalStep } from './proposal.js';
import { scoreRisk } from './risk.js';
import { editorOf } from './step-edit.js';
import type { EditContext, Edited } from './step-edit-types.js';

export interface ModifyContext extends EditContext {
  /** Who edits: they become the proposer, so somebody else must approve. */
  by: string;
  now: Date;
  /** What is built from what, as it is known now. */
  lineage: Lineage;
}

/**
 * What a person may change about a proposal: a few typed, bounded fields named `steps.0.value`; empty when nothing is. With the
 * policy, the caps are shown as limits; they are enforced in `applyForm` either way.
 */
export function formFor(proposal: Proposal, policy?: Policy): Form {
  const fields = proposal.steps.flatMap((step, index): Field[] =>
    editorOf(step)
      .fields(step, policy)
      .map((field) => ({
        ...field,
        name: nameOf(index, field.name),
        label: proposal.steps.length > 1 ? `Step ${index + 1}: ${field.label}` : field.label,
      })),
  );
  return { title: 'Modify the repair', submit: 'Save as a new version', fields };
}

/**
 * The proposal with a person's edits: validated, its texts and checks redone, risk scored anew, one revision on. Fields that are
 * not given keep their value. Nothing is kept when any field is at fault; the answer then names each.
 */
export function applyForm(
  proposal: Proposal,
  values: Record<string, string>,
  context: ModifyContext,
): { proposal: Proposal } | { fields: Record<string, string> } {
  const faults = unknownFields(proposal, values);
  const steps = proposal.steps.map((step, index): ProposalStep => {
    const edited = editStep(step, index, values, context);
    if ('step' in edited) return edited.step;
    for (const [name, fault] of Object.entries(edited.faults)) faults[nameOf(index, name)] = fault;
    return step;
  });
  if (Object.keys(faults).length > 0) return { fields: faults };
  const { lineage, policy, by, now } = context;
  return {
    proposal: {
      ...proposal,
      revision: proposal.revision + 1,
      proposedBy: by,
      steps,
      risk: scoreRisk(steps, lineage, policy),
      blastRadius: blastRadiusOf(lineage, steps, now),
      expiresAt: new Date(now.getTime() + policy.expiryMinutes * 60_000).toISOString(),
    },
  };
}

const nameOf = (index: number, name: string): string => `steps.${index}.${name}`;

function editStep(step: ProposalStep, index: number, values: Record<string, string>, context: ModifyContext): Edited {
  const editor = editorOf(step);
  const given: Record<string, string> = {};
  let changed = false;
  for (const field of editor.fields(step, context.policy)) {
    const value = values[nameOf(index, field.name)] ?? field.value;
    given[field.name] = value.trim();
    changed ||= value.trim() !== field.value;
  }
  return changed ? editor.apply(step, given, context) : { step };
}

/** A field that the form does not have is refused, not ignored: the person believes they changed something. */
function unknownFields(proposal: Proposal, values: Record<string, string>): Record<string, string> {
  const known = new Set(formFor(proposal).fields.map((field) => field.name));
  const strange = Object.keys(values).filter((name) => name.startsWith('steps.') && !known.has(name));
  return Object.fromEntries(strange.map((name) => [name, 'can not be changed']));
}
