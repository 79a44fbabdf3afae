import { AIMessage, ToolMessage } from '@langchain/core/messages';
import { type AgentMiddleware, createMiddleware, ToolInvocationError } from 'langchain';
import type { ToolOutcome } from '../../domain/tool.js';
import { callsIn } from '../messages.js';
import { splitReasoning } from '../reasoning.js';
import { answerCall, runTool, type ToolCallDeps } from '../tool-calls.js';
import { unwrapped } from '../unwrapped.js';
import type { Meter } from './meter.js';
import { isBadAnswer, isFinal, withCalls } from './turn-messages.js';

export interface AuditDeps extends ToolCallDeps {
  meter: Meter;
  /** Name of the tool that ends the run; its calls are no tool calls. */
  answerTool: string;
  /** Calls of the incident that stand in the log and not in this conversation. */
  elsewhere: number;
}

/**
 * Nothing runs that the log does not hold: the calls of a turn are appended with their thoughts and the turn's usage
 * before the first of them runs, each answer after its observation is stored. Calls are numbered within the incident,
 * so that a restarted run gives the same ids. Must be the outermost middleware.
 */
export function auditMiddleware(deps: AuditDeps): AgentMiddleware {
  return createMiddleware({
    name: 'Audit',
    wrapModelCall: async (request, handler) => {
      const response = await handler(request);
      if (isFinal(response) || !AIMessage.isInstance(response) || isBadAnswer(response, deps.answerTool))
        return response;
      const made = deps.elsewhere + callsIn(request.messages, deps.answerTool);
      const numbered = (response.tool_calls ?? []).map((call, index) => ({ ...call, id: `call_${made + index + 1}` }));
      if (numbered.length === 0) return response;
      const usage = deps.meter.take();
      await deps.recorder.called(
        numbered.map((call, index) => {
          const { thought, hypothesis, confidence, args } = splitReasoning(call.args);
          const spent = index === 0 && usage !== undefined ? { usage } : {};
          const tool = call.name.slice(0, 100);
          return { callId: call.id, call: made + index + 1, tool, args, thought, hypothesis, confidence, ...spent };
        }),
      );
      return withCalls(response, numbered);
    },
    wrapToolCall: async (request, handler) => {
      const { id = '', name, args } = request.toolCall;
      const signal = request.runtime.signal ?? new AbortController().signal;
      return answerCall(deps, { callId: id, tool: name }, async () => {
        const split = splitReasoning(args);
        const refused = (): Promise<ToolOutcome> => runTool(deps.catalog, name, args, signal);
        if (request.tool === undefined || !split.complete) return refused();
        try {
          return outcomeOf(await handler(request));
        } catch (error) {
          // LangChain refuses arguments in its own words, which hold the model's; the catalog refuses them in ours.
          if (ToolInvocationError.isInstance(unwrapped(error))) return refused();
          throw error;
        }
      });
    },
  });
}

/** Our tools hand their outcome over as the artifact of the message. */
function outcomeOf(message: unknown): ToolOutcome {
  if (ToolMessage.isInstance(message) && message.artifact !== undefined) return message.artifact as ToolOutcome;
  throw new TypeError('a tool answered without an outcome');
}
