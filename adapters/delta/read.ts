import { AppError } from '../../src/domain/errors.js';
import type { DeltaColumn, DeltaCommit, DeltaReader, DeltaTable } from '../../src/domain/platform-ports.js';
import { findLog, usualFolders } from './locate.js';
import { type CommitFile, jsonOf, listVersions, readChecksum, readCommit } from './log-files.js';
import { columnsDiffer, columnsOf, countsCanBeTrusted, featureChanges, featuresOf, propertyChanges } from './schema.js';
import { type Metadata, type Protocol, Stats } from './shapes.js';

export interface DeltaReaderDeps {
  /** Local or mounted folder. */
  root: string;
  /** Folders below the root where a table may lie, best first. */
  folders?: (table: string) => string[];
}

/** The table as the commits read so far describe it. */
interface Replay {
  table: string;
  metadata: Metadata | undefined;
  protocol: Protocol | undefined;
  /** Rows by file path; undefined where the file carries no statistics. */
  files: Map<string, number | undefined>;
  lastMs: number;
}

/**
 * Reads `_delta_log` from a folder: JSON commits only, no Parquet. When early commits were cleaned away the schema comes from a
 * version checksum and row counts are unknown; without a checksum the table can not be described and the reader says so.
 */
export function createDeltaReader(deps: DeltaReaderDeps): DeltaReader {
  return {
    async table(table, limit, signal) {
      const folder = await findLog(deps.root, table, deps.folders ?? usualFolders);
      if (folder === undefined) return undefined;
      const versions = await listVersions(folder, table);
      const [first] = versions;
      if (first === undefined) throw needsCheckpoint(table);
      const replay: Replay = { table, metadata: undefined, protocol: undefined, files: new Map(), lastMs: 0 };
      const commits: DeltaCommit[] = [];
      for (const version of versions) {
        if (signal?.aborted) {
          throw new AppError('timeout', { safeText: `Reading the Delta log of ${table} was given up.` });
        }
        const file = await readCommit(folder, table, version);
        commits.push(apply(replay, file));
        if (version === first && first > 0) await seed(replay, folder, first);
      }
      return describe(replay, folder, { commits, limit, complete: first === 0 });
    },
  };
}

/** What the cleaned commits had said, as far as the first remaining version's checksum tells. */
async function seed(replay: Replay, folder: string, version: number): Promise<void> {
  const checksum = await readChecksum(folder, version);
  replay.metadata ??= checksum?.metadata ?? undefined;
  replay.protocol ??= checksum?.protocol ?? undefined;
}

async function describe(
  replay: Replay,
  folder: string,
  history: { commits: DeltaCommit[]; limit: number; complete: boolean },
): Promise<DeltaTable> {
  const version = history.commits.at(-1)?.version ?? 0;
  const known = history.complete ? undefined : await readChecksum(folder, version);
  const metadata = replay.metadata ?? known?.metadata ?? undefined;
  if (metadata === undefined) throw needsCheckpoint(replay.table);
  const protocol = replay.protocol ?? known?.protocol ?? undefined;
  const rows = [...replay.files.values()];
  const countable = history.complete && countsCanBeTrusted(protocol) && rows.every((count) => count !== undefined);
  return {
    table: replay.table,
    version,
    columns: columnsOf(replay.table, metadata),
    partitionColumns: metadata.partitionColumns,
    properties: metadata.configuration,
    features: featuresOf(protocol),
    rows: countable ? rows.reduce<number>((sum, count) => sum + (count ?? 0), 0) : undefined,
    files: history.complete ? replay.files.size : (known?.numFiles ?? replay.files.size),
    commits: history.commits.reverse().slice(0, history.limit),
    historyComplete: history.complete,
  };
}

/** Takes one commit into the replay and tells what it changed. */
function apply(replay: Replay, file: CommitFile): DeltaCommit {
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
    ...protocolChange(replay, file.protocol),
  };
  // Removes first: an update of a deletion vector removes and adds the same path.
  for (const path of file.removes) replay.files.delete(path);
  for (const { path, stats, deleted } of file.adds) {
    const counted = Stats.safeParse(stats === undefined ? undefined : jsonOf(stats));
    const records = counted.success ? counted.data.numRecords : undefined;
    replay.files.set(path, records == null ? undefined : records - deleted);
  }
  replay.metadata = file.metadata ?? replay.metadata;
  replay.protocol = file.protocol ?? replay.protocol;
  return commit;
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

function needsCheckpoint(table: string): AppError {
  return new AppError('unexpected_answer', {
    safeText: `The early commits of ${table} were cleaned away and its schema is only in a Parquet checkpoint, which this connector can not read.`,
  });
}
