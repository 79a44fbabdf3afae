import { z } from 'zod';
import { AppError, type ErrorKind } from '../../src/domain/errors.js';
import { readJson, readOutcome } from '../../src/domain/http-json.js';
import type { HttpAnswer, HttpClient } from '../../src/domain/platform-ports.js';

export interface TrinoSession {
  user: string;
  catalog: string | undefined;
  schema: string | undefined;
  /** `name` or `catalog.name` to value. */
  properties?: Record<string, string>;
}
export interface StatementResult {
  queryId: string;
  rows: unknown[][];
}

const Failure = z.looseObject({
  errorName: z.string().nullish(),
  errorType: z.string().nullish(),
});
const Results = z.looseObject({
  id: z.string(),
  nextUri: z.string().nullish(),
  data: z.array(z.array(z.unknown())).nullish(),
  error: Failure.nullish(),
});

/** How Trino's query history names our statements. */
export const SOURCE = 'countersign';

const CANCEL_WITHIN_MS = 3_000;
const MOST_PAGES = 10_000;
const MOST_ROWS = 10_000;

export interface Refused {
  /** Trino's name of the error. */
  refused: string;
  error: AppError;
}

/** Runs one statement to its end, cancelled in Trino when the signal aborts. Each has its own headers: no session reaches another. */
export async function runStatement(
  http: HttpClient,
  sql: string,
  session: TrinoSession,
  signal?: AbortSignal,
): Promise<StatementResult | Refused> {
  const headers = headersOf(session);
  const { last, rows } = await drain(http, await submit(http, sql, headers, signal), headers, signal);
  return last.error ? refusalOf(last.error) : { queryId: last.id, rows };
}

/** The same for a statement that changes something: sent once, and `timeout` when its end was not seen. */
export async function runChange(
  http: HttpClient,
  sql: string,
  session: TrinoSession,
  signal: AbortSignal,
): Promise<StatementResult> {
  const headers = headersOf(session);
  const sent = await submit(http, sql, headers, signal);
  const { last, rows } = await readOutcome('Trino', () => drain(http, sent, headers, signal));
  if (last.error) throw refusalOf(last.error).error;
  return { queryId: last.id, rows };
}

interface Drained {
  last: z.infer<typeof Results>;
  rows: unknown[][];
}

function submit(
  http: HttpClient,
  sql: string,
  headers: Record<string, string>,
  signal: AbortSignal | undefined,
): Promise<HttpAnswer> {
  return http.request({ method: 'POST', path: '/v1/statement', headers, body: sql, signal });
}

/** Follows `nextUri` until the statement ends, well or not. */
async function drain(
  http: HttpClient,
  sent: HttpAnswer,
  headers: Record<string, string>,
  signal: AbortSignal | undefined,
): Promise<Drained> {
  let last = readJson('Trino', sent, Results);
  const rows: unknown[][] = [...(last.data ?? [])];
  for (let count = 0; !last.error && last.nextUri; count += 1) {
    const next = pathOf(last.nextUri);
    try {
      if (count >= MOST_PAGES || rows.length > MOST_ROWS) {
        throw new AppError('too_large', { safeText: 'Trino answered with more pages or rows than are read.' });
      }
      last = readJson('Trino', await http.request({ method: 'GET', path: next, headers, signal }), Results);
    } catch (thrown) {
      // Nobody will ask for the rest, so Trino need not compute it.
      const stop = { method: 'DELETE' as const, path: next, headers, signal: AbortSignal.timeout(CANCEL_WITHIN_MS) };
      await http.request(stop).catch(() => undefined);
      throw thrown;
    }
    rows.push(...(last.data ?? []));
  }
  return { last, rows };
}

/** `X-Trino-*` of one session; values are names from configuration or from Trino itself. */
export function headersOf(session: TrinoSession): Record<string, string> {
  return {
    'x-trino-user': session.user,
    'x-trino-source': SOURCE,
    ...(session.catalog === undefined ? {} : { 'x-trino-catalog': session.catalog }),
    ...(session.schema === undefined ? {} : { 'x-trino-schema': session.schema }),
    ...propertiesHeader(session.properties ?? {}),
  };
}

/** Values are percent-encoded, as Trino's own clients do; what does not look like a property's name is left out. */
function propertiesHeader(properties: Record<string, string>): Record<string, string> {
  const pairs = Object.entries(properties)
    .filter(([name]) => /^\w{1,100}(\.\w{1,100})?$/.test(name))
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return pairs.length === 0 ? {} : { 'x-trino-session': pairs.join(',') };
}

/** Only the path of `nextUri` is used: we go where we are configured to go, not where an answer points. */
function pathOf(nextUri: string): string {
  const url = URL.canParse(nextUri) ? new URL(nextUri) : undefined;
  if (url === undefined || !url.pathname.startsWith('/v1/statement/')) {
    throw new AppError('unexpected_answer', {
      safeText: 'Trino answered with a next page that is no statement address.',
    });
  }
  return url.pathname + url.search;
}

const KIND_OF_NAME: Record<string, ErrorKind> = {
  PERMISSION_DENIED: 'forbidden',
  TABLE_NOT_FOUND: 'not_found',
  SCHEMA_NOT_FOUND: 'not_found',
  CATALOG_NOT_FOUND: 'not_found',
  COLUMN_NOT_FOUND: 'not_found',
  TRANSACTION_CONFLICT: 'conflict',
  NOT_SUPPORTED: 'invalid_input',
  ABANDONED_QUERY: 'timeout',
  EXCEEDED_TIME_LIMIT: 'timeout',
};

/** Trino's error names are a closed list of constants and may be shown; its messages hold SQL and data and may not. */
function refusalOf(error: z.infer<typeof Failure>): Refused {
  const name = /^[A-Z][A-Z0-9_]{2,60}$/.test(error.errorName ?? '') ? (error.errorName ?? '') : 'an unnamed error';
  const kind = KIND_OF_NAME[name] ?? (error.errorType === 'USER_ERROR' ? 'invalid_input' : 'unavailable');
  return { refused: name, error: new AppError(kind, { safeText: `Trino ended the statement with ${name}.` }) };
}
