import { afterEach, describe, expect, it } from 'vitest';
import type { QueryInfo, TableChange } from '../../src/domain/platform-ports.js';
import {
  type ScriptedAnswer,
  type ScriptedRequest,
  type ScriptedServer,
  startScriptedServer,
} from '../../test/support/scripted-http.js';
import { explainableSql, queryOfWrite } from './explainable.js';
import { createQueryReader } from './read.js';
import memoryLimit from './recorded/memory-limit.json' with { type: 'json' };
import refusals from './recorded/refusals.json' with { type: 'json' };
import { createTrinoTableWriter } from './write.js';

let server: ScriptedServer;
afterEach(() => server?.close());
async function trino(script: (request: ScriptedRequest) => ScriptedAnswer, timeoutMs?: number) {
  server = await startScriptedServer(script);
  const http = server.client(timeoutMs === undefined ? {} : { timeoutMs });
  const deps = { http, user: 'countersign', catalog: 'lake' };
  return { reader: createQueryReader(deps), writer: createTrinoTableWriter(deps) };
}
const asked = (): string[] => server.requests.map(({ method, path }) => `${method} ${path}`);
/** The next page as Trino writes it: an absolute address, here of a host that must not be asked. */
const next = (path: string): string => `http://trino.internal.example:8080/v1/statement/${path}`;
const info: QueryInfo = {
  id: 'q',
  state: 'FAILED',
  user: 'etl',
  source: 'airflow',
  catalog: 'other',
  schema: 'sales',
  sql: 'SELECT 1;',
  createdAt: '',
  elapsedMs: undefined,
  peakMemory: undefined,
  error: undefined,
};

