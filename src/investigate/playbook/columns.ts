import { type Fact, factsOf } from './case-file.js';
import type { Context } from './context.js';
import type { Finding, Question } from './procedure.js';
import { differing, lacking, schemaTrees } from './schema-trees.js';
import type { Family } from './signals.js';

/** Families of error about the shape of data. */
export const SHAPE: readonly Family[] = [
  'missing_column',
  'column_type',
  'schema_mismatch',
  'unknown_value',
  'partition_shape',
];

/** Does the error speak of any of these columns? An error that names none is met by any change of shape. */
export function names(context: Context, columns: (string | undefined)[]): boolean {
  const error = context.columns.map((name) => name.toLowerCase());
  const given = columns.flatMap((name) => (name === undefined ? [] : [bareName(name).toLowerCase()]));
  if (error.length > 0) return given.some((name) => error.includes(name));
  return (
    given.some((name) => name.length > 2 && context.errorText.toLowerCase().includes(name)) ||
    context.families.includes('schema_mismatch')
  );
}

/** `amount:string` and `Transaction.amount` are both `amount`. */
export function bareName(name: string): string {
  return name.split(':')[0]?.split('.').at(-1) ?? name;
}

/** The column the error misses. */
export function missingColumn(context: Context): string | undefined {
  return context.families.includes('missing_column') ? context.columns[0] : undefined;
}

/** Types of registries in the words of tables. */
export const TABLE_TYPE: Record<string, string> = { long: 'bigint', bytes: 'binary', integer: 'int' };

/** Tables of the focus of which the columns are known: read ones when a column misses in reading, else written ones. */
export function knownTables(context: Context): { name: string; columns: Map<string, string>; fact: Fact }[] {
  const { task } = context.focus;
  const reading = context.families.includes('missing_column');
  const wanted = reading
    ? [...(task?.reads ?? []), ...(task?.writes ?? [])]
    : [...(task?.writes ?? []), ...(task?.reads ?? [])];
  return wanted.flatMap((name) => {
    const fact = factsOf(context.file, 'delta_history', 'table').findLast((each) => each.fields['name'] === name);
    if (fact === undefined) return [];
    return [{ name, columns: columnsOf(fact.fields['columns']), fact }];
  });
}

/** `a:string,b:decimal(18,2)` by name; commas inside a type do not separate. */
function columnsOf(text: string | undefined): Map<string, string> {
  const parts = (text ?? '').split(/,(?=[^(),<>]+:)/);
  return new Map(parts.map((part) => [part.slice(0, part.indexOf(':')), part.slice(part.indexOf(':') + 1)]));
}

/** The draft that gives a table of ours the column it lacks, of the type of a column it is like. */
export function addMissing(
  context: Context,
  column: string,
  like: string,
  type: string | undefined,
): Finding['repair'] {
  const lacking = knownTables(context).filter(({ columns }) => !hasColumn(columns, column));
  // The table that holds what the column is like, else the one that the error names: another that lacks it as well is not meant.
  const table =
    lacking.find(({ columns }) => like !== column && hasColumn(columns, like)) ??
    lacking.find(({ name }) => context.errorText.includes(name)) ??
    lacking[0];
  if (table === undefined)
    return { escalate: `No table of ours lacks the column ${column}; its code must follow the contract.` };
  const sameType = table.columns.get(like) ?? type;
  if (sameType === undefined)
    return { escalate: `${table.name} lacks the column ${column}, and nothing shows of which type it is.` };
  return [
    {
      tool: 'propose_schema_evolution',
      args: { table: table.name, op: 'add_column', arg: { name: column, type: sameType } },
      thought: `Adding ${column} to ${table.name} lets the run pass and takes nothing away from its readers.`,
    },
  ];
}

/** The drafts that give the written table the columns it lacks, where the error prints both schemas and nothing but columns is new. */
export function addLacking(context: Context): Question[] | undefined {
  const trees = schemaTrees(context.errorText);
  const table = context.focus.task?.writes[0];
  if (trees === undefined || table === undefined) return undefined;
  const fresh = lacking(trees);
  if (fresh.length === 0 || fresh.length > 3 || fresh.length < differing(trees).length) return undefined;
  return fresh.map(({ name, type }) =>
    evolve(
      table,
      'add_column',
      { name, type: TABLE_TYPE[type] ?? type },
      `Adding ${name} to ${table} lets the run write and takes nothing away from its readers.`,
    ),
  );
}

export function hasColumn(columns: Map<string, string>, name: string): boolean {
  return [...columns.keys()].some((column) => column.toLowerCase() === name.toLowerCase());
}

/** One drafted change of a table. */
export function evolve(table: string, op: string, arg: Record<string, string>, thought: string): Question {
  return { tool: 'propose_schema_evolution', args: { table, op, arg }, thought };
}
