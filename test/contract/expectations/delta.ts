import { expect } from 'vitest';
import type { DeltaCommit, DeltaReader, DeltaTable } from '../../../src/domain/platform-ports.js';
import type { Contract, Expectation } from '../contract.js';

/**
 * A table that was written one step a version: 0 created with (id long, name string, day string), partitioned by day · 1 ten rows
 * appended · 2 column region string added · 3 five rows appended · 4 `delta.logRetentionDuration` set to `interval 60 days` ·
 * 5 a merge that updates one row and adds three · 6 three rows deleted · 7 overwritten by four rows in one file.
 */
export interface DeltaGiven {
  /** With the right to read only. */
  reader: DeltaReader;
  table: string;
  /** The same story, and one append after it, with its early commits cleaned away. */
  cleaned: { reader: DeltaReader; table: string; oldest: number; version: number };
  /** Between these the story was written. */
  from: Date;
  to: Date;
  /** Tries to put a file into the table with what the reader logs in with; resolves once that was refused, and throws when it was not. */
  writeAsReader(): Promise<void>;
}

type Check = (given: DeltaGiven, table: DeltaTable) => void | Promise<void>;

const COLUMNS = [
  ['id', 'long'],
  ['name', 'string'],
  ['day', 'string'],
  ['region', 'string'],
];
/** Writers name the same count differently. */
const ROWS_WRITTEN = ['numOutputRows', 'num_added_rows', 'num_output_rows'];

async function read(given: DeltaGiven, limit = 20): Promise<DeltaTable> {
  const table = await given.reader.table(given.table, limit);
  if (!table) throw new Error(`${given.table} was not found.`);
  return table;
}

function commit(table: DeltaTable, version: number): DeltaCommit {
  const found = table.commits.find((each) => each.version === version);
  if (!found) throw new Error(`Version ${version} is not among the commits.`);
  return found;
}

const rowsWritten = ({ metrics }: DeltaCommit): number =>
  Number(ROWS_WRITTEN.map((name) => metrics[name]).find((value) => value !== undefined));
const names = (columns: { name: string; type: string }[] | undefined): unknown =>
  columns?.map(({ name, type }) => [name, type]);
const versions = (table: DeltaTable): number[] => table.commits.map(({ version }) => version);

/** An expectation about the whole story. */
const about = (name: string, check: Check): Expectation<DeltaGiven> => ({
  name,
  check: async (given) => check(given, await read(given)),
});

const STATE = [
  about('finds the table at its newest version', (given, table) => {
    expect(table).toMatchObject({ table: given.table, version: 7 });
  }),
  about('tells columns in their order with Delta’s own type names', (_given, table) => {
    expect(names(table.columns)).toEqual(COLUMNS);
    expect(table.columns.every(({ nullable }) => nullable)).toBe(true);
  }),
  about('tells the partition columns', (_given, table) => {
    expect(table.partitionColumns).toEqual(['day']);
  }),
  about('counts the rows that are left after append, merge, delete and overwrite', (_given, table) => {
    expect(table.rows).toBe(4);
  }),
  about('counts the files that are left', (_given, table) => {
    expect(table.files).toBe(1);
  }),
  about('tells the properties that are set', (_given, table) => {
    expect(table.properties['delta.logRetentionDuration']).toBe('interval 60 days');
  }),
  about('knows every feature such a table needs', (_given, table) => {
    expect(table.unknownFeatures).toBeUndefined();
  }),
];

const HISTORY = [
  about('lists commits newest first, and says that none is missing', (_given, table) => {
    expect(versions(table)).toEqual([7, 6, 5, 4, 3, 2, 1, 0]);
    expect(table.historyComplete).toBe(true);
    expect(table.historyFrom).toBeUndefined();
  }),
  about('dates commits by when they were made, and never lets time run backwards', (given, table) => {
    const times = table.commits.map(({ at }) => Date.parse(at)).reverse();
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(times[0]).toBeGreaterThanOrEqual(given.from.getTime() - 2_000);
    expect(times.at(-1)).toBeLessThanOrEqual(given.to.getTime() + 2_000);
  }),
  about('names the creation', (_given, table) => {
    expect(commit(table, 0).operation).toBe('CREATE TABLE');
    expect(commit(table, 0).columnsBefore).toBeUndefined();
  }),
  about('tells an append and how many rows it wrote', (_given, table) => {
    expect(commit(table, 1)).toMatchObject({ operation: 'WRITE', parameters: { mode: 'Append' } });
    expect([rowsWritten(commit(table, 1)), rowsWritten(commit(table, 3))]).toEqual([10, 5]);
  }),
  about('tells an added column with the columns before and after', (_given, table) => {
    const added = commit(table, 2);
    expect(added.operation).toMatch(/^ADD COLUMNS?$/);
    expect(names(added.columnsBefore)).toEqual(COLUMNS.slice(0, 3));
    expect(names(added.columnsAfter)).toEqual(COLUMNS);
  }),
  about('reports a change of the columns for no other commit', (_given, table) => {
    expect(table.commits.filter(({ columnsAfter }) => columnsAfter).map(({ version }) => version)).toEqual([2]);
  }),
  about('tells a property that was set, from what to what', (_given, table) => {
    expect(commit(table, 4).operation).toBe('SET TBLPROPERTIES');
    expect(commit(table, 4).propertiesChanged).toEqual({
      'delta.logRetentionDuration': { from: undefined, to: 'interval 60 days' },
    });
  }),
  about('reports a change of properties for no other commit', (_given, table) => {
    expect(table.commits.filter((each) => each.propertiesChanged).map(({ version }) => version)).toEqual([4]);
  }),
  about('tells a merge and how many rows it inserted', (_given, table) => {
    const { operation, metrics } = commit(table, 5);
    expect(operation).toBe('MERGE');
    expect(Number(metrics['numTargetRowsInserted'] ?? metrics['num_target_rows_inserted'])).toBe(3);
  }),
  about('tells a delete, its predicate and how many rows went', (_given, table) => {
    const { operation, parameters, metrics } = commit(table, 6);
    expect(operation).toBe('DELETE');
    expect(parameters['predicate']).toMatch(/\bid\b/);
    expect(Number(metrics['numDeletedRows'] ?? metrics['num_deleted_rows'])).toBe(3);
  }),
  about('tells an overwrite and how many rows it wrote', (_given, table) => {
    expect(commit(table, 7)).toMatchObject({ operation: 'WRITE', parameters: { mode: 'Overwrite' } });
    expect(rowsWritten(commit(table, 7))).toBe(4);
  }),
];

