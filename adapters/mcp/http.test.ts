import { request } from 'node:http';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { afterEach, describe, expect, it } from 'vitest';
import { serveHttp } from './http.js';
import type { ServedCase } from './served-case.js';

const INITIALIZE = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
};
const said: unknown[] = [];
const served: ServedCase = {
  version: '1',
  instructions: 'how to take part',
  tools: [{ name: 'look', description: 'looks', inputSchema: { type: 'object', required: ['what'] } }],
  alert: { text: 'it burns' },
  answerSchema: { type: 'object', required: ['plan'] },
  contact: () => undefined,
  call: async (name, args) => {
    said.push([name, args]);
    return { text: 'seen', note: 'call=call_1', failed: false };
  },
  submit: async (answer) => ({
    faults: (answer as { plan?: unknown }).plan === undefined ? [{ field: 'plan', message: 'is missing' }] : [],
  }),
};

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function serve(token?: string): Promise<string> {
  const serving = await serveHttp(served, { port: 0, ...(token === undefined ? {} : { token }) });
  ends.push(serving.stop);
  return serving.url;
}

async function connect(url: string, headers: Record<string, string> = {}): Promise<Client> {
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));
  ends.push(() => client.close());
  return client;
}

/** A request as `fetch` does not let one write it: with a Host of its own. */
function status(url: string, headers: Record<string, string>, body: unknown = INITIALIZE): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const asked = request(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Accept: 'application/json, text/event-stream', ...headers },
    });
    asked.once('error', reject).once('response', (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    asked.end(typeof body === 'string' ? body : JSON.stringify(body));
  });
}

describe('a case over Streamable HTTP', () => {
  it('is what the official client library finds: alert, tools as they are, answer', async () => {
    const client = await connect(await serve());
    expect(client.getInstructions()).toBe('how to take part');
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(['get_alert', 'look', 'submit_answer']);
    expect(tools[1]?.inputSchema).toEqual({ type: 'object', required: ['what'] });
    const { contents } = await client.readResource({ uri: 'countersign://alert.json' });
    expect(JSON.parse((contents[0] as { text: string }).text)).toEqual({ text: 'it burns' });
    const { content } = await client.callTool({ name: 'look', arguments: { what: 1 } });
    expect(content).toEqual([
      { type: 'text', text: 'seen' },
      { type: 'text', text: 'call=call_1' },
    ]);
    expect(said).toEqual([['look', { what: 1 }]]);
    const wrong = await client.callTool({ name: 'submit_answer', arguments: {} });
    expect(wrong).toMatchObject({ isError: true, content: [{ text: expect.stringContaining('plan: is missing') }] });
    expect(await client.callTool({ name: 'submit_answer', arguments: { plan: [] } })).toMatchObject({
      content: [{ text: 'accepted' }],
    });
    await expect(client.callTool({ name: 'propose_dag_retry' })).rejects.toThrow(/no tool/);
  });

  it.each([
    ['no origin, as programs send none', {}, 200],
    ['an origin of this machine', { Origin: 'http://localhost:6274' }, 200],
    ['an origin of the web', { Origin: 'https://evil.example' }, 403],
    ['an origin that is none', { Origin: 'null' }, 403],
    ['a name that was made to resolve to this machine', { Host: 'evil.example' }, 403],
  ])('answers to %s: %j -> %i', async (_, headers, expected) => {
    expect(await status(await serve(), headers)).toBe(expected);
  });

  it('asks for its token where it has one', async () => {
    const url = await serve('s3cret');
    expect(await status(url, {})).toBe(401);
    expect(await status(url, { Authorization: 'Bearer wrong' })).toBe(401);
    expect(await status(url, { Authorization: 'Bearer s3cret' })).toBe(200);
    const client = await connect(url, { Authorization: 'Bearer s3cret' });
    expect((await client.listTools()).tools).toHaveLength(3);
  });

  it('refuses what is no request of the protocol', async () => {
    const url = await serve();
    expect(await status(url, {}, '{')).toBe(400);
    expect(await status(url, {}, { jsonrpc: '2.0', id: 1, method: 'tools/list' })).toBe(400);
    expect(await status(url, { 'Mcp-Session-Id': 'none' })).toBe(404);
    expect(await status(url, {}, `"${'x'.repeat(2_000_000)}"`)).toBe(413);
  });
});
