import type { BaseChatModel } from '@langchain/core/language_models/chat_models';
import { type BaseMessage, SystemMessage } from '@langchain/core/messages';
import { type AgentMiddleware, createAgent, tool, toolStrategy } from 'langchain';
import type { ToolCatalog } from '../domain/tool.js';
import type { AnswerTool } from './answer.js';
import { withReasoning } from './reasoning.js';
import { runTool } from './tool-calls.js';

export interface AgentParts<T> {
  /** The model of the first turn; the reasoning middleware puts the active one in its place each turn. */
  model: BaseChatModel;
  systemPrompt: string;
  catalog: ToolCatalog;
  /** Outermost first. */
  middleware: AgentMiddleware[];
  maxToolCalls: number;
  answer: AnswerTool<T>;
}

/**
 * Runs the agent from these messages on until it concludes.
 * @returns the answer, or undefined when it ended without one. What middleware throws arrives wrapped: see unwrapped.ts.
 */
export async function runAgent<T>(
  parts: AgentParts<T>,
  messages: BaseMessage[],
  signal: AbortSignal,
): Promise<T | undefined> {
  const agent = createAgent({
    model: parts.model,
    // A message and not a string: LangChain would send a list of parts, which not every compatible server reads.
    systemPrompt: new SystemMessage(parts.systemPrompt),
    tools: parts.catalog.tools.map((entry) => agentTool(parts.catalog, entry)),
    middleware: parts.middleware,
    responseFormat: toolStrategy(parts.answer.json),
  });
  const state = await agent.invoke({ messages }, { signal, recursionLimit: recursionLimit(parts.maxToolCalls) });
  const read = parts.answer.schema.safeParse(state.structuredResponse);
  return read.success ? read.data : undefined;
}

/** Two graph steps a turn, at most one turn a call, and room for the answer and for answers that did not fit. */
function recursionLimit(maxToolCalls: number): number {
  return 2 * maxToolCalls + 20;
}

function agentTool(catalog: ToolCatalog, entry: ToolCatalog['tools'][number]): ReturnType<typeof tool> {
  return tool(
    async (args, config) => {
      const outcome = await runTool(
        catalog,
        entry.name,
        args as unknown as Record<string, unknown>,
        config.signal ?? new AbortController().signal,
      );
      return [outcome.text, outcome];
    },
    {
      name: entry.name,
      description: entry.description,
      schema: withReasoning(entry.args),
      responseFormat: 'content_and_artifact',
    },
  ) as ReturnType<typeof tool>;
}
