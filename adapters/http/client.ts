import { Agent, type Dispatcher, type Response, fetch as undiciFetch } from 'undici';
import { AppError } from '../../src/domain/errors.js';
import type { HttpAnswer, HttpClient, HttpRequest } from '../../src/domain/platform-ports.js';
import { codeOf, errorOfStatus, errorOfThrown } from './errors.js';
import { MAX_RETRIES, sleepFor, waitAfterBreak, waitAfterStatus } from './retry.js';

export interface HttpClientDeps {
  /** The system's name as people know it; appears in error texts. */
  system: string;
  /** The one address this client ever talks to; a path in it is kept as prefix. */
  baseUrl: string;
  /** Sent with every request: constant, or asked for each time. */
  headers?: Record<string, string> | (() => Promise<Record<string, string>>);
  /** For one attempt, connect to last byte; the time-outs below lie within it. */
  timeoutMs?: number;
  /** Until the connection stands, TLS included. */
  connectMs?: number;
  /** From the request's end to the answer's headers: slow engines take their time here. */
  headersMs?: number;
  /** Silence within the answer's body. */
  idleMs?: number;
  /** Bound on what is read of an answer, in bytes after decompression. */
  maxBytes?: number;
  /** Extra certificate authority (PEM), e.g. a cluster's own. */
  ca?: string;
  /** How long to wait before a retry; the tests' clock. */
  sleep?: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
  random?: () => number;
}

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const MAX_REDIRECTS = 3;

/** What an attempt got to before it failed. */
interface Progress {
  answered: boolean;
  code: string;
}

/**
 * The way to every platform API. Only GETs are retried (twice: on 429/502/503/504, and when the connection breaks before an answer
 * begins); a write is sent once, and when its answer does not come the error is `timeout`: the outcome is unknown. Error texts hold
 * the system's name and the status, never the body. Nothing needs to be closed: connections that wait do not keep a process alive.
 */
export function createHttpClient(deps: HttpClientDeps): HttpClient {
  const base = baseOf(deps);
  const dispatchers = dispatchersOf(deps);
  const sleep = deps.sleep ?? sleepFor;
  const random = deps.random ?? Math.random;

  async function send(request: HttpRequest, url: URL, progress: Progress): Promise<HttpAnswer> {
    progress.answered = false;
    const configured = typeof deps.headers === 'function' ? await deps.headers() : deps.headers;
    const deadline = AbortSignal.timeout(deps.timeoutMs ?? DEADLINE_MS);
    const signal = request.signal ? AbortSignal.any([request.signal, deadline]) : deadline;
    try {
      const response = await undiciFetch(url, {
        method: request.method,
        headers: { accept: 'application/json', ...configured, ...request.headers },
        redirect: 'manual',
        signal,
        ...(request.body === undefined ? {} : { body: request.body }),
        dispatcher: request.method === 'GET' ? dispatchers.read : dispatchers.write,
      });
      progress.answered = true;
      const text = await readCapped(response, request.maxBytes ?? deps.maxBytes ?? 8_000_000, deps.system);
      return { status: response.status, headers: Object.fromEntries(response.headers), text };
    } catch (thrown) {
      progress.code = codeOf(thrown);
      throw errorOfThrown(deps.system, request, thrown);
    }
  }

  /** Follows redirects of a GET as long as they stay below the base address. */
  async function follow(request: HttpRequest, progress: Progress): Promise<HttpAnswer> {
    let url = urlOf(base, request.path);
    for (let hop = 0; hop <= MAX_REDIRECTS; hop += 1) {
      const answer = await send(request, url, progress);
      const location = answer.headers['location'];
      if (!REDIRECTS.has(answer.status) || location === undefined) return answer;
      const next = URL.canParse(location, url) ? new URL(location, url) : undefined;
      if (request.method !== 'GET' || next === undefined || !isBelow(base, next)) {
        throw new AppError('unexpected_answer', {
          safeText: `${deps.system} redirects elsewhere; its configured address is not the final one. The redirect was not followed.`,
        });
      }
      url = next;
    }
    throw new AppError('unexpected_answer', { safeText: `${deps.system} redirects in circles.` });
  }

  /** One attempt: its answer, or the error and how long to wait before another attempt makes sense. */
  async function attemptOnce(
    request: HttpRequest,
    attempt: number,
  ): Promise<HttpAnswer | { error: unknown; wait: number | undefined }> {
    const progress: Progress = { answered: false, code: '' };
    try {
      const answer = await follow(request, progress);
      if (answer.status < 300 || request.accept?.includes(answer.status)) return answer;
      const wait = waitAfterStatus(answer, attempt, random);
      return { error: errorOfStatus(deps.system, request, answer.status), wait };
    } catch (error) {
      return { error, wait: waitAfterBreak(progress.code, progress.answered, attempt, random) };
    }
  }

  return {
    async request(request) {
      const retries = request.method === 'GET' ? MAX_RETRIES : 0;
      for (let attempt = 0; ; attempt += 1) {
        const outcome = await attemptOnce(request, attempt);
        if ('status' in outcome) return outcome;
        if (attempt >= retries || outcome.wait === undefined) throw outcome.error;
        await sleep(outcome.wait, request.signal);
      }
    },
  };
}

