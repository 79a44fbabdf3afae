import { AppError } from '../../src/domain/errors.js';
import type { ObjectStore } from '../../src/domain/object-store.js';
import type { DeltaCommit, DeltaReader, DeltaTable } from '../../src/domain/platform-ports.js';
import { type Base, emptyReplay, readBase, stateBefore } from './base.js';
import { findLog, listLog, oldestCommit, usualFolders } from './locate.js';
import { type CommitFile, FileVanished, type LogAccess, readChecksum, readCommit, readHint } from './log-files.js';
import type { Log, StoredCommit } from './log-names.js';
import { type HistoryPlan, planHistory } from './plan.js';
import { applyCommit, type Replay } from './replay.js';
import { columnsOf, featuresOf, isKeptByCatalog, unknownFeatures } from './schema.js';

export interface DeltaReaderDeps {
  /** The folder, bucket or container of the tables. */
  store: ObjectStore;
  /** Folders in it where a table may lie, best first. */
  folders?: (table: string) => string[];
}

/** Commits that are fetched at the same time. */
const AT_ONCE = 8;

/**
 * Reads tables from `_delta_log` without any engine: the newest checkpoint, the commits after it and those that are shown, not
 * the whole log. A log that is cleaned while it is read is read again, once.
 */
export function createDeltaReader(deps: DeltaReaderDeps): DeltaReader {
  return {
    async table(table, limit, signal) {
      if (signal?.aborted) {
        throw new AppError('timeout', { safeText: `Reading the Delta log of ${table} was given up.` });
      }
      const access = { store: deps.store, table, signal };
      const folder = await findLog(deps.store, table, deps.folders ?? usualFolders, signal);
      if (folder === undefined) return undefined;
      try {
        return await readTable(access, folder, limit);
      } catch (thrown) {
        if (!(thrown instanceof FileVanished)) throw thrown;
      }
      return readTable(access, folder, limit).catch((thrown: unknown) => {
        if (!(thrown instanceof FileVanished)) throw thrown;
        const safeText = `Files of the Delta log of ${table} go away while it is read.`;
        throw new AppError('unavailable', { safeText, cause: thrown });
      });
    },
  };
}

async function readTable(access: LogAccess, folder: string, limit: number): Promise<DeltaTable> {
  const hint = await readHint(access, folder);
  const listed = await listLog(access.store, folder, Math.max(0, (hint?.version ?? 0) - limit - 1), access.signal);
  const { log, base, plan } = await planned(access, listed, limit);
  const replay: Replay = emptyReplay(access.table);
  const commits = await replayed(access, log, { base, plan, replay });
  const checksum = replay.files && replay.metadata ? undefined : await readChecksum(access, log, plan.latest);
  const metadata = replay.metadata ?? checksum?.metadata ?? undefined;
  const protocol = replay.protocol ?? checksum?.protocol ?? undefined;
  if (metadata === undefined) throw untold(access.table);
  if (isKeptByCatalog(protocol, metadata)) throw keptByCatalog(access.table);
  const unknown = unknownFeatures(protocol);
  const rows = replay.files && unknown.length === 0 ? [...replay.files.values()] : [undefined];
  const oldest = await oldestCommit(access.store, log, access.signal);
  return {
    table: access.table,
    version: plan.latest,
    columns: columnsOf(access.table, metadata),
    partitionColumns: metadata.partitionColumns,
    properties: metadata.configuration,
    features: featuresOf(protocol),
    ...(unknown.length > 0 ? { unknownFeatures: unknown } : {}),
    rows: rows.includes(undefined) ? undefined : rows.reduce<number>((sum, count) => sum + (count ?? 0), 0),
    files: replay.files?.size ?? checksum?.numFiles ?? undefined,
    commits: commits.reverse(),
    historyComplete: oldest?.version === 0,
    ...(oldest && oldest.version > 0
      ? { historyFrom: { version: oldest.version, at: new Date(oldest.modifiedMs).toISOString() } }
      : {}),
  };
}

