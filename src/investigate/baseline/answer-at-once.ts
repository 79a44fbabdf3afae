import { HumanMessage } from '@langchain/core/messages';
import { z } from 'zod';
import { AppError } from '../../domain/errors.js';
import type { Usage } from '../../domain/events.js';
import type { Incident } from '../../domain/incident.js';
import type { Inventory } from '../../domain/pipeline.js';
import type { Policy } from '../../domain/policy.js';
import type { Clock } from '../../domain/ports.js';
import { RepairAction } from '../../domain/proposal.js';
import type { ProcessLog } from '../../log.js';
import { runAgent } from '../agent.js';
import { ANSWER_TOOL, Answer, answerTool } from '../answer.js';
import { createMeter } from '../middleware/meter.js';
import { reasoningTurnMiddleware } from '../middleware/reasoning-turn.js';
import { loadPrompt, systemPrompt } from '../prompt.js';
import type { Reasoner } from '../reasoner.js';
import { unwrapped } from '../unwrapped.js';

/** The production answer, but for its plan: without propose calls there are no ids, so the steps themselves are written down. */
export const AtOnceAnswer = Answer.extend({
  plan: z
    .array(RepairAction)
    .max(6)
    .default([])
    .describe('The steps of the repair in the order they must run; empty unless the outcome is repair.'),
}).meta({ title: ANSWER_TOOL, description: 'Ends the investigation with one diagnosis and, for a repair, its plan.' });
export type AtOnceAnswer = z.infer<typeof AtOnceAnswer>;

/** A tool call that was made for the model, not by it. */
export interface GivenCall {
  callId: string;
  tool: string;
  args: Record<string, unknown>;
  text: string;
}

export interface AtOnceDeps {
  reasoner: Reasoner;
  incident: Incident;
  inventory: Inventory;
  policy: Policy;
  /** What the model is given to read; empty: the alert alone. */
  calls: readonly GivenCall[];
  clock: Clock;
  processLog: ProcessLog;
}

/**
 * The same model with the same prompt and answer as the investigation, and no loop: one question, one answer.
 * @throws AppError `unexpected_answer` when there is no usable answer; the model's own failures go the same way.
 */
export async function answerAtOnce(
  deps: AtOnceDeps,
  signal: AbortSignal,
): Promise<{ answer: AtOnceAnswer; usage: Usage | undefined }> {
  const { reasoner, incident, inventory, policy, calls, clock, processLog } = deps;
  const meter = createMeter();
  const model = await reasoner.create();
  let spent = 0;
  const spending = { add: async (usd: number) => (spent += usd), today: async () => spent };
  const turn = reasoningTurnMiddleware({
    ...{
      reasoner,
      fallback: reasoner,
      model,
      alreadyChanged: false,
      tools: new Set<string>(),
      answerTool: ANSWER_TOOL,
    },
    ...{ dailyBudgetUsd: policy.agent.dailyBudgetUsd, spending, recorder: NOBODY, meter, clock, processLog },
  });
  const parts = {
    ...{ model, maxToolCalls: 0, middleware: [turn], answer: answerTool(ANSWER_TOOL, AtOnceAnswer) },
    systemPrompt: systemPrompt(loadPrompt(), incident, inventory, policy, calls.length),
    catalog: { digest: '', tools: [], call: () => Promise.reject(new Error('there are no tools')) },
  };
  try {
    const answer = await runAgent(parts, [new HumanMessage(questionWith(calls))], signal);
    if (answer !== undefined) return { answer, usage: meter.take() };
  } catch (thrown) {
    throw unwrapped(thrown);
  }
  throw new AppError('unexpected_answer', { safeText: `The reasoner ${reasoner.name} gave no usable answer.` });
}

/** The fallback is the reasoner itself, so nobody ever takes over. */
const NOBODY = { changed: () => Promise.resolve() };

const PLAN =
  'There are no propose_* tools: write the steps of the repair into `plan` themselves. You have one turn: conclude now.';

function questionWith(calls: readonly GivenCall[]): string {
  if (calls.length === 0) {
    return `Conclude on the incident described above from what stands there. There are no tools, so nothing can be quoted and evidence stays empty. ${PLAN}`;
  }
  const answers = calls.map(({ callId, tool, args, text }) => `## ${callId}: ${tool} ${JSON.stringify(args)}\n${text}`);
  return [
    `Conclude on the incident described above. Each reading tool was asked once for you; what they said follows. There are no further calls. ${PLAN}`,
    ...answers,
  ].join('\n\n');
}
