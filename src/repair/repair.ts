import { shortId } from '../domain/canonical.js';
import { AppError, asAppError } from '../domain/errors.js';
import type { Actor } from '../domain/events.js';
import { foldIncident, type Incident } from '../domain/incident.js';
import { transact } from '../domain/ledger.js';
import type { Job } from '../domain/ports.js';
import { actOnPlan, mustWait, type PlanEnd } from './act.js';
import { isRepeatable, settle } from './apply-step.js';
import { policyFault, tamperFault } from './decision-check.js';
import { type Approved, approvedIn, type Claim, isDone, nextStep, type RepairDeps, record, TIMING } from './run.js';
import { verificationJobs, verifyRecovery } from './verify.js';
import { movedText, preconditionsOf, readWorld } from './world-check.js';

export interface Repair {
  /**
   * Carries out the approval that the job names, at most once, whatever the number of calls. Returns when there is nothing (more)
   * to do. @throws AppError retryable when it could not go on now and may be called again: nothing is lost and nothing is repeated.
   */
  repair(job: Job, signal: AbortSignal): Promise<void>;
  /** One round of reading whether the platform recovered. May be called any number of times. */
  verify(job: Job, signal: AbortSignal): Promise<void>;
  /** Brings an incident on that no job may be left for: after a start, and now and then. Reads first, fires nothing blindly. */
  reconcile(incident: string, signal: AbortSignal): Promise<void>;
}

/** The only room in which something is changed. */
export function createRepair(deps: RepairDeps): Repair {
  const worker: Actor = { kind: 'system', id: shortId('repairer'), role: 'repairer' };
  const running = new Map<string, Promise<void>>();
  /** Within one process a slow step is not mistaken for a dead worker: whoever comes second waits for the first. */
  const once = (approved: Approved, signal: AbortSignal): Promise<void> => {
    const { id } = approved.incident;
    const run = running.get(id) ?? carryOut(deps, worker, approved, signal).finally(() => running.delete(id));
    running.set(id, run);
    return run;
  };
  return {
    async repair(job, signal) {
      const approved = approvedIn(await deps.log.read(job.incident), job.decisionId);
      if (approved === undefined) {
        deps.processLog.warn({ incident: job.incident, job: job.id }, 'repair job without an approval in the log');
        return;
      }
      const { status } = approved.incident;
      if (status === 'approved' || status === 'repairing') await once(approved, signal);
    },
    async verify(job, signal) {
      await verifyRecovery(deps, worker, job.incident, signal);
    },
    async reconcile(id, signal) {
      const stored = await deps.log.read(id);
      const incident = foldIncident(stored);
      if (incident?.status === 'verifying') return verifyRecovery(deps, worker, id, signal);
      const approved = approvedIn(stored, incident?.decision?.statement.decisionId);
      if (approved !== undefined && (await needsHand(deps, approved))) await once(approved, signal);
    },
  };
}

async function needsHand(deps: RepairDeps, approved: Approved): Promise<boolean> {
  switch (approved.incident.status) {
    case 'approved':
      return true;
    case 'repairing':
      return leaseIsOver(deps, approved);
    case 'outcome_unknown':
      return canBeSettled(deps, approved);
    default:
      return false;
  }
}

/** From an approval to an outcome; each step may end it. */
async function carryOut(deps: RepairDeps, worker: Actor, approved: Approved, signal: AbortSignal): Promise<void> {
  const next = nextStep(approved);
  if (next !== undefined && mustWait({ approved }, next, deps.clock.now())) return;
  assertLeaseIsOver(deps, approved);
  const fresh = approved.progress.size === 0;
  const tampered = tamperFault(approved, deps.verifier);
  if (tampered !== undefined) return refuse(deps, worker, approved, tampered, []);
  const sealedAt = await waitForSeal(deps, worker, approved);
  if (sealedAt === undefined) return;
  if (fresh && (await refusedBeforeStart(deps, worker, approved, signal))) return;
  const claim = await claimRepair(deps, worker, approved, sealedAt);
  if (claim === undefined) return;
  const end = await actOnPlan(deps, claim, !fresh, signal);
  if (end !== 'paused') await finish(deps, claim, end);
}

function leaseIsOver(deps: RepairDeps, { incident, lastWrittenAt }: Approved): boolean {
  const { leaseMs } = { ...TIMING, ...deps.timing };
  return incident.status !== 'repairing' || deps.clock.now().getTime() - lastWrittenAt >= leaseMs;
}

/** Somebody else may be at it right now: taking over is for when they have been silent. */
function assertLeaseIsOver(deps: RepairDeps, approved: Approved): void {
  if (leaseIsOver(deps, approved)) return;
  throw new AppError('unavailable', {
    safeText: `The repair of ${approved.incident.id} is in another worker's hands.`,
  });
}