const DEADLINE_MS = 15_000;

/** One pool of kept connections for reading. Writes open their own: one that met a connection just closed would have an unknown outcome. */
function dispatchersOf(deps: HttpClientDeps): { read: Dispatcher; write: Dispatcher } {
  const deadline = deps.timeoutMs ?? DEADLINE_MS;
  const options = {
    connect: {
      timeout: deps.connectMs ?? Math.min(5_000, deadline),
      ...(deps.ca === undefined ? {} : { ca: deps.ca }),
    },
    headersTimeout: deps.headersMs ?? deadline,
    bodyTimeout: deps.idleMs ?? Math.min(10_000, deadline),
    connections: 16,
  };
  return {
    read: new Agent({ ...options, keepAliveTimeout: 10_000, keepAliveMaxTimeout: 60_000 }),
    write: new Agent({ ...options, pipelining: 0 }),
  };
}

function baseOf(deps: HttpClientDeps): URL {
  const base = URL.canParse(deps.baseUrl) ? new URL(deps.baseUrl) : undefined;
  if (base === undefined || !/^https?:$/.test(base.protocol) || base.username !== '' || base.search !== '') {
    throw new AppError('misconfigured', {
      safeText: `The address of ${deps.system} must be an http(s) URL without credentials or query.`,
    });
  }
  base.pathname = base.pathname.replace(/\/+$/, '');
  return base;
}

/** Names from outside become path segments; a dot segment would climb out of the API, so it is refused before URL parsing resolves it. */
function urlOf(base: URL, path: string): URL {
  const pathname = path.split('?', 1)[0] ?? '';
  if (!path.startsWith('/') || /(^|\/)(\.|%2e){1,2}(\/|$)|\\|#/i.test(pathname)) {
    throw new AppError('invalid_input', { safeText: 'A name can not be used in an address.' });
  }
  return new URL(base.origin + base.pathname.replace(/\/$/, '') + path);
}

function isBelow(base: URL, url: URL): boolean {
  return url.origin === base.origin && `${url.pathname}/`.startsWith(`${base.pathname.replace(/\/$/, '')}/`);
}

async function readCapped(response: Response, maxBytes: number, system: string): Promise<string> {
  const tooLarge = (): AppError =>
    new AppError('too_large', { safeText: `${system} answered with more than ${maxBytes} bytes.` });
  // The announced length is that of the compressed form: unpacked it is not less, as far as any real answer goes.
  if (Number(response.headers.get('content-length') ?? 0) > maxBytes) {
    await response.body?.cancel();
    throw tooLarge();
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > maxBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
