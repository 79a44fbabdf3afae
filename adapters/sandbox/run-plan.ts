import type { DuckDBConnection } from '@duckdb/node-api';
import type {
  SandboxAnswer,
  SandboxPlan,
  SandboxRows,
  SandboxStatement,
  SandboxTable,
  SandboxValue,
} from '../../src/domain/sandbox.js';
import { mustBeOneQuery } from './locked-database.js';

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const PARAMETERS_AT_ONCE = 1000;

/** Runs the sets of a plan one after the other; a statement that fails is an answer, and what builds on it fails by itself. */
export async function runPlan(
  connection: DuckDBConnection,
  plan: SandboxPlan,
  rowLimit: number,
): Promise<SandboxAnswer[]> {
  for (const macro of plan.macros) await connection.run(macro);
  const answers: SandboxAnswer[] = [];
  for (const set of plan.sets) {
    const made: string[] = [];
    const unfilled = await fillAll(connection, set.tables, made);
    for (const statement of set.statements) {
      const answer: Pick<SandboxAnswer, 'result' | 'error'> =
        unfilled === undefined
          ? await runStatement(connection, statement, rowLimit)
          : { result: undefined, error: unfilled };
      if (answer.result !== undefined && statement.keepAs !== undefined) made.push(statement.keepAs);
      answers.push({ set: set.id, statement: statement.id, ...answer });
    }
    for (const name of made) await connection.run(`DROP TABLE ${quoted(name)}`);
  }
  return answers;
}

/** Rows that do not fit their columns are the fault of their set alone; answers why. */
async function fillAll(
  connection: DuckDBConnection,
  tables: readonly SandboxTable[],
  made: string[],
): Promise<string | undefined> {
  for (const table of tables) {
    try {
      await create(connection, table);
      made.push(table.name);
      await fill(connection, table);
    } catch (thrown) {
      return `the rows of ${table.name.slice(0, 80)}: ${oneLine(thrown)}`;
    }
  }
  return undefined;
}

async function create(connection: DuckDBConnection, { name, columns }: SandboxTable): Promise<void> {
  const list = columns.map((column) => `${quoted(column.name)} ${column.type}`).join(', ');
  await connection.run(`CREATE TABLE ${quoted(name)} (${list})`);
}

/** Values travel as text and are read by the column's type: no digit goes through a binary number. */
async function fill(connection: DuckDBConnection, { name, columns, rows }: SandboxTable): Promise<void> {
  const size = Math.max(1, Math.floor(PARAMETERS_AT_ONCE / columns.length));
  for (let at = 0; at < rows.length; at += size) {
    const batch = rows.slice(at, at + size);
    const row = (index: number): string =>
      `(${columns.map((column, c) => `CAST(CAST($${index * columns.length + c + 1} AS VARCHAR) AS ${column.type})`).join(', ')})`;
    const values = batch.flatMap((cells) => columns.map((_, c) => cells[c] ?? null));
    await connection.run(
      `INSERT INTO ${quoted(name)} VALUES ${batch.map((_, index) => row(index)).join(', ')}`,
      values,
    );
  }
}

async function runStatement(
  connection: DuckDBConnection,
  { sql, keepAs }: SandboxStatement,
  rowLimit: number,
): Promise<Pick<SandboxAnswer, 'result' | 'error'>> {
  try {
    await mustBeOneQuery(connection, sql);
    return { result: await resultOf(connection, sql, keepAs, rowLimit), error: undefined };
  } catch (thrown) {
    return { result: undefined, error: oneLine(thrown) };
  }
}

async function resultOf(
  connection: DuckDBConnection,
  sql: string,
  keepAs: string | undefined,
  rowLimit: number,
): Promise<SandboxRows> {
  const kept = keepAs === undefined ? '__result' : keepAs;
  await connection.run(`CREATE TABLE ${quoted(kept)} AS ${sql}`);
  try {
    const count = await connection.runAndReadAll(`SELECT count(*) FROM ${quoted(kept)}`);
    const rows = await connection.runAndReadAll(`SELECT * FROM ${quoted(kept)} LIMIT ${rowLimit}`);
    const types = rows.columnTypes().map(String);
    return {
      columns: rows.columnNames().map((name, index) => ({ name, type: types[index] ?? '' })),
      rows: rows.getRowsJson() as SandboxValue[][],
      rowCount: Number(count.getRowsJson()[0]?.[0] ?? 0),
    };
  } finally {
    if (keepAs === undefined) await connection.run(`DROP TABLE ${quoted(kept)}`);
  }
}

/** DuckDB's own words: kind and first line, without the excerpt of the query that follows. */
function oneLine(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return text.split('\n')[0]?.slice(0, 300) ?? '';
}
