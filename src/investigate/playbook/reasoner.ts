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
import { readCase } from './case-file.js';
import { decide } from './decide.js';

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
    const file = readCase(messages);
    const tools = new Set((options.tools ?? []).map(nameOf));
    const move = decide(file, { tools, calls: budget(messages) - file.calls.length });
    const calls =
      move.kind === 'answer'
        ? [{ name: ANSWER_TOOL, args: { ...move.answer } as Record<string, unknown> }]
        : move.calls.map(({ tool, args, thought, hypothesis, confidence }) => ({
            name: tool,
            args: { thought, hypothesis, confidence, ...args },
          }));
    const message = new AIMessage({
      content: '',
      tool_calls: calls.map((call, index) => ({
        ...call,
        type: 'tool_call',
        id: `move_${file.calls.length}_${index}`,
      })),
      usage_metadata: { input_tokens: 0, output_tokens: 0, total_tokens: 0 },
    });
    return { generations: [{ text: '', message }] };
  }
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
