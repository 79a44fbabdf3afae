import { AIMessage, type BaseMessage, HumanMessage, ToolMessage } from '@langchain/core/messages';
import type { ToolCall } from '@langchain/core/messages/tool';
import { AppError } from '../domain/errors.js';
import type { ObservationStore, StoredEntry } from '../domain/ports.js';
import { ANSWER_TOOL } from './answer.js';
import { splitReasoning } from './reasoning.js';

const OPENING = 'Investigate the incident described above and conclude.';
const NO_ANSWER = 'No answer was recorded: the investigation ended before it.';

/** A call as the log holds it, open when no answer was recorded before the worker died. */
export interface OpenCall {
  callId: string;
  tool: string;
  args: Record<string, unknown>;
}

/** What was said so far, and the calls that have no answer yet. */
export interface Conversation {
  messages: BaseMessage[];
  open: OpenCall[];
}

/** The investigation's conversation as the log holds it; that of follow-up questions is no part of it. */
export async function messagesOf(
  stored: readonly StoredEntry[],
  observations: ObservationStore,
): Promise<Conversation> {
  const { messages, open } = await turnsOf(stored, observations, undefined);
  return { messages: [new HumanMessage(OPENING), ...messages], open };
}

/**
 * The conversation of a follow-up question: what the investigation looked at, the question in its words of now, and what was looked at
 * for it. The calls of other questions are no part of it. A call that the investigation left open stays without an answer.
 */
export async function questionMessagesOf(
  stored: readonly StoredEntry[],
  observations: ObservationStore,
  question: { id: string; text: string },
): Promise<Conversation> {
  const before = await messagesOf(stored, observations);
  const unanswered = before.open.map(({ callId, tool }) => toolMessage(callId, tool, NO_ANSWER, 'error'));
  const { messages, open } = await turnsOf(stored, observations, question.id);
  return { messages: [...before.messages, ...unanswered, new HumanMessage(question.text), ...messages], open };
}

/** The turns of the investigation, or of one question. One turn's calls were appended together, so neighbouring ones are one message. */
async function turnsOf(
  stored: readonly StoredEntry[],
  observations: ObservationStore,
  question: string | undefined,
): Promise<Conversation> {
  const messages: BaseMessage[] = [];
  const open = new Map<string, OpenCall>();
  let turn: ToolCall[] = [];
  for (const { entry } of stored) {
    if (entry.type === 'tool.called' && entry.data.question !== question) continue;
    if (entry.type === 'tool.called') {
      const { callId, tool, thought, hypothesis, confidence, args } = entry.data;
      turn.push({ type: 'tool_call', id: callId, name: tool, args: { thought, hypothesis, confidence, ...args } });
      open.set(callId, { callId, tool, args: { thought, hypothesis, confidence, ...args } });
      continue;
    }
    if (turn.length > 0) messages.push(new AIMessage({ content: '', tool_calls: turn }));
    turn = [];
    if (entry.type !== 'tool.answered' || !open.has(entry.data.callId)) continue;
    const { callId, observation, status } = entry.data;
    const text = await observations.get(observation);
    if (text === undefined) {
      throw new AppError('tampered', { safeText: `The observation of ${callId} is not in the store.` });
    }
    messages.push(toolMessage(callId, open.get(callId)?.tool ?? '', text, status));
    open.delete(callId);
  }
  if (turn.length > 0) messages.push(new AIMessage({ content: '', tool_calls: turn }));
  return { messages, open: [...open.values()] };
}

/** An answer as the model sees it: exactly the stored text. LangChain knows two outcomes, we know three. */
export function toolMessage(
  callId: string,
  tool: string,
  text: string,
  status: 'ok' | 'no_data' | 'error',
): ToolMessage {
  return new ToolMessage({
    tool_call_id: callId,
    name: tool,
    content: text,
    status: status === 'error' ? 'error' : 'success',
  });
}

export interface TracedTurn {
  /** Confidence of the turn: of its last call. */
  confidence: number;
  tools: string[];
}

/** The tool calls made so far, turn by turn, out of the messages alone: the same before and after a restart. */
export function turnsIn(messages: readonly BaseMessage[], answerTool: string = ANSWER_TOOL): TracedTurn[] {
  return messages.flatMap((message) => {
    if (!AIMessage.isInstance(message)) return [];
    const calls = (message.tool_calls ?? []).filter((call) => call.name !== answerTool);
    const last = calls.at(-1);
    if (last === undefined) return [];
    return [{ confidence: splitReasoning(last.args).confidence, tools: calls.map((call) => call.name) }];
  });
}

/** Tool calls made so far; what the budget counts. */
export function callsIn(messages: readonly BaseMessage[], answerTool?: string): number {
  return turnsIn(messages, answerTool).reduce((sum, turn) => sum + turn.tools.length, 0);
}
