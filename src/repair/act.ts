import { AppError } from '../domain/errors.js';
import type { Job } from '../domain/ports.js';
import type { RepairKey } from '../domain/tool.js';
import { applyAndSettle, applyFirst, isRepeatable, type StepCall, type StepEnd, settle } from './apply-step.js';
import { policyFault } from './decision-check.js';
import { assertHolds, type Claim, isDone, notBefore, type RepairDeps, record, type StepPhase, TIMING } from './run.js';
import { movedText, preconditionsOf, readWorld } from './world-check.js';

/** How a whole plan ended; `paused` when its next step has to wait and a job will come back for it. */
export type PlanEnd = { outcome: 'succeeded' | 'failed' | 'unknown'; detail: string } | 'paused';

/** A delayed job may be delivered a little early by a clock that runs ahead. */
const EARLY_MS = 5_000;

/** True when the step has to wait still. */
export function mustWait(claim: Pick<Claim, 'approved'>, step: number, now: Date): boolean {
  return notBefore(claim.approved, step) - now.getTime() > EARLY_MS;
}

/** Carries out the plan from where it stands, step by step, and stops at the first one that does not succeed. */
export async function actOnPlan(
  deps: RepairDeps,
  claim: Claim,
  resumed: boolean,
  signal: AbortSignal,
): Promise<PlanEnd> {
  const { steps } = claim.approved.proposal;
  for (let index = 0; index < steps.length; index++) {
    const before = claim.approved.progress.get(index);
    if (isDone(before)) continue;
    if (before === 'failed')
      return stopped(claim, index, { phase: 'failed', detail: 'It had failed before the worker was cut off.' });
    if (mustWait(claim, index, deps.clock.now())) return 'paused';
    assertNotStopping(signal);
    const end = await actOnStep(deps, claim, index, resumed, signal);
    if (!isDone(end.phase)) return stopped(claim, index, end);
  }
  return {
    outcome: 'succeeded',
    detail: steps.length === 1 ? 'The step is done.' : `All ${steps.length} steps are done.`,
  };
}

function assertNotStopping(signal: AbortSignal): void {
  if (signal.aborted)
    throw new AppError('unavailable', { safeText: 'The repairer is stopping; the repair goes on later.' });
}

function stopped(claim: Claim, index: number, end: StepEnd): PlanEnd {
  const { steps } = claim.approved.proposal;
  const done =
    index === 0
      ? ''
      : ` Steps before it are done; the way back: ${steps
          .slice(0, index)
          .map((step) => step.restorePoint)
          .join('; ')}.`;
  const outcome = end.phase === 'unknown' ? 'unknown' : 'failed';
  const asks = outcome === 'unknown' ? ' A person has to look at the target.' : '';
  return { outcome, detail: `Step ${index + 1} of ${steps.length}: ${end.detail}${asks}${done}`.slice(0, 1000) };
}

/** Write first, act second, record third. */
async function actOnStep(
  deps: RepairDeps,
  claim: Claim,
  index: number,
  resumed: boolean,
  signal: AbortSignal,
): Promise<StepEnd> {
  const call = stepCall(deps, claim, index, signal);
  const before = claim.approved.progress.get(index);
  if (before === 'started' || before === 'unknown') {
    const settled = await settleEarlier(call);
    if (settled !== undefined) return recordStep(deps, claim, index, settled);
  }
  const fault = resumed ? await faultNow(deps, claim, index, signal) : undefined;
  if (fault !== undefined) return recordStep(deps, claim, index, notSent(before, fault));
  await recordStep(deps, claim, index, { phase: 'started', detail: claim.approved.proposal.steps[index]?.title ?? '' });
  const end = before === undefined ? await applyFirst(call) : await applyAndSettle(call);
  return recordStep(deps, claim, index, end);
}

