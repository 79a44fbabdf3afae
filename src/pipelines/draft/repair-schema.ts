import { type BoundConfig, bindConfig } from '../bind-config.js';
import type { CatalogDataset, DatasetVersion, PipelineCatalog } from '../catalog.js';
import { type Finding, finding, isSound } from '../finding.js';
import { shown } from '../shown.js';
import { placeRead } from '../source-table.js';
import { type ReadConfig, readConfig } from '../structure.js';
import { outputBreaks } from './output-breaks.js';
import { namedElsewhere, type Renames, referenceEdits, sourceEdits } from './rename-edits.js';
import { type ColumnChange, diffColumns } from './schema-diff.js';
import { judge, sourceIds } from './schema-judgement.js';
import { splice } from './splice.js';

export interface SchemaRepair {
  /** `repaired`: a text that gives the same output. `nothing`: the config runs on as it is. `ask`: a person decides; nothing was edited. */
  outcome: 'repaired' | 'nothing' | 'ask';
  text: string | undefined;
  findings: readonly Finding[];
  changes: readonly ColumnChange[];
}

export interface SchemaChange {
  /** The data set, as the catalogue and the source name it. */
  dataset: string;
  from: DatasetVersion;
  to: DatasetVersion;
  /** Renames on a person's word: old name to new. */
  renames?: Readonly<Record<string, string>>;
}

/**
 * Mends a config after a source changed its shape: renames that are certain are edited in place, everything else is asked. A repair is
 * given out only when the old and the new text, each bound over its own version, give the same columns, grain and facts.
 */
export function repairSchema(text: string, change: SchemaChange, catalog: PipelineCatalog): SchemaRepair {
  const changes = diffColumns(change.from.columns, change.to.columns, change.renames);
  const result = (outcome: SchemaRepair['outcome'], findings: readonly Finding[], mended?: string): SchemaRepair => ({
    outcome,
    findings,
    changes,
    text: mended,
  });
  const { read, findings } = readConfig(text);
  if (read === undefined) return result('ask', findings);
  const indexes = read.config.sources.flatMap((source, index) => (placeRead(source) === change.dataset ? [index] : []));
  if (indexes.length === 0 || changes.length === 0) return result('nothing', []);
  const before = bindConfig(read, withVersion(catalog, change.dataset, change.from));
  if (!isSound(before.findings)) return result('ask', before.findings);
  const told = changes.flatMap((each) => judge(each, { read, before, indexes }));
  if (told.some(({ severity }) => severity !== 'warning' && severity !== 'info')) return result('ask', told);
  const renames: Renames = new Map(
    changes.flatMap((each) => (each.kind === 'renamed' ? [[each.from.name.toLowerCase(), each.to.name] as const] : [])),
  );
  const elsewhere = namedElsewhere(read, renames).map(({ path, name }) =>
    finding('SCH004', {
      path: path.join('.'),
      place: read.source.placeOf(path),
      message: `'${shown(name)}' is named here as well, and was renamed`,
      suggestion: renames.get(name.toLowerCase()),
    }),
  );
  if (elsewhere.length > 0) return result('ask', [...told, ...elsewhere]);
  const edited = edit(read, { indexes, change, renames, catalog });
  const broken = edited === undefined ? [] : outputBreaks(before, edited, sourceIds({ read, indexes }), renames);
  if (edited === undefined || broken.length > 0) return result('ask', [...told, ...broken]);
  return edited.edits > 0 ? result('repaired', told, edited.read.source.text) : result('nothing', told);
}

/** The catalogue as it was, or will be, when the data set has this version only. */
function withVersion(catalog: PipelineCatalog, name: string, version: DatasetVersion): PipelineCatalog {
  const datasets = catalog.datasets.map(
    (dataset): CatalogDataset => (dataset.name === name ? { ...dataset, versions: [version] } : dataset),
  );
  return { ...catalog, datasets };
}

interface Edited {
  read: ReadConfig;
  bound: BoundConfig;
  /** References that were edited; a raised version alone is none. */
  edits: number;
}

const MAX_ROUNDS = 4;

/** Raises the version, then edits what the binder no longer finds, until it finds everything or nothing more can be done. */
function edit(
  read: ReadConfig,
  {
    indexes,
    change,
    renames,
    catalog,
  }: { indexes: readonly number[]; change: SchemaChange; renames: Renames; catalog: PipelineCatalog },
): Edited | undefined {
  const now = withVersion(catalog, change.dataset, change.to);
  const raised = indexes.flatMap((index) => sourceEdits(read, index, change.to.version, renames));
  const pins = indexes.filter((index) => read.config.sources[index]?.schema?.version !== undefined).length;
  let edits = raised.length - pins;
  let text = splice(read.source.text, raised);
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const next = readConfig(text).read;
    if (next === undefined) return undefined;
    const bound = bindConfig(next, now);
    const more = referenceEdits(next, bound, renames);
    if (more.length === 0) return { read: next, bound, edits };
    edits += more.length;
    text = splice(text, more);
  }
  return undefined;
}
