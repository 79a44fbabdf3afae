import type { BaseChatModel } from '@langchain/core/language_models/chat_models';

/**
 * Who thinks: a model behind an API, or the playbook in this process. Adapters match this shape without importing it,
 * because adapters and features never meet.
 */
export interface Reasoner {
  name: string;
  /** The model id that lands in the log. */
  model: string;
  /** A chat model for one investigation. Its retries and time-outs are bounded by the adapter; what it throws is final. */
  create(): Promise<BaseChatModel>;
  /** US dollars of one turn; zero only for a reasoner that costs nothing. */
  priceOf(usage: { inputTokens: number; outputTokens: number }): number;
  /** True when turns cost money, so that the daily ceiling is checked before each. */
  priced: boolean;
}