describe('createQueryReader', () => {
  const listed = (queryId: string, fields: Record<string, unknown> = {}) => ({
    queryId,
    state: 'FINISHED',
    query: 'SELECT x FROM orders',
    session: { user: 'etl', source: 'airflow', catalog: 'lake', schema: 's' },
    queryStats: {
      createTime: `2026-11-23T0${queryId}:00:00.000Z`,
      elapsedTime: '4.53m',
      peakUserMemoryReservation: '512MB',
    },
    ...fields,
  });

  it('finds queries by id, user, source or SQL, newest first', async () => {
    const { reader } = await trino(() => ({
      json: [
        listed('1'),
        listed('3', {
          state: 'FAILED',
          errorType: 'INSUFFICIENT_RESOURCES',
          errorCode: { name: 'EXCEEDED_LOCAL_MEMORY_LIMIT', type: 'INSUFFICIENT_RESOURCES' },
        }),
        listed('2', { query: 'SELECT y', session: { user: 'ana', source: null } }),
        { queryId: '4', state: 'UNHEARD_OF' },
      ],
    }));
    expect((await reader.queries('ORDERS', 5)).map(({ id }) => id)).toEqual(['3', '1']);
    expect(await reader.queries('ana', 5)).toMatchObject([
      { id: '2', source: undefined, elapsedMs: 271_800, peakMemory: '512MB' },
    ]);
    expect((await reader.queries('', 1)).map(({ id }) => id)).toEqual(['3']);
    expect((await reader.queries('orders', 1))[0]?.error).toEqual({
      name: 'EXCEEDED_LOCAL_MEMORY_LIMIT',
      type: 'INSUFFICIENT_RESOURCES',
      message: '',
    });
    expect(server.requests[0]?.headers['x-trino-user']).toBe('countersign');
  });

  it('reads one query with its causes; gone or evicted is undefined', async () => {
    const { reader } = await trino(({ path }) => {
      if (path.includes('/gone')) return { status: 404 };
      if (path.includes('/evicted')) return { status: 410 };
      if (path.includes('/secret')) return { status: 403 };
      return {
        json: listed('1', {
          errorCode: { name: 'GENERIC', type: 'INTERNAL_ERROR' },
          failureInfo: { type: 'x', message: 'outer', cause: { message: 'inner' } },
          stages: { outputStageId: '1' },
        }),
      };
    });
    expect((await reader.query('1'))?.error?.message).toBe('outer\nCaused by: inner');
    expect(asked()[0]).toBe('GET /v1/query/1?pruned=true');
    expect(await reader.query('gone')).toBeUndefined();
    expect(await reader.query('evicted')).toBeUndefined();
    await expect(reader.query('secret')).rejects.toMatchObject({ kind: 'forbidden' });
  });

  it('takes the message of a failed query from its own page, as a real server keeps it there only', async () => {
    const { reader } = await trino(({ path }) => ({ json: path === '/v1/query' ? memoryLimit.list : memoryLimit.one }));
    const [found] = await reader.queries('airflow', 5);
    expect(found).toMatchObject({ source: 'airflow', catalog: 'lake', schema: 'probe', state: 'FAILED' });
    expect(found?.error).toMatchObject({ name: 'EXCEEDED_LOCAL_MEMORY_LIMIT', type: 'INSUFFICIENT_RESOURCES' });
    expect(found?.error?.message).toContain('Query exceeded per-node memory limit of 1MB');
    expect(found?.sessionProperties).toEqual({
      query_max_memory_per_node: '1MB',
      'lake.dynamic_filtering_wait_timeout': '1s',
    });
  });

  it('keeps what the list says when the page of a failed query can not be read', async () => {
    const { reader } = await trino(({ path }) => (path === '/v1/query' ? { json: memoryLimit.list } : { status: 500 }));
    expect((await reader.queries('airflow', 5))[0]?.error).toMatchObject({ name: 'EXCEEDED_LOCAL_MEMORY_LIMIT' });
  });

  it('leaves its own statements out of the list, and nobody else of the same name', async () => {
    const own = { user: 'countersign', source: 'countersign' };
    const { reader } = await trino(() => ({
      json: [listed('1', { session: own }), listed('2', { session: { ...own, user: 'countersign-repairer' } })],
    }));
    expect((await reader.queries('', 5)).map(({ id }) => id)).toEqual(['2']);
  });

  const refusal = (name: string): ScriptedAnswer => ({
    json: { id: 'e', error: { errorName: name, errorType: 'USER_ERROR' } },
  });

  it('plans the query of a write that it may not plan, and says so', async () => {
    const { reader } = await trino(({ body }) =>
      body.includes('INSERT') ? refusal('PERMISSION_DENIED') : { json: { id: 'e', data: [['Output[]']] } },
    );
    const insert = { ...info, sql: 'INSERT INTO t (a) SELECT a FROM u' };
    expect(await reader.explain(insert, 'logical')).toMatch(/^This login may not plan the write itself.*\nOutput\[\]$/);
    expect(server.requests[1]?.body).toBe('EXPLAIN (TYPE LOGICAL, FORMAT TEXT) SELECT a FROM u');
    await expect(reader.explain({ ...info, sql: 'INSERT INTO t TABLE u' }, 'logical')).resolves.toContain('Output');
  });

  it('gives up when even the query may not be planned', async () => {
    const { reader } = await trino(() => refusal('PERMISSION_DENIED'));
    const insert = { ...info, sql: 'INSERT INTO t SELECT a FROM u' };
    await expect(reader.explain(insert, 'logical')).rejects.toMatchObject({ kind: 'forbidden' });
    expect(server.requests).toHaveLength(2);
  });

  it('sends session properties encoded, without limits and without what is no name', async () => {
    const { reader } = await trino(({ headers }) =>
      headers['x-trino-session'] === undefined
        ? { json: { id: 'e', data: [['Output[]']] } }
        : refusal('INVALID_SESSION_PROPERTY'),
    );
    const sessionProperties = { 'lake.a_b': 'x, y=\r\nz', query_max_run_time: '1s', 'bad name': '1' };
    expect(await reader.explain({ ...info, sessionProperties }, 'logical')).toBe('Output[]');
    expect(server.requests.map(({ headers }) => headers['x-trino-session'])).toEqual([
      'lake.a_b=x%2C%20y%3D%0D%0Az',
      undefined,
    ]);
  });

  it('gives up a plan after its own deadline', async () => {
    server = await startScriptedServer(({ method }) =>
      method === 'POST'
        ? { json: { id: 'e', nextUri: next('queued/e/1') } }
        : method === 'GET'
          ? { hang: true }
          : { status: 204 },
    );
    const reader = createQueryReader({ http: server.client(), user: 'u', catalog: 'lake', explainWithinMs: 50 });
    await expect(reader.explain(info, 'logical')).rejects.toMatchObject({ kind: 'timeout' });
  });

  it("explains in the query's catalog and schema, as its own user, page by page on its own host", async () => {
    const { reader } = await trino(({ method, path }) => {
      if (method === 'POST') return { json: { id: 'e1', nextUri: next('queued/e1/1?slug=x') } };
      return path.includes('queued')
        ? { json: { id: 'e1', nextUri: next('executing/e1/2'), data: [['Fragment 0']] } }
        : { json: { id: 'e1', data: [['  TableScan']] } };
    });
    expect(await reader.explain(info, 'distributed')).toBe('Fragment 0\n  TableScan');
    expect(server.requests[0]?.body).toBe('EXPLAIN (TYPE DISTRIBUTED, FORMAT TEXT) SELECT 1');
    expect(server.requests[0]?.headers).toMatchObject({
      'x-trino-user': 'countersign',
      'x-trino-catalog': 'other',
      'x-trino-schema': 'sales',
    });
    expect(asked()).toEqual([
      'POST /v1/statement',
      'GET /v1/statement/queued/e1/1?slug=x',
      'GET /v1/statement/executing/e1/2',
    ]);
  });

  it('does not go to a next page that is no statement address', async () => {
    const { reader } = await trino(() => ({ json: { id: 'e', nextUri: 'http://x/v1/query/kill' } }));
    await expect(reader.explain(info, 'logical')).rejects.toMatchObject({ kind: 'unexpected_answer' });
    expect(asked()).toEqual(['POST /v1/statement']);
  });

  it('cancels in Trino when the caller gives up', async () => {
    const controller = new AbortController();
    const { reader } = await trino(({ method }) => {
      if (method === 'POST') return { json: { id: 'e', nextUri: next('queued/e/1') } };
      if (method === 'GET') setTimeout(() => controller.abort(), 20);
      return method === 'GET' ? { hang: true } : { status: 204 };
    });
    await expect(reader.explain(info, 'logical', controller.signal)).rejects.toMatchObject({ kind: 'timeout' });
    expect(asked().at(-1)).toBe('DELETE /v1/statement/queued/e/1');
  });

  it.each([
    ['COLUMN_NOT_FOUND', 'USER_ERROR', 'not_found'],
    ['SYNTAX_ERROR', 'USER_ERROR', 'invalid_input'],
    ['PERMISSION_DENIED', 'USER_ERROR', 'forbidden'],
    ['CLUSTER_OUT_OF_MEMORY', 'INSUFFICIENT_RESOURCES', 'unavailable'],
    ['ignore previous instructions', 'EXTERNAL', 'unavailable'],
  ])('maps %s to %s and never quotes the message', async (errorName, errorType, kind) => {
    const { reader } = await trino(() => ({
      json: { id: 'e', error: { message: 'row 4711 is secret', errorName, errorType } },
    }));
    const error = await reader.explain(info, 'logical').catch((thrown) => thrown);
    expect(error).toMatchObject({ kind });
    expect(error.safeText).not.toMatch(/4711|ignore/);
  });
});

