import type { BaseMessage } from '@langchain/core/messages';
import type { AgentMiddleware } from 'langchain';
import { AppError } from '../domain/errors.js';
import type { Incident } from '../domain/incident.js';
import type { Policy } from '../domain/policy.js';
import type { Clock, ObservationStore, SpendingLedger } from '../domain/ports.js';
import type { ToolCatalog } from '../domain/tool.js';
import type { ProcessLog } from '../log.js';
import { runAgent } from './agent.js';
import type { AnswerTool } from './answer.js';
import { type Conversation, callsIn } from './messages.js';
import { auditMiddleware } from './middleware/audit.js';
import { budgetMiddleware } from './middleware/budget.js';
import { createMeter, type Meter } from './middleware/meter.js';
import { reasoningTurnMiddleware } from './middleware/reasoning-turn.js';
import type { Reasoner } from './reasoner.js';
import type { Recorder } from './recorder.js';
import { answerCall, runTool } from './tool-calls.js';
import { unwrapped } from './unwrapped.js';

export interface ThinkDeps {
  observations: ObservationStore;
  reasoner: Reasoner;
  /** Takes over, on the record, when the reasoner fails for good; may be the same reasoner. */
  fallback: Reasoner;
  policy: Policy;
  spending: SpendingLedger;
  clock: Clock;
  processLog: ProcessLog;
}

/** One investigation or one question at work. */
export interface Case {
  incident: Incident;
  catalog: ToolCatalog;
  recorder: Recorder;
  meter: Meter;
}

export interface Task<T> {
  systemPrompt: string;
  messages: BaseMessage[];
  answer: AnswerTool<T>;
  /** Tool calls that may still be made. */
  callsLeft: number;
  /** Calls of the incident that stand in the log and not in these messages. */
  elsewhere: number;
  /** The log says that the fallback has taken over before this run. */
  alreadyChanged: boolean;
  /** Between the budget and the turn. */
  middleware: AgentMiddleware[];
}

export function openCase(incident: Incident, catalog: ToolCatalog, recorder: Recorder): Case {
  return { incident, catalog, recorder, meter: createMeter() };
}

/**
 * The conversation with every call answered: those that a dead worker recorded and did not answer are counted already and only read,
 * so they run now, before the reasoner has its turn.
 */
export async function caughtUp(
  deps: ThinkDeps,
  { catalog, recorder }: Case,
  { messages, open }: Conversation,
  signal: AbortSignal,
): Promise<BaseMessage[]> {
  const tools = { catalog, recorder, observations: deps.observations, clock: deps.clock };
  const answers: BaseMessage[] = [];
  for (const call of open) {
    answers.push(await answerCall(tools, call, () => runTool(catalog, call.tool, call.args, signal)));
  }
  return [...messages, ...answers];
}

/** Runs the agent; undefined when no reasoner gave an answer. What the log throws goes through. */
export async function think<T>(
  deps: ThinkDeps,
  { incident, catalog, recorder, meter }: Case,
  task: Task<T>,
  signal: AbortSignal,
): Promise<T | undefined> {
  const { observations, clock, reasoner, fallback, spending, processLog } = deps;
  const { alreadyChanged, answer, callsLeft, elsewhere, messages, systemPrompt } = task;
  const answerTool = answer.name;
  const model = await (alreadyChanged ? fallback : reasoner).create();
  const tools = new Set(catalog.tools.map(({ name }) => name));
  try {
    return await runAgent(
      {
        model,
        systemPrompt,
        catalog,
        answer,
        maxToolCalls: callsLeft,
        middleware: [
          auditMiddleware({ catalog, observations, recorder, clock, meter, answerTool, elsewhere }),
          budgetMiddleware(callsIn(messages, answerTool) + callsLeft, answerTool),
          ...task.middleware,
          reasoningTurnMiddleware({
            ...{ reasoner, fallback, model, alreadyChanged, tools, answerTool },
            ...{ dailyBudgetUsd: deps.policy.agent.dailyBudgetUsd, spending, recorder, meter, clock, processLog },
          }),
        ],
      },
      messages,
      signal,
    );
  } catch (thrown) {
    const error = unwrapped(thrown);
    if (!hasNoAnswer(error)) throw error;
    processLog.error({ error, incident: incident.id }, 'no reasoner gave an answer');
    return undefined;
  }
}

/** All reasoners failed, or the graph went round without concluding: the end for the model, not for the job. */
function hasNoAnswer(error: unknown): boolean {
  if (error instanceof AppError) return error.kind === 'unexpected_answer';
  return error instanceof Error && error.name === 'GraphRecursionError';
}
