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
import { loadPlaybook, type Playbook } from './load.js';
import type { Question } from './procedure.js';
import { replyTo } from './reply.js';

interface PlaybookOptions extends BaseChatModelCallOptions {
  tools?: BindToolsInput[];
}

/** A LangChain chat model without a network: reads the messages like any model and follows the procedures of its files. */
class PlaybookModel extends BaseChatModel<PlaybookOptions> {
  private readonly playbook: Playbook;

  constructor(playbook: Playbook) {
    super({});
    this.playbook = playbook;
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
    const calls = tools.has(REPLY_TOOL)
      ? replying(this.playbook, messages, tools)
      : investigating(this.playbook, messages, tools);
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

function investigating(
  { words, procedures }: Playbook,
  messages: readonly BaseMessage[],
  tools: ReadonlySet<string>,
): Called[] {
  const file = readCase(messages, words);
  const move = decide(file, { procedures, tools, calls: budget(messages) - file.calls.length });
  return move.kind === 'answer' ? [{ name: ANSWER_TOOL, args: { ...move.answer } }] : move.calls.map(called);
}

/** A follow-up question, told by the tool that would answer it. */
function replying({ words }: Playbook, messages: readonly BaseMessage[], tools: ReadonlySet<string>): Called[] {
  const asked = readAsked(messages, words);
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

/**
 * The offline reasoner: the embedded default, the fallback when a model fails, and the baseline a model must beat. Its model id names the
 * procedures in force, so that a replay knows them.
 * @throws AppError `misconfigured` when a file of procedures is not as it must be.
 */
export function createPlaybookReasoner(folder?: string): Reasoner {
  const playbook = loadPlaybook(folder);
  return {
    name: 'playbook',
    model: `playbook-2@${playbook.digest}`,
    priced: false,
    priceOf: () => 0,
    create: async () => new PlaybookModel(playbook),
  };
}
