import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../src/domain/errors.js';
import { Action, Checksum, type CommitInfo, type Metadata, type Protocol } from './shapes.js';

/** What one `_delta_log/N.json` says. */
export interface CommitFile {
  version: number;
  /** File time in milliseconds: the commit's time unless the table keeps in-commit timestamps. */
  modifiedMs: number;
  metadata: Metadata | undefined;
  protocol: Protocol | undefined;
  info: CommitInfo | undefined;
  adds: { path: string; stats: string | undefined; deleted: number }[];
  removes: string[];
}

const LARGEST_COMMIT = 100_000_000;

/** Versions that still have a JSON commit, ascending. @throws AppError when one in between is missing: the log is damaged. */
export async function listVersions(folder: string, table: string): Promise<number[]> {
  const names = await readdir(folder).catch((thrown) => {
    throw errorOfFile(table, thrown);
  });
  if (names.includes('_staged_commits')) {
    throw new AppError('unexpected_answer', {
      safeText: `The commits of ${table} are kept by a catalog; the log folder alone does not tell the table's state.`,
    });
  }
  const versions = names
    .filter((name) => /^\d{20}\.json$/.test(name))
    .map((name) => Number(name.slice(0, 20)))
    .sort((a, b) => a - b);
  const gap = versions.findIndex((version, index) => index > 0 && version !== (versions[index - 1] ?? 0) + 1);
  if (gap > 0) {
    throw new AppError('unexpected_answer', {
      safeText: `The Delta log of ${table} is damaged: no commit between versions ${versions[gap - 1]} and ${versions[gap]}.`,
    });
  }
  return versions;
}

/** Reads one commit. @throws AppError `unexpected_answer` naming version and line when it is not valid. */
export async function readCommit(folder: string, table: string, version: number): Promise<CommitFile> {
  const path = join(folder, `${String(version).padStart(20, '0')}.json`);
  const commit: CommitFile = {
    version,
    modifiedMs: 0,
    metadata: undefined,
    protocol: undefined,
    info: undefined,
    adds: [],
    removes: [],
  };
  try {
    const { mtimeMs, size } = await stat(path);
    if (size > LARGEST_COMMIT) {
      throw new AppError('too_large', { safeText: `Version ${version} of ${table} is too large to read.` });
    }
    commit.modifiedMs = mtimeMs;
    for (const [index, line] of (await readFile(path, 'utf8')).split('\n').entries()) {
      if (line.trim() !== '') takeAction(commit, line, () => damaged(table, version, index + 1));
    }
  } catch (thrown) {
    throw errorOfFile(table, thrown);
  }
  return commit;
}

function takeAction(commit: CommitFile, line: string, damage: () => AppError): void {
  const action = Action.safeParse(jsonOf(line));
  if (!action.success) throw damage();
  const { metaData, protocol, commitInfo, add, remove } = action.data;
  if (metaData) commit.metadata = metaData;
  if (protocol) commit.protocol = protocol;
  if (commitInfo) commit.info = commitInfo;
  if (add) {
    commit.adds.push({
      path: add.path,
      stats: add.stats ?? undefined,
      deleted: add.deletionVector?.cardinality ?? 0,
    });
  }
  if (remove) commit.removes.push(remove.path);
}

/** The checksum of a version: the only JSON source of schema and protocol once the first commits were cleaned away. */
export async function readChecksum(folder: string, version: number): Promise<Checksum | undefined> {
  const path = join(folder, `${String(version).padStart(20, '0')}.crc`);
  const text = await readFile(path, 'utf8').catch(() => undefined);
  const checksum = Checksum.safeParse(text === undefined ? undefined : jsonOf(text));
  return checksum.success ? checksum.data : undefined;
}

/** The parsed text; undefined, which no schema accepts, when it is not JSON. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function damaged(table: string, version: number, line: number): AppError {
  return new AppError('unexpected_answer', {
    safeText: `The Delta log of ${table} is damaged: version ${version}, line ${line} is not a valid action.`,
  });
}

function errorOfFile(table: string, thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  const code = (thrown as { code?: string }).code;
  if (code === 'EACCES' || code === 'EPERM') {
    return new AppError('forbidden', { safeText: `The Delta log of ${table} may not be read.`, cause: thrown });
  }
  // A file that was listed and is gone was cleaned meanwhile: reading again helps.
  return new AppError('unavailable', { safeText: `The Delta log of ${table} could not be read.`, cause: thrown });
}
