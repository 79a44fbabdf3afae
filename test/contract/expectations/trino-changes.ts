import { expect } from 'vitest';
import { createTrinoTableWriter } from '../../../adapters/trino/write.js';
import type { HttpClient, TableChange } from '../../../src/domain/platform-ports.js';
import { failureOf, queryOf, readerOf, type TrinoExpectation, watched, writerOf } from './trino-given.js';

/** Every type that may be rendered into SQL, by the name in Delta's log. */
const TYPES: Record<string, string> = {
  a_boolean: 'boolean',
  a_byte: 'byte',
  a_short: 'short',
  a_integer: 'integer',
  a_long: 'long',
  a_float: 'float',
  a_double: 'double',
  a_string: 'string',
  a_binary: 'binary',
  a_date: 'date',
  a_timestamp: 'timestamp',
  a_decimal: 'decimal(38,10)',
  a_small_decimal: 'decimal(5,0)',
};

const add = (table: string, name: string, type: string): TableChange => ({
  table,
  op: 'add_column',
  arg: { name, type },
});

/** ALTER TABLE, its effect read from the Delta log on disk. */
export const changes: TrinoExpectation[] = [
  {
    name: 'a column of every plain type is added, and is in the log under that type',
    async check(given) {
      const writer = writerOf(given);
      for (const [name, type] of Object.entries(TYPES)) await writer.alter(add(given.plain, name, type));
      expect(given.table(given.plain).columns).toMatchObject(TYPES);
    },
  },
  {
    name: 'lists, maps and nested types are added',
    async check(given) {
      const writer = writerOf(given);
      await writer.alter(add(given.plain, 'a_list', 'array<decimal(9,2)>'));
      await writer.alter(add(given.plain, 'a_map', 'map<string,timestamp>'));
      const { columns } = given.table(given.plain);
      expect(columns['a_list']).toEqual({ type: 'array', elementType: 'decimal(9,2)', containsNull: true });
      expect(columns['a_map']).toMatchObject({ type: 'map', keyType: 'string', valueType: 'timestamp' });
    },
  },
  {
    name: 'names with blanks, quotes, semicolons and accents are names and nothing else',
    async check(given) {
      const name = `odd "q" 'x'; drop table é`;
      await writerOf(given).alter({ ...add(given.mapped, name, 'integer'), table: given.mapped });
      expect(given.table(given.mapped).columns).toMatchObject({ id: 'long', name: 'string', [name]: 'integer' });
    },
  },
  {
    name: 'a comment may say anything',
    async check(given) {
      const change = add(given.plain, 'with_comment', 'integer');
      await writerOf(given).alter({ ...change, arg: { ...change.arg, comment: `it's "new"; -- ☃` } });
      expect(given.table(given.plain).columns['with_comment']).toBe('integer');
    },
  },
  {
    name: 'what was altered is in the query history as it was shown, and FINISHED',
    async check(given) {
      const change = add(given.plain, 'traced', 'string');
      const { queryId } = await writerOf(given).alter(change);
      const expected = { state: 'FINISHED', user: given.repairer, sql: writerOf(given).render(change) };
      expect(await queryOf(given, queryId)).toMatchObject(expected);
    },
  },
  {
    name: 'one alteration is one commit',
    async check(given) {
      const before = given.table(given.plain).version;
      await writerOf(given).alter(add(given.plain, 'one_commit', 'date'));
      expect(given.table(given.plain).version).toBe(before + 1);
    },
  },
  {
    name: 'a column that is there is not added again, in whatever letters the table has it',
    async check(given) {
      const before = given.table(given.plain);
      const error = await failureOf(writerOf(given).alter(add(given.plain, 'name', 'string')));
      expect(error).toMatchObject({ kind: 'invalid_input', retryable: false });
      expect(error.safeText).toContain('COLUMN_ALREADY_EXISTS');
      expect(given.table(given.plain)).toEqual(before);
    },
  },
  {
    name: 'a table that is not there is not altered: TABLE_NOT_FOUND',
    async check(given) {
      const error = await failureOf(writerOf(given).alter(add(`${given.plain}_gone`, 'x', 'integer')));
      expect(error).toMatchObject({ kind: 'not_found', safeText: expect.stringContaining('TABLE_NOT_FOUND') });
    },
  },
  {
    name: 'a column is renamed where names are mapped',
    async check(given) {
      await writerOf(given).alter({ table: given.mapped, op: 'rename', arg: { from: 'name', to: 'full name' } });
      const { columns } = given.table(given.mapped);
      expect(columns).toMatchObject({ id: 'long', 'full name': 'string' });
      expect(columns).not.toHaveProperty('name');
    },
  },
  {
    name: 'a column is not renamed where names are not mapped, and nothing changes',
    async check(given) {
      const before = given.table(given.plain);
      const change: TableChange = { table: given.plain, op: 'rename', arg: { from: 'name', to: 'title' } };
      const error = await failureOf(writerOf(given).alter(change));
      expect(error).toMatchObject({ kind: 'invalid_input', safeText: expect.stringContaining('NOT_SUPPORTED') });
      expect(given.table(given.plain)).toEqual(before);
    },
  },
  {
    name: 'a column that is not there is not renamed: COLUMN_NOT_FOUND',
    async check(given) {
      const change: TableChange = { table: given.mapped, op: 'rename', arg: { from: 'gone', to: 'title' } };
      const error = await failureOf(writerOf(given).alter(change));
      expect(error).toMatchObject({ kind: 'not_found', safeText: expect.stringContaining('COLUMN_NOT_FOUND') });
    },
  },
  {
    name: 'the change data feed is switched on and off by the name that Delta has for it',
    async check(given) {
      const key = 'delta.enableChangeDataFeed';
      for (const value of ['true', 'false']) {
        await writerOf(given).alter({ table: given.plain, op: 'set_property', arg: { key, value } });
        expect(given.table(given.plain).properties[key]).toBe(value);
      }
    },
  },
  {
    name: 'a table with a change data feed keeps its column names',
    async check(given) {
      const arg = { key: 'delta.enableChangeDataFeed', value: true };
      await writerOf(given).alter({ table: given.mapped, op: 'set_property', arg });
      const change: TableChange = { table: given.mapped, op: 'rename', arg: { from: 'id', to: 'number' } };
      const error = await failureOf(writerOf(given).alter(change));
      expect(error).toMatchObject({ kind: 'invalid_input', safeText: expect.stringContaining('NOT_SUPPORTED') });
    },
  },
  {
    name: "what Trino's connector can not do is refused before anything is sent",
    async check(given) {
      const { http, sent } = watched(given.http);
      const table = given.plain;
      const impossible: TableChange[] = [
        { table, op: 'set_type', arg: { column: 'id', type: 'decimal(20,0)' } },
        { table, op: 'revert_type', arg: { column: 'id', type: 'integer' } },
        { table, op: 'set_property', arg: { key: 'delta.appendOnly', value: true } },
        { table, op: 'set_property', arg: { key: 'checkpoint_interval', value: 5 } },
        { table, op: 'add_feature', arg: { feature: 'deletionVectors' } },
        { table, op: 'drop_feature', arg: { feature: 'deletionVectors' } },
        add(table, 'CapitalLetters', 'integer'),
        { table, op: 'rename', arg: { from: 'name', to: 'CapitalLetters' } },
        add(table, 'x', 'wurst'),
        add(table, 'x', 'integer; DROP TABLE y'),
        add('only_a_table', 'x', 'integer'),
        add(`another_catalog.${table}`, 'x', 'integer'),
      ];
      for (const change of impossible) {
        const error = await failureOf(writerOf({ ...given, http }).alter(change));
        expect(error, JSON.stringify(change)).toMatchObject({ kind: 'invalid_input' });
      }
      expect(sent).toEqual([]);
    },
  },
  {
    name: 'the server itself refuses to change a type',
    async check(given) {
      const sql = `ALTER TABLE ${given.plain} ALTER COLUMN id SET DATA TYPE decimal(20,0)`;
      const { error } = await queryOf(given, await given.submit(sql, { user: given.repairer }));
      const message = 'This connector does not support setting column types';
      expect(error).toEqual({ name: 'NOT_SUPPORTED', type: 'USER_ERROR', message });
    },
  },
  {
    name: "the reader's login is refused when it is used to alter, and nothing changes",
    async check(given) {
      const before = given.table(given.plain);
      const writer = createTrinoTableWriter({ http: given.http, user: given.reader, catalog: given.catalog });
      const alterations: TableChange[] = [
        add(given.plain, 'by_reader', 'integer'),
        { table: given.plain, op: 'rename', arg: { from: 'name', to: 'title' } },
        { table: given.plain, op: 'set_property', arg: { key: 'delta.enableChangeDataFeed', value: true } },
      ];
      for (const change of alterations) {
        const error = await failureOf(writer.alter(change));
        expect(error).toMatchObject({ kind: 'forbidden', safeText: expect.stringContaining('PERMISSION_DENIED') });
      }
      expect(given.table(given.plain)).toEqual(before);
    },
  },
  {
    name: 'no password is taken over plain HTTP',
    async check(given) {
      const authorization = `Basic ${Buffer.from(`${given.reader}:secret`).toString('base64')}`;
      const http: HttpClient = {
        request: (request) => given.http.request({ ...request, headers: { ...request.headers, authorization } }),
      };
      const error = await failureOf(readerOf({ ...given, http }).queries('', 1));
      expect(error).toMatchObject({ kind: 'unauthenticated' });
      expect(error.safeText).not.toContain('secret');
    },
  },
];
