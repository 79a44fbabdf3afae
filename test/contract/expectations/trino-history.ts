import { expect } from 'vitest';
import type { QueryInfo } from '../../../src/domain/platform-ports.js';
import { queryOf, readerOf, type TrinoExpectation } from './trino-given.js';

/** Which queries are found, and what is said of them. */
export const history: TrinoExpectation[] = [
  {
    name: 'recent queries come newest first',
    async check(given) {
      await given.submit('SELECT nope_1 FROM x.y', { source: 'newest-first' });
      await given.submit('SELECT nope_2 FROM x.y', { source: 'newest-first' });
      const found = await readerOf(given).queries('newest-first', 10);
      expect(found.map(({ sql }) => sql)).toEqual(['SELECT nope_2 FROM x.y', 'SELECT nope_1 FROM x.y']);
      expect(found.every(({ createdAt }) => Number.isFinite(Date.parse(createdAt)))).toBe(true);
    },
  },
  {
    name: 'no more are listed than asked for',
    async check(given) {
      const found = await readerOf(given).queries('newest-first', 1);
      expect(found.map(({ sql }) => sql)).toEqual(['SELECT nope_2 FROM x.y']);
    },
  },
  {
    name: 'a query is found by its id',
    async check(given) {
      const found = await readerOf(given).queries(given.ran.memory, 5);
      expect(found.map(({ id }) => id)).toEqual([given.ran.memory]);
    },
  },
  {
    name: 'a query is found by its user, in any case of letters',
    async check(given) {
      const found = await readerOf(given).queries(given.pipeline.toUpperCase(), 50);
      expect(found.map(({ id }) => id)).toContain(given.ran.memory);
      const speaks = ({ id, user, source, sql }: QueryInfo): boolean =>
        [id, user, source, sql].some((text) => text?.toLowerCase().includes(given.pipeline));
      expect(found.filter((info) => !speaks(info))).toEqual([]);
    },
  },
  {
    name: 'a query is found by a piece of its SQL',
    async check(given) {
      const found = await readerOf(given).queries('Nope_1 from', 5);
      expect(found.map(({ sql }) => sql)).toEqual(['SELECT nope_1 FROM x.y']);
    },
  },
  {
    name: 'what nobody ran is not found',
    async check(given) {
      expect(await readerOf(given).queries('a piece of SQL that nobody ran', 5)).toEqual([]);
    },
  },
  {
    name: 'a query says who ran it, from where and in which catalog and schema',
    async check(given) {
      const id = await given.submit('SELECT nope FROM x.y', { source: 'airflow-7' });
      const [schema] = given.plain.split('.');
      const expected = { user: given.pipeline, source: 'airflow-7', catalog: given.catalog, schema };
      expect(await queryOf(given, id)).toMatchObject(expected);
    },
  },
  {
    name: 'the session properties of a query are kept',
    async check(given) {
      const properties = 'join_distribution_type=BROADCAST,lake.dynamic_filtering_wait_timeout=1s';
      const id = await given.submit('SELECT nope_properties FROM x.y', { properties });
      const expected = { join_distribution_type: 'BROADCAST', 'lake.dynamic_filtering_wait_timeout': '1s' };
      expect((await queryOf(given, id)).sessionProperties).toEqual(expected);
      expect((await readerOf(given).queries(id, 1))[0]?.sessionProperties).toEqual(expected);
    },
  },
  {
    name: 'SQL of sixty thousand letters comes whole, listed or alone',
    async check(given) {
      const sql = `SELECT nope, '${'long '.repeat(12_000)}' AS text FROM x.y`;
      const id = await given.submit(sql);
      expect((await queryOf(given, id)).sql).toBe(sql);
      expect((await readerOf(given).queries(id, 1))[0]?.sql).toBe(sql);
    },
  },
  {
    name: 'letters of every script, quotes and line ends survive',
    async check(given) {
      const sql = `SELECT nope,\n'Zürich ☃ 東京 it''s' AS "odd ""name""" -- Ω\nFROM x.y`;
      expect((await queryOf(given, await given.submit(sql))).sql).toBe(sql);
    },
  },
  {
    name: 'an id that was never given is unknown',
    async check(given) {
      expect(await readerOf(given).query('20200101_000000_00000_xxxxx')).toBeUndefined();
      expect(await readerOf(given).query('no id at all')).toBeUndefined();
    },
  },
];

/** What is said of queries that failed, run or ended well. */
export const errors: TrinoExpectation[] = [
  {
    name: 'a query over its memory limit says so by name, type and message, also in the list',
    async check(given) {
      const expected = {
        name: 'EXCEEDED_LOCAL_MEMORY_LIMIT',
        type: 'INSUFFICIENT_RESOURCES',
        message: expect.stringMatching(/^Query exceeded per-node memory limit of .*Top Consumers/),
      };
      expect(await queryOf(given, given.ran.memory)).toMatchObject({ state: 'FAILED', error: expected });
      expect((await readerOf(given).queries(given.ran.memory, 1))[0]?.error).toMatchObject(expected);
    },
  },
  {
    name: 'a failed query has a duration and a peak of memory',
    async check(given) {
      const { elapsedMs, peakMemory } = await queryOf(given, given.ran.memory);
      expect(elapsedMs).toBeGreaterThan(0);
      expect(peakMemory).toMatch(/^[\d.]+[kMGT]?B$/);
    },
  },
  {
    name: 'a query that runs has no error',
    async check(given) {
      expect(await queryOf(given, given.ran.running)).toMatchObject({ state: 'RUNNING', error: undefined });
    },
  },
  {
    name: 'a query that ended well has no error',
    async check(given) {
      expect(await queryOf(given, given.ran.insert)).toMatchObject({ state: 'FINISHED', error: undefined });
    },
  },
  {
    name: 'a column that is gone: COLUMN_NOT_FOUND with its place',
    async check(given) {
      const { error } = await queryOf(given, await given.submit(`SELECT id, amount FROM ${given.plain}`));
      const message = "line 1:12: Column 'amount' cannot be resolved";
      expect(error).toEqual({ name: 'COLUMN_NOT_FOUND', type: 'USER_ERROR', message });
    },
  },
  {
    name: 'a table that is gone: TABLE_NOT_FOUND with its full name',
    async check(given) {
      const { error } = await queryOf(given, await given.submit(`SELECT * FROM ${given.plain}_gone`));
      const message = `line 1:15: Table '${given.catalog}.${given.plain}_gone' does not exist`;
      expect(error).toEqual({ name: 'TABLE_NOT_FOUND', type: 'USER_ERROR', message });
    },
  },
  {
    name: 'a schema that is gone: SCHEMA_NOT_FOUND',
    async check(given) {
      const { error } = await queryOf(given, await given.submit('SELECT * FROM no_such.t'));
      const message = "line 1:15: Schema 'no_such' does not exist";
      expect(error).toEqual({ name: 'SCHEMA_NOT_FOUND', type: 'USER_ERROR', message });
    },
  },
  {
    name: 'SQL that is none: SYNTAX_ERROR with its place',
    async check(given) {
      const { error } = await queryOf(given, await given.submit('SELEC 1'));
      expect(error).toMatchObject({ name: 'SYNTAX_ERROR', type: 'USER_ERROR' });
      expect(error?.message).toMatch(/^line 1:1: mismatched input 'SELEC'\. Expecting: /);
    },
  },
];
