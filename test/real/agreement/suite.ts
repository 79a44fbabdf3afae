import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import type { InputTable } from '../../../src/pipelines/sql/bound.js';
import { parseType } from '../../../src/pipelines/sql/type.js';
import { packageRoot } from '../place.js';

/** Queries and small tables that Spark and the binder are both given. */
export interface Suite {
  tables: readonly SuiteTable[];
  queries: readonly { id: string; sql: string }[];
}

export interface SuiteTable {
  name: string;
  columns: readonly { name: string; type: string; nullable: boolean }[];
  rows: readonly (readonly (string | null)[])[];
}

const Tables = z.record(
  z.string(),
  z.strictObject({ columns: z.array(z.string()), rows: z.array(z.array(z.string().nullable())) }),
);
const Queries = z.record(z.string(), z.string());

/** Reads fixtures/pipelines/agreement: `tables.yaml`, and a file of queries a theme. */
export function readSuite(): Suite {
  const folder = join(packageRoot(), 'fixtures/pipelines/agreement');
  const read = (name: string): unknown => parse(readFileSync(join(folder, name), 'utf8'));
  const tables = Object.entries(Tables.parse(read('tables.yaml'))).map(([name, { columns, rows }]) => ({
    name,
    columns: columns.map(columnOf),
    rows,
  }));
  const files = readdirSync(folder).filter((name) => name.endsWith('.yaml') && name !== 'tables.yaml');
  const queries = files.flatMap((file) =>
    Object.entries(Queries.parse(read(file))).map(([name, sql]) => ({ id: `${basename(file, '.yaml')}.${name}`, sql })),
  );
  return { tables, queries };
}

function columnOf(text: string): SuiteTable['columns'][number] {
  const [, name = '', type = '', not] = /^(\w+) (.+?)( NOT NULL)?$/.exec(text) ?? [];
  return { name, type, nullable: not === undefined };
}

/** The tables as the binder is told of them. @throws Error when a type is none of Spark's. */
export function inputsOf(tables: readonly SuiteTable[]): InputTable[] {
  return tables.map(({ name, columns }) => ({
    name,
    keys: [],
    rawChanges: false,
    partitions: [],
    columns: columns.map((column) => {
      const type = parseType(column.type);
      if (type === undefined) throw new Error(`${name}.${column.name} has the unknown type ${column.type}.`);
      return { ...column, type };
    }),
  }));
}
