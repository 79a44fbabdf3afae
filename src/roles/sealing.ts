import type { KeyObject } from 'node:crypto';
import type { CheckpointArchive } from '../../adapters/archive/checkpoint-archive.js';
import type { Pokes } from '../../adapters/redis/pokes.js';
import type { SealStore } from '../../adapters/redis/seal-store.js';
import { uuidv7 } from '../domain/canonical.js';
import { AppError } from '../domain/errors.js';
import { createLogTree, type LogTree } from '../domain/log-tree.js';
import { type Checkpoint, type NoteVerifier, openCheckpoint, signCheckpoint } from '../domain/signed-note.js';
import { TILE_SIZE } from '../domain/tiles.js';
import type { ProcessLog } from '../log.js';

export interface SealingDeps {
  store: SealStore;
  archive: CheckpointArchive;
  pokes: Pokes;
  privateKey: KeyObject;
  verifier: NoteVerifier;
  processLog: ProcessLog;
  /** Shortest time between two checkpoints, in ms. */
  intervalMs: number;
}

const LEASE_MS = 5000;
const RENEW_MS = 1000;
const POLL_MS = 1000;
const RETRY_MS = 250;
const BATCH = 2048;

/**
 * Seals until the signal aborts: one leader at a time, checkpoints in the archive before they are in Redis, so that a lost answer is
 * made up for and a rolled-back Redis noticed. @throws AppError `tampered` when the log no longer begins with what was signed: then it
 * stops for good, as a log must never sign what contradicts an earlier checkpoint.
 */
export async function sealUntil(deps: SealingDeps, signal: AbortSignal, onReady: () => void): Promise<void> {
  const owner = uuidv7();
  let told = false;
  const ready = (): void => {
    if (!told) onReady();
    told = true;
  };
  while (!signal.aborted) {
    try {
      if (await deps.store.lease(owner, LEASE_MS)) {
        const leader = await recompute(deps, owner);
        ready();
        await lead(leader, signal);
      } else {
        ready();
        await deps.pokes.wait('appended', deps.pokes.heard('appended'), POLL_MS, signal);
      }
    } catch (error) {
      if (!(error instanceof AppError && error.retryable)) throw error;
      deps.processLog.warn({ error }, 'sealing is interrupted; trying again');
      await new Promise((wait) => setTimeout(wait, RETRY_MS));
    }
  }
  // The next sealer need not wait for the lease to end by itself.
  if (await deps.store.lease(owner, LEASE_MS).catch(() => false)) await deps.store.lease(owner, 1);
}

interface Leader extends SealingDeps {
  owner: string;
  tree: LogTree;
  /** Entries under the newest checkpoint. */
  sealed: number;
  /** Tile hashes that are in Redis. */
  tiles: number;
  renewedAt: number;
}

/** Returns when the lease is lost or the signal aborts. */
async function lead(leader: Leader, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const heard = leader.pokes.heard('appended');
    if (!(await renewLease(leader))) return;
    if (!(await readMore(leader, BATCH))) {
      await leader.pokes.wait('appended', heard, POLL_MS, signal);
      continue;
    }
    if (!(await seal(leader))) return;
    // What is appended in the meantime goes into the next checkpoint together.
    await new Promise((wait) => setTimeout(wait, leader.intervalMs));
  }
}