/** Lists further back when the hint led too far: it is outdated or broken, or what it led to can not be read. */
async function planned(
  access: LogAccess,
  log: Log,
  limit: number,
): Promise<{ log: Log; base: Base | undefined; plan: HistoryPlan }> {
  const base = await readBase(access, log);
  const plan = base || log.from === 0 ? planHistory(log, access.table, base?.version, limit) : undefined;
  if (plan?.reached) {
    if (plan.latest >= 0) return { log, base, plan };
    throw untold(access.table);
  }
  return planned(access, await listLog(access.store, log.folder, 0, access.signal), limit);
}

/** Reads what the plan needs, in order, into the replay. @returns the commits that are shown, oldest first. */
async function replayed(
  access: LogAccess,
  listed: Log,
  { base, plan, replay }: { base: Base | undefined; plan: HistoryPlan; replay: Replay },
): Promise<DeltaCommit[]> {
  const { log, from } = await begin(access, listed, { base, plan, replay });
  const shown: DeltaCommit[] = [];
  let due = base;
  const adopt = (): void => {
    if (due) Object.assign(replay, { metadata: due.metadata, protocol: due.protocol, files: due.files });
    due = undefined;
  };
  // Of a commit that is shown, also what it says of files: some writers tell its rows nowhere else.
  const files = (version: number): boolean =>
    version >= plan.first || (replay.files !== undefined && version > (base?.version ?? -1));
  for await (const file of commitsOf(access, log.commits, { from, to: plan.latest, files })) {
    if (file.version > (base?.version ?? -1)) adopt();
    const commit = applyCommit(replay, file);
    if (file.version >= plan.first) shown.push(commit);
    if (file.version === from && replay.metadata === undefined) await seed(access, log, replay, from);
  }
  adopt();
  return shown;
}

/** Puts into the replay what the table was before the first commit to read. */
async function begin(
  access: LogAccess,
  log: Log,
  { base, plan, replay }: { base: Base | undefined; plan: HistoryPlan; replay: Replay },
): Promise<{ log: Log; from: number }> {
  if (base && plan.first > base.version) return { log, from: base.version + 1 };
  const oldest = log.commits[0]?.version ?? 0;
  if (!base) {
    // Without the commits from the first on, the files are not known.
    if (oldest > 0) replay.files = undefined;
    return { log, from: oldest };
  }
  const before = await stateBefore(access, log, plan.first);
  replay.metadata = before.metadata;
  replay.protocol = before.protocol;
  return before;
}

/** What the cleaned commits had said, as far as the first remaining version's checksum tells. */
async function seed(access: LogAccess, log: Log, replay: Replay, version: number): Promise<void> {
  const checksum = await readChecksum(access, log, version);
  replay.metadata ??= checksum?.metadata ?? undefined;
  replay.protocol ??= checksum?.protocol ?? undefined;
}

/** Fetches some commits at the same time and gives them in order. */
async function* commitsOf(
  access: LogAccess,
  commits: readonly StoredCommit[],
  { from, to, files }: { from: number; to: number; files: (version: number) => boolean },
): AsyncIterable<CommitFile> {
  const wanted = commits.filter(({ version }) => version >= from && version <= to);
  for (let at = 0; at < wanted.length; at += AT_ONCE) {
    const chunk = wanted.slice(at, at + AT_ONCE);
    yield* await Promise.all(chunk.map((commit) => readCommit(access, commit, files(commit.version))));
  }
}

function untold(table: string): AppError {
  return new AppError('unexpected_answer', {
    safeText: `The early commits of ${table} were cleaned away and no checkpoint or checksum that can be read tells what they said.`,
  });
}

function keptByCatalog(table: string): AppError {
  return new AppError('unexpected_answer', {
    safeText: `The commits of ${table} are kept by a catalog; the log folder alone does not tell the table's state.`,
  });
}