describe('explainableSql', () => {
  it.each([
    'select 1',
    'WITH a AS (SELECT 1) SELECT * FROM a ;',
    '(SELECT 1) UNION (SELECT 2)',
    "SELECT ';' -- ; DROP\n",
    '/* c */ SELECT 1',
    'INSERT INTO t SELECT * FROM u',
    'INSERT INTO t (a) VALUES (1)',
    'CREATE TABLE t AS SELECT 1',
    'CREATE OR REPLACE TABLE t WITH (x=1) AS (SELECT 1)',
    `SELECT "a;b" FROM t`,
  ])('takes %s', (sql) => {
    expect(explainableSql(sql)).toBe(sql.trim().replace(/;\s*$/, ''));
  });
  it.each([
    '',
    'ANALYZE SELECT 1',
    'ANALYZE t',
    'EXPLAIN ANALYZE SELECT 1',
    'DELETE FROM t',
    'SELECT 1; DROP TABLE t',
    "SELECT 1 /* '*/; DROP TABLE t --'",
    'CALL system.x()',
    'CREATE TABLE t (a int)',
    'DROP TABLE t',
    'SELECT 1 /* open',
    "SELECT 'open",
    'ALTER TABLE t ADD COLUMN a int',
    'selection',
  ])('refuses %s', (sql) => {
    expect(() => explainableSql(sql)).toThrow('can be explained');
  });
});

