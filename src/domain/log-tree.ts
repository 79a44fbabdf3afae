import { consistencyProof, type Hash, leafHash, rangeRoot } from './merkle.js';
import { createTiles, nodeReader, subtreeHash, TILE_SIZE } from './tiles.js';

/** The whole log as a tree that grows, in about a quarter of a byte for each entry: tiles, and the leaves not yet forgotten. */
export interface LogTree {
  readonly size: number;
  append(entry: string): void;
  /** Root of the first `size` entries; their last tile must not be forgotten. */
  root(size: number): Hash;
  /** Proof that the first `from` entries are a prefix of the first `to`; the last tile of `from` must not be forgotten. */
  proof(from: number, to: number): Hash[];
  /** Hash of a complete tile. @throws RangeError when it is not complete. */
  tile(index: number): Hash;
  /** Lets go of leaves in tiles before the one of this entry. */
  forgetBefore(index: number): void;
}

export function createLogTree(): LogTree {
  const tiles = createTiles();
  const leaves = new Map<number, Hash[]>();
  const read = nodeReader(tiles, leaves);
  let size = 0;
  return {
    get size() {
      return size;
    },
    append(entry) {
      const tile = Math.floor(size / TILE_SIZE);
      const held = leaves.get(tile) ?? [];
      leaves.set(tile, held);
      held.push(leafHash(entry));
      size += 1;
      if (held.length === TILE_SIZE) tiles.push(subtreeHash(held));
    },
    root: (at) => rangeRoot(0, at, read),
    proof: (from, to) => consistencyProof(from, to, read),
    tile: (index) => read(Math.log2(TILE_SIZE), index),
    forgetBefore(index) {
      const first = Math.floor(index / TILE_SIZE);
      for (const tile of leaves.keys()) if (tile < first) leaves.delete(tile);
    },
  };
}
