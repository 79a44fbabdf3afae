import type { Readable, Writable } from 'node:stream';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import type { ServedCase } from './served-case.js';
import { createMcpServer } from './server.js';

/** A server that is being spoken to. */
export interface Serving {
  /** The client has gone and will not come back. */
  left: Promise<void>;
  stop(): Promise<void>;
}

/** Serves the client that started this process. `output` carries the protocol and nothing else. */
export async function serveStdio(served: ServedCase, input: Readable, output: Writable): Promise<Serving> {
  const server = createMcpServer(served);
  const left = new Promise<void>((resolve) => {
    for (const event of ['end', 'close', 'error']) input.once(event, () => resolve());
  });
  await server.connect(new StdioServerTransport(input, output));
  return { left, stop: () => server.close() };
}
