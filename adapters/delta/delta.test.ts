import { chmod, mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createObjectStore } from '../object-store/open.js';
import { createDeltaReader } from './read.js';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'delta-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

type Field = { name: string; type: unknown; nullable?: boolean; metadata?: Record<string, unknown> };
const schema = (fields: Field[]): string =>
  JSON.stringify({ type: 'struct', fields: fields.map((field) => ({ nullable: true, metadata: {}, ...field })) });
const metaData = (fields: Field[], configuration: Record<string, string> = {}) => ({
  metaData: {
    id: 'x',
    format: { provider: 'parquet', options: {} },
    schemaString: schema(fields),
    partitionColumns: ['day'],
    configuration,
  },
});
const protocol = (minReaderVersion: number, minWriterVersion: number, features?: { r?: string[]; w?: string[] }) => ({
  protocol: {
    minReaderVersion,
    minWriterVersion,
    ...(features ? { readerFeatures: features.r, writerFeatures: features.w } : {}),
  },
});
const add = (path: string, rows?: number, deleted?: number) => ({
  add: {
    path,
    size: 1,
    dataChange: true,
    partitionValues: {},
    ...(rows === undefined ? {} : { stats: JSON.stringify({ numRecords: rows }) }),
    ...(deleted === undefined ? {} : { deletionVector: { storageType: 'u', cardinality: deleted } }),
  },
});
const remove = (path: string) => ({ remove: { path, dataChange: true } });
const info = (operation: string, more: Record<string, unknown> = {}) => ({
  commitInfo: { operation, timestamp: 1, ...more },
});

const nameOf = (version: number, suffix = 'json'): string => `${String(version).padStart(20, '0')}.${suffix}`;
async function commit(table: string, version: number, actions: unknown[], at?: string): Promise<void> {
  const log = join(root, table, '_delta_log');
  await mkdir(log, { recursive: true });
  const path = join(log, nameOf(version));
  await writeFile(
    path,
    `${actions.map((action) => (typeof action === 'string' ? action : JSON.stringify(action))).join('\n')}\n`,
  );
  if (at) await utimes(path, new Date(at), new Date(at));
}
const lake = (folder: string) => createObjectStore(folder, { purpose: 'Delta lake' });
const read = (table: string, limit = 10) => createDeltaReader({ store: lake(root) }).table(table, limit);
const A: Field = { name: 'a', type: 'long' };
const B: Field = { name: 'b', type: 'string' };

