/** The columns of the two trees that a schema mismatch prints: what the table has, and what was to be written. */
export interface SchemaTrees {
  table: Map<string, string>;
  data: Map<string, string>;
}

const COLUMN = /^[|\s]*--\s*([A-Za-z_]\w*):\s*([A-Za-z][\w()<>, :]*?)\s*(?:\(nullable = \w+\))?\s*$/;

/** Both trees of an error text; undefined where it prints none. */
export function schemaTrees(text: string): SchemaTrees | undefined {
  const trees: SchemaTrees = { table: new Map(), data: new Map() };
  let into: Map<string, string> | undefined;
  for (const line of text.split('\n')) {
    if (/Table schema:/i.test(line)) into = trees.table;
    else if (/Data schema:/i.test(line)) into = trees.data;
    const read = COLUMN.exec(line.replace(/^\|\s?(?=\||\s*--)/, ''));
    if (into !== undefined && read?.[1] !== undefined) into.set(read[1], read[2] ?? '');
  }
  return trees.table.size === 0 || trees.data.size === 0 ? undefined : trees;
}

/** Columns that stand in one tree only, or in both with different types. */
export function differing({ table, data }: SchemaTrees): string[] {
  const names = [...new Set([...data.keys(), ...table.keys()])];
  return names.filter((name) => table.get(name) !== data.get(name));
}

/** Columns that were to be written and that the table lacks, with their types. */
export function lacking({ table, data }: SchemaTrees): { name: string; type: string }[] {
  return [...data].filter(([name]) => !table.has(name)).map(([name, type]) => ({ name, type }));
}
