import { z } from 'zod';
import type { DeltaColumn, DeltaCommit, DeltaTable } from '../../src/domain/platform-ports.js';
import type { DiagnoseTool } from '../../src/domain/tool.js';
import { datasetsOf, similar, tableNames } from '../resolve.js';
import { ageOf, record } from '../text.js';

const Args = z.strictObject({
  table: z.string().min(1).max(250).describe('schema.table, with or without a catalog, e.g. silver.orders'),
  limit: z.number().int().min(1).max(50).optional().describe('Commits to list, newest first; default 15'),
});

/** As Spark and as delta-rs name them. */
const ROWS = ['numOutputRows', 'num_added_rows', 'num_output_rows', 'numCopiedRows', 'num_copied_rows', 'numAddedRows'];
/** What a merge puts out holds the rows it only copied along. */
const MERGED = [
  ['numTargetRowsInserted', 'numTargetRowsUpdated'],
  ['num_target_rows_inserted', 'num_target_rows_updated'],
];

/** Schema, properties and commits of a Delta table, with what each commit changed about its shape. */
export const deltaHistory: DiagnoseTool<typeof Args> = {
  name: 'delta_history',
  version: '1',
  description:
    'Delta Lake: current columns, properties and table features, and the commits with who wrote how many rows; schema, property and ' +
    'feature changes are listed apart. Use it for schema errors, missing or doubled rows, and to see whether a failed task had written.',
  args: Args,
  readOnly: true,
  async run(args, { readers, inventory, now, signal }) {
    const names = tableNames(inventory, args.table);
    for (const name of names) {
      const table = await readers.delta.table(name, args.limit ?? 15, signal);
      if (table) return { status: 'ok', text: render(table, now()), headline: headline(table, now()) };
    }
    const near = similar(args.table, datasetsOf(inventory));
    return {
      status: 'no_data',
      searched: `the Delta tables ${names.join(' and ')}; datasets of the inventory with a similar name: ${near.join(', ') || 'none'}`,
    };
  },
};

function render(table: DeltaTable, now: Date): string {
  const changes = table.commits.flatMap((commit) => changeLines(commit, now));
  return [
    record('table', {
      name: table.table,
      version: table.version,
      columns: table.columns.map(({ name, type }) => `${name}:${type}`).join(','),
      partitions: table.partitionColumns.join(','),
      features: [...table.features].sort().join(','),
      rows: table.rows,
      files: table.files,
      history_complete: table.historyComplete,
      history_from: table.historyFrom?.at,
      // What is not known of the data must not look like an empty table.
      unknown_features: table.unknownFeatures?.join(','),
    }),
    ...Object.entries(table.properties).map(([key, value]) => record('property', { key, value })),
    ...changes,
    ...table.commits.map((commit) => commitLine(commit, now)),
  ].join('\n');
}

function commitLine(commit: DeltaCommit, now: Date): string {
  return record('commit', {
    version: commit.version,
    at: commit.at,
    age: ageOf(commit.at, now),
    operation: commit.operation,
    user: commit.user,
    rows_written: rowsWritten(commit),
  });
}

function rowsWritten({ metrics, rowsAdded }: DeltaCommit): string | undefined {
  const merged = MERGED.find(([inserted = '']) => metrics[inserted] !== undefined);
  if (merged) return String(merged.reduce((sum, key) => sum + Number(metrics[key] ?? 0), 0));
  return ROWS.map((key) => metrics[key]).find((value) => value !== undefined) ?? rowsAdded?.toString();
}

function changeLines(commit: DeltaCommit, now: Date): string[] {
  const when = { version: commit.version, at: commit.at, age: ageOf(commit.at, now) };
  const lines: string[] = [];
  if (commit.columnsBefore && commit.columnsAfter) {
    const shape = shapeChange(commit.columnsBefore, commit.columnsAfter, commit.operation);
    if (Object.values(shape).some((text) => text !== '')) lines.push(record('schema_change', { ...when, ...shape }));
  }
  for (const [key, { from, to }] of Object.entries(commit.propertiesChanged ?? {})) {
    lines.push(record('property_change', { ...when, key, from: from ?? 'unset', to: to ?? 'unset' }));
  }
  const [added, removed] = [commit.featuresAdded ?? [], commit.featuresRemoved ?? []];
  if (added.length + removed.length > 0) {
    lines.push(record('feature_change', { ...when, added: added.join(','), removed: removed.join(',') }));
  }
  return lines;
}

/** What differs, renames told apart: by the physical name, or one column gone and one of its type come at its place. */
function shapeChange(
  before: readonly DeltaColumn[],
  after: readonly DeltaColumn[],
  operation: string,
): { added: string; removed: string; changed: string; renamed: string } {
  const had = new Map(before.map((column) => [column.name, column]));
  const has = new Map(after.map((column) => [column.name, column]));
  const gone = before.filter(({ name }) => !has.has(name));
  const come = after.filter(({ name }) => !had.has(name));
  const renamed = gone.flatMap((old) => {
    const match = come.find((fresh) =>
      old.physical !== undefined && fresh.physical !== undefined
        ? old.physical === fresh.physical
        : old.type === fresh.type && (before.indexOf(old) === after.indexOf(fresh) || operation === 'RENAME COLUMN'),
    );
    return match ? [[old, match] as const] : [];
  });
  const moved = new Set(renamed.flat());
  const typed = (columns: readonly DeltaColumn[]): string =>
    columns
      .filter((column) => !moved.has(column))
      .map(({ name, type }) => `${name}:${type}`)
      .join(',');
  const changed = after.flatMap((column) => {
    const old = had.get(column.name);
    return old && old.type !== column.type ? [`${column.name}:${old.type}->${column.type}`] : [];
  });
  return {
    added: typed(come),
    removed: typed(gone),
    changed: changed.join(','),
    renamed: renamed.map(([old, fresh]) => `${old.name}->${fresh.name}`).join(','),
  };
}

function headline(table: DeltaTable, now: Date): string {
  const last = table.commits[0];
  const shaped = table.commits.find(
    (commit) => commit.columnsBefore ?? commit.propertiesChanged ?? commit.featuresAdded ?? commit.featuresRemoved,
  );
  const about = shaped
    ? `; last change of shape ${shaped.operation} ${ageOf(shaped.at, now) ?? '?'} ago`
    : '; no change of shape in the commits listed';
  return `${table.table} version ${table.version}, last commit ${last?.operation ?? '?'} ${ageOf(last?.at, now) ?? '?'} ago${about}`;
}
