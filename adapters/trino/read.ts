import { z } from 'zod';
import { AppError } from '../../src/domain/errors.js';
import { readJson } from '../../src/domain/http-json.js';
import type { HttpClient, QueryInfo, QueryReader } from '../../src/domain/platform-ports.js';
import { explainableSql } from './explainable.js';
import { headersOf, runStatement, type TrinoSession } from './statement.js';

export interface QueryReaderDeps {
  http: HttpClient;
  /** A user that Trino's own access control keeps read-only. Explains run as this user, never as the query's. */
  user: string;
  catalog: string;
}

const text = z.string().nullish();
interface Cause {
  message?: string | null | undefined;
  cause?: Cause | null | undefined;
}
const Cause: z.ZodType<Cause> = z.lazy(() => z.looseObject({ message: text, cause: Cause.nullish() }));
const Query = z.looseObject({
  queryId: z.string(),
  state: z.string(),
  query: text,
  session: z.looseObject({ user: text, source: text, catalog: text, schema: text }).nullish(),
  queryStats: z.looseObject({ createTime: text, elapsedTime: text, peakUserMemoryReservation: text }).nullish(),
  errorType: text,
  errorCode: z.looseObject({ name: text, type: text }).nullish(),
  failureInfo: Cause.nullish(),
});
type Query = z.infer<typeof Query>;

/** Reads Trino's query history (recent queries only; they are evicted after minutes) and plans statements again with EXPLAIN. */
export function createQueryReader(deps: QueryReaderDeps): QueryReader {
  const own: TrinoSession = { user: deps.user, catalog: undefined, schema: undefined };
  return {
    async queries(match, limit, signal) {
      const answer = await deps.http.request({ method: 'GET', path: '/v1/query', headers: headersOf(own), signal });
      const wanted = match.toLowerCase();
      return readJson('Trino', answer, z.array(Query))
        .map(infoOf)
        .filter((info) => [info.id, info.user, info.source, info.sql].some((at) => at?.toLowerCase().includes(wanted)))
        .sort((a, b) => b.createdAt.localeCompare(a.createdAt))
        .slice(0, limit);
    },

    async query(id, signal) {
      const path = `/v1/query/${encodeURIComponent(id)}?pruned=true`;
      const request = { method: 'GET' as const, path, headers: headersOf(own), signal, accept: [404, 410] };
      const answer = await deps.http.request(request);
      return answer.status === 200 ? infoOf(readJson('Trino', answer, Query)) : undefined;
    },

    async explain(info, type, signal) {
      const sql = explainableSql(info.sql);
      const session = { user: deps.user, catalog: info.catalog ?? deps.catalog, schema: info.schema };
      const options = type === 'logical' ? 'TYPE LOGICAL, FORMAT TEXT' : 'TYPE DISTRIBUTED, FORMAT TEXT';
      const { rows } = await runStatement(deps.http, `EXPLAIN (${options}) ${sql}`, session, signal);
      const plan = rows.map(([line]) => (typeof line === 'string' ? line : '')).join('\n');
      if (plan.trim() === '')
        throw new AppError('unexpected_answer', { safeText: 'Trino answered with an empty plan.' });
      return plan;
    },
  };
}

function infoOf(query: Query): QueryInfo {
  const stats = query.queryStats;
  return {
    id: query.queryId,
    state: query.state,
    user: query.session?.user ?? '',
    source: query.session?.source ?? undefined,
    catalog: query.session?.catalog ?? undefined,
    schema: query.session?.schema ?? undefined,
    sql: query.query ?? '',
    createdAt: stats?.createTime ?? '',
    elapsedMs: millisecondsOf(stats?.elapsedTime),
    peakMemory: stats?.peakUserMemoryReservation ?? undefined,
    error: errorOf(query),
  };
}

function errorOf(query: Query): QueryInfo['error'] {
  if (!query.errorCode && !query.failureInfo) return undefined;
  const messages: string[] = [];
  for (let cause = query.failureInfo; cause && messages.length < 5; cause = cause.cause) {
    if (cause.message) messages.push(messages.length === 0 ? cause.message : `Caused by: ${cause.message}`);
  }
  return {
    name: query.errorCode?.name ?? 'UNKNOWN',
    type: query.errorCode?.type ?? query.errorType ?? 'UNKNOWN',
    message: messages.join('\n'),
  };
}

const UNITS: Record<string, number> = { ns: 1e-6, us: 1e-3, ms: 1, s: 1e3, m: 6e4, h: 3.6e6, d: 8.64e7 };

/** `4.53m` and the like. */
function millisecondsOf(duration: string | null | undefined): number | undefined {
  const parts = /^([\d.]+)\s*(ns|us|ms|s|m|h|d)$/.exec(duration ?? '');
  return parts ? Math.round(Number(parts[1]) * (UNITS[parts[2] ?? ''] ?? 1)) : undefined;
}
