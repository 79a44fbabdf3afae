import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startPlatform, type TestPlatform } from '../support/platform.js';

// Servers, git and tables start for real; a busy machine takes its time.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform('s01');
});
afterAll(() => platform.stop());

// biome-ignore lint/suspicious/noExplicitAny: bodies of a foreign API are looked into freely here
type Body = any;

/** Runs a statement to its end and gives every page. */
async function trino(user: string, sql: string): Promise<Body[]> {
  const headers = { 'X-Trino-User': user, 'X-Trino-Catalog': 'delta' };
  let response = await fetch(`${platform.addresses.trino}/v1/statement`, { method: 'POST', headers, body: sql });
  const pages: Body[] = [];
  for (;;) {
    expect(response.status).toBe(200);
    const page = (await response.json()) as Body;
    pages.push(page);
    if (page.nextUri === undefined) return pages;
    response = await fetch(page.nextUri, { headers });
  }
}
const reader = (sql: string) => trino(platform.credentials.read.trinoUser, sql);
const writer = (sql: string) => trino(platform.credentials.write.trinoUser, sql);
const errorOf = async (pages: Promise<Body[]>): Promise<Body> => (await pages).at(-1).error;
const rowsOf = async (pages: Promise<Body[]>): Promise<Body[][]> => (await pages).flatMap((page) => page.data ?? []);

describe('the simulated Trino: the statement protocol', () => {
  it('needs a user, and takes no password over plain HTTP', async () => {
    const post = (headers: Record<string, string>) =>
      fetch(`${platform.addresses.trino}/v1/statement`, { method: 'POST', headers, body: 'SELECT 1' });
    expect((await post({})).status).toBe(401);
    expect((await post({ Authorization: `Basic ${Buffer.from('me:secret').toString('base64')}` })).status).toBe(401);
    expect((await post({ 'X-Trino-User': 'me' })).status).toBe(200);
  });

  it('pages: queued without rows, then running, then rows in more than one page', async () => {
    const pages = await reader('SELECT column_name, table_name FROM delta.information_schema.columns');
    expect(pages[0]).toMatchObject({ stats: { state: 'QUEUED' } });
    expect(pages[0].data).toBeUndefined();
    expect(pages.filter((page) => page.data !== undefined).length).toBeGreaterThan(1);
    expect(pages.at(-1)).toMatchObject({ stats: { state: 'FINISHED' } });
    const expected = Object.values(platform.engine.world().delta).flatMap((table) => Object.keys(table.columns));
    expect(pages.flatMap((page) => page.data ?? [])).toHaveLength(expected.length);
  });

  it('starts nothing for a client that does not follow nextUri', async () => {
    const before = platform.engine.revision();
    const response = await fetch(`${platform.addresses.trino}/v1/statement`, {
      method: 'POST',
      headers: { 'X-Trino-User': platform.credentials.write.trinoUser, 'X-Trino-Catalog': 'delta' },
      body: 'ALTER TABLE silver.transactions ADD COLUMN never varchar',
    });
    const { nextUri } = (await response.json()) as Body;
    expect(platform.engine.revision()).toBe(before);
    expect((await fetch(`${nextUri.replace(/\/1$/, '/9')}`, { headers: { 'X-Trino-User': 'x' } })).status).toBe(410);
    expect(
      (await fetch(nextUri.replace(/\/queued\/[^/]+/, '/queued/none'), { headers: { 'X-Trino-User': 'x' } })).status,
    ).toBe(404);
  });

  it('puts errors inside a 200: syntax, tables and columns that are not there', async () => {
    expect(await errorOf(reader('SELEC 1'))).toMatchObject({
      errorName: 'SYNTAX_ERROR',
      errorCode: 1,
      errorType: 'USER_ERROR',
      errorLocation: { lineNumber: 1, columnNumber: 1 },
    });
    expect(await errorOf(reader('DESCRIBE silver.nope'))).toMatchObject({
      errorName: 'TABLE_NOT_FOUND',
      errorCode: 46,
    });
    expect(await errorOf(reader('DESCRIBE other.silver.nope'))).toMatchObject({ errorName: 'CATALOG_NOT_FOUND' });
    expect(await errorOf(reader('SELECT colour FROM information_schema.columns'))).toMatchObject({
      errorName: 'COLUMN_NOT_FOUND',
      errorCode: 47,
    });
    expect(await errorOf(writer('DROP TABLE silver.transactions'))).toMatchObject({ errorName: 'NOT_SUPPORTED' });
  });

  it('explains, as text and as JSON, and never executes', async () => {
    const sql = 'SELECT * FROM delta.silver.transactions';
    expect((await rowsOf(reader(`EXPLAIN (TYPE LOGICAL, FORMAT TEXT) ${sql}`)))[0]?.[0]).toContain(
      'silver.transactions',
    );
    const json = JSON.parse((await rowsOf(reader(`EXPLAIN (TYPE LOGICAL, FORMAT JSON) ${sql}`)))[0]?.[0]);
    expect(json['0'].estimates[0].outputRowCount).toBe('NaN');
    expect(await errorOf(reader('EXPLAIN SELECT * FROM delta.silver.nope'))).toMatchObject({
      errorName: 'TABLE_NOT_FOUND',
    });
    expect(await errorOf(reader(`EXPLAIN ANALYZE ${sql}`))).toMatchObject({ errorName: 'SYNTAX_ERROR' });
  });
});

