import type { BaseChatModel } from '@langchain/core/language_models/chat_models';
import { type PriceTable, priceOf } from './prices.js';

export interface OpenAiOptions {
  /** Any server that speaks the chat completions API; OpenAI's own when undefined. */
  baseUrl: string | undefined;
  apiKey: string;
  model: string;
  prices: PriceTable;
  /** For one attempt, in milliseconds. */
  timeoutMs?: number;
  /** Further attempts after 429, 5xx, time-outs and lost connections. */
  retries?: number;
}

/** The shape of the investigation's port, matched without importing it. */
export interface OpenAiReasoner {
  name: 'openai';
  model: string;
  priced: true;
  create(): Promise<BaseChatModel>;
  priceOf(usage: { inputTokens: number; outputTokens: number }): number;
}

const SEED = 20_260_311;

/**
 * A model behind an OpenAI-compatible API: temperature 0 and a fixed seed, whole answers (streaming would count tokens
 * with tables from a public host), bounded attempts, and no redirect to another address. The library is loaded at first use.
 */
export function createOpenAiReasoner(options: OpenAiOptions): OpenAiReasoner {
  return {
    name: 'openai',
    model: options.model,
    priced: true,
    priceOf: (usage) => priceOf(options.prices, options.model, usage),
    async create() {
      const { ChatOpenAI } = await import('@langchain/openai');
      return new ChatOpenAI({
        model: options.model,
        apiKey: options.apiKey,
        temperature: 0,
        modelKwargs: { seed: SEED },
        useResponsesApi: false,
        streaming: false,
        streamUsage: false,
        disableStreaming: true,
        timeout: options.timeoutMs ?? 60_000,
        maxRetries: options.retries ?? 2,
        configuration: {
          ...(options.baseUrl === undefined ? {} : { baseURL: options.baseUrl }),
          fetchOptions: { redirect: 'error' },
        },
      });
    },
  };
}
