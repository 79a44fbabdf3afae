import { AppError } from '../../src/domain/errors.js';
import type { ObjectStore } from '../../src/domain/object-store.js';
import { type Log, type StoredCommit, versionText } from './log-names.js';
import { Action, type Add, Checksum, type CommitInfo, LastCheckpoint, type Metadata, type Protocol } from './shapes.js';

/** What the files of one table are read with. */
export interface LogAccess {
  store: ObjectStore;
  /** For texts. */
  table: string;
  signal: AbortSignal | undefined;
}

/** What one `_delta_log/N.json` says. */
export interface CommitFile {
  version: number;
  /** File time in milliseconds: the commit's time unless the table keeps in-commit timestamps. */
  modifiedMs: number;
  metadata: Metadata | undefined;
  protocol: Protocol | undefined;
  info: CommitInfo | undefined;
  adds: Add[];
  removes: string[];
}

const LARGEST_COMMIT = 2_000_000_000;
const LARGEST_LINE = 100_000_000;
const LARGEST_CHECKSUM = 50_000_000;

/** A file that was listed is gone: it was cleaned away meanwhile, and listing anew helps. */
export class FileVanished extends Error {}

/**
 * Reads one commit line by line, so that its size does not matter. With `files` false, what it says of data files is passed over.
 * @throws AppError `unexpected_answer` naming version and line when it is not valid.
 */
export async function readCommit(access: LogAccess, at: StoredCommit, files: boolean): Promise<CommitFile> {
  const { store, table, signal } = access;
  const found = await store.stream(at.key, { maxBytes: LARGEST_COMMIT, signal });
  if (!found) throw new FileVanished(at.key);
  const { version, modifiedMs } = at;
  const commit: CommitFile = {
    version,
    modifiedMs,
    metadata: undefined,
    protocol: undefined,
    info: undefined,
    adds: [],
    removes: [],
  };
  let number = 0;
  for await (const line of linesOf(found.body, () => damaged(table, version, number + 1))) {
    number += 1;
    if (line.trim() !== '' && (files || !OF_FILES.test(line))) {
      takeAction(commit, line, () => damaged(table, version, number));
    }
  }
  return commit;
}

const OF_FILES = /^\{"(?:add|remove|cdc)":/;

async function* linesOf(body: AsyncIterable<Uint8Array>, tooLong: () => AppError): AsyncIterable<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const bytes of body) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > LARGEST_LINE) throw tooLong();
    yield* lines;
  }
  yield rest + decoder.decode();
}

function takeAction(commit: CommitFile, line: string, damage: () => AppError): void {
  const action = Action.safeParse(jsonOf(line));
  if (!action.success) throw damage();
  const { metaData, protocol, commitInfo, add, remove } = action.data;
  if (metaData) commit.metadata = metaData;
  if (protocol) commit.protocol = protocol;
  if (commitInfo) commit.info = commitInfo;
  if (add) commit.adds.push(add);
  if (remove) commit.removes.push(remove.path);
}

/** The checksum of a version: schema and protocol as of that version without a Parquet file. Some writers write none; it may be broken. */
export async function readChecksum(access: LogAccess, log: Log, version: number): Promise<Checksum | undefined> {
  if (!log.checksums.has(version)) return undefined;
  const key = `${log.folder}${versionText(version)}.crc`;
  const checksum = Checksum.safeParse(await readJson(access, key, LARGEST_CHECKSUM));
  return checksum.success ? checksum.data : undefined;
}

/** The version `_last_checkpoint` names; it may be missing, outdated or broken, and is a hint only. */
export async function readHint(access: LogAccess, folder: string): Promise<LastCheckpoint | undefined> {
  const hint = LastCheckpoint.safeParse(await readJson(access, `${folder}_last_checkpoint`, 10_000_000));
  return hint.success ? hint.data : undefined;
}

/** Of a file that one can do without: too large is as good as none. */
async function readJson({ store, signal }: LogAccess, key: string, maxBytes: number): Promise<unknown> {
  const found = await store.get(key, { maxBytes, signal }).catch((thrown: unknown) => {
    if (thrown instanceof AppError && thrown.kind === 'too_large') return undefined;
    throw thrown;
  });
  return found && jsonOf(Buffer.from(found.bytes).toString('utf8'));
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
