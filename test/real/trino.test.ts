import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHttpClient } from '../../adapters/http/client.js';
import { runStatement } from '../../adapters/trino/statement.js';
import type { HttpClient } from '../../src/domain/platform-ports.js';
import { holdTo } from '../contract/contract.js';
import { trinoContract } from '../contract/expectations/trino.js';
import { readerOf, type TrinoGiven, writerOf } from '../contract/expectations/trino-given.js';
import { submitTo, tableInLog } from '../contract/trino-world.js';
import { addressOf } from './up.js';

const SCHEMA = 'contract_trino';
const PLAIN = `${SCHEMA}.plain`;
const MAPPED = `${SCHEMA}.mapped`;
const JOIN = 'SELECT count(*) FROM tpch.sf1.lineitem a JOIN tpch.sf1.lineitem b ON a.comment = b.comment';
const ENDLESS = 'SELECT count(*) FROM tpch.sf100.lineitem a CROSS JOIN tpch.sf100.lineitem b';

let at: Awaited<ReturnType<typeof addressOf>>;
let given: TrinoGiven;
let stop: () => Promise<void> = async () => undefined;

beforeAll(async () => {
  at = await addressOf('trino');
  const { url = '', reader = '', repairer = '', pipeline = '', catalog = '', lake = '' } = at;
  const submit = submitTo(url, { user: pipeline, catalog, schema: SCHEMA });
  const succeed = async (sql: string): Promise<string> => {
    const id = await submit(sql);
    const { error } = await failureOf(id);
    if (error) throw new Error(`${sql} ended with ${error}`);
    return id;
  };
  for (const name of ['plain', 'mapped', 'plain_copy'])
    await submit(`DROP TABLE IF EXISTS ${catalog}.${SCHEMA}.${name}`);
  rmSync(join(lake, SCHEMA), { recursive: true, force: true });
  await succeed(`CREATE SCHEMA IF NOT EXISTS ${catalog}.${SCHEMA} WITH (location = 'local:///${SCHEMA}')`);
  await succeed(`CREATE TABLE ${PLAIN} (id bigint, name varchar)`);
  await succeed(`CREATE TABLE ${MAPPED} (id bigint, name varchar) WITH (column_mapping_mode = 'NAME')`);
  await succeed(`INSERT INTO ${PLAIN} VALUES (1, 'one'), (2, 'two')`);
  const insert = await succeed(`INSERT INTO ${MAPPED} (id, name) SELECT id, name FROM ${PLAIN}`);
  const create = await succeed(`CREATE TABLE ${PLAIN}_copy AS SELECT id FROM ${PLAIN}`);
  await succeed(`DROP TABLE ${PLAIN}_copy`);
  const memory = await submit(JOIN, { properties: 'query_max_memory_per_node=1MB' });
  const { id: running, cancel } = await started(url, pipeline, ENDLESS);
  stop = cancel;
  given = {
    http: createHttpClient({ system: 'Trino', baseUrl: url }),
    reader,
    repairer,
    pipeline,
    catalog,
    plain: PLAIN,
    mapped: MAPPED,
    ran: { memory, running, insert, create },
    submit,
    table: (name) => tableInLog(lake, name),
  };
});
afterAll(() => stop());

async function failureOf(id: string): Promise<{ error: string | undefined }> {
  const response = await fetch(`${at['url']}/v1/query/${id}`, { headers: { 'x-trino-user': at['pipeline'] ?? '' } });
  const query = (await response.json()) as { failureInfo?: { message: string } };
  return { error: query.failureInfo?.message };
}

/** Starts a statement and reads on until it runs. A client that stops asking loses its query after minutes only. */
async function started(url: string, user: string, sql: string): Promise<{ id: string; cancel: () => Promise<void> }> {
  const headers = { 'x-trino-user': user, 'x-trino-source': 'endless' };
  let page = (await (await fetch(`${url}/v1/statement`, { method: 'POST', headers, body: sql })).json()) as Page;
  while (page.stats.state !== 'RUNNING') page = (await (await fetch(page.nextUri, { headers })).json()) as Page;
  const { id, nextUri } = page;
  return { id, cancel: async () => void (await fetch(nextUri, { method: 'DELETE', headers })) };
}
interface Page {
  id: string;
  nextUri: string;
  stats: { state: string };
}

holdTo(trinoContract, { name: 'trino', version: () => at.version }, () => given);

describe('a real Trino beside the contract', () => {
  it('cancels what runs when nobody waits for it any more', async () => {
    const stopping = new AbortController();
    let id = '';
    const http: HttpClient = {
      async request(request) {
        const answer = await given.http.request(request);
        const page = answer.text === '' ? undefined : (JSON.parse(answer.text) as Page);
        id ||= page?.id ?? '';
        if (page?.stats.state === 'RUNNING') stopping.abort();
        return answer;
      },
    };
    const session = { user: given.pipeline, catalog: given.catalog, schema: SCHEMA };
    await expect(runStatement(http, ENDLESS, session, stopping.signal)).rejects.toMatchObject({ kind: 'timeout' });
    await expect
      .poll(async () => (await readerOf(given).query(id))?.error?.name, { timeout: 10_000 })
      .toBe('USER_CANCELED');
  });

  it('gives the reader no way to stop what others run', async () => {
    const headers = { 'x-trino-user': given.reader };
    const { url } = at;
    for (const [method, path] of [
      ['DELETE', `/v1/query/${given.ran.running}`],
      ['PUT', `/v1/query/${given.ran.running}/killed`],
    ] as const) {
      const body = method === 'PUT' ? 'not wanted' : undefined;
      const response = await fetch(`${url}${path}`, { method, headers, ...(body === undefined ? {} : { body }) });
      expect(response.status).toBe(403);
    }
  });

  it('writes nothing and makes nothing for the reader', async () => {
    const before = given.table(PLAIN);
    for (const sql of [
      `INSERT INTO ${PLAIN} (id) VALUES (9)`,
      `DELETE FROM ${PLAIN}`,
      `CREATE TABLE ${SCHEMA}.by_reader (id bigint)`,
      `DROP TABLE ${PLAIN}`,
      `CALL lake.system.unregister_table('${SCHEMA}', 'plain')`,
    ]) {
      const id = await given.submit(sql, { user: given.reader });
      expect((await failureOf(id)).error, sql).toMatch(/^Access Denied/);
    }
    expect(given.table(PLAIN)).toEqual(before);
  });

  it('reads and alters a table that another engine wrote, once it is registered', async () => {
    // A table of this server forgotten and found again by its log alone, as one of Spark's or delta-rs's is.
    await given.submit(`CALL lake.system.unregister_table('${SCHEMA}', 'plain')`);
    const id = await given.submit(`CALL lake.system.register_table('${SCHEMA}', 'again', 'local:///${SCHEMA}/plain')`);
    expect((await failureOf(id)).error).toBeUndefined();
    const change = { table: `${SCHEMA}.again`, op: 'add_column', arg: { name: 'found_again', type: 'date' } } as const;
    await writerOf(given).alter(change);
    expect(given.table(PLAIN).columns['found_again']).toBe('date');
    await given.submit(`CALL lake.system.unregister_table('${SCHEMA}', 'again')`);
  });
});