describe('the simulated Trino: changing tables', () => {
  it('refuses a reader with PERMISSION_DENIED', async () => {
    const before = platform.engine.revision();
    expect(await errorOf(reader('ALTER TABLE delta.bronze.transactions ADD COLUMN x varchar'))).toMatchObject({
      errorName: 'PERMISSION_DENIED',
      errorCode: 4,
    });
    expect(platform.engine.revision()).toBe(before);
  });

  it('adds a column, refuses it twice, and shows it', async () => {
    const sql =
      'ALTER TABLE "delta"."bronze"."transactions" ADD COLUMN "merchant_subcategory_v2" varchar COMMENT \'as delivered\'';
    expect((await writer(sql)).at(-1)).toMatchObject({ updateType: 'ADD COLUMN' });
    expect(platform.engine.world().delta['bronze.transactions']?.columns['merchant_subcategory_v2']).toBe('string');
    expect(await errorOf(writer(sql))).toMatchObject({ errorName: 'COLUMN_ALREADY_EXISTS' });
    expect(await rowsOf(reader('DESCRIBE bronze.transactions'))).toContainEqual([
      'merchant_subcategory_v2',
      'varchar',
      '',
      '',
    ]);
  });

  it('changes no types, and renames only with column mapping', async () => {
    expect(
      await errorOf(writer('ALTER TABLE bronze.transactions ALTER COLUMN amount SET DATA TYPE decimal(20,2)')),
    ).toMatchObject({ errorName: 'NOT_SUPPORTED', errorCode: 13 });
    expect(await errorOf(writer('ALTER TABLE bronze.transactions RENAME COLUMN amount TO total'))).toMatchObject({
      errorName: 'NOT_SUPPORTED',
    });
    expect(
      await errorOf(writer('ALTER TABLE bronze.transactions ALTER COLUMN nope SET DATA TYPE bigint')),
    ).toMatchObject({ errorName: 'COLUMN_NOT_FOUND' });
    expect(await errorOf(writer('ALTER TABLE bronze.transactions ADD COLUMN x wurst'))).toMatchObject({
      errorName: 'TYPE_NOT_FOUND',
      errorLocation: { lineNumber: 1, columnNumber: 44 },
    });
  });

  it('updates only the properties that Trino updates', async () => {
    await writer('ALTER TABLE bronze.transactions SET PROPERTIES change_data_feed_enabled = true');
    expect(platform.engine.world().delta['bronze.transactions']?.props['enableChangeDataFeed']).toBe(true);
    expect(await errorOf(writer("ALTER TABLE bronze.transactions SET PROPERTIES location = 'x'"))).toMatchObject({
      errorName: 'NOT_SUPPORTED',
    });
  });

  it('lists queries with their errors; one that was never there is gone', async () => {
    const headers = { 'X-Trino-User': platform.credentials.read.trinoUser };
    const failed = (await (
      await fetch(`${platform.addresses.trino}/v1/query?state=FAILED`, { headers })
    ).json()) as Body[];
    expect(failed.length).toBeGreaterThan(0);
    expect(failed.every((query) => query.state === 'FAILED' && query.errorCode.name !== '')).toBe(true);
    const one = (await (
      await fetch(`${platform.addresses.trino}/v1/query/${failed[0].queryId}`, { headers })
    ).json()) as Body;
    expect(one.failureInfo.message).toBeTypeOf('string');
    expect((await fetch(`${platform.addresses.trino}/v1/query/20200101_000000_00000_xxxxx`, { headers })).status).toBe(
      410,
    );
    expect(
      (await fetch(`${platform.addresses.trino}/v1/query/${failed[0].queryId}`, { headers, method: 'DELETE' })).status,
    ).toBe(403);
  });
});

