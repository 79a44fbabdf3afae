import type { PipelineCatalog } from './catalog.js';
import type { Transformer } from './config.js';
import { type Finding, finding } from './finding.js';
import { type SourceTable, sourceTable } from './source-table.js';
import { bindSql } from './sql/bind.js';
import type { BoundQuery, InputColumn, InputTable } from './sql/bound.js';
import { parseQuery } from './sql/parse.js';
import { parseType } from './sql/type.js';
import type { ReadConfig } from './structure.js';
import { placeInText } from './text-place.js';
import { outputTable } from './transformer-output.js';

/** A transformer with its columns resolved, as the sink and later transformers read it. */
export interface BoundTransformer {
  /** Its place in the config, as `transformers.0`. */
  path: string;
  table: InputTable;
  /** The query; undefined for Scala, whose columns are what it declares. */
  bound: BoundQuery | undefined;
}

export interface BoundConfig {
  findings: readonly Finding[];
  /** By id. One that could not be bound, and whatever reads it, is missing. */
  transformers: ReadonlyMap<string, BoundTransformer>;
  /** By id of the source. One that the catalogue does not know is missing, and said by the layer of the catalogue (SRC001). */
  sourceTables: ReadonlyMap<string, SourceTable>;
}

/**
 * Layer 2: binds all queries of a config in their order, over the catalogue's columns and what earlier transformers give. Pure:
 * the same texts give the same findings.
 */
export function bindConfig(read: ReadConfig, catalog: PipelineCatalog): BoundConfig {
  const { config } = read;
  const sourceTables = new Map<string, SourceTable>();
  for (const source of config.sources) {
    const known = sourceTable(source, catalog);
    if (known !== undefined) sourceTables.set(source.id, known);
  }
  const tables = new Map<string, InputTable>([...sourceTables].map(([id, { table }]) => [id, table]));
  const transformers = new Map<string, BoundTransformer>();
  const findings: Finding[] = [];
  for (const [index, transformer] of config.transformers.entries()) {
    const path = ['transformers', index];
    const inputs = transformer.inputs.map((id) => tables.get(id));
    const known = inputs.filter((table) => table !== undefined);
    const result =
      transformer.type === 'scala'
        ? declared(read, transformer, path)
        : known.length === inputs.length
          ? bound(read, transformer, path, known)
          : { findings: syntax(read, transformer.sql, path) };
    findings.push(...result.findings);
    if (!('output' in result) || result.output === undefined) continue;
    transformers.set(transformer.id, { path: path.join('.'), ...result.output });
    tables.set(transformer.id, result.output.table);
  }
  return { findings, transformers, sourceTables };
}

interface Result {
  findings: readonly Finding[];
  output?: Omit<BoundTransformer, 'path'> | undefined;
}

type Sql = Extract<Transformer, { type: 'sql' }>;
type Scala = Extract<Transformer, { type: 'scala' }>;

function bound(read: ReadConfig, transformer: Sql, path: PropertyKey[], inputs: readonly InputTable[]): Result {
  const at = [...path, 'sql'];
  const { bound, findings } = bindSql(transformer.sql, {
    path: at.join('.'),
    engine: read.config.engine,
    inputs,
    placeInFile: placeInText(read.source, at),
  });
  return { findings, output: bound && { bound, table: outputTable(transformer.id, bound, inputs) } };
}

/** What can be said of a query whose inputs nobody knows. */
function syntax(read: ReadConfig, sql: string, path: PropertyKey[]): readonly Finding[] {
  const at = [...path, 'sql'];
  return parseQuery(sql, at.join('.'), placeInText(read.source, at)).findings;
}

/** A Scala transformer is what it declares; a missing declaration is SCA002, which the rules over the config say. */
function declared(read: ReadConfig, transformer: Scala, path: PropertyKey[]): Result {
  if (transformer.output === undefined) return { findings: [] };
  const findings: Finding[] = [];
  const columns = transformer.output.flatMap(({ name, type: text, nullable }, index): InputColumn[] => {
    const type = parseType(text);
    if (type !== undefined) return [{ name, type, nullable }];
    const at = [...path, 'output', index, 'type'];
    const message = `'${text.replaceAll(/\s+/g, ' ').slice(0, 80)}' is no type of Spark`;
    findings.push(finding('TYP004', { path: at.join('.'), place: read.source.placeOf(at), message }));
    return [];
  });
  if (findings.length > 0) return { findings };
  const table = { name: transformer.id, columns, keys: [], rawChanges: false, partitions: [] };
  return { findings, output: { bound: undefined, table } };
}
