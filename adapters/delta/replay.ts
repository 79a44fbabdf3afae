import type { DeltaColumn, DeltaCommit } from '../../src/domain/platform-ports.js';
import { type CommitFile, jsonOf } from './log-files.js';
import { columnsDiffer, columnsOf, featureChanges, propertyChanges } from './schema.js';
import { type Add, type Metadata, type Protocol, Stats } from './shapes.js';

/** The table as the log describes it up to some version. */
export interface Replay {
  table: string;
  metadata: Metadata | undefined;
  protocol: Protocol | undefined;
  /** Rows by file path, undefined where the file carries no statistics; the whole undefined when the files are not known. */
  files: Map<string, number | undefined> | undefined;
  lastMs: number;
}

/** Takes one commit into the replay and tells what it changed. */
export function applyCommit(replay: Replay, file: CommitFile): DeltaCommit {
  // File times can run backwards after a copy; commit times never do.
  replay.lastMs = file.info?.inCommitTimestamp ?? Math.max(file.modifiedMs, replay.lastMs + 1);
  const commit: DeltaCommit = {
    version: file.version,
    at: new Date(replay.lastMs).toISOString(),
    operation: file.info?.operation ?? 'UNKNOWN',
    user: file.info?.userName ?? file.info?.userId ?? undefined,
    parameters: texts(file.info?.operationParameters ?? {}),
    metrics: texts(file.info?.operationMetrics ?? {}),
    ...metadataChange(replay, file.metadata),
    ...rowsAdded(file),
    ...protocolChange(replay, file.protocol),
  };
  // Removes first: an update of a deletion vector removes and adds the same path.
  for (const path of file.removes) replay.files?.delete(pathOf(path));
  for (const add of file.adds) takeFile(replay, add);
  replay.metadata = file.metadata ?? replay.metadata;
  replay.protocol = file.protocol ?? replay.protocol;
  return commit;
}

/** A commit that also removes files has copied rows from them: how many are new is not to be seen. */
function rowsAdded({ adds, removes }: CommitFile): Partial<DeltaCommit> {
  const rows = adds.map(rowsOf);
  if (adds.length === 0 || removes.length > 0 || rows.includes(undefined)) return {};
  return { rowsAdded: rows.reduce<number>((sum, count) => sum + (count ?? 0), 0) };
}

export function takeFile(replay: Replay, add: Add): void {
  replay.files?.set(pathOf(add.path), rowsOf(add));
}

function rowsOf({ stats, stats_parsed, deletionVector }: Add): number | undefined {
  const counted = Stats.safeParse(stats ? jsonOf(stats) : (stats_parsed ?? undefined));
  const records = counted.success ? counted.data.numRecords : undefined;
  return records == null ? undefined : records - (deletionVector?.cardinality ?? 0);
}

/** Writers differ in what they encode of a path: the same file must be one. */
function pathOf(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** metaData is often written without a change of the schema, so only what differs counts; a table's first one is no change. */
function metadataChange(replay: Replay, after: Metadata | undefined): Partial<DeltaCommit> {
  const before = replay.metadata;
  if (before === undefined || after === undefined) return {};
  const columnsBefore: DeltaColumn[] = columnsOf(replay.table, before);
  const columnsAfter = columnsOf(replay.table, after);
  const propertiesChanged = propertyChanges(before.configuration, after.configuration);
  return {
    ...(columnsDiffer(columnsBefore, columnsAfter) ? { columnsBefore, columnsAfter } : {}),
    ...(Object.keys(propertiesChanged).length > 0 ? { propertiesChanged } : {}),
  };
}

function protocolChange(replay: Replay, after: Protocol | undefined): Partial<DeltaCommit> {
  if (replay.protocol === undefined || after === undefined) return {};
  const { added, removed } = featureChanges(replay.protocol, after);
  return {
    ...(added.length > 0 ? { featuresAdded: added } : {}),
    ...(removed.length > 0 ? { featuresRemoved: removed } : {}),
  };
}

/** Spark writes strings of JSON, other engines write other types, null among them. */
function texts(values: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values)
      .filter(([, value]) => value !== null && value !== undefined)
      .map(([key, value]) => [key, typeof value === 'string' ? value : JSON.stringify(value)]),
  );
}