/** A step that was sent, or may have been, by a worker that did not live to record it: read, and undefined when it may be sent again. */
async function settleEarlier(call: StepCall): Promise<StepEnd | undefined> {
  const state = await settle(call);
  if (state === 'done') {
    return {
      phase: 'already_applied',
      detail: 'An earlier worker was cut off after this step; the target says it is done.',
    };
  }
  if (state === 'not_done' && isRepeatable(call.step)) return undefined;
  return {
    phase: 'unknown',
    detail: 'A worker was cut off during this step, and the target can not say whether it took effect.',
  };
}

/** What was never sent has failed; what a dead worker may have sent stays open, and is not sent again into a changed world. */
function notSent(before: StepPhase | undefined, fault: string): StepEnd {
  return before === undefined
    ? { phase: 'failed', detail: `Nothing was sent: ${fault}.` }
    : { phase: 'unknown', detail: `A worker was cut off during this step, and it is not sent again: ${fault}.` };
}

/** Time has passed since the whole plan was checked: policy and the facts that this step rests on are asked again. */
async function faultNow(
  deps: RepairDeps,
  claim: Claim,
  index: number,
  signal: AbortSignal,
): Promise<string | undefined> {
  const policy = policyFault(claim.approved, (await deps.policy()).policy, deps.clock.now());
  if (policy !== undefined) return policy;
  const readings = await readWorld(deps.facts, preconditionsOf(claim.approved, [index]), signal);
  const moved = readings.filter((reading) => !reading.met).map(movedText);
  return moved.length === 0 ? undefined : `the world has moved: ${moved.join('; ')}`;
}

function stepCall(deps: RepairDeps, claim: Claim, index: number, signal: AbortSignal): StepCall {
  const { proposal, statement, incident } = claim.approved;
  const step = proposal.steps[index];
  if (step === undefined) throw new AppError('internal', { safeText: `There is no step ${index + 1} in the plan.` });
  const key: RepairKey = {
    idempotencyKey: `${statement.decisionId}:${index}`,
    fence: claim.fence,
    incident: incident.id,
    approvedBy: statement.votes.map((vote) => vote.by.id),
    step,
  };
  const { settleMs } = { ...TIMING, ...deps.timing };
  return {
    tool: deps.tools[step.action.do],
    step,
    key,
    settleMs,
    assertMayAct: () => assertHolds(deps.log, claim),
    faultNow: () => faultNow(deps, claim, index, signal),
  };
}

async function recordStep<P extends StepPhase>(
  deps: RepairDeps,
  claim: Claim,
  index: number,
  end: { phase: P; detail: string },
): Promise<{ phase: P; detail: string }> {
  const { approved, fence } = claim;
  const { decisionId } = approved.statement;
  const { phase } = end;
  const detail = end.detail.slice(0, 1000);
  const idempotencyKey = `${decisionId}:${index}`;
  const action = phase === 'started' ? approved.proposal.steps[index]?.action : undefined;
  const data = {
    decisionId,
    fence,
    step: index,
    phase,
    idempotencyKey,
    detail,
    ...(action === undefined ? {} : { action }),
  };
  await record(
    deps.log,
    claim,
    { type: 'repair.stepped', data },
    ({ repairs }) => {
      const last = repairs.at(-1)?.steps.at(-1);
      return last?.fence === fence && last.step === index && last.phase === phase;
    },
    isDone(phase) ? comeBackJobs(deps, claim, index + 1) : [],
  );
  approved.progress.set(index, phase);
  return end;
}

/** When the next step must wait, the job that comes back for it is written together with the outcome of this one. */
function comeBackJobs(deps: RepairDeps, claim: Claim, next: number): Job[] {
  if (claim.approved.proposal.steps[next] === undefined || !mustWait(claim, next, deps.clock.now())) return [];
  const { statement, incident } = claim.approved;
  const { decisionId } = statement;
  const delayMs = notBefore(claim.approved, next) - deps.clock.now().getTime();
  return [{ queue: 'repair', id: `${decisionId}-s${next}`, incident: incident.id, decisionId, delayMs }];
}
