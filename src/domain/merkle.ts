import { hash } from 'node:crypto';

/** RFC 6962 Merkle tree over the stored bytes of the log's entries. A hash is 32 bytes of SHA-256. */
export type Hash = Buffer;

/** The hash of a complete subtree of `2 ** level` leaves that starts at leaf `index * 2 ** level`. */
export type NodeReader = (level: number, index: number) => Hash;

/** 0x01, left, right: filled anew for each hash, as making a buffer costs as much as hashing it. */
const NODE_INPUT = Buffer.alloc(65, 1);

/** Root of the tree without leaves. */
export const EMPTY_ROOT: Hash = hash('sha256', '', 'buffer');

/** Hash of one entry, from its bytes as stored (UTF-8). */
export function leafHash(entry: string): Hash {
  return hash('sha256', `\0${entry}`, 'buffer');
}

/** Hash of an inner node. */
export function nodeHash(left: Hash, right: Hash): Hash {
  NODE_INPUT.set(left, 1);
  NODE_INPUT.set(right, 33);
  return hash('sha256', NODE_INPUT, 'buffer');
}

/** The roots of the complete subtrees that make up a tree, largest first: all one needs to go on appending. */
export interface CompactRange {
  readonly size: number;
  append(leaf: Hash): void;
  /** Hashes and appends an entry: twice as fast as `append(leafHash(entry))`. */
  appendEntry(entry: string): void;
  root(): Hash;
}

export function createCompactRange(): CompactRange {
  // As strings of one character a byte: Node makes these much faster than buffers, and a million entries are two million hashes.
  const peaks: string[] = [];
  let size = 0;
  const above = (left: string, right: string): string => {
    NODE_INPUT.write(left, 1, 'latin1');
    NODE_INPUT.write(right, 33, 'latin1');
    return hash('sha256', NODE_INPUT, 'binary');
  };
  const push = (leaf: string): void => {
    let node = leaf;
    for (let n = size; n % 2 === 1; n = (n - 1) / 2) node = above(peaks.pop() as string, node);
    peaks.push(node);
    size += 1;
  };
  return {
    get size() {
      return size;
    },
    append: (leaf) => push(leaf.toString('latin1')),
    appendEntry: (entry) => push(hash('sha256', `\0${entry}`, 'binary')),
    root: () =>
      peaks.length === 0
        ? EMPTY_ROOT
        : Buffer.from(
            peaks.reduceRight((right, left) => above(left, right)),
            'latin1',
          ),
  };
}

/** Largest power of two below `n`, for n > 1. */
function splitOf(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

/** Root of the leaves from `start` up to `end`; `start` must be a multiple of the size of the first complete subtree. */
export function rangeRoot(start: number, end: number, read: NodeReader): Hash {
  const size = end - start;
  if (size === 0) return EMPTY_ROOT;
  const level = Math.log2(size);
  if (Number.isInteger(level)) return read(level, start / size);
  const k = splitOf(size);
  return nodeHash(rangeRoot(start, start + k, read), rangeRoot(start + k, end, read));
}

/** RFC 6962 2.1.1: the audit path of leaf `index` in the tree of the first `size` leaves, from the leaf up. */
export function inclusionProof(index: number, size: number, read: NodeReader): Hash[] {
  if (!(index >= 0 && index < size)) throw new RangeError('inclusionProof: the leaf is not in the tree');
  const path: Hash[] = [];
  let start = 0;
  let end = size;
  while (end - start > 1) {
    const middle = start + splitOf(end - start);
    if (index < middle) {
      path.push(rangeRoot(middle, end, read));
      end = middle;
    } else {
      path.push(rangeRoot(start, middle, read));
      start = middle;
    }
  }
  return path.reverse();
}

/** RFC 6962 2.1.2: proof that the tree of `oldSize` leaves is a prefix of the tree of `size` leaves. */
export function consistencyProof(oldSize: number, size: number, read: NodeReader): Hash[] {
  if (!(oldSize >= 0 && oldSize <= size)) throw new RangeError('consistencyProof: the older tree is larger');
  if (oldSize === 0 || oldSize === size) return [];
  const path: Hash[] = [];
  let start = 0;
  let end = size;
  while (oldSize !== end) {
    const middle = start + splitOf(end - start);
    if (oldSize <= middle) {
      path.push(rangeRoot(middle, end, read));
      end = middle;
    } else {
      path.push(rangeRoot(start, middle, read));
      start = middle;
    }
  }
  // What is left is a complete subtree of the older tree; it is known to the verifier only when it is that whole tree.
  if (start > 0) path.push(rangeRoot(start, end, read));
  return path.reverse();
}

const even = (n: number): boolean => n % 2 === 0;
const half = (n: number): number => Math.floor(n / 2);

/** RFC 9162 2.1.3.2: true when the leaf is at `index` of the tree with this size and root. */
export function verifyInclusion(
  leaf: Hash,
  index: number,
  size: number,
  proof: readonly Hash[],
  root: Uint8Array,
): boolean {
  if (!(index >= 0 && index < size)) return false;
  let fn = index;
  let sn = size - 1;
  let node = leaf;
  for (const sibling of proof) {
    if (sn === 0) return false;
    if (!even(fn) || fn === sn) {
      node = nodeHash(sibling, node);
      while (even(fn) && fn !== 0) [fn, sn] = [half(fn), half(sn)];
    } else {
      node = nodeHash(node, sibling);
    }
    [fn, sn] = [half(fn), half(sn)];
  }
  return sn === 0 && node.equals(root);
}

/** RFC 9162 2.1.4.2: true when the tree of `oldSize` leaves with `oldRoot` is a prefix of the other one. */
export function verifyConsistency(
  oldSize: number,
  size: number,
  proof: readonly Hash[],
  oldRoot: Hash,
  root: Hash,
): boolean {
  if (!(oldSize >= 0 && oldSize <= size)) return false;
  if (oldSize === size) return proof.length === 0 && oldRoot.equals(root);
  if (oldSize === 0) return proof.length === 0 && oldRoot.equals(EMPTY_ROOT);
  const complete = Number.isInteger(Math.log2(oldSize));
  const [first, ...rest] = complete ? [oldRoot, ...proof] : proof;
  if (first === undefined) return false;
  let fn = oldSize - 1;
  let sn = size - 1;
  while (!even(fn)) [fn, sn] = [half(fn), half(sn)];
  let older = first;
  let newer = first;
  for (const node of rest) {
    if (sn === 0) return false;
    if (!even(fn) || fn === sn) {
      older = nodeHash(node, older);
      newer = nodeHash(node, newer);
      while (even(fn) && fn !== 0) [fn, sn] = [half(fn), half(sn)];
    } else {
      newer = nodeHash(newer, node);
    }
    [fn, sn] = [half(fn), half(sn)];
  }
  return sn === 0 && older.equals(oldRoot) && newer.equals(root);
}
