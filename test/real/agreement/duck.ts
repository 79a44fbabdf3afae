import { type DuckDBConnection, DuckDBInstance, type DuckDBValue } from '@duckdb/node-api';
import { MACROS } from '../../../src/pipelines/sql/macros.js';
import { duckType, quoted, textLiteral } from '../../../src/pipelines/sql/render.js';
import { inputsOf, type SuiteTable } from './suite.js';

export type DuckAnswer = { stopped: string } | { types: readonly string[]; rows: readonly (readonly DuckCell[])[] };
export type DuckCell = string | null | DuckCell[];

/** A DuckDB with the tables of the suite, set as the sandbox sets it. */
export async function openDuck(tables: readonly SuiteTable[]): Promise<{
  run(sql: string): Promise<DuckAnswer>;
  close(): void;
}> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  await connection.run(`SET TimeZone='UTC'; SET default_null_order='NULLS_FIRST_ON_ASC_LAST_ON_DESC'`);
  for (const macro of MACROS) await connection.run(macro);
  for (const table of tables) await fill(connection, table);
  return {
    run: (sql) => answerOf(connection, sql),
    close: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

async function fill(connection: DuckDBConnection, table: SuiteTable): Promise<void> {
  const [input] = inputsOf([table]);
  const columns = (input?.columns ?? []).map(({ name, type, nullable }) => ({
    text: `${quoted(name)} ${duckType(type)}${nullable ? '' : ' NOT NULL'}`,
    type: duckType(type),
  }));
  await connection.run(`CREATE TABLE ${quoted(table.name)} (${columns.map(({ text }) => text).join(', ')})`);
  const rows = table.rows.map((row) => {
    const cells = row.map((cell, index) =>
      cell === null ? 'NULL' : `CAST(${textLiteral(cell)} AS ${columns[index]?.type})`,
    );
    return `(${cells.join(', ')})`;
  });
  await connection.run(`INSERT INTO ${quoted(table.name)} VALUES ${rows.join(', ')}`);
}

async function answerOf(connection: DuckDBConnection, sql: string): Promise<DuckAnswer> {
  try {
    const reader = await connection.runAndReadAll(sql);
    const types = reader.columnTypes().map((type) => type.toString());
    return { types, rows: reader.getRows().map((row) => row.map(shown)) };
  } catch (thrown) {
    return { stopped: (thrown as Error).message.split('\n')[0] ?? '' };
  }
}

function shown(value: DuckDBValue): DuckCell {
  if (value === null || typeof value === 'string') return value;
  if (typeof value === 'object' && 'items' in value && Array.isArray(value.items)) return value.items.map(shown);
  return String(value);
}
