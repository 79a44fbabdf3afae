import type { AIMessage, BaseMessage } from '@langchain/core/messages';
import type { Usage } from '../../domain/events.js';
import type { Reasoner } from '../reasoner.js';

/** Tokens and money of turns that no event has carried yet. */
export interface Meter {
  /** Adds a turn. @returns its price in US dollars. */
  add(reasoner: Reasoner, asked: readonly BaseMessage[], answered: AIMessage): number;
  /** What has gathered since the last event, and starts anew. */
  take(): Usage | undefined;
}

export function createMeter(): Meter {
  let gathered: Usage | undefined;
  return {
    add(reasoner, asked, answered) {
      const tokens = tokensOf(reasoner, asked, answered);
      const costUsd = reasoner.priceOf(tokens);
      const fingerprint = answered.response_metadata?.['system_fingerprint'];
      const model = answered.response_metadata?.['model_name'];
      gathered = {
        inputTokens: (gathered?.inputTokens ?? 0) + tokens.inputTokens,
        outputTokens: (gathered?.outputTokens ?? 0) + tokens.outputTokens,
        costUsd: (gathered?.costUsd ?? 0) + costUsd,
        model: typeof model === 'string' && model !== '' ? model.slice(0, 100) : reasoner.model,
        ...(typeof fingerprint === 'string' && fingerprint !== ''
          ? { systemFingerprint: fingerprint.slice(0, 100) }
          : {}),
      };
      return costUsd;
    },
    take() {
      const taken = gathered;
      gathered = undefined;
      return taken;
    },
  };
}

/** What the tools' schemas take of the input, roughly. */
const SCHEMAS = 4000;

/** A priced server that reports no usage is not free: then tokens are counted high, one for three characters. */
function tokensOf(
  reasoner: Reasoner,
  asked: readonly BaseMessage[],
  answered: AIMessage,
): { inputTokens: number; outputTokens: number } {
  const usage = answered.usage_metadata;
  const reported = usage !== undefined && Number.isInteger(usage.input_tokens) && Number.isInteger(usage.output_tokens);
  if (reported) return { inputTokens: usage.input_tokens, outputTokens: usage.output_tokens };
  if (!reasoner.priced) return { inputTokens: 0, outputTokens: 0 };
  const length = (message: BaseMessage): number => JSON.stringify(message.content).length;
  return {
    inputTokens: SCHEMAS + Math.ceil(asked.reduce((sum, message) => sum + length(message), 0) / 3),
    outputTokens: Math.ceil((length(answered) + JSON.stringify(answered.tool_calls ?? []).length) / 3),
  };
}
