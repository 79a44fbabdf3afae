import { createHash, randomUUID, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { localhostHostValidation } from '@modelcontextprotocol/sdk/server/middleware/hostHeaderValidation.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { isInitializeRequest } from '@modelcontextprotocol/sdk/types.js';
import express, { type ErrorRequestHandler, type Request, type RequestHandler, type Response } from 'express';
import { AppError } from '../../src/domain/errors.js';
import type { ServedCase } from './served-case.js';
import { createMcpServer } from './server.js';
import type { Serving } from './stdio.js';

export interface HttpOptions {
  /** 0 takes any free port. */
  port: number;
  /** Asked of every request when set. */
  token?: string;
}

const PATH = '/mcp';
/** One agent has one session, and a few more when it begins again; nobody needs a thousand. */
const SESSIONS = 50;

/** Serves one case over Streamable HTTP, on the loopback alone, to clients that are no web page. @throws AppError when the port is taken. */
export async function serveHttp(served: ServedCase, options: HttpOptions): Promise<Serving & { url: string }> {
  const sessions = new Map<string, StreamableHTTPServerTransport>();
  const app = express();
  app.disable('x-powered-by');
  app.use(localhostHostValidation(), noForeignOrigin, ...(options.token === undefined ? [] : [bearer(options.token)]));
  app.use(express.json({ limit: '1mb' }));
  app.all(PATH, (request, response) => handle(served, sessions, request, response));
  app.use(onError);
  const http = createServer(app);
  await new Promise<void>((resolve, reject) => {
    http.once('error', (cause) =>
      reject(new AppError('unavailable', { safeText: `Port ${options.port} can not be opened.`, cause })),
    );
    http.listen(options.port, '127.0.0.1', resolve);
  });
  const { port } = http.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${PATH}`,
    // A client may come back with a new session: over HTTP nobody has ever left for good.
    left: new Promise(() => undefined),
    async stop() {
      await Promise.all([...sessions.values()].map((transport) => transport.close()));
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

async function handle(
  served: ServedCase,
  sessions: Map<string, StreamableHTTPServerTransport>,
  request: Request,
  response: Response,
): Promise<void> {
  const id = request.header('mcp-session-id');
  const known = id === undefined ? undefined : sessions.get(id);
  if (known !== undefined) return known.handleRequest(request, response, request.body);
  if (id !== undefined) return refuse(response, 404, 'There is no such session; begin a new one.');
  if (request.method !== 'POST' || !isInitializeRequest(request.body)) {
    return refuse(response, 400, 'A session begins with initialize.');
  }
  if (sessions.size >= SESSIONS) return refuse(response, 429, 'There are too many sessions.');
  const transport = new StreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    onsessioninitialized: (session) => void sessions.set(session, transport),
    onsessionclosed: (session) => void sessions.delete(session),
  });
  await createMcpServer(served).connect(transport);
  return transport.handleRequest(request, response, request.body);
}

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/** A web page of another origin may not speak to this machine's servers, whatever name it resolves to us. */
const noForeignOrigin: RequestHandler = (request, response, next) => {
  const origin = request.header('origin');
  if (origin === undefined || (URL.canParse(origin) && LOOPBACK.has(new URL(origin).hostname))) return next();
  refuse(response, 403, 'Requests of this origin are not answered.');
};

function bearer(token: string): RequestHandler {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  const wanted = digest(`Bearer ${token}`);
  return (request, response, next) => {
    if (timingSafeEqual(digest(request.header('authorization') ?? ''), wanted)) return next();
    response.setHeader('WWW-Authenticate', 'Bearer');
    refuse(response, 401, 'A bearer token is needed.');
  };
}

function refuse(response: Response, status: number, message: string): void {
  response.status(status).json({ jsonrpc: '2.0', error: { code: -32000, message }, id: null });
}

/** Bodies that are no JSON or too long; nothing of ours is told. */
const onError: ErrorRequestHandler = (error: { status?: number }, _request, response, _next) => {
  const status = error.status ?? 500;
  if (!response.headersSent)
    refuse(response, status, status < 500 ? 'The request can not be read.' : 'It failed here.');
};
