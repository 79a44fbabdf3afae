import { type SandboxPlan, type SandboxStatement, type SandboxTable, sandboxSql } from '../../domain/sandbox.js';
import type { BoundConfig, BoundTransformer } from '../bind-config.js';
import type { TestCase } from '../config.js';
import type { MockRow, MockTable, RowReason } from '../rows/mock-row.js';
import type { InputTable } from '../sql/bound.js';
import { MACROS } from '../sql/macros.js';
import { duckType } from '../sql/render.js';
import type { ExtraQuery } from './extra-query.js';

/** Rows of every kind: what a query must stand. */
export const ALL_ROWS = 'all';
/** Rows as the schema declares them: what a check of data quality must hold for. */
export const ORDINARY_ROWS = 'ordinary';
/** The rows of the nth test of the config. */
export const testSet = (index: number): string => `test ${index}`;

const ORDINARY: ReadonlySet<RowReason> = new Set(['ordinary', 'declared', 'null', 'calendar']);

/** A transformer that runs, by its id, in the order of the config. */
export interface Step {
  id: string;
  transformer: BoundTransformer;
  sql: string;
}

/** The queries that can be run: the sandbox knows them and all that they read. */
export function stepsOf({ transformers, sourceTables }: BoundConfig): Step[] {
  const known = new Set(sourceTables.keys());
  const steps: Step[] = [];
  for (const [id, transformer] of transformers) {
    const { bound } = transformer;
    if (bound === undefined) known.add(id);
    if (bound?.duckdb === undefined || !bound.facts.reads.every(({ input }) => known.has(input))) continue;
    known.add(id);
    steps.push({ id, transformer, sql: bound.duckdb });
  }
  return steps;
}

/** The whole run: all rows, the ordinary ones, and those of each test of the config. */
export function sandboxPlan(
  steps: readonly Step[],
  mock: readonly MockTable[],
  extra: readonly ExtraQuery[],
  tests: readonly TestCase[],
  withExtremes = true,
): SandboxPlan {
  const queries = steps.map(({ id, sql }): SandboxStatement => ({ id, keepAs: id, sql: sandboxSql(sql) }));
  const also = (set: string): SandboxStatement[] =>
    extra.filter(({ sets }) => sets.includes(set)).map(({ id, sql }) => ({ id, sql: sandboxSql(sql) }));
  const set = (id: string, keep: (row: MockRow) => boolean): SandboxPlan['sets'][number] => ({
    id,
    tables: mock.map(({ table, rows }) =>
      sandboxTable(
        table,
        rows.filter(keep).map(({ cells }) => cells),
      ),
    ),
    statements: [...queries, ...also(id)],
  });
  return {
    macros: MACROS.map(sandboxSql),
    sets: [
      set(ALL_ROWS, ({ why }) => withExtremes || why !== 'extreme'),
      set(ORDINARY_ROWS, ({ why }) => ORDINARY.has(why)),
      ...tests.map((test, index) => ({
        id: testSet(index),
        tables: mock.map(({ table }) => sandboxTable(table, givenRows(table, test))),
        statements: queries,
      })),
    ],
  };
}

function sandboxTable(table: InputTable, rows: SandboxTable['rows']): SandboxTable {
  const columns = table.columns.map(({ name, type }) => ({ name, type: duckType(type) }));
  return { name: table.name, columns, rows };
}

/** A column that a test leaves out is NULL. */
function givenRows(table: InputTable, { given }: TestCase): SandboxTable['rows'] {
  const rows = Object.hasOwn(given, table.name) ? (given[table.name] ?? []) : [];
  return rows.map((row) =>
    table.columns.map(({ name }) => {
      const value = Object.hasOwn(row, name) ? row[name] : null;
      return value === null || value === undefined ? null : String(value);
    }),
  );
}