describe('the simulated Kyuubi', () => {
  const base = () => `${platform.addresses.kyuubi}/api/v1`;
  const basic = (user: string) => ({
    Authorization: `Basic ${Buffer.from(`${user}:`).toString('base64')}`,
    'Content-Type': 'application/json',
  });
  const post = async (user: string, path: string, body: unknown) => {
    const response = await fetch(base() + path, { method: 'POST', headers: basic(user), body: JSON.stringify(body) });
    return { status: response.status, body: (await response.json()) as Body };
  };
  const event = async (operation: string): Promise<Body> => {
    for (;;) {
      const found = (await (await fetch(`${base()}/operations/${operation}/event`)).json()) as Body;
      if (!['PENDING_STATE', 'RUNNING_STATE'].includes(found.state)) return found;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  async function run(user: string, statement: string): Promise<Body> {
    const { body: session } = await post(user, '/sessions', { configs: {} });
    const { body: operation } = await post(user, `/sessions/${session.identifier}/operations/statement`, {
      statement,
      runAsync: true,
    });
    return event(operation.identifier);
  }

  it('runs Spark SQL in a session and ends in FINISHED_STATE', async () => {
    const { kyuubiUser } = platform.credentials.write;
    expect(
      await run(
        kyuubiUser,
        "ALTER TABLE `bronze`.`transactions` SET TBLPROPERTIES ('delta.enableDeletionVectors' = 'true')",
      ),
    ).toMatchObject({ state: 'FINISHED_STATE', exception: null });
    expect(
      await run(
        kyuubiUser,
        "ALTER TABLE bronze.transactions SET TBLPROPERTIES ('delta.feature.deletionVectors' = 'supported')",
      ),
    ).toMatchObject({ state: 'FINISHED_STATE' });
    expect(platform.engine.world().delta['bronze.transactions']).toMatchObject({
      props: { enableDeletionVectors: true },
      reader_features: ['deletionVectors'],
    });
    expect(await run(kyuubiUser, 'ALTER TABLE bronze.transactions DROP FEATURE deletionVectors')).toMatchObject({
      state: 'FINISHED_STATE',
    });
    expect(platform.engine.world().delta['bronze.transactions']?.reader_features).toEqual([]);
    expect(
      await run(kyuubiUser, "ALTER TABLE bronze.transactions ADD COLUMNS (`tags` ARRAY<STRING> COMMENT 'x')"),
    ).toMatchObject({ state: 'FINISHED_STATE' });
    expect(platform.engine.world().delta['bronze.transactions']?.columns['tags']).toBe('array<string>');
  });

  it('ends in ERROR_STATE with the text of Spark', async () => {
    const { kyuubiUser } = platform.credentials.write;
    expect((await run(kyuubiUser, 'ALTER TABLE bronze.transactions DROP FEATURE typeWidening')).exception).toContain(
      'DELTA_FEATURE_DROP_FEATURE_NOT_PRESENT',
    );
    expect((await run(kyuubiUser, 'ALTER TABLE bronze.nope DROP FEATURE x')).exception).toContain(
      'TABLE_OR_VIEW_NOT_FOUND',
    );
    expect((await run(kyuubiUser, 'VACUUM bronze.transactions')).exception).toContain('PARSE_SYNTAX_ERROR');
    expect(
      (await run(platform.credentials.read.kyuubiUser, 'ALTER TABLE bronze.transactions DROP FEATURE x')).exception,
    ).toContain('Permission denied');
  });

  it('wraps nearly everything in a 404, and forgets the operations of a closed session', async () => {
    const user = platform.credentials.write.kyuubiUser;
    expect((await post(user, '/sessions/none/operations/statement', { statement: 'SELECT 1' })).status).toBe(404);
    const { body: session } = await post(user, '/sessions', { configs: {} });
    const { body: operation } = await post(user, `/sessions/${session.identifier}/operations/statement`, {
      statement: 'SELECT 1',
      runAsync: false,
    });
    const rows = (await (await fetch(`${base()}/operations/${operation.identifier}/rowset?maxrows=5`)).json()) as Body;
    expect(rows).toEqual({ rows: [{ fields: [{ dataType: 'STRING_TYPE', value: '1' }] }], rowCount: 1 });
    await fetch(`${base()}/sessions/${session.identifier}`, { method: 'DELETE', headers: basic(user) });
    const gone = await fetch(`${base()}/operations/${operation.identifier}/event`);
    expect(gone.status).toBe(404);
    expect((await gone.json()) as Body).toEqual({ message: `Invalid OperationHandle [${operation.identifier}]` });
  });

  it('lists live operations to its administrators only', async () => {
    expect((await fetch(`${base()}/admin/operations`, { headers: basic('stranger') })).status).toBe(403);
    const listed = await fetch(`${base()}/admin/operations`, { headers: basic(platform.credentials.read.kyuubiUser) });
    expect(listed.status).toBe(200);
    expect(await listed.json()).toBeInstanceOf(Array);
    expect(await (await fetch(`${base()}/ping`)).text()).toBe('pong');
  });
});