/** Undefined when the decision is not in the signed log, which is refused; a checkpoint that is late throws and nothing has happened. */
async function waitForSeal(deps: RepairDeps, worker: Actor, approved: Approved): Promise<number | undefined> {
  const { sealTimeoutMs } = { ...TIMING, ...deps.timing };
  try {
    return (await deps.checkpoints.covering(approved.decisionIndex, sealTimeoutMs)).size;
  } catch (error) {
    const known = asAppError(error);
    if (known.kind !== 'tampered') throw known;
    await refuse(deps, worker, approved, 'the decision is not in the signed log', []);
    return undefined;
  }
}

/** Policy and world as they are now, before anything is claimed. True when the approval died of them. */
async function refusedBeforeStart(
  deps: RepairDeps,
  worker: Actor,
  approved: Approved,
  signal: AbortSignal,
): Promise<boolean> {
  const policy = policyFault(approved, (await deps.policy()).policy, deps.clock.now());
  if (policy !== undefined) {
    await refuse(deps, worker, approved, policy, []);
    return true;
  }
  const all = approved.proposal.steps.map((_, index) => index);
  const readings = await readWorld(deps.facts, preconditionsOf(approved, all), signal);
  const moved = readings.filter((reading) => reading.readable && !reading.met).map(movedText);
  if (moved.length > 0) {
    await refuse(deps, worker, approved, 'the world has moved since this was approved', moved);
    return true;
  }
  const unreadable = readings.find((reading) => !reading.readable);
  if (unreadable !== undefined) {
    throw new AppError('unavailable', {
      safeText: `A fact that the approval rests on could not be read: ${movedText(unreadable)}.`,
    });
  }
  return false;
}

/** The approval is dead, and the card says of what. Only while nobody claimed the repair in the meantime. */
async function refuse(
  deps: RepairDeps,
  worker: Actor,
  approved: Approved,
  because: string,
  moved: string[],
): Promise<void> {
  const { decisionId, proposalDigest: digest } = approved.statement;
  const data = { decisionId, digest, because, moved };
  await transact(deps.log, approved.incident.id, (now) =>
    isUnclaimedSince(approved, now)
      ? { events: [{ type: 'repair.refused', data, actor: worker, causationId: decisionId }], result: undefined }
      : { events: [], result: undefined },
  );
  deps.processLog.warn({ incident: approved.incident.id, decisionId, because }, 'repair refused');
}

function isUnclaimedSince(approved: Approved, now: Incident | undefined): boolean {
  return (
    now !== undefined &&
    now.status === approved.incident.status &&
    now.repairs.length === approved.incident.repairs.length
  );
}

/** Takes the repair, one fence higher than the last claim. Undefined when somebody else was quicker. */
async function claimRepair(
  deps: RepairDeps,
  worker: Actor,
  approved: Approved,
  sealedAt: number,
): Promise<Claim | undefined> {
  const { decisionId, proposalDigest: digest } = approved.statement;
  const fence = Math.max(0, ...approved.incident.repairs.map((repair) => repair.fence)) + 1;
  const { result } = await transact(deps.log, approved.incident.id, (now) => {
    if (!isUnclaimedSince(approved, now)) return { events: [], result: false };
    const data = { decisionId, digest, fence, sealedAt };
    return { events: [{ type: 'repair.started', data, actor: worker, causationId: decisionId }], result: true };
  });
  return result ? { approved, fence, actor: worker } : undefined;
}

/** The outcome and, when all was done, every round of verification: one append, so that no recovery goes unchecked. */
async function finish(deps: RepairDeps, claim: Claim, end: Exclude<PlanEnd, 'paused'>): Promise<void> {
  const { decisionId } = claim.approved.statement;
  const { fence } = claim;
  const jobs = end.outcome === 'succeeded' ? verificationJobs(claim.approved, (await deps.policy()).policy) : [];
  const isThere = ({ repairs }: Incident): boolean =>
    repairs.at(-1)?.fence === fence && repairs.at(-1)?.outcome !== undefined;
  await record(deps.log, claim, { type: 'repair.finished', data: { decisionId, fence, ...end } }, isThere, jobs);
  deps.processLog.info({ incident: claim.approved.incident.id, decisionId, outcome: end.outcome }, 'repair finished');
}

/** Of a repair whose outcome nobody knows: can the target say by now what happened? Writes nothing. */
async function canBeSettled(deps: RepairDeps, approved: Approved): Promise<boolean> {
  const index = nextStep(approved);
  const step = index === undefined ? undefined : approved.proposal.steps[index];
  if (index === undefined || step === undefined || isDone(approved.progress.get(index))) return false;
  const { statement, incident } = approved;
  const key = {
    idempotencyKey: `${statement.decisionId}:${index}`,
    fence: 0,
    incident: incident.id,
    approvedBy: statement.votes.map((vote) => vote.by.id),
    step,
  };
  const state = await settle({
    tool: deps.tools[step.action.do],
    step,
    key,
    settleMs: [0],
  });
  return state === 'done' || (state === 'not_done' && isRepeatable(step));
}
