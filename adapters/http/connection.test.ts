import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { constants, createBrotliCompress, createGzip, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { AppError } from '../../src/domain/errors.js';
import { createHttpClient, type HttpClientDeps } from './client.js';

/** A real server whose connections and requests are counted. */
interface Counted {
  url: string;
  connections: number;
  requests: string[];
}

const open: Server[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  }
});

async function serve(
  answer: (request: IncomingMessage, response: ServerResponse, count: number) => void,
): Promise<Counted> {
  const counted: Counted = { url: '', connections: 0, requests: [] };
  const server = createServer((request, response) => {
    counted.requests.push(`${request.method} ${request.url}`);
    request.resume();
    answer(request, response, counted.requests.length);
  });
  server.on('connection', () => {
    counted.connections += 1;
  });
  open.push(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  counted.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return counted;
}

const clientOf = (baseUrl: string, more: Partial<HttpClientDeps> = {}) =>
  createHttpClient({ system: 'X', baseUrl, ...more });
const failure = (promise: Promise<unknown>): Promise<AppError> =>
  promise.then(
    () => Promise.reject(new Error('it did not fail')),
    (error: AppError) => error,
  );
const GET = { method: 'GET', path: '/x' } as const;
const POST = { method: 'POST', path: '/x', body: '{}' } as const;

describe('connections', () => {
  it('are kept between reads and never used again for a write', async () => {
    const server = await serve((_request, response) => void response.end('ok'));
    const http = clientOf(server.url);
    for (let count = 0; count < 50; count += 1) await http.request(GET);
    // The next request may come before the last answer's socket is free again.
    const reading = server.connections;
    expect(reading).toBeLessThanOrEqual(2);
    for (let count = 0; count < 5; count += 1) await http.request(POST);
    expect(server.connections).toBe(reading + 5);
    expect(server.requests).toHaveLength(55);
  });

  it('are bounded, however much is asked at once', async () => {
    const server = await serve((_request, response) => void setTimeout(() => response.end('ok'), 20));
    const http = clientOf(server.url);
    await Promise.all(Array.from({ length: 60 }, () => http.request(GET)));
    expect(server.requests).toHaveLength(60);
    expect(server.connections).toBeLessThanOrEqual(16);
  });

  it('do not keep a process alive that has nothing else to do', async () => {
    const holding = (): number => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
    await vi.waitFor(() => expect(holding()).toBe(0));
    let during = 0;
    const server = await serve((request, response) => {
      // The server's end lives in this process too, and is not what is asked about.
      request.socket.unref();
      during = holding();
      response.end('ok');
    });
    await clientOf(server.url).request(GET);
    expect(during).toBe(1);
    await vi.waitFor(() => expect(holding()).toBe(0));
    expect(server.connections).toBe(1);
  });
});

describe('a connection that breaks', () => {
  it('before the answer is tried again for a read, twice', async () => {
    const server = await serve((request, response, count) =>
      count < 3 ? request.socket.resetAndDestroy() : void response.end('third'),
    );
    expect((await clientOf(server.url, { random: () => 0 }).request(GET)).text).toBe('third');
    expect(server.requests).toHaveLength(3);
    const dead = await serve((request) => request.socket.resetAndDestroy());
    expect((await failure(clientOf(dead.url, { random: () => 0 }).request(GET))).kind).toBe('unavailable');
    expect(dead.requests).toHaveLength(3);
  });

  it.each(['POST', 'PATCH', 'PUT', 'DELETE'] as const)('is never tried again for a %s', async (method) => {
    const server = await serve((request) => request.socket.resetAndDestroy());
    const error = await failure(clientOf(server.url, { random: () => 0 }).request({ ...POST, method }));
    expect(error).toMatchObject({ kind: 'timeout' });
    expect(error.safeText).toContain('not known');
    expect(server.requests).toHaveLength(1);
  });

  it('within the answer is not tried again: what came may have been acted on', async () => {
    const server = await serve((request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('half');
      setTimeout(() => request.socket.resetAndDestroy(), 20);
    });
    expect((await failure(clientOf(server.url).request(GET))).kind).toBe('unavailable');
    expect(server.requests).toHaveLength(1);
  });
});

describe('time-outs', () => {
  it('ends a request whose headers do not come, before the deadline', async () => {
    const server = await serve(() => undefined);
    const began = Date.now();
    const error = await failure(clientOf(server.url, { timeoutMs: 30_000, headersMs: 200 }).request(GET));
    expect(error).toMatchObject({ kind: 'timeout', safeText: 'X did not answer in time.' });
    expect(Date.now() - began).toBeLessThan(5_000);
    const write = await failure(clientOf(server.url, { timeoutMs: 30_000, headersMs: 200 }).request(POST));
    expect(write.safeText).toContain('not known');
    expect(server.requests).toHaveLength(2);
  });

  it('ends an answer that falls silent, and one that trickles past the deadline', async () => {
    const silent = await serve((_request, response) => void response.write('first'));
    expect((await failure(clientOf(silent.url, { timeoutMs: 30_000, idleMs: 200 }).request(GET))).kind).toBe('timeout');
    const trickle = await serve((_request, response) => {
      const timer = setInterval(() => response.write('x'), 20);
      response.once('close', () => clearInterval(timer));
    });
    const began = Date.now();
    expect((await failure(clientOf(trickle.url, { timeoutMs: 300, idleMs: 200 }).request(GET))).kind).toBe('timeout');
    expect(Date.now() - began).toBeLessThan(3_000);
  });

  it('ends a connection that never stands: TLS is awaited and nobody speaks it', async () => {
    const sockets: Socket[] = [];
    const mute = createTcpServer((socket) => sockets.push(socket));
    await new Promise<void>((done) => mute.listen(0, '127.0.0.1', done));
    const url = `https://127.0.0.1:${(mute.address() as AddressInfo).port}`;
    const error = await failure(clientOf(url, { timeoutMs: 30_000, connectMs: 200 }).request(POST));
    for (const socket of sockets) socket.destroy();
    await new Promise((done) => mute.close(done));
    expect(error).toMatchObject({ kind: 'unavailable', safeText: 'X can not be reached (UND_ERR_CONNECT_TIMEOUT).' });
  });

  it('gives up at once when the caller does while a retry is awaited', async () => {
    const server = await serve((_request, response) => void response.writeHead(503, { 'retry-after': '4' }).end());
    const controller = new AbortController();
    const began = Date.now();
    const pending = failure(clientOf(server.url).request({ ...GET, signal: controller.signal }));
    setTimeout(() => controller.abort(), 100);
    expect((await pending).kind).toBe('timeout');
    expect(Date.now() - began).toBeLessThan(2_000);
    expect(server.requests).toHaveLength(1);
  });
});

describe('waiting before a retry', () => {
  async function waitsOf(headers: Record<string, string>, random: () => number): Promise<number[]> {
    const server = await serve((_request, response) => void response.writeHead(429, headers).end());
    const waits: number[] = [];
    const sleep = async (ms: number): Promise<void> => void waits.push(ms);
    expect((await failure(clientOf(server.url, { sleep, random }).request(GET))).kind).toBe('rate_limited');
    return waits;
  }

  it('is drawn from the whole of a span that doubles', async () => {
    expect(await waitsOf({}, () => 0)).toEqual([0, 0]);
    expect(await waitsOf({}, () => 0.5)).toEqual([200, 400]);
    expect(await waitsOf({}, () => 1)).toEqual([400, 800]);
  });

  it('is at least what Retry-After names, in seconds or as a date, up to the bound', async () => {
    expect(await waitsOf({ 'retry-after': '3' }, () => 1)).toEqual([3000, 3000]);
    const [first = 0] = await waitsOf({ 'retry-after': new Date(Date.now() + 3_900).toUTCString() }, () => 0);
    expect(first).toBeGreaterThan(1_500);
    expect(first).toBeLessThanOrEqual(4_000);
    const past = { 'retry-after': new Date(Date.now() - 60_000).toUTCString() };
    expect(await waitsOf(past, () => 1)).toEqual([400, 800]);
    expect(await waitsOf({ 'retry-after': new Date(Date.now() + 3_600_000).toUTCString() }, () => 0)).toEqual([]);
    expect(await waitsOf({ 'retry-after': 'soon' }, () => 0.5)).toEqual([200, 400]);
  });
});

describe('the bound on an answer', () => {
  it('counts what a compressed answer unpacks to, and stops unpacking there', async () => {
    for (const encoding of ['gzip', 'br'] as const) {
      const server = await serve((_request, response) => {
        response.writeHead(200, { 'content-encoding': encoding });
        const fast = { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } };
        const packed = encoding === 'gzip' ? createGzip({ level: 1 }) : createBrotliCompress(fast);
        packed.pipe(response);
        const zeros = Buffer.alloc(1_000_000);
        const more = (): void => void (response.destroyed || packed.write(zeros, () => setImmediate(more)));
        more();
      });
      const before = process.memoryUsage().rss;
      const error = await failure(clientOf(server.url, { maxBytes: 5_000_000 }).request(GET));
      expect(error).toMatchObject({ kind: 'too_large', safeText: 'X answered with more than 5000000 bytes.' });
      expect(process.memoryUsage().rss - before).toBeLessThan(200_000_000);
    }
  });

  it('lets a compressed answer within it through', async () => {
    const server = await serve((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('x'.repeat(40_000)));
    });
    expect((await clientOf(server.url, { maxBytes: 40_000 }).request(GET)).text).toHaveLength(40_000);
    expect((await failure(clientOf(server.url, { maxBytes: 39_999 }).request(GET))).kind).toBe('too_large');
  });

  it('refuses by the announced length before reading', async () => {
    let sent = 0;
    const server = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': '900000000' });
      const more = (): void => {
        if (response.destroyed) return;
        sent += 65_536;
        response.write(Buffer.alloc(65_536), () => setImmediate(more));
      };
      more();
    });
    expect((await failure(clientOf(server.url, { maxBytes: 8_000_000 }).request(GET))).kind).toBe('too_large');
    expect(sent).toBeLessThan(8_000_000);
  });
});
