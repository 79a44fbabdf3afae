import { afterEach, describe, expect, it } from 'vitest';
import type { TableChange } from '../../src/domain/platform-ports.js';
import {
  type ScriptedAnswer,
  type ScriptedRequest,
  type ScriptedServer,
  startScriptedServer,
} from '../../test/support/scripted-http.js';
import { createKyuubiReader } from './read.js';
import { renderTableChange } from './sql.js';
import { createKyuubiTableWriter } from './write.js';

let server: ScriptedServer;
afterEach(() => server?.close());
const asked = (): string[] => server.requests.map(({ method, path }) => `${method} ${path}`);

describe('createKyuubiReader', () => {
  const operation = (identifier: string, createTime: number, fields: Record<string, unknown> = {}) => ({
    identifier,
    statement: 'SELECT * FROM sales.orders',
    state: 'ERROR_STATE',
    createTime,
    exception: 'boom',
    sessionUser: 'etl',
    metrics: {},
    ...fields,
  });
  it('lists what matches, newest first, and takes odd operations as they are', async () => {
    server = await startScriptedServer(() => ({
      json: [
        operation('a', 1000),
        operation('b', 5000, { exception: null, state: 'RUNNING_STATE' }),
        { identifier: 'zz' },
      ],
    }));
    const reader = createKyuubiReader({ http: server.client() });
    expect(await reader.operations('ORDERS')).toEqual([
      {
        id: 'b',
        statement: 'SELECT * FROM sales.orders',
        state: 'RUNNING',
        user: 'etl',
        createdAt: '1970-01-01T00:00:05.000Z',
        exception: undefined,
      },
      {
        id: 'a',
        statement: 'SELECT * FROM sales.orders',
        state: 'ERROR',
        user: 'etl',
        createdAt: '1970-01-01T00:00:01.000Z',
        exception: 'boom',
      },
    ]);
    expect(await reader.operations('zz')).toMatchObject([{ id: 'zz', state: 'UNKNOWN' }]);
    expect(asked()[0]).toBe('GET /api/v1/admin/operations');
  });
  it('says forbidden to a user who is no administrator', async () => {
    server = await startScriptedServer(() => ({ status: 403, json: { message: 'not allowed' } }));
    await expect(createKyuubiReader({ http: server.client() }).operations('')).rejects.toMatchObject({
      kind: 'forbidden',
    });
  });
});

describe('renderTableChange', () => {
  it.each<[TableChange['op'], TableChange['arg'], string]>([
    ['add_column', { name: 'b', type: 'long', comment: 'why' }, "ADD COLUMNS (`b` BIGINT COMMENT 'why')"],
    ['rename', { from: 'a', to: 'a`b' }, 'RENAME COLUMN `a` TO `a``b`'],
    [
      'set_type',
      { column: 'a', type: 'map<string,struct<x:int>>' },
      'ALTER COLUMN `a` TYPE MAP<STRING, STRUCT<`x`: INT>>',
    ],
    ['set_property', { key: 'delta.appendOnly', value: false }, "SET TBLPROPERTIES ('delta.appendOnly' = 'false')"],
    [
      'add_feature',
      { feature: 'deletionVectors' },
      "SET TBLPROPERTIES ('delta.feature.deletionVectors' = 'supported')",
    ],
    ['drop_feature', { feature: 'typeWidening' }, 'DROP FEATURE typeWidening'],
  ])('renders %s', (op, arg, sql) => {
    expect(renderTableChange({ table: 's.t', op, arg })).toBe(`ALTER TABLE \`s\`.\`t\` ${sql}`);
  });
  it.each<[string, TableChange['op'], TableChange['arg']]>([
    ['t', 'add_column', { name: 'b', type: 'int' }],
    ['s.t', 'add_column', { name: 'b', type: 'int, `c` int' }],
    ['s.t', 'add_column', { name: 'b', type: 'int', comment: "x\\' )" }],
    ['s.t', 'set_property', { key: "a' = 'b', 'c", value: 1 }],
    ['s.t', 'set_property', { key: 'a', value: "x'" }],
    ['s.t', 'set_property', { key: 'a' }],
    ['s.t', 'drop_feature', { feature: 'x TRUNCATE HISTORY' }],
    ['s.t', 'add_feature', {}],
  ])('refuses %s %s %o', (table, op, arg) => {
    expect(() => renderTableChange({ table, op, arg })).toThrow();
  });
});

describe('createKyuubiTableWriter', () => {
  const change: TableChange = { table: 's.t', op: 'drop_feature', arg: { feature: 'deletionVectors' } };
  async function kyuubi(
    event: (count: number) => ScriptedAnswer,
    statement: ScriptedAnswer = { json: { identifier: 'op/1' } },
  ) {
    let events = 0;
    let now = 0;
    server = await startScriptedServer(({ method, path }: ScriptedRequest): ScriptedAnswer => {
      if (method === 'DELETE') return { status: 200 };
      if (path.endsWith('/sessions')) return { json: { identifier: 's 1', kyuubiInstance: 'x' } };
      if (path.endsWith('/statement')) return statement;
      events += 1;
      return event(events);
    });
    return createKyuubiTableWriter({
      http: server.client(),
      deadlineMs: 5000,
      now: () => now,
      sleep: async () => {
        now += 1000;
      },
    });
  }
  const statements = (): ScriptedRequest[] => server.requests.filter(({ path }) => path.endsWith('/statement'));

  it('waits for a cold engine, gives the operation, closes the session', async () => {
    const states = ['PENDING_STATE', 'RUNNING', 'FINISHED_STATE'];
    const writer = await kyuubi((count) => ({ json: { state: states[count - 1] } }));
    expect(await writer.alter(change)).toEqual({ queryId: 'op/1' });
    expect(JSON.parse(statements()[0]?.body ?? '')).toEqual({ statement: writer.render(change), runAsync: true });
    expect(asked()).toContain('GET /api/v1/operations/op%2F1/event');
    expect(asked().at(-1)).toBe('DELETE /api/v1/sessions/s%201');
  });

  it.each<[string, (count: number) => ScriptedAnswer, ScriptedAnswer | undefined, string]>([
    ['an error', () => ({ json: { state: 'ERROR_STATE', exception: 'secret row' } }), undefined, 'invalid_input'],
    ['an engine that never finishes', () => ({ json: { state: 'RUNNING_STATE' } }), undefined, 'timeout'],
    ['a statement without an answer', () => ({ json: {} }), { cut: true }, 'timeout'],
    [
      'a server that forgets',
      () => ({ status: 404, json: { message: 'Error getting an operation event' } }),
      undefined,
      'timeout',
    ],
    ['garbage', () => ({ text: 'nope' }), undefined, 'timeout'],
  ])('sends the statement once and closes the session: %s', async (_, event, statement, kind) => {
    const writer = await kyuubi(event, statement);
    const error = await writer.alter(change).catch((thrown) => thrown);
    expect(error).toMatchObject({ kind });
    expect(error.safeText).not.toContain('secret');
    expect(statements()).toHaveLength(1);
    expect(asked().at(-1)).toBe('DELETE /api/v1/sessions/s%201');
  });
});
