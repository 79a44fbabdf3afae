import { z } from 'zod';
import { AppError } from '../../src/domain/errors.js';
import type { QueryInfo } from '../../src/domain/platform-ports.js';
import type { DiagnoseTool, ToolContext } from '../../src/domain/tool.js';
import { findPipeline } from '../resolve.js';
import { ageOf, outside, record, withDetail } from '../text.js';

const Args = z.strictObject({
  query: z.string().min(1).max(250).describe('Query id, user, source, a table name or a piece of the SQL; or dag.task'),
  plan: z
    .enum(['logical', 'distributed'])
    .optional()
    .describe('Which plan to show for the query found; default distributed'),
});

const QUERIES = 5;

/** Recent queries of Trino and live operations of Kyuubi, with the SQL, error and plan of the one that matters. */
export const kyuubiQueryPlan: DiagnoseTool<typeof Args> = {
  name: 'kyuubi_query_plan',
  version: '1',
  description:
    'Trino and Kyuubi: recent queries that match an id, user, source, table or piece of SQL, with error, memory and elapsed time, ' +
    'and SQL and plan of the failed (else newest) one. The statement is only explained, never run. Closed Kyuubi operations are gone.',
  args: Args,
  readOnly: true,
  async run(args, context) {
    const { readers, inventory, signal } = context;
    const found = findPipeline(inventory, args.query);
    const match =
      found?.task?.queryUser ?? found?.pipeline.tasks.find((task) => task.queryUser)?.queryUser ?? args.query.trim();
    const [queries, operations] = await Promise.allSettled([
      findQueries(match, context),
      readers.kyuubi.operations(match, signal),
    ]);
    if (queries.status === 'rejected' && operations.status === 'rejected') throw queries.reason;
    const list = queries.status === 'fulfilled' ? queries.value : [];
    const live = operations.status === 'fulfilled' ? operations.value : [];
    const lines = [...unavailable('trino', queries), ...unavailable('kyuubi', operations)];
    if (list.length + live.length === 0 && lines.length === 0) {
      return {
        status: 'no_data',
        searched: `recent Trino queries and live Kyuubi operations for "${match}" in id, user, source and SQL`,
      };
    }
    const chosen = list.find((query) => query.error !== undefined || query.state === 'FAILED') ?? list[0];
    lines.push(...list.flatMap((query) => queryLines(query, context.now())));
    if (chosen) lines.push(...(await planLines(chosen, args.plan ?? 'distributed', context)));
    for (const item of live.slice(0, QUERIES)) {
      const fields = { id: item.id, state: item.state, user: item.user, created: item.createdAt };
      lines.push(...withDetail('operation', fields, 'exception', item.exception, 1_500));
    }
    return { status: 'ok', text: lines.join('\n'), headline: headline(chosen, list.length, live.length) };
  },
};

async function findQueries(match: string, { readers, signal }: ToolContext): Promise<QueryInfo[]> {
  const found = await readers.queries.queries(match, QUERIES, signal);
  if (found.length > 0 || !/^\d{8}_\d{6}_\d{5}_\w+$/.test(match)) return found;
  const one = await readers.queries.query(match, signal);
  return one ? [one] : [];
}

function unavailable(system: string, result: PromiseSettledResult<unknown>): string[] {
  if (result.status === 'fulfilled') return [];
  if (!(result.reason instanceof AppError)) throw result.reason;
  return [record('unavailable', { system, text: result.reason.safeText })];
}

function queryLines(query: QueryInfo, now: Date): string[] {
  const fields = {
    id: query.id,
    state: query.state,
    user: query.user,
    source: query.source,
    created: query.createdAt,
    age: ageOf(query.createdAt, now),
    elapsed_ms: query.elapsedMs,
    peak_memory: query.peakMemory,
    error: query.error?.name,
    error_type: query.error?.type,
  };
  return [record('query', fields), ...(query.error ? outside(query.error.message, 1_500) : [])];
}

/** A plan that can not be had is no reason to hide the error and the SQL. */
async function planLines(
  query: QueryInfo,
  type: 'logical' | 'distributed',
  { readers, signal }: ToolContext,
): Promise<string[]> {
  const lines = ['sql', ...outside(query.sql, 2_500)];
  try {
    return [...lines, record('plan', { type }), ...outside(await readers.queries.explain(query, type, signal), 3_500)];
  } catch (thrown) {
    if (!(thrown instanceof AppError) || signal.aborted) throw thrown;
    return [...lines, record('unavailable', { system: 'plan', text: thrown.safeText })];
  }
}

function headline(query: QueryInfo | undefined, queries: number, operations: number): string {
  const what = query ? `${query.id} ${query.state}${query.error ? ` ${query.error.name}` : ''}` : 'no Trino query';
  return `${what}; ${queries} queries, ${operations} live operations`;
}
