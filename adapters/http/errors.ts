import { AppError, type ErrorKind } from '../../src/domain/errors.js';
import type { HttpRequest } from '../../src/domain/platform-ports.js';

const KIND_OF_STATUS: Record<number, ErrorKind> = {
  400: 'invalid_input',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not_found',
  405: 'invalid_input',
  408: 'timeout',
  409: 'conflict',
  410: 'not_found',
  412: 'conflict',
  413: 'too_large',
  415: 'invalid_input',
  422: 'invalid_input',
  429: 'rate_limited',
  500: 'unavailable',
  502: 'unavailable',
  503: 'unavailable',
  504: 'timeout',
};

const MEANING: Partial<Record<ErrorKind, string>> = {
  invalid_input: 'refused the request',
  unauthenticated: 'does not know our credentials',
  forbidden: 'does not allow this to our credentials',
  not_found: 'does not know what was asked for',
  conflict: 'says that something else changed it meanwhile',
  rate_limited: 'asks us to slow down',
  timeout: 'did not answer in time',
  unavailable: 'is not able to answer now',
};

/** These failures prove that the request never reached the system. */
const NEVER_SENT: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** Undici's own time-outs, which end an attempt before its deadline. */
const TOO_SLOW: ReadonlySet<string> = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT']);

/** A status that is not an answer, in our words. */
export function errorOfStatus(system: string, request: HttpRequest, status: number): AppError {
  const kind = KIND_OF_STATUS[status] ?? (status >= 500 ? 'unavailable' : 'unexpected_answer');
  const meaning = MEANING[kind] ?? 'answered in an unexpected way';
  const unknown = request.method !== 'GET' && (status >= 500 || status === 408);
  return new AppError(kind, {
    safeText: `${system} ${meaning} (status ${status})${unknown ? '; whether the change was made is not known' : ''}.`,
  });
}

/** What fetch throws: our own errors pass, time-outs and network errors become AppErrors. */
export function errorOfThrown(system: string, request: HttpRequest, thrown: unknown): AppError {
  const unknown = request.method === 'GET' ? '' : '; whether the change was made is not known';
  if (thrown instanceof AppError) {
    // A write whose answer is too long to read was carried out or not; only the target can tell.
    if (unknown === '' || thrown.kind !== 'too_large') return thrown;
    return new AppError('timeout', { safeText: `${system} answered with too much to read${unknown}.`, cause: thrown });
  }
  const givenUp = request.signal?.aborted === true;
  if (givenUp || (thrown instanceof Error && (thrown.name === 'TimeoutError' || thrown.name === 'AbortError'))) {
    const what = givenUp ? 'was asked, but the call was given up' : 'did not answer in time';
    return new AppError('timeout', { safeText: `${system} ${what}${unknown}.`, cause: thrown });
  }
  const code = codeOf(thrown);
  if (TOO_SLOW.has(code)) {
    return new AppError('timeout', { safeText: `${system} did not answer in time${unknown}.`, cause: thrown });
  }
  if (NEVER_SENT.has(code)) {
    return new AppError('unavailable', { safeText: `${system} can not be reached (${code}).`, cause: thrown });
  }
  const kind = request.method === 'GET' ? 'unavailable' : 'timeout';
  return new AppError(kind, { safeText: `The connection to ${system} broke${unknown}.`, cause: thrown });
}

/** Node's or undici's error code, a few causes down; never free text. */
export function codeOf(thrown: unknown): string {
  for (let error = thrown, depth = 0; error instanceof Error && depth < 4; error = error.cause, depth += 1) {
    const code = (error as { code?: unknown }).code;
    if (typeof code === 'string' && /^[A-Z_]{3,40}$/.test(code)) return code;
  }
  return 'no code';
}
