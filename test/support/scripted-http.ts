import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createHttpClient } from '../../adapters/http/client.js';
import type { HttpClient } from '../../src/domain/platform-ports.js';

export interface ScriptedRequest {
  method: string;
  /** Path with query, as sent. */
  path: string;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}
export interface ScriptedAnswer {
  status?: number;
  json?: unknown;
  text?: string;
  headers?: Record<string, string>;
  /** Never answers. */
  hang?: boolean;
  /** Cuts the connection instead of answering. */
  cut?: boolean;
}
export interface ScriptedServer {
  url: string;
  requests: ScriptedRequest[];
  /** A production client of this server that waits for nothing between retries. */
  client(options?: { timeoutMs?: number; maxBytes?: number; headers?: Record<string, string> }): HttpClient;
  close(): Promise<void>;
}

/** A real HTTP server on loopback that answers as the test says and remembers what was asked. */
export async function startScriptedServer(
  script: (request: ScriptedRequest, count: number) => ScriptedAnswer,
): Promise<ScriptedServer> {
  const requests: ScriptedRequest[] = [];
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const request = {
        method: incoming.method ?? '',
        path: incoming.url ?? '',
        headers: incoming.headers,
        body: Buffer.concat(chunks).toString('utf8'),
      };
      requests.push(request);
      const answer = script(request, requests.length);
      if (answer.hang) return;
      if (answer.cut) {
        incoming.socket.destroy();
        return;
      }
      const type = answer.json === undefined ? 'text/plain' : 'application/json';
      outgoing.writeHead(answer.status ?? 200, { 'content-type': type, ...answer.headers });
      outgoing.end(answer.json === undefined ? (answer.text ?? '') : JSON.stringify(answer.json));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    requests,
    client: (options = {}) =>
      createHttpClient({ system: 'Testsystem', baseUrl: url, sleep: async () => undefined, ...options }),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
