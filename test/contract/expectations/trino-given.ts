import { createQueryReader } from '../../../adapters/trino/read.js';
import { createTrinoTableWriter } from '../../../adapters/trino/write.js';
import type { AppError } from '../../../src/domain/errors.js';
import type {
  HttpClient,
  HttpRequest,
  QueryInfo,
  QueryReader,
  TableWriter,
} from '../../../src/domain/platform-ports.js';
import type { Expectation } from '../contract.js';

/** What the world holds, on whichever side. */
export interface TrinoGiven {
  /** Bound to the server; the adapters say who asks. */
  http: HttpClient;
  /** May read everything and change nothing. */
  reader: string;
  /** May alter tables. */
  repairer: string;
  /** Under which the pipelines' queries ran. */
  pipeline: string;
  catalog: string;
  /** Table `schema.table` with the columns `id long` and `name string`, without column mapping. */
  plain: string;
  /** The same with column mapping by name. */
  mapped: string;
  /** Ids of the pipelines' queries. `insert` and `create` read `plain`; `create` makes a table that is there no more or never was. */
  ran: Record<'memory' | 'running' | 'insert' | 'create', string>;
  /** Runs a statement as the pipelines do, and waits for its end. @returns the query's id. */
  submit(sql: string, session?: { user?: string; source?: string; properties?: string }): Promise<string>;
  /** The table by its Delta log on disk, whatever the engine says of it. */
  table(name: string): { version: number; columns: Record<string, unknown>; properties: Record<string, string> };
}

export const readerOf = ({ http, reader, catalog }: TrinoGiven): QueryReader =>
  createQueryReader({ http, user: reader, catalog });
export const writerOf = ({ http, repairer, catalog }: TrinoGiven): TableWriter =>
  createTrinoTableWriter({ http, user: repairer, catalog });

export async function queryOf(given: TrinoGiven, id: string): Promise<QueryInfo> {
  const info = await readerOf(given).query(id);
  if (info) return info;
  throw new Error(`There is no query ${id}.`);
}
export const failureOf = (work: Promise<unknown>): Promise<AppError> =>
  work.then(
    () => Promise.reject(new Error('It did not fail.')),
    (error) => error,
  );

/** A query that never ran, with what an explain needs. */
export function query(given: TrinoGiven, sql: string, more: Partial<QueryInfo> = {}): QueryInfo {
  const [schema = ''] = given.plain.split('.');
  return {
    id: 'none',
    state: 'FAILED',
    user: given.pipeline,
    source: undefined,
    catalog: given.catalog,
    schema,
    sql,
    createdAt: '',
    elapsedMs: undefined,
    peakMemory: undefined,
    error: undefined,
    ...more,
  };
}

/** The client with everything it sends written down. */
export function watched(http: HttpClient): { http: HttpClient; sent: HttpRequest[] } {
  const sent: HttpRequest[] = [];
  return {
    sent,
    http: {
      request(request) {
        sent.push(request);
        return http.request(request);
      },
    },
  };
}

export type TrinoExpectation = Expectation<TrinoGiven>;
