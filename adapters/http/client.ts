import { Agent, fetch as undiciFetch } from 'undici';
import { AppError } from '../../src/domain/errors.js';
import type { HttpAnswer, HttpClient, HttpRequest } from '../../src/domain/platform-ports.js';
import { errorOfStatus, errorOfThrown } from './errors.js';

export interface HttpClientDeps {
  /** The system's name as people know it; appears in error texts. */
  system: string;
  /** The one address this client ever talks to; a path in it is kept as prefix. */
  baseUrl: string;
  /** Sent with every request: constant, or asked for each time. */
  headers?: Record<string, string> | (() => Promise<Record<string, string>>);
  /** For one attempt, connect to last byte. */
  timeoutMs?: number;
  maxBytes?: number;
  /** Extra certificate authority (PEM), e.g. a cluster's own. */
  ca?: string;
  fetch?: typeof undiciFetch;
  /** How long to wait before a retry; the tests' clock. */
  sleep?: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
}

const RETRY_STATUSES: ReadonlySet<number> = new Set([429, 502, 503, 504]);
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const MAX_RETRIES = 2;
const MAX_REDIRECTS = 3;
const MAX_WAIT_MS = 5_000;

/**
 * The way to every platform API. Only GETs are retried (twice, on 429/502/503/504); a write is sent once, and when its answer
 * does not come the error is `timeout`: the outcome is unknown. Error texts hold the system's name and the status, never the body.
 */
export function createHttpClient(deps: HttpClientDeps): HttpClient {
  const base = baseOf(deps);
  const dispatcher = deps.ca === undefined ? undefined : new Agent({ connect: { ca: deps.ca } });
  const sleep = deps.sleep ?? sleepFor;

  async function send(request: HttpRequest, url: URL): Promise<HttpAnswer> {
    const configured = typeof deps.headers === 'function' ? await deps.headers() : deps.headers;
    const deadline = AbortSignal.timeout(deps.timeoutMs ?? 15_000);
    const signal = request.signal ? AbortSignal.any([request.signal, deadline]) : deadline;
    try {
      const response = await (deps.fetch ?? undiciFetch)(url, {
        method: request.method,
        headers: { accept: 'application/json', ...configured, ...request.headers },
        redirect: 'manual',
        signal,
        ...(request.body === undefined ? {} : { body: request.body }),
        ...(dispatcher === undefined ? {} : { dispatcher }),
      });
      const text = await readCapped(response.body, request.maxBytes ?? deps.maxBytes ?? 8_000_000, deps.system);
      return { status: response.status, headers: Object.fromEntries(response.headers), text };
    } catch (thrown) {
      throw errorOfThrown(deps.system, request, thrown);
    }
  }

  /** Follows redirects of a GET as long as they stay below the base address. */
  async function follow(request: HttpRequest): Promise<HttpAnswer> {
    let url = urlOf(base, request.path);
    for (let hop = 0; hop <= MAX_REDIRECTS; hop += 1) {
      const answer = await send(request, url);
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

  return {
    async request(request) {
      const retries = request.method === 'GET' ? MAX_RETRIES : 0;
      for (let attempt = 0; ; attempt += 1) {
        const answer = await follow(request);
        if (answer.status < 300 || request.accept?.includes(answer.status)) return answer;
        const wait = waitBeforeRetry(answer, attempt);
        if (attempt >= retries || !RETRY_STATUSES.has(answer.status) || wait > MAX_WAIT_MS) {
          throw errorOfStatus(deps.system, request, answer.status);
        }
        await sleep(wait, request.signal);
      }
    },
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

async function readCapped(body: AsyncIterable<Uint8Array> | null, maxBytes: number, system: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.byteLength;
    if (size > maxBytes) {
      throw new AppError('too_large', { safeText: `${system} answered with more than ${maxBytes} bytes.` });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Retry-After in seconds or as a date; else 200 ms, doubling. */
function waitBeforeRetry(answer: HttpAnswer, attempt: number): number {
  const after = answer.headers['retry-after'];
  if (after === undefined) return 200 * 2 ** attempt;
  const seconds = /^\d+$/.test(after) ? Number(after) : (Date.parse(after) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, seconds * 1000) : 200 * 2 ** attempt;
}

async function sleepFor(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
