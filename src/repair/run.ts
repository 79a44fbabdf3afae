import type { DecisionStatement, Seal } from '../domain/decision.js';
import { AppError } from '../domain/errors.js';
import type { Actor, EventBody, EventOf } from '../domain/events.js';
import { foldIncident, type Incident, type ProposalVersion, proposalByDigest } from '../domain/incident.js';
import { transact } from '../domain/ledger.js';
import type { FactReader } from '../domain/platform-ports.js';
import type { Policy } from '../domain/policy.js';
import type { CheckpointReader, Clock, DecisionVerifier, EventLog, Job, StoredEntry } from '../domain/ports.js';
import type { Proposal, RepairKind } from '../domain/proposal.js';
import type { RepairTool } from '../domain/tool.js';
import type { ProcessLog } from '../log.js';

export interface RepairDeps {
  log: EventLog;
  checkpoints: CheckpointReader;
  verifier: DecisionVerifier;
  tools: Readonly<Record<RepairKind, RepairTool>>;
  facts: FactReader;
  /**
   * Asked when it matters: an approval counts under the policy of the moment in which it is carried out, and for the members that
   * the log then knows of the chats' user groups.
   */
  policy: () => { policy: Policy } | Promise<{ policy: Policy }>;
  clock: Clock;
  processLog: ProcessLog;
  timing?: Partial<RepairTiming>;
}

export interface RepairTiming {
  /** How long to wait for a signed checkpoint over the decision before giving the job back. */
  sealTimeoutMs: number;
  /** A repair that recorded nothing for this long is taken over. */
  leaseMs: number;
  /** Waits between looks at a target that may still be busy with what it was sent. */
  settleMs: readonly number[];
}

export const TIMING: RepairTiming = { sealTimeoutMs: 10_000, leaseMs: 10_000, settleMs: [0, 500, 2000] };

export type StepPhase = EventOf<'repair.stepped'>['data']['phase'];

/** An approved decision as the log holds it, and how far its repair came. */
export interface Approved {
  incident: Incident;
  statement: DecisionStatement;
  seal: Seal;
  decisionIndex: number;
  version: ProposalVersion;
  proposal: Proposal;
  /** The last recorded phase of each step that was touched; kept up while the repair runs. */
  progress: Map<number, StepPhase>;
  /** When anything of the repair was last written, in ms; of the decision itself when nothing was. */
  lastWrittenAt: number;
}

/** The approval behind a job, or undefined when the log knows no such approval: a job alone never moves anything. */
export function approvedIn(stored: readonly StoredEntry[], decisionId: string | undefined): Approved | undefined {
  const incident = foldIncident(stored);
  const decision = incident?.decision;
  if (incident === undefined || decision === undefined) return undefined;
  const { statement, seal, index } = decision;
  if (statement.decisionId !== decisionId || statement.verdict !== 'approve') return undefined;
  const version = proposalByDigest(incident, statement.proposalDigest);
  if (version === undefined) return undefined;
  const { proposal } = version;
  const progress = progressOf(incident, decisionId);
  const last = stored.findLast(({ entry }) => entry.type === 'decision.recorded' || entry.type.startsWith('repair.'));
  const lastWrittenAt = Date.parse(last?.entry.at ?? incident.lastAt);
  return { incident, statement, seal, decisionIndex: index, version, proposal, progress, lastWrittenAt };
}

/** Over all claims of this decision: a later worker goes on where an earlier one was cut off. */
function progressOf(incident: Incident, decisionId: string): Map<number, StepPhase> {
  const steps = incident.repairs.filter((repair) => repair.decisionId === decisionId).flatMap((repair) => repair.steps);
  return new Map(steps.map((step) => [step.step, step.phase]));
}

export function isDone(phase: StepPhase | undefined): boolean {
  return phase === 'applied' || phase === 'already_applied';
}

/** The first step that is not done; undefined when all are. */
export function nextStep(approved: Approved): number | undefined {
  const index = approved.proposal.steps.findIndex((_, step) => !isDone(approved.progress.get(step)));
  return index === -1 ? undefined : index;
}

/** The earliest instant (ms) at which a step may start: some wait for data that is known to be late. */
export function notBefore(approved: Approved, step: number): number {
  const action = approved.proposal.steps[step]?.action;
  const minutes = action?.do === 'retry' ? action.not_before_minutes : 0;
  return Date.parse(approved.statement.decidedAt) + minutes * 60_000;
}

/** One claim on a repair. Whoever holds a smaller fence than the newest has lost it, and may neither act nor record. */
export interface Claim {
  approved: Approved;
  fence: number;
  actor: Actor;
}

/** True while the newest claim in this state is ours and its repair still runs. */
export function holds(incident: Incident | undefined, claim: Claim): boolean {
  const last = incident?.repairs.at(-1);
  return (
    incident?.status === 'repairing' &&
    last?.fence === claim.fence &&
    last.decisionId === claim.approved.statement.decisionId
  );
}

export function lostClaim(claim: Claim): AppError {
  return new AppError('conflict', {
    safeText: `The repair of ${claim.approved.incident.id} was taken over by another worker; this one stops.`,
    retryable: false,
  });
}

/** @throws AppError `conflict` (not to be retried) when somebody else holds the repair by now. Reads the log: never answers from memory. */
export async function assertHolds(log: EventLog, claim: Claim): Promise<void> {
  if (!holds(foldIncident(await log.read(claim.approved.incident.id)), claim)) throw lostClaim(claim);
}

/**
 * Appends one entry of the repair under the claim's fence. An append that failed may have been stored, so it is tried again after
 * reading the log: `isThere` recognises what is already written. @throws AppError `conflict` when the claim was lost.
 */
export async function record(
  log: EventLog,
  claim: Claim,
  body: EventBody,
  isThere: (incident: Incident) => boolean,
  jobs: Job[] = [],
): Promise<void> {
  const { incident, statement } = claim.approved;
  const attempt = async (): Promise<void> => {
    const { result } = await transact(log, incident.id, (now) => {
      if (now !== undefined && isThere(now)) return { events: [], result: true };
      if (!holds(now, claim)) return { events: [], result: false };
      return { events: [{ ...body, actor: claim.actor, causationId: statement.decisionId }], jobs, result: true };
    });
    if (!result) throw lostClaim(claim);
  };
  try {
    await attempt();
  } catch (error) {
    if (!(error instanceof AppError && error.retryable)) throw error;
    await attempt();
  }
}
