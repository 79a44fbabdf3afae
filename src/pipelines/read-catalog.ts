import { type CatalogDataset, PipelineCatalog } from './catalog.js';
import { type ConfigText, readConfigText } from './document.js';
import { type Finding, finding } from './finding.js';
import { nearest } from './nearest.js';
import type { RuleId } from './rules.js';
import { shown } from './shown.js';
import { parseType } from './sql/type.js';
import { keysOf, schemaFindings } from './structure.js';

/** What every unwrapped change carries beside the columns of its table. */
const CHANGE_COLUMNS: readonly string[] = ['_op', '_ts', '_source_scn'];
const KEYS = keysOf(PipelineCatalog);

type Tell = (rule: RuleId, path: PropertyKey[], message: string, suggestion?: string) => void;

/** Reads the catalogue from its YAML. A catalogue with a fault is none: checks that rest on it would be wrong without saying so. */
export function readCatalog(text: string): { catalog: PipelineCatalog | undefined; findings: Finding[] } {
  const { config: source, findings: faults } = readConfigText(text);
  if (source === undefined) return { catalog: undefined, findings: faults };
  const parsed = PipelineCatalog.safeParse(source.value, { reportInput: true });
  if (!parsed.success) return { catalog: undefined, findings: schemaFindings(parsed.error, source, KEYS) };
  const findings = contradictions(parsed.data, source);
  return { catalog: findings.length === 0 ? parsed.data : undefined, findings };
}

function contradictions(catalog: PipelineCatalog, source: ConfigText): Finding[] {
  const findings: Finding[] = [];
  const tell: Tell = (rule, path, message, suggestion) => {
    findings.push(
      finding(rule, { path: path.map(String).join('.'), place: source.placeOf(path), message, suggestion }),
    );
  };
  connectionsOf(catalog, tell);
  const names = new Map<string, CatalogDataset>();
  for (const [index, dataset] of catalog.datasets.entries()) {
    const path = ['datasets', index];
    checkConnection(dataset, catalog, path, tell);
    checkNames(dataset, names, path, tell);
    checkVersions(dataset, path, tell);
    checkMarks(dataset, path, tell);
  }
  return findings;
}

function connectionsOf(catalog: PipelineCatalog, tell: Tell): void {
  const seen = new Set<string>();
  for (const [index, { name, paths }] of catalog.connections.entries()) {
    if (seen.has(name)) tell('CFG004', ['connections', index, 'name'], `a second connection '${shown(name)}'`);
    seen.add(name);
    for (const [team, beginnings] of Object.entries(paths)) {
      for (const [at, beginning] of beginnings.entries()) {
        if (!beginning.split('/').includes('..')) continue;
        tell('SEC003', ['connections', index, 'paths', team, at], `'${shown(beginning)}' climbs out of its place`);
      }
    }
  }
}

function checkConnection(
  dataset: CatalogDataset,
  { connections }: PipelineCatalog,
  path: PropertyKey[],
  tell: Tell,
): void {
  const known = connections.map(({ name }) => name);
  if (known.includes(dataset.connection)) return;
  const near = nearest(dataset.connection, known);
  const message = `'${shown(dataset.name)}' names the connection '${shown(dataset.connection)}', which does not exist`;
  tell('SRC003', [...path, 'connection'], message, near && `did you mean '${near}'?`);
}

/** A name or alias of two datasets would make a draft read the wrong one. */
function checkNames(
  dataset: CatalogDataset,
  names: Map<string, CatalogDataset>,
  path: PropertyKey[],
  tell: Tell,
): void {
  const own = [
    ['name', dataset.name] as const,
    ...dataset.aliases.map((alias, at) => [['aliases', at], alias] as const),
  ];
  for (const [key, name] of own) {
    const other = names.get(name.toLowerCase());
    if (other !== undefined && other !== dataset)
      tell('CFG004', [...path, ...[key].flat()], `'${shown(name)}' is also '${shown(other.name)}'`);
    names.set(name.toLowerCase(), dataset);
  }
}

function checkVersions({ name, versions }: CatalogDataset, path: PropertyKey[], tell: Tell): void {
  const seen = new Set<number>();
  for (const [index, { version, columns }] of versions.entries()) {
    const at = [...path, 'versions', index];
    if (seen.has(version)) tell('CFG003', [...at, 'version'], `'${shown(name)}' has version ${version} twice`);
    seen.add(version);
    const taken = new Set<string>();
    for (const [number, column] of columns.entries()) {
      const where = [...at, 'columns', number];
      if (taken.has(column.name.toLowerCase()))
        tell('CFG003', [...where, 'name'], `'${shown(column.name)}' stands there twice`);
      taken.add(column.name.toLowerCase());
      if (parseType(column.type) !== undefined) continue;
      tell('TYP004', [...where, 'type'], `'${shown(column.type)}' of '${shown(column.name)}' is no type of Spark`);
    }
  }
}

/** Keys, order and partitions must be columns of the newest version; what orders changes may be the change's own. */
function checkMarks(dataset: CatalogDataset, path: PropertyKey[], tell: Tell): void {
  const newest = [...dataset.versions].sort((a, b) => b.version - a.version)[0];
  const columns = newest?.columns.map(({ name }) => name) ?? [];
  const marks = { keys: columns, partitions: columns, sequenceBy: [...columns, ...CHANGE_COLUMNS] };
  for (const [mark, known] of Object.entries(marks)) {
    for (const [at, name] of dataset[mark as keyof typeof marks].entries()) {
      if (known.includes(name)) continue;
      const near = nearest(name, known);
      const message = `${mark}: '${shown(name)}' is no column of '${shown(dataset.name)}' version ${newest?.version}`;
      tell('CFG003', [...path, mark, at], message, near && `did you mean '${near}'?`);
    }
  }
}
