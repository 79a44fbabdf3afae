import type { EventOf } from '../domain/events.js';
import { type Incident, proposalByDigest, type Repair } from '../domain/incident.js';
import type { Proposal } from '../domain/proposal.js';

export type StepPhase = EventOf<'repair.stepped'>['data']['phase'] | 'waiting';

export interface StepState {
  title: string;
  phase: StepPhase;
  detail: string;
  restorePoint: string;
}

/** Where each step of a repair stands, by its last event. */
export function stepStates(incident: Incident, repair: Repair): StepState[] {
  const proposal: Proposal | undefined = proposalByDigest(incident, repair.digest)?.proposal;
  return (proposal?.steps ?? []).map((step, at) => {
    const last = repair.steps.findLast((event) => event.step === at);
    return {
      title: step.title,
      phase: last?.phase ?? 'waiting',
      detail: last?.detail ?? '',
      restorePoint: step.restorePoint,
    };
  });
}

/** Whether any step was, or may have been, carried out. */
export function changedAnything(incident: Incident): boolean {
  return incident.repairs.some((repair) => repair.steps.length > 0);
}

/** Files for which the approved proposal has a patch: nothing applies it but a person. */
export function patchedFiles({ decision, proposals }: Incident): string[] {
  const digest = decision?.statement.proposalDigest;
  const approved = proposals.find((version) => version.digest === digest)?.proposal;
  return approved?.attachments.map(({ file }) => file) ?? [];
}