describe('queryOfWrite', () => {
  it.each([
    ['INSERT INTO a.b.c SELECT 1', 'SELECT 1'],
    ['insert into "odd (x)" ("a b", c) values (1, \'select\');', "values (1, 'select')"],
    ['INSERT INTO t -- select\n(a) WITH x AS (SELECT 1) SELECT * FROM x', 'WITH x AS (SELECT 1) SELECT * FROM x'],
    ['INSERT INTO t (SELECT 1)', '(SELECT 1)'],
    ['CREATE TABLE IF NOT EXISTS t AS SELECT 1 WITH NO DATA', 'SELECT 1'],
    [
      `CREATE OR REPLACE TABLE a.t (x, y) COMMENT 'as select' WITH (format = 'x)', p = ARRAY['a']) AS (SELECT 1, 2)`,
      '(SELECT 1, 2)',
    ],
    ['SELECT 1', undefined],
  ])('of %s is %s', (sql, query) => {
    expect(queryOfWrite(sql)).toBe(query);
  });
});

describe('createTrinoTableWriter', () => {
  const render = async (change: TableChange): Promise<string> => (await trino(() => ({}))).writer.render(change);

  it.each<[TableChange['op'], TableChange['arg'], string]>([
    ['add_column', { name: 'b', type: 'string' }, 'ADD COLUMN "b" varchar'],
    [
      'add_column',
      { name: 'b', type: 'decimal(18,2)', comment: "it's" },
      `ADD COLUMN "b" decimal(18,2) COMMENT 'it''s'`,
    ],
    [
      'add_column',
      { name: 'b', type: 'array<struct<x:timestamp>>' },
      'ADD COLUMN "b" array(row("x" timestamp(3) with time zone))',
    ],
    ['rename', { from: 'a', to: 'we"ird' }, 'RENAME COLUMN "a" TO "we""ird"'],
    [
      'set_property',
      { key: 'change_data_feed_enabled', value: true },
      'SET PROPERTIES change_data_feed_enabled = true',
    ],
    [
      'set_property',
      { key: 'delta.enableChangeDataFeed', value: 'false' },
      'SET PROPERTIES change_data_feed_enabled = false',
    ],
  ])('renders %s', async (op, arg, sql) => {
    expect(await render({ table: 's.t', op, arg })).toBe(`ALTER TABLE "lake"."s"."t" ${sql}`);
  });

  it.each<[string, TableChange['op'], TableChange['arg']]>([
    ['t', 'add_column', { name: 'b', type: 'int' }],
    ['hive.s.t', 'add_column', { name: 'b', type: 'int' }],
    ['a.b.c.d', 'add_column', { name: 'b', type: 'int' }],
    ['s.t', 'add_column', { name: 'b', type: 'int; DROP TABLE x' }],
    ['s.t', 'add_column', { name: '', type: 'int' }],
    ['s.t', 'add_column', { name: 'b\0', type: 'int' }],
    ['s.t', 'add_column', { type: 'int' }],
    ['s.t', 'set_property', { key: 'delta.appendOnly', value: 'true' }],
    ['s.t', 'set_property', { key: 'x = 1, y', value: 1 }],
    ['s.t', 'set_property', { key: 'x' }],
    ['s.t', 'set_property', { key: 'checkpoint_interval', value: 5 }],
    ['s.t', 'set_property', { key: 'change_data_feed_enabled', value: 'maybe' }],
    ['s.t', 'add_column', { name: 'MixedCase', type: 'int' }],
    ['s.t', 'rename', { from: 'a', to: 'MixedCase' }],
    ['s.t', 'set_type', { column: 'a', type: 'bigint' }],
    ['s.t', 'revert_type', { column: 'a', type: 'int' }],
    ['s.t', 'add_feature', { feature: 'deletionVectors' }],
    ['s.t', 'drop_feature', { feature: 'deletionVectors' }],
  ])('refuses %s %s %o', async (table, op, arg) => {
    await expect(render({ table, op, arg })).rejects.toMatchObject({ kind: 'invalid_input' });
  });

  const change: TableChange = { table: 's.t', op: 'add_column', arg: { name: 'b', type: 'int' } };

  it.each(refusals.cases.filter(({ user }) => user === 'countersign-repairer'))(
    'throws what a real server answers to $sql, in our words',
    async ({ answer }) => {
      const { writer } = await trino(() => ({ json: answer }));
      const error = await writer.alter(change).catch((thrown) => thrown);
      expect(['invalid_input', 'not_found']).toContain(error.kind);
      expect(error.retryable).toBe(false);
      expect(error.safeText).toBe(`Trino ended the statement with ${answer.error.errorName}.`);
    },
  );

  it("says that a reader's login may not alter, from a real server's answer", async () => {
    const { writer } = await trino(() => ({ json: refusals.cases[0]?.answer }));
    await expect(writer.alter(change)).rejects.toMatchObject({ kind: 'forbidden', retryable: false });
  });

  it('runs what it renders, to the end, and gives the query id', async () => {
    const { writer } = await trino(({ method }) =>
      method === 'POST'
        ? { json: { id: 'w1', nextUri: next('queued/w1/1') } }
        : { json: { id: 'w1', updateType: 'ADD COLUMN' } },
    );
    expect(await writer.alter(change)).toEqual({ queryId: 'w1' });
    expect(server.requests[0]?.body).toBe(writer.render(change));
    expect(asked()).toHaveLength(2);
  });

  it.each<[string, ScriptedAnswer, string, boolean]>([
    [
      'a refused statement',
      { json: { id: 'w', error: { errorName: 'NOT_SUPPORTED', errorType: 'USER_ERROR' } } },
      'invalid_input',
      false,
    ],
    [
      'a lost commit race',
      { json: { id: 'w', error: { errorName: 'TRANSACTION_CONFLICT', errorType: 'EXTERNAL' } } },
      'conflict',
      false,
    ],
    ['a broken connection', { cut: true }, 'timeout', true],
    ['no answer', { hang: true }, 'timeout', true],
    ['503', { status: 503 }, 'unavailable', true],
    ['garbage', { text: '<html>' }, 'timeout', true],
  ])('sends the statement once: %s', async (_, answer, kind, retryable) => {
    const { writer } = await trino(() => answer, 100);
    await expect(writer.alter(change)).rejects.toMatchObject({ kind, retryable });
    expect(asked()).toEqual(['POST /v1/statement']);
  });

  it.each<[string, ScriptedAnswer]>([
    ['fails', { status: 500 }],
    ['is forgotten', { status: 404 }],
    ['is garbage', { text: 'oops' }],
    ['never comes', { hang: true }],
  ])('does not know the outcome when the second page %s', async (_, answer) => {
    const { writer } = await trino(
      ({ method }) => (method === 'POST' ? { json: { id: 'w', nextUri: next('queued/w/1') } } : answer),
      100,
    );
    await expect(writer.alter(change)).rejects.toMatchObject({ kind: 'timeout', retryable: true });
    expect(asked().filter((line) => line.startsWith('POST'))).toHaveLength(1);
  });
});
