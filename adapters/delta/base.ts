import { AppError } from '../../src/domain/errors.js';
import { type CheckpointState, readCheckpoint } from './checkpoint.js';
import { listLog } from './locate.js';
import { type LogAccess, readChecksum } from './log-files.js';
import type { Log } from './log-names.js';
import { isWhole } from './plan.js';
import { type Replay, takeFile } from './replay.js';

/** The newest checkpoint that can be read, with everything it holds. */
export interface Base extends CheckpointState {
  version: number;
  files: NonNullable<Replay['files']> | undefined;
}

/** A broken checkpoint is passed over: older ones and the commits say the same. */
export async function readBase(access: LogAccess, log: Log): Promise<Base | undefined> {
  for (const checkpoint of log.checkpoints.toReversed()) {
    const replay: Replay = emptyReplay(access.table);
    const state = await unlessBroken(readCheckpoint(access, log.folder, checkpoint, (add) => takeFile(replay, add)));
    if (state) return { ...state, version: checkpoint.version, files: state.counted ? replay.files : undefined };
  }
  return undefined;
}

export function emptyReplay(table: string): Replay {
  return { table, metadata: undefined, protocol: undefined, files: new Map(), lastMs: 0 };
}

/** How far back one looks for an older checkpoint before looking at the whole log. */
const BACK = 250;

/**
 * What the table was before the first commit that is shown: by that version's checksum, by an older checkpoint and the commits
 * after it, or by all commits. `from` is the first commit that must be read on top of it.
 */
export async function stateBefore(
  access: LogAccess,
  log: Log,
  first: number,
): Promise<{ log: Log; from: number; metadata?: Replay['metadata']; protocol?: Replay['protocol'] }> {
  const checksum = await readChecksum(access, log, first - 1);
  if (checksum?.metadata && checksum.protocol) {
    return { log, from: first, metadata: checksum.metadata, protocol: checksum.protocol };
  }
  const older = log.checkpoints.filter(({ version }) => version < first && isWhole(log, version + 1, first));
  for (const checkpoint of older.toReversed()) {
    const state = await unlessBroken(readCheckpoint(access, log.folder, checkpoint, undefined));
    if (state) return { log, from: checkpoint.version + 1, ...state };
  }
  if (log.from > 0) {
    const earlier = log.from > first - BACK ? Math.max(0, first - BACK) : 0;
    return stateBefore(access, await listLog(access.store, log.folder, earlier, access.signal), first);
  }
  return { log, from: isWhole(log, 0, first) ? 0 : first };
}

function unlessBroken<T>(reading: Promise<T>): Promise<T | undefined> {
  return reading.catch((thrown: unknown) => {
    if (thrown instanceof AppError && thrown.kind === 'unexpected_answer') return undefined;
    throw thrown;
  });
}