const LIMITS: Expectation<DeltaGiven>[] = [
  {
    name: 'gives no more commits than asked for, the newest, and still the whole state',
    async check(given) {
      const table = await read(given, 3);
      expect(versions(table)).toEqual([7, 6, 5]);
      expect(table).toMatchObject({ version: 7, rows: 4, historyComplete: true });
      expect(names(table.columns)).toEqual(COLUMNS);
    },
  },
  {
    name: 'tells what the oldest commit shown changed, although the one before is not shown',
    async check(given) {
      expect((await read(given, 6)).commits.at(-1)).toMatchObject({ version: 2, columnsBefore: { length: 3 } });
      const property = (await read(given, 4)).commits.at(-1);
      expect(property).toMatchObject({ version: 4, propertiesChanged: expect.anything() });
    },
  },
  {
    name: 'reads the same twice',
    async check(given) {
      expect(await read(given)).toEqual(await read(given));
    },
  },
  {
    name: 'stops when the caller gives up',
    async check(given) {
      await expect(given.reader.table(given.table, 5, AbortSignal.abort())).rejects.toMatchObject({ kind: 'timeout' });
    },
  },
];

const NAMES: Expectation<DeltaGiven>[] = [
  {
    name: 'finds a table with its catalog in front',
    async check(given) {
      expect(await given.reader.table(`lake.${given.table}`, 1)).toMatchObject({ version: 7, rows: 4 });
    },
  },
  {
    name: 'says of a table nobody made that there is none',
    async check(given) {
      expect(await given.reader.table('contract.nothing', 5)).toBeUndefined();
      expect(await given.reader.table('nothing.orders', 5)).toBeUndefined();
    },
  },
  {
    name: 'refuses a name that is none',
    async check(given) {
      for (const name of ['../etc.passwd', 'a/b', '', 'a.b.c.d']) {
        await expect(given.reader.table(name, 5)).rejects.toMatchObject({ kind: 'invalid_input' });
      }
    },
  },
];

const CLEANED: Expectation<DeltaGiven>[] = [
  {
    name: 'knows version, columns, partitions and properties when the early commits are gone',
    async check({ cleaned }) {
      const table = await cleaned.reader.table(cleaned.table, 20);
      expect(table?.version).toBe(cleaned.version);
      expect(names(table?.columns)).toEqual(COLUMNS);
      expect(table?.partitionColumns).toEqual(['day']);
      expect(table?.properties['delta.logRetentionDuration']).toBe('interval 60 days');
    },
  },
  {
    name: 'says since when there is a history when the early commits are gone',
    async check({ cleaned }) {
      const table = await cleaned.reader.table(cleaned.table, 1);
      expect(table?.historyComplete).toBe(false);
      expect(table?.historyFrom?.version).toBe(cleaned.oldest);
      expect(Date.parse(table?.historyFrom?.at ?? '')).toBeGreaterThan(0);
    },
  },
  {
    name: 'lists the commits that are left, and calls none of them a change it was not',
    async check({ cleaned }) {
      const commits = (await cleaned.reader.table(cleaned.table, 20))?.commits ?? [];
      expect(commits.map(({ version }) => version).reverse()).toEqual(
        Array.from({ length: cleaned.version - cleaned.oldest + 1 }, (_none, index) => cleaned.oldest + index),
      );
      expect(commits.filter(({ columnsAfter, propertiesChanged }) => columnsAfter ?? propertiesChanged)).toEqual([]);
    },
  },
];

/** What the port of Delta tables promises, whoever wrote the table and wherever it lies. */
export const deltaContract: Contract<DeltaGiven> = {
  system: 'delta',
  expectations: [
    ...STATE,
    ...HISTORY,
    ...LIMITS,
    ...NAMES,
    ...CLEANED,
    {
      name: 'is refused when what reads is used to write',
      async check(given) {
        const before = await read(given);
        await given.writeAsReader();
        expect(await read(given)).toEqual(before);
      },
    },
  ],
};
