import { AIMessage } from '@langchain/core/messages';
import { type AgentMiddleware, createMiddleware } from 'langchain';
import { callsIn } from '../messages.js';
import { isFinal, withCalls } from './turn-messages.js';

/**
 * At most `limit` tool calls in the conversation, propose calls and failed calls included. Of several calls in one turn those
 * that still fit are kept. When the budget is used up the answer tool alone remains.
 */
export function budgetMiddleware(limit: number, answerTool: string): AgentMiddleware {
  return createMiddleware({
    name: 'Budget',
    wrapModelCall: async (request, handler) => {
      const left = limit - callsIn(request.messages, answerTool);
      const response = await handler(left > 0 ? request : { ...request, tools: [] });
      if (isFinal(response) || !AIMessage.isInstance(response)) return response;
      const calls = response.tool_calls ?? [];
      return calls.length <= left ? response : withCalls(response, calls.slice(0, Math.max(0, left)));
    },
  });
}
