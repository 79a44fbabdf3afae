import { setTimeout as wait } from 'node:timers/promises';
import { type AppError, asAppError, type ErrorKind } from '../domain/errors.js';
import type { ProposalStep } from '../domain/proposal.js';
import type { RepairKey, RepairTool } from '../domain/tool.js';
import type { StepPhase } from './run.js';

/** How a step ended; `skipped` means that nothing was sent. */
export interface StepEnd {
  phase: Exclude<StepPhase, 'started'>;
  detail: string;
}

export interface StepCall {
  tool: RepairTool;
  step: ProposalStep;
  key: RepairKey;
  settleMs: readonly number[];
  /** Throws when this worker may no longer act. Called right before each thing that is sent. */
  assertMayAct: () => Promise<void>;
  /** Why the step may not be sent a second time into the world as it is now; undefined when it may. */
  faultNow: () => Promise<string | undefined>;
}

/** The target said no, or never understood: nothing was done. After any other failure it may have been. */
const REFUSALS: ReadonlySet<ErrorKind> = new Set([
  'invalid_input',
  'unauthenticated',
  'forbidden',
  'not_found',
  'too_large',
  'precondition',
  'misconfigured',
]);

/** Whether sending the same step again under the same key can do no second thing. */
export function isRepeatable(step: ProposalStep): boolean {
  return step.idempotency !== 'not_idempotent';
}

/** Asks the target until it says that the step is done, or the patience is over: what was just sent may take a moment to show. */
export async function settle({
  tool,
  step,
  key,
  settleMs,
}: Pick<StepCall, 'tool' | 'step' | 'key' | 'settleMs'>): Promise<'done' | 'not_done' | 'unknown'> {
  let state: 'done' | 'not_done' | 'unknown' = 'unknown';
  for (const ms of settleMs) {
    if (ms > 0) await wait(ms);
    state = await look(tool, step, key);
    if (state === 'done') return state;
  }
  return state;
}

/** A target that can not be asked has not answered; that is no reason to stop asking. */
async function look(tool: RepairTool, step: ProposalStep, key: RepairKey): Promise<'done' | 'not_done' | 'unknown'> {
  try {
    return await tool.check(step.action, key);
  } catch {
    return 'unknown';
  }
}

/** The first time that a step is carried out. When it can not even be found out whether it is done already, nothing is sent. */
export async function applyFirst(call: StepCall): Promise<StepEnd> {
  const state = await settleFirst(call);
  if (state === 'done')
    return { phase: 'already_applied', detail: 'The target was already as the step would leave it.' };
  if (state === 'unknown') {
    return { phase: 'failed', detail: 'Nothing was sent: the target could not say whether this is done already.' };
  }
  return applyAndSettle(call);
}

async function settleFirst(call: StepCall): Promise<'done' | 'not_done' | 'unknown'> {
  let state: 'done' | 'not_done' | 'unknown' = 'unknown';
  for (const ms of call.settleMs) {
    if (ms > 0) await wait(ms);
    state = await look(call.tool, call.step, call.key);
    if (state !== 'unknown') return state;
  }
  return state;
}

/**
 * Sends the step. After a failure that leaves the outcome open the target is read: done is done; not done is sent once more only
 * where the key or the nature of the step makes a second effect impossible; the rest is for a person.
 */
export async function applyAndSettle(call: StepCall): Promise<StepEnd> {
  const first = await send(call);
  if ('phase' in first) return first;
  const end = await afterOpenFailure(call, first.failure);
  if (end !== undefined) return end;
  const second = await send(call);
  if ('phase' in second) return second;
  return (
    (await afterOpenFailure(call, second.failure)) ?? {
      phase: 'failed',
      detail: `${second.failure.safeText} It was sent twice under one key, and the target says it is not done.`,
    }
  );
}

async function send({ tool, step, key, assertMayAct }: StepCall): Promise<StepEnd | { failure: AppError }> {
  await assertMayAct();
  try {
    const { detail } = await tool.apply(step.action, key);
    return { phase: 'applied', detail };
  } catch (error) {
    const failure = asAppError(error);
    return REFUSALS.has(failure.kind) ? { phase: 'failed', detail: failure.safeText } : { failure };
  }
}

/** Undefined when the target says that it is not done and sending it again is safe. */
async function afterOpenFailure(call: StepCall, failure: AppError): Promise<StepEnd | undefined> {
  const state = await settle(call);
  if (state === 'done') {
    return { phase: 'applied', detail: `${failure.safeText} Reading the target showed that the step was done.` };
  }
  if (state === 'not_done' && isRepeatable(call.step)) {
    const fault = await call.faultNow();
    if (fault === undefined) return undefined;
    return { phase: 'unknown', detail: `${failure.safeText} It is not sent again: ${fault}.` };
  }
  return { phase: 'unknown', detail: `${failure.safeText} Whether the step took effect is not known.` };
}