describe('createDeltaReader', () => {
  it('replays commits into schema, files, rows and history, newest first', async () => {
    await commit(
      's/t',
      0,
      [info('CREATE TABLE', { userName: 'ana' }), protocol(1, 2), metaData([A])],
      '2026-11-01T00:00:00Z',
    );
    await commit(
      's/t',
      1,
      [
        info('WRITE', {
          operationParameters: { mode: 'Append', x: null, y: 3 },
          operationMetrics: { numOutputRows: '10' },
        }),
        add('f1', 10),
        add('f2', 5),
      ],
      '2026-11-02T00:00:00Z',
    );
    await commit('s/t', 2, [info('DELETE'), remove('f1'), add('f1', 10, 4), remove('f2')], '2026-11-03T00:00:00Z');
    const table = await read('s.t');
    expect(table).toMatchObject({
      table: 's.t',
      version: 2,
      columns: [{ name: 'a', type: 'long', nullable: true }],
      partitionColumns: ['day'],
      properties: {},
      features: [],
      rows: 6,
      files: 1,
      historyComplete: true,
    });
    expect(table?.commits.map((c) => [c.version, c.at, c.operation])).toEqual([
      [2, '2026-11-03T00:00:00.000Z', 'DELETE'],
      [1, '2026-11-02T00:00:00.000Z', 'WRITE'],
      [0, '2026-11-01T00:00:00.000Z', 'CREATE TABLE'],
    ]);
    expect(table?.commits[1]).toMatchObject({
      parameters: { mode: 'Append', y: '3' },
      metrics: { numOutputRows: '10' },
    });
    expect(table?.commits[2]).toMatchObject({ user: 'ana' });
    expect(table?.commits[2]).not.toHaveProperty('columnsAfter');
    expect((await read('s.t', 1))?.commits).toHaveLength(1);
  });

  it('counts the rows of a commit that only added files, for writers that give no metrics', async () => {
    await commit('s/t', 0, [protocol(1, 2), metaData([A])]);
    await commit('s/t', 1, [info('WRITE', { operationMetrics: {} }), add('f1', 10), add('f2', 5)]);
    await commit('s/t', 2, [info('UPDATE'), remove('f1'), add('f3', 10)]);
    await commit('s/t', 3, [info('WRITE'), add('f4')]);
    const rows = (await read('s.t'))?.commits.map(({ rowsAdded }) => rowsAdded);
    expect(rows).toEqual([undefined, undefined, 15, undefined]);
  });

  it('reports what a commit changed in schema and properties, and nothing for metaData that repeats itself', async () => {
    await commit('s/t', 0, [protocol(1, 2), metaData([A], { k: '1', gone: 'x' })]);
    await commit('s/t', 1, [info('WRITE'), metaData([A], { k: '1', gone: 'x' })]);
    await commit('s/t', 2, [info('ADD COLUMNS'), metaData([A, B], { k: '2' })]);
    const commits = (await read('s.t'))?.commits ?? [];
    expect(commits[0]).toMatchObject({
      columnsBefore: [{ name: 'a' }],
      columnsAfter: [{ name: 'a' }, { name: 'b', type: 'string' }],
      propertiesChanged: { gone: { from: 'x', to: undefined }, k: { from: '1', to: '2' } },
    });
    expect(Object.keys(commits[1] ?? {})).not.toContain('columnsAfter');
    expect(Object.keys(commits[1] ?? {})).not.toContain('propertiesChanged');
  });

  it('keeps the physical name, by which a rename is told from drop and add', async () => {
    const mapped = (name: string): Field => ({
      name,
      type: 'long',
      metadata: { 'delta.columnMapping.physicalName': 'col-1' },
    });
    await commit('s/t', 0, [protocol(2, 5), metaData([mapped('old')])]);
    await commit('s/t', 1, [info('RENAME COLUMN'), metaData([mapped('new')])]);
    expect((await read('s.t'))?.commits[0]).toMatchObject({
      columnsBefore: [{ name: 'old', physical: 'col-1' }],
      columnsAfter: [{ name: 'new', physical: 'col-1' }],
    });
  });

  it('writes nested types as one word', async () => {
    const nested = { type: 'struct', fields: [{ name: 'x', type: 'integer', nullable: true, metadata: {} }] };
    await commit('s/t', 0, [
      metaData([
        { name: 'p', type: nested, nullable: false },
        { name: 'q', type: { type: 'array', elementType: nested, containsNull: true } },
        { name: 'm', type: { type: 'map', keyType: 'string', valueType: 'decimal(10,2)' } },
      ]),
    ]);
    expect((await read('s.t'))?.columns.map(({ type }) => type)).toEqual([
      'struct<x:integer>',
      'array<struct<x:integer>>',
      'map<string,decimal(10,2)>',
    ]);
  });

  it('names new table features, not those the old protocol version implied', async () => {
    await commit('s/t', 0, [protocol(1, 2), metaData([A])]);
    await commit('s/t', 1, [
      info('SET TBLPROPERTIES'),
      protocol(3, 7, { r: ['deletionVectors'], w: ['appendOnly', 'deletionVectors', 'invariants'] }),
    ]);
    await commit('s/t', 2, [info('DROP FEATURE'), protocol(1, 7, { w: ['appendOnly', 'invariants'] })]);
    const table = await read('s.t');
    expect(table?.commits[1]).toMatchObject({ featuresAdded: ['deletionVectors'] });
    expect(table?.commits[1]).not.toHaveProperty('featuresRemoved');
    expect(table?.commits[0]).toMatchObject({ featuresRemoved: ['deletionVectors'] });
    expect(table?.features).toEqual(['appendOnly', 'invariants']);
  });

  it('takes in-commit time before file time, and never lets time run backwards', async () => {
    await commit('s/t', 0, [metaData([A])], '2026-11-05T00:00:00Z');
    await commit('s/t', 1, [info('WRITE')], '2026-11-01T00:00:00Z');
    await commit(
      's/t',
      2,
      [info('WRITE', { inCommitTimestamp: Date.parse('2026-11-07T00:00:00Z') })],
      '2026-11-01T00:00:00Z',
    );
    expect((await read('s.t'))?.commits.map(({ at }) => at)).toEqual([
      '2026-11-07T00:00:00.000Z',
      '2026-11-05T00:00:00.001Z',
      '2026-11-05T00:00:00.000Z',
    ]);
  });

  it('does not guess rows: no statistics, or a feature it does not know', async () => {
    await commit('s/t', 0, [protocol(1, 2), metaData([A]), add('f1', 3), add('f2')]);
    expect(await read('s.t')).toMatchObject({ rows: undefined, files: 2 });
    await commit('s/u', 0, [
      protocol(3, 7, { r: ['futureFeature'], w: ['futureFeature'] }),
      metaData([A]),
      add('f1', 3),
    ]);
    expect(await read('s.u')).toMatchObject({ rows: undefined, features: ['futureFeature'] });
  });

  it('finds a table in the usual folders and by mapping', async () => {
    for (const folder of ['a/t1', 'a.t2', 'a.db/t3']) await commit(folder, 0, [metaData([A])]);
    for (const table of ['a.t1', 'a.t2', 'a.t3', 'lake.a.t1']) expect(await read(table)).toBeDefined();
    expect(await read('a.none')).toBeUndefined();
    const mapped = createDeltaReader({ store: lake(root), folders: () => ['a.t2'] });
    expect(await mapped.table('x.y', 1)).toMatchObject({ table: 'x.y' });
  });

  it.each(['../etc.t', 'a/b', 'a..b', '', 'a.b.c.d', 'a.b\0'])('refuses the table name %j', async (table) => {
    await expect(read(table)).rejects.toMatchObject({ kind: 'invalid_input' });
  });

  it('tells a missing table from a missing lake', async () => {
    const reader = createDeltaReader({ store: lake(join(root, 'not-mounted')) });
    await expect(reader.table('a.b', 1)).rejects.toMatchObject({ kind: 'misconfigured' });
  });

  it('says where a log is damaged: a gap, a line that is no JSON, an action of a wrong shape, a broken schema', async () => {
    await commit('s/gap', 0, [metaData([A])]);
    await commit('s/gap', 2, [info('WRITE')]);
    await expect(read('s.gap')).rejects.toMatchObject({
      kind: 'unexpected_answer',
      safeText: expect.stringContaining('between versions 0 and 2'),
    });
    await commit('s/garbage', 0, [metaData([A]), '{"commitInfo":{"operation":']);
    await expect(read('s.garbage')).rejects.toMatchObject({ safeText: expect.stringContaining('version 0, line 2') });
    await commit('s/shape', 0, [{ metaData: { schemaString: 7 } }]);
    await expect(read('s.shape')).rejects.toMatchObject({ kind: 'unexpected_answer' });
    await commit('s/schema', 0, [{ metaData: { schemaString: 'secret<not json' } }]);
    const error = await read('s.schema').catch((thrown) => thrown);
    expect(error).toMatchObject({ kind: 'unexpected_answer' });
    expect(error.safeText).not.toContain('secret');
  });

  it('is honest about cleaned history: schema by checksum, rows unknown, or nothing at all', async () => {
    await commit('s/t', 10, [info('WRITE'), add('f', 1)]);
    await commit('s/t', 11, [info('ADD COLUMNS'), metaData([A, B])]);
    const checkpoint = join(root, 's/t/_delta_log', nameOf(9, 'checkpoint.parquet'));
    await writeFile(checkpoint, 'PAR1');
    await writeFile(
      join(root, 's/t/_delta_log', nameOf(10, 'crc')),
      JSON.stringify({ numFiles: 70, ...{ metadata: metaData([A]).metaData }, protocol: protocol(1, 2).protocol }),
    );
    await writeFile(join(root, 's/t/_delta_log', nameOf(11, 'crc')), JSON.stringify({ numFiles: 71 }));
    const table = await read('s.t');
    expect(table).toMatchObject({ version: 11, historyComplete: false, rows: undefined, files: 71 });
    expect(table?.commits[0]).toMatchObject({
      columnsBefore: [{ name: 'a' }],
      columnsAfter: [{ name: 'a' }, { name: 'b' }],
    });
    expect(table?.commits).toHaveLength(2);

    await commit('s/u', 10, [info('WRITE'), add('f', 1)]);
    await expect(read('s.u')).rejects.toMatchObject({
      kind: 'unexpected_answer',
      safeText: expect.stringContaining('no checkpoint or checksum'),
    });
  });

  it('refuses a table whose commits a catalog keeps, and knows none without commits', async () => {
    await commit('s/t', 0, [protocol(3, 7, { r: ['catalogManaged'], w: ['catalogManaged'] }), metaData([A])]);
    await expect(read('s.t')).rejects.toMatchObject({
      kind: 'unexpected_answer',
      safeText: expect.stringContaining('kept by a catalog'),
    });
    await mkdir(join(root, 's/empty/_delta_log'), { recursive: true });
    expect(await read('s.empty')).toBeUndefined();
  });

  it('shows the history, and nothing of the data, under a reader version or feature it does not know', async () => {
    await commit('s/t', 0, [info('CREATE TABLE'), protocol(4, 7, { r: ['deletionVectors', 'later'] }), metaData([A])]);
    expect(await read('s.t')).toMatchObject({
      unknownFeatures: ['reader version 4', 'later'],
      rows: undefined,
      commits: [{ operation: 'CREATE TABLE' }],
    });
  });

  it.skipIf(process.getuid?.() === 0)('says forbidden when the file may not be read', async () => {
    await commit('s/t', 0, [metaData([A])]);
    await chmod(join(root, 's/t/_delta_log', nameOf(0)), 0);
    await expect(read('s.t')).rejects.toMatchObject({ kind: 'forbidden' });
  });

  it('stops when the caller gives up', async () => {
    await commit('s/t', 0, [metaData([A])]);
    await expect(createDeltaReader({ store: lake(root) }).table('s.t', 1, AbortSignal.abort())).rejects.toMatchObject({
      kind: 'timeout',
    });
  });
});
