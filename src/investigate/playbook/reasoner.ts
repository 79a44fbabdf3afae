import type { BaseLanguageModelInput } from '@langchain/core/language_models/base';
import {
  BaseChatModel,
  type BaseChatModelCallOptions,
  type BindToolsInput,
} from '@langchain/core/language_models/chat_models';
import { AIMessage, type AIMessageChunk, type BaseMessage } from '@langchain/core/messages';
import type { ChatResult } from '@langchain/core/outputs';
import type { Runnable } from '@langchain/core/runnables';
import { ANSWER_TOOL } from '../answer.js';
import type { Reasoner } from '../reasoner.js';
import { REPLY_TOOL } from '../reply.js';
import { readAsked } from './asked.js';
import { readCase } from './case-file.js';
import { decide } from './decide.js';
import type { Question } from './procedure.js';
import { replyTo } from './reply.js';

interface PlaybookOptions extends BaseChatModelCallOptions {
  tools?: BindToolsInput[];
}

/** A LangChain chat model without a network: reads the messages like any model and follows the procedures of its table. */
class PlaybookModel extends BaseChatModel<PlaybookOptions> {
  constructor() {
    super({});
  }

  override _llmType(): string {
    return 'playbook';
  }

  override bindTools(
    tools: BindToolsInput[],
    kwargs?: Partial<PlaybookOptions>,
  ): Runnable<BaseLanguageModelInput, AIMessageChunk, PlaybookOptions> {
    return this.withConfig({ ...kwargs, tools } as Partial<PlaybookOptions>);
  }

  override async _generate(messages: BaseMessage[], options: this['ParsedCallOptions']): Promise<ChatResult> {
    const tools = new Set((options.tools ?? []).map(nameOf));
    const calls = tools.has(REPLY_TOOL) ? replying(messages, tools) : investigating(messages, tools);
    const message = new AIMessage({
      content: '',
      tool_calls: calls.map((call, index) => ({ ...call, type: 'tool_call', id: `move_${messages.length}_${index}` })),
      usage_metadata: { input_tokens: 0, output_tokens: 0, total_tokens: 0 },
    });
    return { generations: [{ text: '', message }] };
  }
}

interface Called {
  name: string;
  args: Record<string, unknown>;
}

function investigating(messages: readonly BaseMessage[], tools: ReadonlySet<string>): Called[] {
  const file = readCase(messages);
  const move = decide(file, { tools, calls: budget(messages) - file.calls.length });
  return move.kind === 'answer' ? [{ name: ANSWER_TOOL, args: { ...move.answer } }] : move.calls.map(called);
}

/** A follow-up question, told by the tool that would answer it. */
function replying(messages: readonly BaseMessage[], tools: ReadonlySet<string>): Called[] {
  const asked = readAsked(messages);
  const move = replyTo(asked, { tools, calls: budget(messages) - asked.own.length });
  return move.kind === 'reply' ? [{ name: REPLY_TOOL, args: { ...move.reply } }] : move.calls.map(called);
}

function called(move: Question & { hypothesis: string; confidence: number }): Called {
  const { tool, args, thought, hypothesis, confidence } = move;
  return { name: tool, args: { thought, hypothesis, confidence, ...args } };
}

function nameOf(tool: BindToolsInput): string {
  const { name, function: declared } = tool as { name?: string; function?: { name: string } };
  return declared?.name ?? name ?? '';
}

/** The budget as the prompt states it. */
function budget(messages: readonly BaseMessage[]): number {
  const prompt = messages.find((message) => message.getType() === 'system')?.text ?? '';
  return Number(/At most (\d+) tool calls/.exec(prompt)?.[1] ?? 12);
}

/** The offline reasoner: the embedded default, the fallback when a model fails, and the baseline a model must beat. */
export function createPlaybookReasoner(): Reasoner {
  return {
    name: 'playbook',
    model: 'playbook-1',
    priced: false,
    priceOf: () => 0,
    create: async () => new PlaybookModel(),
  };
}
