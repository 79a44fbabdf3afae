import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import {
  consistencyProof,
  createCompactRange,
  EMPTY_ROOT,
  type Hash,
  inclusionProof,
  leafHash,
  type NodeReader,
  verifyConsistency,
  verifyInclusion,
} from './merkle.js';
import { createTiles, nodeReader, subtreeHash } from './tiles.js';

/** The example leaves of RFC 6962's reference implementation and the roots of the first 0 to 8 of them. */
const LEAVES = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'].map(
  (hex) => Buffer.from(hex, 'hex').toString('latin1'),
);
const ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

/** The verifier of another project, which is not exported: loaded by its file. */
const require = createRequire(import.meta.url);
const verifierFile = require.resolve('@sigstore/verify').replace(/index\.js$/, 'tlog/merkle.js');
const { verifyMerkleInclusion } = require(verifierFile) as {
  verifyMerkleInclusion(
    entry: { inclusionProof: { logIndex: string; hashes: Buffer[] }; canonicalizedBody: Buffer },
    checkpoint: { logSize: bigint; logHash: Buffer },
  ): void;
};

function readerOf(leaves: readonly Hash[]): NodeReader {
  return (level, index) => subtreeHash(leaves.slice(index * 2 ** level, (index + 1) * 2 ** level));
}

function rootsOf(leaves: readonly Hash[]): Hash[] {
  const range = createCompactRange();
  const roots = [range.root()];
  for (const leaf of leaves) {
    range.append(leaf);
    roots.push(range.root());
  }
  return roots;
}

const flipped = (hash: Hash): Hash => {
  const copy = Buffer.from(hash);
  copy[5] = (copy[5] ?? 0) ^ 1;
  return copy;
};

describe('RFC 6962 tree', () => {
  it('has the published roots', () => {
    expect(rootsOf(LEAVES.map(leafHash)).map((root) => root.toString('hex'))).toEqual(ROOTS);
    expect(EMPTY_ROOT.toString('hex')).toBe(ROOTS[0]);
  });

  it('proves inclusion of every leaf in every tree, to us and to @sigstore/verify; nothing else', () => {
    const entries = Array.from({ length: 40 }, (_, i) => `entry ${i}`);
    const leaves = entries.map(leafHash);
    const roots = rootsOf(leaves);
    for (let size = 1; size <= entries.length; size++) {
      for (let index = 0; index < size; index++) {
        const proof = inclusionProof(index, size, readerOf(leaves));
        const leaf = leaves[index] as Hash;
        const root = roots[size] as Hash;
        expect(verifyInclusion(leaf, index, size, proof, root)).toBe(true);
        const entry = {
          inclusionProof: { logIndex: String(index), hashes: proof },
          canonicalizedBody: Buffer.from(entries[index] ?? ''),
        };
        expect(() => verifyMerkleInclusion(entry, { logSize: BigInt(size), logHash: root })).not.toThrow();
        expect(verifyInclusion(flipped(leaf), index, size, proof, root)).toBe(false);
        expect(verifyInclusion(leaf, index, size, proof, flipped(root))).toBe(false);
        expect(verifyInclusion(leaf, index, size, [...proof, leaf], root)).toBe(false);
        if (size > 1) {
          expect(verifyInclusion(leaf, (index + 1) % size, size, proof, root)).toBe(false);
          expect(verifyInclusion(leaf, index, size, proof.slice(0, -1), root)).toBe(false);
          expect(verifyInclusion(leaf, index, size, [flipped(proof[0] as Hash), ...proof.slice(1)], root)).toBe(false);
        }
      }
    }
  });

  it('proves every tree a prefix of every later one; nothing else', () => {
    const leaves = Array.from({ length: 40 }, (_, i) => leafHash(`entry ${i}`));
    const roots = rootsOf(leaves);
    for (let size = 0; size <= leaves.length; size++) {
      for (let old = 0; old <= size; old++) {
        const proof = consistencyProof(old, size, readerOf(leaves));
        const [oldRoot, root] = [roots[old] as Hash, roots[size] as Hash];
        expect(verifyConsistency(old, size, proof, oldRoot, root)).toBe(true);
        expect(verifyConsistency(old, size, proof, flipped(oldRoot), root)).toBe(false);
        expect(verifyConsistency(old, size, [...proof, root], oldRoot, root)).toBe(false);
        if (old > 0 && old < size) {
          expect(verifyConsistency(old, size, proof, oldRoot, flipped(root))).toBe(false);
          expect(verifyConsistency(old, size, proof.slice(1), oldRoot, root)).toBe(false);
          expect(verifyConsistency(old - 1, size, proof, oldRoot, root)).toBe(false);
        }
      }
    }
  });
});

describe('tiles', () => {
  it('give the same proofs as all leaves do, from the leaves of two tiles', () => {
    const leaves = Array.from({ length: 256 * 5 + 77 }, (_, i) => leafHash(`entry ${i}`));
    const tiles = createTiles();
    for (let tile = 0; tile < 5; tile++) tiles.push(subtreeHash(leaves.slice(tile * 256, (tile + 1) * 256)));
    const size = leaves.length;
    for (const index of [0, 255, 256, 700, 1279, 1280, size - 1]) {
      const needed = [Math.floor(index / 256), Math.floor((size - 1) / 256)];
      const held = new Map(needed.map((tile) => [tile, leaves.slice(tile * 256, (tile + 1) * 256)]));
      expect(inclusionProof(index, size, nodeReader(tiles, held))).toEqual(
        inclusionProof(index, size, readerOf(leaves)),
      );
    }
    expect(() => nodeReader(tiles, new Map())(0, 3)).toThrow(RangeError);
    expect(() => tiles.node(8, 5)).toThrow(RangeError);
  });
});
