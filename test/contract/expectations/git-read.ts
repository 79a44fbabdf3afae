import { readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Expectation } from '../contract.js';
import { CONF, FIRST, type GitGiven } from './git-given.js';

const ODD = 'contract/odd "name" of ünïcode.yaml';
const clone = ({ cache }: GitGiven): string =>
  join(cache, readdirSync(cache).find((name) => name.endsWith('.git')) ?? 'no clone');

/** Reading files and keeping the clone fresh and whole. */
export const gitReadExpectations: readonly Expectation<GitGiven>[] = [
  {
    name: 'what somebody pushed is read at the next question',
    async check({ reader, person }) {
      person.commit({ files: { [CONF]: FIRST }, message: 'Settings' });
      expect(await reader.file(CONF)).toBe(FIRST);
      expect(await reader.files()).toContain(CONF);
      person.commit({ files: { 'contract/x.txt': 'new\n' }, message: 'More' });
      expect(await reader.file('contract/x.txt')).toBe('new\n');
    },
  },
  {
    name: 'a file is read as it was at a commit, and one before it',
    async check({ reader, person }) {
      const sha = person.commit({ files: { 'contract/x.txt': 'newer\n' }, message: 'Change' });
      expect(await reader.file('contract/x.txt', sha)).toBe('newer\n');
      expect(await reader.file('contract/x.txt', `${sha}^`)).toBe('new\n');
      await expect(reader.file('contract/x.txt', 'f'.repeat(40))).rejects.toMatchObject({ kind: 'not_found' });
    },
  },
  {
    name: 'what is not there, or is a folder, is undefined',
    async check({ reader }) {
      expect(await reader.file('contract/none')).toBeUndefined();
      expect(await reader.file('contract')).toBeUndefined();
      expect(await reader.blame('contract/none', undefined)).toBeUndefined();
    },
  },
  {
    name: 'names with spaces, quotes and letters of any alphabet are names like others',
    async check({ reader, person }) {
      const sha = person.commit({ files: { [ODD]: 'a: 1\n' }, message: 'Odd' });
      expect(await reader.files()).toContain(ODD);
      expect(await reader.file(ODD)).toBe('a: 1\n');
      expect(await reader.blame(ODD, undefined)).toMatchObject([{ sha, text: 'a: 1' }]);
      expect(await reader.log({ file: ODD, limit: 5 })).toMatchObject([{ sha, files: [ODD] }]);
    },
  },
  {
    name: 'bytes that are no UTF-8 are replaced, and the rest is read',
    async check({ reader, person }) {
      const latin1 = Buffer.from([0x63, 0x61, 0x66, 0xe9, 0x0a]);
      person.commit({ files: { 'contract/latin1.txt': latin1 }, message: 'Latin-1' });
      expect(await reader.file('contract/latin1.txt')).toBe('caf\ufffd\n');
      expect(await reader.blame('contract/latin1.txt', undefined)).toMatchObject([{ text: 'caf\ufffd' }]);
    },
  },
  {
    name: 'a binary file has no lines to blame, and its diff says that it is binary',
    async check({ reader, person }) {
      const sha = person.commit({ files: { 'contract/logo.bin': Buffer.from([0, 1, 2, 0, 255]) }, message: 'Logo' });
      await expect(reader.blame('contract/logo.bin', undefined)).rejects.toMatchObject({ kind: 'invalid_input' });
      expect(await reader.diff(sha, undefined, 10_000)).toContain('Binary files');
    },
  },
  {
    name: 'a diff is bounded and says where it was cut',
    async check({ reader, person }) {
      const sha = person.commit({ files: { 'contract/big.txt': 'a line of text\n'.repeat(40_000) }, message: 'Big' });
      const diff = await reader.diff(sha, undefined, 2000);
      expect(diff.length).toBeLessThan(2100);
      expect(diff).toContain('[diff cut at 2000 bytes]');
    },
  },
  {
    name: 'another repository inside this one is no file of it',
    async check({ reader, person }) {
      const head = person.commit({ message: 'Before' });
      person.git(['update-index', '--add', '--cacheinfo', `160000,${head},contract/vendored`]);
      const tree = person.git(['write-tree']);
      const who = {
        GIT_AUTHOR_NAME: 'A',
        GIT_AUTHOR_EMAIL: 'a@x',
        GIT_COMMITTER_NAME: 'A',
        GIT_COMMITTER_EMAIL: 'a@x',
      };
      const sha = person.git(['commit-tree', tree, '-p', head, '-m', 'Submodule'], who);
      person.git(['push', '--quiet', 'origin', `${sha}:refs/heads/main`]);
      expect(await reader.file('contract/vendored')).toBeUndefined();
      expect(await reader.files()).not.toContain('contract/vendored');
      person.git([
        'push',
        '--quiet',
        'origin',
        `${person.git(['commit-tree', `${head}^{tree}`, '-p', sha, '-m', 'Without'], who)}:refs/heads/main`,
      ]);
    },
  },
  {
    name: 'questions asked together are answered from one clone',
    async check({ another }) {
      const fresh = another('own clone');
      const answers = await Promise.all(Array.from({ length: 8 }, () => fresh.file(CONF)));
      expect(new Set(answers)).toEqual(new Set([FIRST]));
    },
  },
  {
    name: 'two processes that share a folder both read',
    async check({ another, reader, person }) {
      person.commit({ files: { 'contract/x.txt': 'both\n' }, message: 'For both' });
      const readers = [reader, another('same clone'), another('same clone')];
      const answers = await Promise.all(readers.map((one) => one.file('contract/x.txt')));
      expect(answers).toEqual(['both\n', 'both\n', 'both\n']);
    },
  },
  {
    name: 'a history that was rewritten is read as it is now',
    async check({ reader, person }) {
      const kept = person.commit({ message: 'Kept' });
      const undone = person.commit({ files: { 'contract/x.txt': 'undone\n' }, message: 'To be undone' });
      expect(await reader.file('contract/x.txt')).toBe('undone\n');
      person.onServer(['update-ref', 'refs/heads/main', kept]);
      expect(await reader.file('contract/x.txt')).toBe('both\n');
      expect((await reader.log({ limit: 3 })).map(({ sha }) => sha)).not.toContain(undone);
    },
  },
  {
    name: 'a clone whose objects are damaged is made anew',
    async check(given) {
      const packs = join(clone(given), 'objects/pack');
      for (const name of readdirSync(packs)) if (name.endsWith('.pack')) truncateSync(join(packs, name), 20);
      expect(await given.reader.file(CONF)).toBe(FIRST);
      expect((await given.reader.blame(CONF, undefined))?.length).toBe(5);
    },
  },
  {
    name: 'a clone whose references are damaged is made anew',
    async check(given) {
      writeFileSync(join(clone(given), 'packed-refs'), 'nonsense\n');
      writeFileSync(join(clone(given), 'config.lock'), '');
      expect(await given.reader.file(CONF)).toBe(FIRST);
    },
  },
  {
    name: 'no password lies in the clone, and no hook that lies there runs',
    async check(given) {
      const marker = join(given.cache, 'a-hook-ran');
      for (const hook of ['reference-transaction', 'post-checkout', 'pre-auto-gc', 'post-rewrite'])
        writeFileSync(join(clone(given), 'hooks', hook), `#!/bin/sh\ntouch ${marker}\n`, { mode: 0o755 });
      given.person.commit({ message: 'Fetch me' });
      await given.reader.file(CONF);
      expect(readdirSync(given.cache)).not.toContain('a-hook-ran');
      expect(readFileSync(join(clone(given), 'config'), 'utf8')).not.toMatch(/:[^/\s@]+@|Authorization/);
    },
  },
  {
    name: 'a wrong password and an unknown repository are told apart',
    async check({ another }) {
      await expect(another('wrong password').files()).rejects.toMatchObject({ kind: 'unauthenticated' });
      const unknown = await another('no repository')
        .files()
        .catch((thrown) => thrown);
      expect(unknown).toMatchObject({ kind: 'unavailable' });
      expect(unknown.safeText).not.toMatch(/127\.0\.0\.1|http/);
    },
  },
  {
    name: 'what git could take for an option, a range or another repository is refused',
    async check({ reader }) {
      for (const path of ['-x', '../out', '/etc/passwd', 'a//b', ':(glob)**', '.git/config', 'a\nb', '']) {
        await expect(reader.file(path)).rejects.toMatchObject({ kind: 'invalid_input' });
        await expect(reader.valueLog(path, 'a', 1)).rejects.toMatchObject({ kind: 'invalid_input' });
      }
      for (const revision of ['--output=/tmp/x', 'main', 'HEAD', 'abc..def', '@{u}'])
        await expect(reader.diff(revision, undefined, 100)).rejects.toMatchObject({ kind: 'invalid_input' });
    },
  },
  {
    name: 'a question that is given up ends',
    async check({ reader }) {
      await expect(reader.log({ limit: 5 }, AbortSignal.abort())).rejects.toMatchObject({ kind: 'timeout' });
    },
  },
];
