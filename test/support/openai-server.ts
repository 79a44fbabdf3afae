import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as an OpenAI-compatible server gets it. */
export interface ChatRequest {
  model: string;
  temperature?: number;
  seed?: number;
  stream?: boolean;
  tool_choice?: unknown;
  messages: ChatMessage[];
  tools: { type: 'function'; function: { name: string; parameters: Record<string, unknown> } }[];
}
export interface ChatMessage {
  role: 'system' | 'user' | 'assistant' | 'tool';
  content: string | null;
  tool_call_id?: string;
  tool_calls?: { id: string; function: { name: string; arguments: string } }[];
}

export interface ToolCallReply {
  name: string;
  args: Record<string, unknown> | string;
}

/** What the server does with one request. */
export type ChatReply =
  | { calls: ToolCallReply[]; usage?: { prompt_tokens: number; completion_tokens: number } | null }
  | { text: string }
  | { status: number; body?: string; headers?: Record<string, string> }
  | { raw: string }
  | { hang: true };

export interface OpenAiServer {
  /** What to configure as the base URL. */
  baseUrl: string;
  requests: ChatRequest[];
  stop(): Promise<void>;
}

/** A server that speaks chat completions, so that the real client runs: tool calls, usage, errors, garbage, silence. */
export async function startOpenAiServer(
  reply: (request: ChatRequest, turn: number) => ChatReply | Promise<ChatReply>,
): Promise<OpenAiServer> {
  const requests: ChatRequest[] = [];
  const server = createServer(async (request, response) => {
    const body = JSON.parse(await textOf(request)) as ChatRequest;
    requests.push(body);
    answer(response, body, await reply(body, requests.length - 1), requests.length);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    requests,
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function answer(response: ServerResponse, request: ChatRequest, reply: ChatReply, turn: number): void {
  if ('hang' in reply) return;
  if ('status' in reply) {
    response.writeHead(reply.status, { 'content-type': 'application/json', ...reply.headers });
    response.end(reply.body ?? JSON.stringify({ error: { message: 'the server says no', type: 'server_error' } }));
    return;
  }
  response.writeHead(200, { 'content-type': 'application/json' });
  if ('raw' in reply) {
    response.end(reply.raw);
    return;
  }
  const message =
    'text' in reply
      ? { role: 'assistant', content: reply.text }
      : { role: 'assistant', content: null, tool_calls: reply.calls.map((call, index) => toolCall(call, turn, index)) };
  const usage =
    'calls' in reply && reply.usage !== undefined ? reply.usage : { prompt_tokens: 1200, completion_tokens: 80 };
  response.end(
    JSON.stringify({
      id: `chatcmpl-${turn}`,
      object: 'chat.completion',
      created: 1_770_000_000,
      model: `${request.model}-2026-01-01`,
      system_fingerprint: 'fp_test',
      choices: [{ index: 0, message, finish_reason: 'text' in reply ? 'stop' : 'tool_calls' }],
      ...(usage === null ? {} : { usage: { ...usage, total_tokens: usage.prompt_tokens + usage.completion_tokens } }),
    }),
  );
}

function toolCall(call: ToolCallReply, turn: number, index: number): Record<string, unknown> {
  const text = typeof call.args === 'string' ? call.args : JSON.stringify(call.args);
  return { id: `chat_${turn}_${index}`, type: 'function', function: { name: call.name, arguments: text } };
}
