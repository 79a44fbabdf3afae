import { blastRadiusOf } from '../domain/blast-radius.js';
import { clipped } from '../domain/clipped.js';
import type { Diagnosis } from '../domain/diagnosis.js';
import type { EventBody, Usage } from '../domain/events.js';
import type { Incident } from '../domain/incident.js';
import { type Lineage, lineageOf } from '../domain/lineage.js';
import type { Inventory } from '../domain/pipeline.js';
import type { Policy } from '../domain/policy.js';
import type { Clock, ObservationStore } from '../domain/ports.js';
import { type Proposal, type ProposalStep, proposalDigest, type Risk } from '../domain/proposal.js';
import type { Sighting } from '../domain/sighting.js';
import type { Answer } from './answer.js';
import { authorsOfCause } from './authors.js';
import { type Grounded, ground } from './grounding.js';
import { draftedPlan } from './plan.js';

export interface ConclusionDeps {
  observations: ObservationStore;
  inventory: Inventory;
  policy: Policy;
  scoreRisk: (steps: readonly ProposalStep[], lineage: Lineage, policy: Policy) => Risk;
  /** What runs were seen to read and write; none where nobody sends OpenLineage events. */
  sightings?: () => Promise<readonly Sighting[]>;
  clock: Clock;
}

type Verdict =
  | { outcome: 'repair'; steps: ProposalStep[] }
  | { outcome: 'no_action'; reason: string }
  | { outcome: 'escalate' | 'inconclusive'; reason: string };

/** What an investigation ends with: the events of one append, made from the answer and the incident as the log holds it. */
export async function conclusionEvents(
  deps: ConclusionDeps,
  incident: Incident,
  answer: Answer,
  usage: Usage | undefined,
): Promise<EventBody[]> {
  const grounded = await ground(answer, incident, deps.observations);
  const verdict = await verdictOf(deps, incident, answer, grounded);
  const diagnosis = diagnosisOf(deps.policy, incident, answer, grounded, verdict);
  const made: EventBody = {
    type: 'diagnosis.made',
    data: { diagnosis, toolCalls: incident.calls.length, ...(usage === undefined ? {} : { usage }) },
  };
  if (verdict.outcome === 'no_action') return [made, { type: 'incident.closed', data: { reason: verdict.reason } }];
  if (verdict.outcome !== 'repair')
    return [made, escalation(incident, verdict.reason, isPartial(deps.policy, incident))];
  const authors = await authorsOfCause(grounded.causes, grounded.evidence, verdict.steps, deps.observations);
  const sightings = (await deps.sightings?.()) ?? [];
  const proposal = proposalOf(deps, incident, answer, { steps: verdict.steps, authors, sightings });
  return [made, { type: 'proposal.made', data: { proposal, digest: proposalDigest(proposal) } }];
}

/** The end when there is no answer at all: a person gets what has been found so far. */
export function escalation(incident: Incident, reason: string, partial: boolean): EventBody {
  return { type: 'incident.escalated', data: { reason, to: incident.owner ?? 'the person on call', partial } };
}

function isPartial(policy: Policy, incident: Incident): boolean {
  return incident.calls.length >= policy.agent.maxToolCalls;
}

/** What code makes of the model's outcome: a repair or an all-clear must be sure, grounded and drafted. */
async function verdictOf(
  deps: ConclusionDeps,
  incident: Incident,
  answer: Answer,
  grounded: Grounded,
): Promise<Verdict> {
  const { minimumConfidence } = deps.policy.agent;
  const said = tidy(answer.reason || answer.summary, 500);
  if (answer.outcome === 'inconclusive')
    return { outcome: 'inconclusive', reason: inconclusiveReason(deps, incident, said) };
  if (answer.outcome === 'escalate') return { outcome: 'escalate', reason: said || 'The agent asks for a person.' };
  if (answer.confidence < minimumConfidence) {
    const sure = `${answer.confidence.toFixed(2)} is below the minimum of ${minimumConfidence}`;
    return { outcome: 'escalate', reason: `The agent is not sure enough: ${sure}.` };
  }
  if (answer.outcome === 'no_action') {
    if (grounded.evidence.length > 0) return { outcome: 'no_action', reason: said || 'The alert needs nothing.' };
    return { outcome: 'escalate', reason: 'No evidence stands for doing nothing.' };
  }
  if (grounded.ungrounded.length > 0 || grounded.causes.length === 0) {
    const names = grounded.ungrounded.map((cause) => cause.entity).join(', ');
    const which = names === '' ? 'No cause was named.' : `No evidence stands for ${names}.`;
    return { outcome: 'escalate', reason: which };
  }
  const plan = await draftedPlan(answer, incident, deps.observations);
  if ('missing' in plan)
    return { outcome: 'escalate', reason: `There is a diagnosis but no whole plan: ${plan.missing}.` };
  return { outcome: 'repair', steps: plan.steps };
}

function inconclusiveReason(deps: ConclusionDeps, incident: Incident, said: string): string {
  const cap = isPartial(deps.policy, incident)
    ? `The budget of ${deps.policy.agent.maxToolCalls} tool calls is used up. `
    : '';
  return `${cap}${said || 'The agent found no cause.'}`;
}

function diagnosisOf(
  policy: Policy,
  incident: Incident,
  answer: Answer,
  grounded: Grounded,
  verdict: Verdict,
): Diagnosis {
  const answers = incident.calls.map((traced) => traced.answer);
  const flags: Diagnosis['flags'] = [];
  if (answers.some((given) => given?.flags.includes('injection_suspected'))) flags.push('injection_suspected');
  if (answers.some((given) => given?.status === 'error')) flags.push('tool_unreliable');
  if (grounded.struck.length > 0) flags.push('evidence_struck');
  if (verdict.outcome !== 'repair' && isPartial(policy, incident)) flags.push('partial');
  return {
    outcome: verdict.outcome,
    causes: grounded.causes,
    summary: tidy(answer.summary, 2000),
    confidence: Math.min(1, Math.max(0, answer.confidence)),
    evidence: grounded.evidence,
    struck: grounded.struck.slice(0, 40),
    ruledOut: answer.ruled_out
      .slice(0, 10)
      .map(({ hypothesis, why }) => ({ hypothesis: tidy(hypothesis, 300), why: tidy(why, 500) })),
    flags,
  };
}

function proposalOf(
  deps: ConclusionDeps,
  incident: Incident,
  answer: Answer,
  { steps, authors, sightings }: { steps: ProposalStep[]; authors: string[]; sightings: readonly Sighting[] },
): Proposal {
  const { policy, inventory } = deps;
  const now = deps.clock.now();
  const lineage = lineageOf(inventory, { sightings, now });
  const expires = now.getTime() + policy.expiryMinutes * 60_000;
  const patch = answer.patch;
  return {
    v: 1,
    incident: incident.id,
    revision: incident.proposals.length + 1,
    proposedBy: 'agent',
    steps,
    why: tidy(answer.summary, 1500),
    risk: deps.scoreRisk(steps, lineage, policy),
    blastRadius: blastRadiusOf(lineage, steps, now),
    attachments:
      patch === undefined
        ? []
        : [{ file: tidy(patch.file, 300), diff: patch.diff.slice(0, 20_000), note: tidy(patch.note, 500) }],
    expiresAt: new Date(expires).toISOString(),
    authorsOfCause: authors,
  };
}

function tidy(text: string, most: number): string {
  return clipped(text.trim(), most);
}
