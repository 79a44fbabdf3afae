import type { Section } from '../domain/card.js';
import type { Expectation, IdempotencyClass, Proposal, ProposalStep } from '../domain/proposal.js';
import { blastRadiusSections } from './blast-radius.js';
import { minutesWords } from './words.js';

const IDEMPOTENCY_WORDS: Record<IdempotencyClass, string> = {
  idempotent: 'Yes, a second run changes nothing more',
  guarded: 'Guarded: it looks first, and does nothing when it is already done',
  not_idempotent: 'No, so it is carried out at most once',
};

/** Everything that will be carried out, on what it rests and how recovery is checked. Built from typed data only. */
export function proposalSections(proposal: Proposal, folded: boolean): Section[] {
  const steps = proposal.steps.flatMap((step, at) => stepSections(step, at, proposal.steps.length));
  const sections: Section[] = [
    ...steps,
    ...blastRadiusSections(proposal.blastRadius),
    ...expectations('Must still be true when it runs', proposal.steps, (step) => step.preconditions, true),
    ...expectations('Resolved only when', proposal.steps, (step) => step.verification, false),
  ];
  return folded ? sections.map((section) => ({ ...section, folded: true })) : sections;
}

function stepSections(step: ProposalStep, at: number, of: number): Section[] {
  const title = of === 1 ? step.title : `Step ${at + 1} of ${of}: ${step.title}`;
  const effects: Section[] =
    step.effects.length === 0 ? [] : [{ kind: 'list', title: 'This also happens', items: step.effects }];
  return [
    { kind: 'diff', title, before: step.before, after: step.after },
    ...effects,
    {
      kind: 'facts',
      rows: [
        { name: 'Safe to run twice', value: IDEMPOTENCY_WORDS[step.idempotency] },
        { name: 'Way back', value: step.restorePoint },
      ],
    },
  ];
}

function expectations(
  title: string,
  steps: readonly ProposalStep[],
  of: (step: ProposalStep) => Expectation[],
  folded: boolean,
): Section[] {
  const items = [...new Set(steps.flatMap(of).map(expectationText))];
  if (items.length === 0) return [];
  return [{ kind: 'list', title, items, ...(folded ? { folded } : {}) }];
}

function expectationText(expectation: Expectation): string {
  const { text, withinSeconds } = expectation;
  return withinSeconds === 0 ? text : `${text} (within ${minutesWords(withinSeconds / 60)})`;
}