/** Reads the whole log and holds it against the newest checkpoints of Redis and of the archive, the smaller one first. */
async function recompute(deps: SealingDeps, owner: string): Promise<Leader> {
  const leader: Leader = { ...deps, owner, tree: createLogTree(), sealed: 0, tiles: 0, renewedAt: 0 };
  const { archive, store, verifier } = deps;
  const [note] = await store.newestNotes(1);
  const inRedis = note === undefined ? undefined : openCheckpoint(note, verifier);
  if (note !== undefined && inRedis === undefined) throw foreignKey();
  const archived = archive.latest();
  const known = [
    ...(archived === undefined ? [] : [{ ...archived, where: 'the archive' }]),
    ...(inRedis === undefined ? [] : [{ ...inRedis, where: 'Redis' }]),
  ].sort((a, b) => a.size - b.size);
  for (const checkpoint of known) {
    await readTo(leader, checkpoint, checkpoint.where);
    if (checkpoint.where === 'Redis' && note !== undefined && checkpoint.size >= (archived?.size ?? 0)) {
      await archive.append(note, leader.tree.proof(leader.sealed, checkpoint.size), new Date());
    }
    leader.sealed = checkpoint.size;
    leader.tree.forgetBefore(leader.sealed);
  }
  leader.tiles = await checkTiles(leader);
  const missing = archive.note();
  if (missing !== undefined && (archived?.size ?? 0) > (inRedis?.size ?? 0)) await publish(leader, missing);
  return leader;
}

async function readTo(leader: Leader, checkpoint: Checkpoint, where: string): Promise<void> {
  const { tree } = leader;
  while (tree.size < checkpoint.size) {
    await renewLease(leader);
    const read = await readMore(leader, Math.min(BATCH, checkpoint.size - tree.size));
    if (!read) throw cutOff(tree.size, checkpoint.size, where);
    // Leaves above the last checkpoint are needed for the proof from it; before the first there is none.
    tree.forgetBefore(leader.sealed === 0 ? tree.size : leader.sealed);
  }
  if (!tree.root(checkpoint.size).equals(checkpoint.root)) throw changed(checkpoint.size, where);
}

async function readMore(leader: Leader, limit: number): Promise<boolean> {
  const bytes = await leader.store.read(leader.tree.size, limit);
  for (const line of bytes) leader.tree.append(line);
  return bytes.length > 0;
}

/** Signs, archives and publishes what was read. False when another sealer has taken over. */
async function seal(leader: Leader): Promise<boolean> {
  const { tree, verifier } = leader;
  const checkpoint = { origin: verifier.name, size: tree.size, root: tree.root(tree.size) };
  const note = signCheckpoint(checkpoint, verifier.name, leader.privateKey);
  await leader.archive.append(note, tree.proof(leader.sealed, tree.size), new Date());
  leader.sealed = tree.size;
  tree.forgetBefore(leader.sealed);
  return publish(leader, note);
}

async function publish(leader: Leader, note: string): Promise<boolean> {
  const complete = Math.floor(leader.sealed / TILE_SIZE);
  const more = Array.from({ length: complete - leader.tiles }, (_, i) => leader.tree.tile(leader.tiles + i));
  if ((await leader.store.publish(leader.owner, note, leader.tiles, more)) === 'lost') return false;
  leader.tiles = complete;
  return true;
}

async function renewLease(leader: Leader): Promise<boolean> {
  if (Date.now() - leader.renewedAt < RENEW_MS) return true;
  const held = await leader.store.lease(leader.owner, LEASE_MS);
  if (held) leader.renewedAt = Date.now();
  return held;
}

/** How many tile hashes are published; each must be the one of the log. */
async function checkTiles({ store, tree }: Leader): Promise<number> {
  const known = await store.tiles();
  const complete = Math.floor(tree.size / TILE_SIZE);
  if (known.length <= complete && known.every((tile, i) => tree.tile(i).toString('base64') === tile)) {
    return known.length;
  }
  throw new AppError('tampered', { safeText: 'The tile hashes in Redis are not those of the log. Sealing stops.' });
}

function cutOff(size: number, sealed: number, where: string): AppError {
  return new AppError('tampered', {
    safeText: `The log ends at ${size} entries, but the newest checkpoint in ${where} covers ${sealed}: it was cut off or rolled back. Sealing stops; nothing is signed again.`,
  });
}

function changed(size: number, where: string): AppError {
  return new AppError('tampered', {
    safeText: `The first ${size} entries of the log are not those that the newest checkpoint in ${where} signed. Sealing stops; run \`countersign log verify\`.`,
  });
}

function foreignKey(): AppError {
  return new AppError('tampered', {
    safeText: 'The newest checkpoint in Redis is not signed by the log key. Sealing stops.',
  });
}
