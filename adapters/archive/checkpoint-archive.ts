import { type FileHandle, mkdir, open, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../src/domain/errors.js';
import { type Hash, verifyConsistency } from '../../src/domain/merkle.js';
import { type Checkpoint, type NoteVerifier, openCheckpoint, splitNotes } from '../../src/domain/signed-note.js';

/** Signed checkpoints in a folder outside Redis: the copy that makes a rewritten log visible. */
export interface CheckpointArchive {
  /** The newest checkpoint with a good signature. */
  latest(): Checkpoint | undefined;
  note(): string | undefined;
  /**
   * Adds a checkpoint and returns when it is on disk. @throws AppError `tampered` when it is smaller than the newest one, or `proof`
   * does not show that the newest one is a prefix of it.
   */
  append(note: string, proof: readonly Hash[], now: Date): Promise<void>;
}

const FILE = /^checkpoints-\d{4}-\d{2}-\d{2}\.txt$/;
const TAIL_BYTES = 64 * 1024;

/** One file a day, only ever appended to. */
export async function openCheckpointArchive(folder: string, verifier: NoteVerifier): Promise<CheckpointArchive> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  let newest = await newestNote(folder, verifier);
  return {
    latest: () => newest?.checkpoint,
    note: () => newest?.note,
    async append(note, proof, now) {
      const checkpoint = openCheckpoint(note, verifier);
      if (checkpoint === undefined) throw refused('it is not signed by the log key');
      if (newest !== undefined) {
        const { size, root } = newest.checkpoint;
        if (checkpoint.size === size && checkpoint.root.equals(root)) return;
        if (checkpoint.size <= size) throw refused(`it covers ${checkpoint.size} entries after one of ${size}`);
        if (!verifyConsistency(size, checkpoint.size, proof, root, checkpoint.root)) {
          throw refused(`the log it signs does not begin with the ${size} entries signed before`);
        }
      }
      await appendDurably(folder, `checkpoints-${now.toISOString().slice(0, 10)}.txt`, note);
      newest = { note, checkpoint };
    },
  };
}

/** All notes of an archive folder, oldest first. */
export async function readArchive(folder: string): Promise<string[]> {
  const notes: string[] = [];
  for (const file of await filesOf(folder)) notes.push(...splitNotes(await readFile(join(folder, file), 'utf8')));
  return notes;
}

async function filesOf(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => FILE.test(name)).sort();
}

async function newestNote(
  folder: string,
  verifier: NoteVerifier,
): Promise<{ note: string; checkpoint: Checkpoint } | undefined> {
  for (const file of (await filesOf(folder)).reverse()) {
    // A torn last note, from a crash while writing, is passed over: it was never published.
    for (const note of splitNotes(await tailOf(join(folder, file))).reverse()) {
      const checkpoint = openCheckpoint(note, verifier);
      if (checkpoint !== undefined) return { note, checkpoint };
    }
  }
  return undefined;
}

async function tailOf(file: string): Promise<string> {
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    const start = Math.max(0, size - TAIL_BYTES);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(size - start), 0, size - start, start);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await handle.close();
  }
}

async function appendDurably(folder: string, name: string, note: string): Promise<void> {
  const handle = await open(join(folder, name), 'a+', 0o600);
  try {
    const { size } = await handle.stat();
    await handle.appendFile(`${await separator(handle, size)}${note}`);
    await handle.datasync();
    if (size === 0) await syncFolder(folder);
  } finally {
    await handle.close();
  }
}

/** An empty line between notes; a line that a crash has left torn is ended first. */
async function separator(handle: FileHandle, size: number): Promise<string> {
  if (size === 0) return '';
  const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer.toString() === '\n' ? '\n' : '\n\n';
}

/** A new file is durable only when its folder is. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  await handle.sync().finally(() => handle.close());
}

function refused(because: string): AppError {
  return new AppError('tampered', { safeText: `The archive refuses a checkpoint: ${because}.` });
}
