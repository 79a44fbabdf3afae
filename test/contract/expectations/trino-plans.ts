import { expect } from 'vitest';
import type { HttpClient } from '../../../src/domain/platform-ports.js';
import { failureOf, query, queryOf, readerOf, type TrinoExpectation, watched } from './trino-given.js';

const shortName = (table: string): string => table.split('.')[1] ?? '';

/** EXPLAIN of what others ran: never the statement itself. */
export const plans: TrinoExpectation[] = [
  {
    name: "a logical plan is made in the query's own catalog and schema",
    async check(given) {
      const info = query(given, `SELECT id, count(*) FROM ${shortName(given.plain)} GROUP BY id`);
      const plan = await readerOf(given).explain(info, 'logical');
      expect(plan).toContain('Output[columnNames = [');
      expect(plan).toContain(`TableScan[table = ${given.catalog}:${given.plain}`);
      expect(plan).not.toContain('Fragment');
    },
  },
  {
    name: 'a distributed plan has fragments',
    async check(given) {
      const info = query(given, `SELECT id, count(*) FROM ${given.plain} GROUP BY id;`);
      const plan = await readerOf(given).explain(info, 'distributed');
      expect(plan).toContain('Fragment 0 [');
      expect(plan).toContain(`TableScan[table = ${given.catalog}:${given.plain}`);
    },
  },
  {
    name: 'the plan of an INSERT by a login that may only read is that of its query, and nothing is inserted',
    async check(given) {
      const before = given.table(given.plain).version;
      const plan = await readerOf(given).explain(await queryOf(given, given.ran.insert), 'distributed');
      expect(plan).toMatch(/^This login may not plan the write itself/);
      expect(plan).toContain(`TableScan[table = ${given.catalog}:${given.plain}`);
      expect(given.table(given.plain).version).toBe(before);
    },
  },
  {
    name: 'the same for CREATE TABLE AS, and no table is made',
    async check(given) {
      const info = await queryOf(given, given.ran.create);
      const plan = await readerOf(given).explain(info, 'logical');
      expect(plan).toMatch(/^This login may not plan the write itself/);
      expect(plan).toContain(`TableScan[table = ${given.catalog}:${given.plain}`);
      const again = await given.submit(`SELECT * FROM ${given.plain}_copy`);
      expect((await queryOf(given, again)).error?.name).toBe('TABLE_NOT_FOUND');
    },
  },
  {
    name: 'a plan is made under the session properties of the query, without its limits',
    async check(given) {
      const sessionProperties = { join_distribution_type: 'PARTITIONED', query_max_memory_per_node: '1B' };
      const { http, sent } = watched(given.http);
      const info = query(given, `SELECT id FROM ${given.plain}`, { sessionProperties });
      expect(await readerOf({ ...given, http }).explain(info, 'logical')).toContain('TableScan');
      expect(sent[0]?.headers?.['x-trino-session']).toBe('join_distribution_type=PARTITIONED');
    },
  },
  {
    name: 'a session property that the server does not know is left out rather than the plan',
    async check(given) {
      const info = query(given, `SELECT id FROM ${given.plain}`, { sessionProperties: { of_another_version: '1' } });
      expect(await readerOf(given).explain(info, 'logical')).toContain('TableScan');
    },
  },
  {
    name: 'a query whose column is gone can not be planned: COLUMN_NOT_FOUND',
    async check(given) {
      const error = await failureOf(
        readerOf(given).explain(query(given, `SELECT amount FROM ${given.plain}`), 'logical'),
      );
      expect(error).toMatchObject({ kind: 'not_found', safeText: 'Trino ended the statement with COLUMN_NOT_FOUND.' });
    },
  },
  {
    name: 'a query whose table is gone can not be planned: TABLE_NOT_FOUND',
    async check(given) {
      const error = await failureOf(readerOf(given).explain(query(given, 'SELECT 1 FROM gone'), 'distributed'));
      expect(error).toMatchObject({ kind: 'not_found', safeText: 'Trino ended the statement with TABLE_NOT_FOUND.' });
    },
  },
  {
    name: 'a query outside every catalog and schema asks for them: MISSING_SCHEMA_NAME',
    async check(given) {
      const info = query(given, 'SELECT 1 FROM t', { schema: undefined });
      const error = await failureOf(readerOf(given).explain(info, 'logical'));
      expect(error).toMatchObject({ kind: 'invalid_input', safeText: expect.stringContaining('MISSING_SCHEMA_NAME') });
    },
  },
  {
    name: 'whatever is not one SELECT, INSERT or CREATE TABLE AS is not even sent',
    async check(given) {
      const { http, sent } = watched(given.http);
      const statements = [
        `EXPLAIN ANALYZE SELECT * FROM ${given.plain}`,
        `DELETE FROM ${given.plain}`,
        `MERGE INTO ${given.plain} t USING ${given.plain} s ON t.id = s.id WHEN MATCHED THEN DELETE`,
        `ALTER TABLE ${given.plain} ADD COLUMN x integer`,
        `DROP TABLE ${given.plain}`,
        "CALL system.runtime.kill_query('x', 'y')",
        'SELECT 1; SELECT 2',
        'ANALYZE SELECT 1',
        'EXECUTE prepared',
      ];
      for (const sql of statements) {
        const error = await failureOf(readerOf({ ...given, http }).explain(query(given, sql), 'logical'));
        expect(error, sql).toMatchObject({ kind: 'invalid_input' });
      }
      expect(sent).toEqual([]);
    },
  },
  {
    name: 'our own plans are not listed among the queries they are of',
    async check(given) {
      const id = await given.submit('SELECT own_plans FROM x.y');
      await failureOf(readerOf(given).explain(await queryOf(given, id), 'logical'));
      expect((await readerOf(given).queries('own_plans', 10)).map((info) => info.id)).toEqual([id]);
    },
  },
  {
    name: 'a plan that is given up before it began is cancelled and never runs',
    async check(given) {
      const stop = new AbortController();
      let id = '';
      const methods: string[] = [];
      const http: HttpClient = {
        async request(request) {
          if (!request.signal?.aborted) methods.push(request.method);
          const answer = await given.http.request(request);
          if (request.method !== 'POST') return answer;
          id = (JSON.parse(answer.text) as { id: string }).id;
          stop.abort();
          return answer;
        },
      };
      const info = query(given, `SELECT * FROM ${given.plain}`);
      const error = await failureOf(readerOf({ ...given, http }).explain(info, 'logical', stop.signal));
      expect(error).toMatchObject({ kind: 'timeout' });
      expect(methods).toEqual(['POST', 'DELETE']);
      expect(await readerOf(given).query(id)).toBeUndefined();
    },
  },
];
