import type { BaseChatModel } from '@langchain/core/language_models/chat_models';
import { AIMessage, HumanMessage } from '@langchain/core/messages';
import { type AgentMiddleware, createMiddleware, type WrapModelCallHook } from 'langchain';
import { AppError } from '../../domain/errors.js';
import type { Clock, SpendingLedger } from '../../domain/ports.js';
import type { ProcessLog } from '../../log.js';
import type { Reasoner } from '../reasoner.js';
import type { Recorder } from '../recorder.js';
import type { Meter } from './meter.js';
import { isBadAnswer, isFinal, withCalls } from './turn-messages.js';

export interface ReasoningTurnDeps {
  reasoner: Reasoner;
  fallback: Reasoner;
  /** The chat model of the reasoner whose turn it is at the start. */
  model: BaseChatModel;
  /** The log says that the fallback has taken over before this run. */
  alreadyChanged: boolean;
  /** Names of all tools of the catalog, offered or not. */
  tools: ReadonlySet<string>;
  /** Name of the tool that ends the run. */
  answerTool: string;
  dailyBudgetUsd: number;
  spending: SpendingLedger;
  recorder: Pick<Recorder, 'changed'>;
  meter: Meter;
  clock: Clock;
  processLog: ProcessLog;
}

type Request = Parameters<WrapModelCallHook>[0];
type Handler = Parameters<WrapModelCallHook>[1];
type Response = Awaited<ReturnType<Handler>>;

const BAD_ANSWERS = 2;

/**
 * One turn of thinking: checks the daily ceiling before it, counts its cost after it, and hands over to the fallback, on
 * the record, when the reasoner fails for good or gives no usable answer. Must be the innermost middleware.
 * @throws AppError `unexpected_answer` when the fallback fails too.
 */
export function reasoningTurnMiddleware(deps: ReasoningTurnDeps): AgentMiddleware {
  const relay = createRelay(deps);
  const nudge = `Answer with exactly one kind of tool call: one of the tools that are offered now, or ${deps.answerTool}.`;
  let badAnswers = 0;

  const turn = async (request: Request, handler: Handler, nudged = false): Promise<Response> => {
    const messages = nudged ? [...request.messages, new HumanMessage(nudge)] : request.messages;
    const response = await handler({ ...request, messages, model: await relay.model() });
    const said = isFinal(response) ? response.messages[0] : response;
    if (!AIMessage.isInstance(said)) return response;
    const costUsd = deps.meter.add(relay.active(), [request.systemMessage, ...messages], said);
    if (costUsd > 0) await deps.spending.add(costUsd, deps.clock.now());
    if (isFinal(response)) return response;
    if (isBadAnswer(said, deps.answerTool)) {
      badAnswers += 1;
      return response;
    }
    const offered = withoutWithdrawn(said, request.tools, deps.tools);
    if ((offered.tool_calls ?? []).length > 0) return offered;
    if (!nudged) return turn(request, handler, true);
    throw new AppError('unexpected_answer', { safeText: 'the model called no tool that was offered' });
  };

  return createMiddleware({
    name: 'ReasoningTurn',
    wrapModelCall: async (request, handler) => {
      if (badAnswers >= BAD_ANSWERS) {
        await relay.handOver('its answers did not fit the schema');
        badAnswers = 0;
      }
      if (relay.active().priced && (await deps.spending.today(deps.clock.now())) >= deps.dailyBudgetUsd) {
        await relay.handOver('the daily spending ceiling is reached');
      }
      try {
        return await turn(request, handler);
      } catch (error) {
        if (request.runtime.signal?.aborted || isOurs(error)) throw error;
        deps.processLog.warn({ error, reasoner: relay.active().name }, 'a reasoner failed');
        await relay.handOver(reasonOf(error));
        return await turn(request, handler).catch(relay.giveUp);
      }
    },
  });
}

/** Which reasoner has its turn: the configured one until it fails, then the fallback to the end. */
function createRelay(deps: ReasoningTurnDeps): {
  active(): Reasoner;
  model(): Promise<BaseChatModel>;
  handOver(because: string): Promise<void>;
  giveUp(error: unknown): never;
} {
  let active = deps.alreadyChanged ? deps.fallback : deps.reasoner;
  let model: Promise<BaseChatModel> | undefined = Promise.resolve(deps.model);
  const giveUp = (error: unknown): never => {
    if (isOurs(error)) throw error;
    throw new AppError('unexpected_answer', {
      safeText: `The reasoner ${active.name} gave no usable answer.`,
      cause: error,
    });
  };
  return {
    giveUp,
    active: () => active,
    model: () => {
      model ??= active.create();
      return model;
    },
    async handOver(because) {
      if (active.name === deps.fallback.name) giveUp(new Error(because));
      await deps.recorder.changed({ from: active.name, to: deps.fallback.name, because });
      active = deps.fallback;
      model = undefined;
    },
  };
}

/** Calls of tools that are no longer offered are not run and not counted; names that never existed are answered as errors. */
function withoutWithdrawn(
  message: AIMessage,
  offered: readonly { name?: unknown }[],
  tools: ReadonlySet<string>,
): AIMessage {
  const names = new Set(offered.map((tool) => String(tool.name)));
  const calls = message.tool_calls ?? [];
  const kept = calls.filter((call) => names.has(call.name) || (names.size > 0 && !tools.has(call.name)));
  return kept.length === calls.length ? message : withCalls(message, kept);
}

/** What the log or the spending ledger throws is not the model's failure: the job runs again. */
function isOurs(error: unknown): boolean {
  return error instanceof AppError && error.kind !== 'unexpected_answer';
}

/** Our own words for the thread: a server's message never reaches it. */
function reasonOf(error: unknown): string {
  const { status, name } = error as { status?: unknown; name?: unknown };
  if (error instanceof AppError) return error.safeText;
  if (typeof status === 'number') return `the model's server answered ${status}`;
  if (typeof name === 'string' && /timeout|abort/i.test(name)) return 'the model did not answer in time';
  return 'the model could not be reached or its answer could not be read';
}
