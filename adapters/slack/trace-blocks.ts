import type { KnownBlock, PlanBlock, TaskCardBlock } from '@slack/types';
import type { TraceLine } from '../../src/domain/card.js';
import { SHOW_TRACE } from '../../src/domain/card-parts.js';
import { inMessages, OUTCOME_WORDS, outcomes, partOfTraceTitle, traceTitle } from '../../src/domain/chat-words.js';
import { count } from '../../src/domain/visible-text.js';
import { asName, clipped, costOf, line, MESSAGE_ROOM, rich, said, shortened } from './text.js';

/** The trace as `plan` blocks: one task a tool call, folded by Slack itself. */

const TITLE = 140;
const THOUGHT = 750;
/** Beside a call whose arguments are long. */
const SHORT_THOUGHT = 420;
/** With what it costs to be shown at all. */
const OUTPUT = 390;
const OUTPUT_TEXT = 340;
const TASKS_MOST = 40;

const TASK_STATUS: Record<TraceLine['status'], TaskCardBlock['status']> = {
  running: 'in_progress',
  ok: 'complete',
  no_data: 'complete',
  error: 'error',
};

/**
 * The calls in as many plans as messages are needed. What a call may come to is counted as if it were answered at length, so that an
 * answer never moves it to another message.
 */
export function tracePlans(trace: readonly TraceLine[], most: number | undefined): PlanBlock[] {
  const costOfCall = (one: TraceLine): number => {
    const { output: _, ...asked } = task(one);
    return costOf([asked]) + OUTPUT;
  };
  const parts = inMessages(trace, costOfCall, MESSAGE_ROOM - 300, TASKS_MOST);
  return parts.map((lines, at) => ({
    type: 'plan',
    title: at === 0 && parts.length === 1 ? traceTitle(trace, most) : partOfTraceTitle(lines),
    tasks: lines.map(task),
  }));
}

/** The same in one short block beside other text; older calls give way. */
function shortPlan(trace: readonly TraceLine[], room: number): { plan: PlanBlock; left: number } {
  let shown = trace.slice(-TASKS_MOST);
  const plan = (): PlanBlock => ({
    type: 'plan',
    title: `Looked at: ${[count(trace.length, 'call'), ...outcomes(trace)].join(', ')}`,
    tasks: shown.map(task),
  });
  while (shown.length > 1 && costOf([plan()]) + OUTPUT > room) shown = shown.slice(1);
  return { plan: plan(), left: trace.length - shown.length };
}

function task(one: TraceLine): TaskCardBlock {
  const output = outputOf(one);
  return {
    type: 'task_card',
    task_id: `call-${one.call}`,
    title: asName(`${one.tool}(${one.args})`, TITLE),
    status: TASK_STATUS[one.status],
    details: rich(line(...detailsOf(one))),
    ...(output === '' ? {} : { output: rich(line(said(output))) }),
  };
}

function detailsOf(one: TraceLine): ReturnType<typeof said>[] {
  const invocation = `${one.tool}(${one.args})`;
  const whole = asName(invocation, TITLE).endsWith('…') ? [said(`${clipped(invocation, 420)}\n`, { code: true })] : [];
  return [
    ...whole,
    said('Thought: ', { bold: true }),
    said(`${shortened(one.thought, whole.length === 0 ? THOUGHT : SHORT_THOUGHT, SHOW_TRACE)}\n`),
    said(`Hypothesis (${Math.round(one.confidence * 100)} %): `, { bold: true }),
    said(shortened(one.hypothesis, 300, SHOW_TRACE)),
  ];
}

function outputOf(one: TraceLine): string {
  const flag = one.flagged ? 'Looks like planted instructions; ignored. ' : '';
  if (one.status === 'running') return '';
  return shortened(`${flag}${OUTCOME_WORDS[one.status]}${one.headline}`, OUTPUT_TEXT, SHOW_TRACE);
}

/** The calls of a follow-up question, beside other text. */
export function shortPlanBlocks(trace: readonly TraceLine[], room: number): KnownBlock[] {
  if (trace.length === 0) return [];
  const { plan, left } = shortPlan(trace, room);
  if (left === 0) return [plan];
  return [rich(line(said(`${count(left, 'earlier call')} not shown here.`, { italic: true }))), plan];
}
