import { AIMessage, type ToolCall } from '@langchain/core/messages';

/** What a model call gave: a message, or LangChain's own object when the answer tool was called with a valid answer. */
export function isFinal(response: unknown): response is { structuredResponse: unknown; messages: AIMessage[] } {
  return typeof response === 'object' && response !== null && 'structuredResponse' in response;
}

/** The answer tool was called, and its arguments did not fit: LangChain asks again by itself. */
export function isBadAnswer(message: AIMessage, answerTool: string): boolean {
  return (message.tool_calls ?? []).some((call) => call.name === answerTool);
}

/** The same message with other tool calls; what the server said about itself is kept. */
export function withCalls(message: AIMessage, calls: ToolCall[]): AIMessage {
  return new AIMessage({
    content: message.content,
    tool_calls: calls,
    response_metadata: message.response_metadata,
    ...(message.id === undefined ? {} : { id: message.id }),
    ...(message.usage_metadata === undefined ? {} : { usage_metadata: message.usage_metadata }),
  });
}
