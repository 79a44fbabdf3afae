import { AppError } from '../domain/errors.js';
import type { RepairAction } from '../domain/proposal.js';
import { askControl } from './cli-eval-control.js';
import { decide } from './cli-incidents.js';
import type { LocalStack } from './local.js';

/** The benchmark's gate: two people of the shipped policy who approve whatever the gate lets them. */
const APPROVERS = [
  { as: 'ana@example.com', check: 'the plan was compared with the policy of the benchmark' },
  { as: 'lea@example.com', check: 'second pair of eyes: targets and caps looked right to me' },
];
/** Who edits a plan may not approve it. */
const EDITOR = 'ben@example.com';
const SHOWN_WITHIN_MS = 10_000;
const POLL_MS = 50;

/**
 * The plan through the real gate, as far as the gate lets it. A plan that waits for data is approved when its time has come: the
 * world's clock goes on by the wait, one person takes the wait out of the plan, and two others approve.
 */
export async function passGate(
  stack: LocalStack,
  incident: string,
  repairs: readonly RepairAction[],
): Promise<'decided' | 'refused'> {
  // The web role's own view of the log may be a moment behind ours.
  await untilDecidable(stack, incident, undefined);
  if (!(await waitFirst(stack, incident, repairs))) return 'refused';
  for (const approver of APPROVERS) {
    const answer = await decide(stack.client, await stack.client.thread(incident), 'approve', approver);
    if (answer.outcome === 'decided') return 'decided';
    if (answer.outcome !== 'vote_counted') return 'refused';
  }
  return 'refused';
}

/** False when the gate refuses the edit. */
async function waitFirst(stack: LocalStack, incident: string, repairs: readonly RepairAction[]): Promise<boolean> {
  const waits = repairs.flatMap((action, step) =>
    action.do === 'retry' && action.not_before_minutes > 0 ? [{ step, minutes: action.not_before_minutes }] : [],
  );
  if (waits.length === 0) return true;
  await askControl(stack, '/control/advance', { minutes: Math.max(...waits.map(({ minutes }) => minutes)) });
  const set = waits.map(({ step }) => `steps.${step}.not_before_minutes=0`);
  const shown = await stack.client.thread(incident);
  const answer = await decide(stack.client, shown, 'modify', { as: EDITOR, reason: 'the time has come', set });
  if (answer.outcome !== 'modified') return false;
  await untilDecidable(stack, incident, digestOf(shown));
  return true;
}

type Shown = Awaited<ReturnType<LocalStack['client']['thread']>>;

function digestOf({ cards }: Shown): string | undefined {
  return cards.findLast((card) => card.actions.length > 0)?.digest;
}

/** Until a version other than `before` can be decided on. @throws AppError `timeout`. */
async function untilDecidable(stack: LocalStack, incident: string, before: string | undefined): Promise<void> {
  const deadline = Date.now() + SHOWN_WITHIN_MS;
  while (Date.now() < deadline) {
    const digest = digestOf(await stack.client.thread(incident));
    if (digest !== undefined && digest !== before) return;
    await new Promise((wake) => setTimeout(wake, POLL_MS));
  }
  throw new AppError('timeout', {
    safeText: `The web role shows nothing to decide for the proposal after ${SHOWN_WITHIN_MS / 1000} s.`,
  });
}
