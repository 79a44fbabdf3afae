import type { Inventory } from './pipeline.js';
import type { DatasetName } from './sighting.js';

/** Our name of an observed dataset. */
export interface NamedDataset {
  /** `schema.table`; for what is not one of our tables, the observed name itself. */
  table: string;
  /** How it was found: listed in the inventory, by the naming rule, or not at all. */
  by: 'listed' | 'rule' | 'none';
}

export type DatasetNamer = (dataset: DatasetName, aliases?: readonly DatasetName[]) => NamedDataset;

/**
 * From OpenLineage names to our tables, by the inventory: first what `tables[].datasets` lists, then the naming rule in the
 * namespaces it applies to. Of several names of one dataset, the one that gives a table the inventory knows wins.
 */
export function datasetNamer(inventory: Inventory): DatasetNamer {
  const known = new Map<string, string>();
  for (const table of tablesOf(inventory)) known.set(table.toLowerCase(), table);
  const listed = new Map<string, string>();
  for (const { name, datasets } of inventory.tables ?? []) {
    for (const dataset of datasets) listed.set(comparable(dataset), name);
  }
  const rules = inventory.lineage;
  const applies = (namespace: string): boolean =>
    rules?.namespaces === undefined || rules.namespaces.some((pattern) => matches(pattern, namespace));

  return (dataset, aliases = []) => {
    const names = [...aliases, dataset];
    const table = names.map((one) => listed.get(comparable(fullName(one)))).find((found) => found !== undefined);
    if (table !== undefined) return { table, by: 'listed' };
    const byRule = rules?.names === 'explicit' ? [] : names.filter((one) => applies(one.namespace)).flatMap(lastTwo);
    const candidate = byRule.find((one) => known.has(one.toLowerCase())) ?? byRule[0];
    if (candidate === undefined) return { table: fullName(dataset), by: 'none' };
    return { table: known.get(candidate.toLowerCase()) ?? candidate, by: 'rule' };
  };
}

/** Every table that the inventory names anywhere. */
function tablesOf(inventory: Inventory): Set<string> {
  const tasks = inventory.pipelines.flatMap(({ tasks: all }) => all);
  const used = tasks.flatMap(({ reads, writes }) => [...reads, ...writes]);
  return new Set([...used, ...(inventory.tables ?? []).map(({ name }) => name)]);
}

/** `namespace/name` as a person writes it into the inventory. */
export function fullName({ namespace, name }: DatasetName): string {
  return `${namespace.replace(/\/+$/, '')}/${name.replace(/^\/+/, '')}`;
}

function comparable(name: string): string {
  return name.replace(/\/+$/, '').toLowerCase();
}

function matches(pattern: string, namespace: string): boolean {
  return pattern.endsWith('*') ? namespace.startsWith(pattern.slice(0, -1)) : namespace === pattern;
}

/**
 * `schema.table` from the end of a path (`…/silver.db/orders/ds=2026-05-14` is `silver.orders`) or of a qualified name
 * (`delta.silver.orders`). Nothing when there are not two parts: a topic or a bare name is no table of ours.
 */
function lastTwo({ name }: DatasetName): string[] {
  const parts = name.includes('/')
    ? name.split('/').filter((part) => part !== '' && !part.includes('=') && part !== '_delta_log')
    : name.replaceAll(/[`"]/g, '').split('.');
  const [schema, table] = parts.slice(-2);
  if (!schema || !table) return [];
  return [`${schema.replace(/\.db$/, '')}.${table}`];
}
