/** What is served over MCP, in MCP's terms; whoever serves a case matches this shape. */
export interface ServedCase {
  version: string;
  /** How to take part, for the client's model. */
  instructions: string;
  tools: ServedTool[];
  /** Everything that is known at the beginning: alert, inventory, closed lists. */
  alert: unknown;
  /** JSON schema of `submit_answer`. */
  answerSchema: Record<string, unknown>;
  /** A client is there: the clock runs. */
  contact(): void;
  /** Never throws; `text` is data and is kept apart from what is ours. */
  call(name: string, args: unknown, signal: AbortSignal): Promise<{ text: string; note: string; failed: boolean }>;
  submit(answer: unknown): Promise<{ faults: { field: string; message: string }[] }>;
}

export interface ServedTool {
  name: string;
  description: string;
  inputSchema: Record<string, unknown>;
}
