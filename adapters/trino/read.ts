import { z } from 'zod';
import { AppError } from '../../src/domain/errors.js';
import { readJson } from '../../src/domain/http-json.js';
import type { HttpClient, QueryInfo, QueryReader } from '../../src/domain/platform-ports.js';
import { explainableSql, queryOfWrite } from './explainable.js';
import { headersOf, runStatement, SOURCE, type TrinoSession } from './statement.js';

export interface QueryReaderDeps {
  http: HttpClient;
  /** A user that Trino's own access control keeps read-only. Explains run as this user, never as the query's. */
  user: string;
  catalog: string;
  /** After this a plan is given up and cancelled in Trino, in milliseconds. */
  explainWithinMs?: number;
}

const text = z.string().nullish();
const properties = z.record(z.string(), z.string()).nullish();
interface Cause {
  message?: string | null | undefined;
  cause?: Cause | null | undefined;
}
const Cause: z.ZodType<Cause> = z.lazy(() => z.looseObject({ message: text, cause: Cause.nullish() }));
const Query = z.looseObject({
  queryId: z.string(),
  state: z.string(),
  query: text,
  session: z
    .looseObject({
      user: text,
      source: text,
      catalog: text,
      schema: text,
      systemProperties: properties,
      catalogProperties: z.record(z.string(), properties).nullish(),
    })
    .nullish(),
  queryStats: z.looseObject({ createTime: text, elapsedTime: text, peakUserMemoryReservation: text }).nullish(),
  errorType: text,
  errorCode: z.looseObject({ name: text, type: text }).nullish(),
  failureInfo: Cause.nullish(),
});
type Query = z.infer<typeof Query>;

/** Reads Trino's query history (recent queries only; they are evicted after minutes) and plans statements again with EXPLAIN. */
export function createQueryReader(deps: QueryReaderDeps): QueryReader {
  const own: TrinoSession = { user: deps.user, catalog: undefined, schema: undefined };

  async function query(id: string, signal?: AbortSignal): Promise<QueryInfo | undefined> {
    const path = `/v1/query/${encodeURIComponent(id)}?pruned=true`;
    const request = { method: 'GET' as const, path, headers: headersOf(own), signal, accept: [404, 410] };
    const answer = await deps.http.request(request);
    return answer.status === 200 ? infoOf(readJson('Trino', answer, Query)) : undefined;
  }

  /** The list names the error and leaves out its message. */
  async function withMessage(info: QueryInfo, signal: AbortSignal | undefined): Promise<QueryInfo> {
    if (info.error === undefined) return info;
    try {
      return (await query(info.id, signal)) ?? info;
    } catch (thrown) {
      if (signal?.aborted) throw thrown;
      return info;
    }
  }

  return {
    async queries(match, limit, signal) {
      const answer = await deps.http.request({ method: 'GET', path: '/v1/query', headers: headersOf(own), signal });
      const wanted = match.toLowerCase();
      const found = readJson('Trino', answer, z.array(Query))
        .map(infoOf)
        // Our own plans quote the queries they are of, and would be the newest match of each.
        .filter((info) => info.user !== deps.user || info.source !== SOURCE)
        .filter((info) => [info.id, info.user, info.source, info.sql].some((at) => at?.toLowerCase().includes(wanted)))
        // Ids count up within a second.
        .sort((a, b) => b.createdAt.localeCompare(a.createdAt) || b.id.localeCompare(a.id))
        .slice(0, limit);
      return Promise.all(found.map((info) => withMessage(info, signal)));
    },

    query,

    async explain(info, type, signal) {
      const sql = explainableSql(info.sql);
      const session = {
        user: deps.user,
        catalog: info.catalog ?? deps.catalog,
        schema: info.schema,
        properties: planningProperties(info.sessionProperties),
      };
      const deadline = AbortSignal.timeout(deps.explainWithinMs ?? 30_000);
      const stop = signal ? AbortSignal.any([signal, deadline]) : deadline;
      const plan = await planOf(deps.http, sql, type, session, stop);
      if (plan.trim() === '')
        throw new AppError('unexpected_answer', { safeText: 'Trino answered with an empty plan.' });
      return plan;
    },
  };
}

/** What bounds a query (`query_max_memory` and the like) would bound its EXPLAIN and changes no plan. */
function planningProperties(all: Record<string, string> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(all).filter(([name]) => !/^(query_|required_workers)/.test(name)));
}

const READ_ONLY_NOTE = "This login may not plan the write itself; the plan of the statement's query alone:";

async function planOf(
  http: HttpClient,
  sql: string,
  type: 'logical' | 'distributed',
  session: TrinoSession,
  signal: AbortSignal,
): Promise<string> {
  const options = type === 'logical' ? 'TYPE LOGICAL, FORMAT TEXT' : 'TYPE DISTRIBUTED, FORMAT TEXT';
  const outcome = await runStatement(http, `EXPLAIN (${options}) ${sql}`, session, signal);
  if (!('refused' in outcome)) {
    return outcome.rows.map(([line]) => (typeof line === 'string' ? line : '')).join('\n');
  }
  // A property of a connector that is gone, or of another version of Trino: the plan without it is better than none.
  if (outcome.refused === 'INVALID_SESSION_PROPERTY' && Object.keys(session.properties ?? {}).length > 0) {
    return planOf(http, sql, type, { ...session, properties: {} }, signal);
  }
  // Trino checks the right to write before it plans a write.
  const query = outcome.refused === 'PERMISSION_DENIED' ? queryOfWrite(sql) : undefined;
  if (query === undefined) throw outcome.error;
  return `${READ_ONLY_NOTE}\n${await planOf(http, query, type, session, signal)}`;
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
    sessionProperties: propertiesOf(query),
    createdAt: stats?.createTime ?? '',
    elapsedMs: millisecondsOf(stats?.elapsedTime),
    peakMemory: stats?.peakUserMemoryReservation ?? undefined,
    error: errorOf(query),
  };
}

function propertiesOf({ session }: Query): Record<string, string> {
  const ofCatalogs = Object.entries(session?.catalogProperties ?? {}).flatMap(([catalog, own]) =>
    Object.entries(own ?? {}).map(([name, value]) => [`${catalog}.${name}`, value]),
  );
  return { ...session?.systemProperties, ...Object.fromEntries(ofCatalogs) };
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
