import type { BoundQuery, ColumnRef, InputColumn, InputTable, OutputColumn } from './sql/bound.js';

/** What a query gives, as a table that the next query reads: what the catalogue says of a column goes with it. */
export function outputTable(name: string, query: BoundQuery, inputs: readonly InputTable[]): InputTable {
  return {
    name,
    columns: query.columns.map((column) => outputColumn(column, inputs)),
    keys: keysOf(query, inputs),
    rawChanges: isStillRaw(query, inputs),
    partitions: partitionsOf(query, inputs),
  };
}

function columnOf(ref: ColumnRef, inputs: readonly InputTable[]): InputColumn | undefined {
  return inputs.find((table) => table.name === ref.input)?.columns.find((column) => column.name === ref.column);
}

function outputColumn(column: OutputColumn, inputs: readonly InputTable[]): InputColumn {
  const { name, type, nullable } = column;
  const plain = column.plain && columnOf(column.plain, inputs);
  const made = column.from.flatMap((ref) => columnOf(ref, inputs) ?? []);
  // Personal text stays personal when it is cut, joined or hashed; a count of it is a number about nobody.
  const pii = plain?.pii ?? (type.kind === 'string' && made.some((each) => each.pii === true));
  const money =
    plain?.money ?? (type.kind === 'decimal' && made.some((each) => each.money === 'amount') ? 'amount' : undefined);
  return {
    ...{ name, type, nullable },
    ...(plain?.values === undefined ? {} : { values: plain.values }),
    ...(pii ? { pii } : {}),
    ...(plain?.identifier === true ? { identifier: true } : {}),
    ...(money === undefined ? {} : { money }),
  };
}

/** The grain where rows are gathered; the key of the only input where rows pass through with all of it. */
function keysOf({ columns, facts }: BoundQuery, inputs: readonly InputTable[]): readonly string[] {
  if (facts.grain !== undefined) return facts.hiddenGrain ? [] : facts.grain;
  const [only, ...others] = inputs;
  if (only === undefined || others.length > 0 || facts.joins.some(({ kind }) => kind !== 'semi' && kind !== 'anti')) {
    return [];
  }
  const names = only.keys.map((key) => columns.find(({ plain }) => plain?.column === key)?.name);
  return names.every((name) => name !== undefined) ? names : [];
}

/** A stream of changes stays one until its rows are gathered or numbered. */
function isStillRaw({ facts }: BoundQuery, inputs: readonly InputTable[]): boolean {
  if (facts.grain !== undefined || facts.windows.length > 0 || facts.aggregates.length > 0) return false;
  return inputs.some(({ name, rawChanges }) => rawChanges && facts.reads.some(({ input }) => input === name));
}

function partitionsOf({ columns }: BoundQuery, inputs: readonly InputTable[]): readonly string[] {
  return columns.flatMap(({ name, plain }) => {
    const partitions = plain && inputs.find((table) => table.name === plain.input)?.partitions;
    return plain !== undefined && partitions?.includes(plain.column) ? [name] : [];
  });
}
