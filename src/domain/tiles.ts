import { type Hash, type NodeReader, nodeHash } from './merkle.js';

/** Leaves under one tile: the subtree hashes that are stored, so that a proof reads two tiles instead of the whole log. */
export const TILE_SIZE = 256;
const TILE_LEVEL = 8;
const HASH_BYTES = 32;

/** Hashes of all complete subtrees of 256 leaves and more; about a quarter of a byte for each entry of the log. */
export interface Tiles {
  readonly count: number;
  /** The hash of the next complete tile. */
  push(tile: Hash): void;
  node(level: number, index: number): Hash;
}

export function createTiles(): Tiles {
  const levels: ReturnType<typeof createHashList>[] = [];
  const add = (depth: number, hash: Hash): void => {
    const list = levels[depth] ?? createHashList();
    levels[depth] = list;
    list.push(hash);
    if (list.length % 2 === 0) add(depth + 1, nodeHash(list.at(list.length - 2), hash));
  };
  return {
    get count() {
      return levels[0]?.length ?? 0;
    },
    push: (tile) => add(0, tile),
    node(level, index) {
      const list = levels[level - TILE_LEVEL];
      if (list === undefined || index >= list.length) throw new RangeError('tiles: the subtree is not complete');
      return list.at(index);
    },
  };
}

/** 32-byte hashes in one buffer: a hundred times less overhead than one object each. */
function createHashList(): { readonly length: number; push(hash: Hash): void; at(index: number): Hash } {
  let bytes = Buffer.alloc(HASH_BYTES * 16);
  let length = 0;
  return {
    get length() {
      return length;
    },
    push(hash) {
      if ((length + 1) * HASH_BYTES > bytes.length) bytes = Buffer.concat([bytes, Buffer.alloc(bytes.length)]);
      hash.copy(bytes, length * HASH_BYTES);
      length += 1;
    },
    at: (index) => bytes.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES),
  };
}

/** Root of the complete subtree of these leaves; their number must be a power of two. */
export function subtreeHash(leaves: readonly Hash[]): Hash {
  let row = leaves;
  while (row.length > 1) {
    const above: Hash[] = [];
    for (let i = 0; i < row.length; i += 2) above.push(nodeHash(row[i] as Hash, row[i + 1] as Hash));
    row = above;
  }
  return row[0] as Hash;
}

/** Reads any complete subtree: from the tiles, or from the leaves of the tiles that are given by tile number. */
export function nodeReader(tiles: Tiles, leaves: ReadonlyMap<number, readonly Hash[]>): NodeReader {
  return (level, index) => {
    if (level >= TILE_LEVEL) return tiles.node(level, index);
    const size = 2 ** level;
    const tile = Math.floor((index * size) / TILE_SIZE);
    const offset = index * size - tile * TILE_SIZE;
    const found = leaves.get(tile)?.slice(offset, offset + size) ?? [];
    if (found.length !== size) throw new RangeError('nodeReader: leaves are missing');
    return subtreeHash(found);
  };
}
