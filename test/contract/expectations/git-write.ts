import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Expectation } from '../contract.js';
import type { GitGiven } from './git-given.js';

const PATH = 'contract/repair.yaml';
const START = 'memory: 2\ncores: 1\n';
const change = (key: string, content: string) => ({
  message: `config(contract): ${key}`,
  key,
  files: [{ path: PATH, content }],
});
const head = ({ person }: GitGiven): string => person.onServer(['rev-parse', 'refs/heads/main']);
const onMain = ({ person }: GitGiven, path = PATH): string => `${person.onServer(['show', `main:${path}`])}\n`;
const ours = (() => `contract:${Date.now()}:`)();

/** Puts a hook on the server while something is tried. */
async function withHook(given: GitGiven, name: string, script: string, act: () => Promise<void>): Promise<void> {
  const file = join(given.person.remote, 'hooks', name);
  writeFileSync(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  try {
    await act();
  } finally {
    rmSync(file);
  }
}

/** A git that moves the remote's main to `sha` right before it pushes for the first time: somebody was faster. */
function racingGit(given: GitGiven, sha: string): string {
  const bin = mkdtempSync(join(tmpdir(), 'git-race-'));
  const real = join(execFileSync('git', ['--exec-path'], { encoding: 'utf8' }).trim(), 'git');
  writeFileSync(join(bin, 'pending'), '');
  const script = `#!/bin/sh
case " $* " in *" push "*) if rm "${bin}/pending" 2>/dev/null; then
  "${real}" --git-dir="${given.person.remote}" update-ref refs/heads/main ${sha}; fi;; esac
exec "${real}" "$@"
`;
  writeFileSync(join(bin, 'git'), script, { mode: 0o755 });
  return `${bin}:${process.env['PATH']}`;
}

/** Makes a commit that the remote does not have yet as its main. */
function unseen(given: GitGiven, files: Record<string, string>): string {
  const before = head(given);
  const sha = given.person.commit({ files, message: 'Somebody was faster' });
  given.person.onServer(['update-ref', 'refs/heads/main', before]);
  return sha;
}

/** Commits and reverts, and everything that must keep them from landing. */
export const gitWriteExpectations: readonly Expectation<GitGiven>[] = [
  {
    name: 'the read login can not push: forbidden, and nothing changed',
    async check(given) {
      given.person.commit({ files: { [PATH]: START }, message: 'Start' });
      const before = head(given);
      const refused = given.readerAsWriter.commit(change(`${ours}0`, 'memory: 9\n'));
      await expect(refused).rejects.toMatchObject({ kind: 'forbidden', retryable: false });
      const reverted = given.readerAsWriter.revert({ sha: before, message: 'no', key: `${ours}0r` });
      await expect(reverted).rejects.toMatchObject({ kind: 'forbidden' });
      expect(head(given)).toBe(before);
    },
  },
  {
    name: 'a commit lands on top of main with its key, and changes nothing else',
    async check(given) {
      const before = head(given);
      const { sha } = await given.writer().commit(change(`${ours}1`, 'memory: 4\ncores: 1\n'));
      expect(head(given)).toBe(sha);
      expect(given.person.onServer(['rev-parse', `${sha}^`])).toBe(before);
      expect(given.person.onServer(['diff', '--name-only', before, sha])).toBe(PATH);
      expect(given.person.onServer(['log', '-1', '--format=%B', sha])).toContain(`Countersign-Key: ${ours}1`);
      expect(await given.reader.file(PATH)).toBe('memory: 4\ncores: 1\n');
    },
  },
  {
    name: 'a key is found again exactly, and not committed twice',
    async check(given) {
      const before = head(given);
      expect(await given.writer().findByKey(`${ours}1`)).toBe(before);
      expect(await given.writer().findByKey(`${ours}11`)).toBeUndefined();
      expect(await given.writer().commit(change(`${ours}1`, 'memory: 5\n'))).toEqual({ sha: before });
      expect(head(given)).toBe(before);
    },
  },
  {
    name: 'a file that changed since it was looked at is a conflict; another file is none',
    async check(given) {
      const base = head(given);
      given.person.commit({ files: { 'contract/unrelated.txt': `${base}\n` }, message: 'Unrelated' });
      await given.writer().commit({ ...change(`${ours}2`, 'memory: 6\ncores: 1\n'), base });
      given.person.commit({ files: { [PATH]: 'memory: 3\ncores: 1\n' }, message: 'By hand' });
      const late = given.writer().commit({ ...change(`${ours}3`, 'memory: 8\n'), base });
      await expect(late).rejects.toMatchObject({ kind: 'conflict', retryable: false });
      expect(onMain(given)).toBe('memory: 3\ncores: 1\n');
    },
  },
  {
    name: 'a push that lost a race is built again on what won it',
    async check(given) {
      const winner = unseen(given, { 'contract/unrelated.txt': 'raced\n' });
      const { sha } = await given.writer(racingGit(given, winner)).commit(change(`${ours}4`, 'memory: 7\ncores: 1\n'));
      expect(given.person.onServer(['rev-parse', `${sha}^`])).toBe(winner);
      expect(onMain(given)).toBe('memory: 7\ncores: 1\n');
      expect(onMain(given, 'contract/unrelated.txt')).toBe('raced\n');
    },
  },
  {
    name: 'a race for the same file is a conflict, and the other’s change stands',
    async check(given) {
      const winner = unseen(given, { [PATH]: 'memory: 1\ncores: 1\n' });
      const lost = given.writer(racingGit(given, winner)).commit(change(`${ours}5`, 'memory: 8\ncores: 1\n'));
      await expect(lost).rejects.toMatchObject({ kind: 'conflict' });
      expect(head(given)).toBe(winner);
    },
  },
  {
    name: 'a commit is reverted, and later ones stay',
    async check(given) {
      given.person.commit({ files: { [PATH]: START }, message: 'Start again' });
      const bad = given.person.commit({ files: { [PATH]: 'memory: 1\ncores: 1\n' }, message: 'Shrink' });
      given.person.commit({ files: { 'contract/unrelated.txt': 'later\n' }, message: 'Later' });
      const { sha } = await given.writer().revert({ sha: bad, message: 'Put memory back', key: `${ours}6` });
      expect(head(given)).toBe(sha);
      expect(onMain(given)).toBe(START);
      expect(onMain(given, 'contract/unrelated.txt')).toBe('later\n');
      expect(await given.writer().findByKey(`${ours}6`)).toBe(sha);
    },
  },
  {
    name: 'what later changes touch, what is undone already and what is unknown is not reverted, and nothing is pushed',
    async check(given) {
      const bad = given.person.commit({ files: { [PATH]: 'memory: 1\ncores: 1\n' }, message: 'Shrink' });
      const hand = given.person.commit({ files: { [PATH]: 'memory: 3\ncores: 1\n' }, message: 'By hand' });
      const revert = (sha: string) => given.writer().revert({ sha, message: 'm', key: `${ours}7` });
      await expect(revert(bad)).rejects.toMatchObject({ kind: 'conflict', retryable: false });
      await expect(revert('f'.repeat(40))).rejects.toMatchObject({ kind: 'not_found' });
      expect(head(given)).toBe(hand);
      const undone = given.person.commit({ files: { [PATH]: 'memory: 1\ncores: 1\n' }, message: 'Undone' });
      await expect(revert(hand)).rejects.toMatchObject({ kind: expect.stringMatching(/precondition|conflict/) });
      expect(head(given)).toBe(undone);
    },
  },
  {
    name: 'a merge is reverted against the branch it was merged into',
    async check(given) {
      const { person } = given;
      const who = {
        GIT_AUTHOR_NAME: 'B',
        GIT_AUTHOR_EMAIL: 'b@x',
        GIT_COMMITTER_NAME: 'B',
        GIT_COMMITTER_EMAIL: 'b@x',
      };
      person.commit({ files: { [PATH]: START }, message: 'Base' });
      person.git(['checkout', '--quiet', '-B', 'topic']);
      writeFileSync(join(person.folder, PATH), 'memory: 16\ncores: 1\n');
      person.git(['commit', '--quiet', '-am', 'Topic'], who);
      person.git(['checkout', '--quiet', 'main']);
      person.git(['merge', '--quiet', '--no-ff', '-m', 'Merge topic', 'topic'], who);
      person.git(['push', '--quiet', 'origin', 'HEAD:refs/heads/main']);
      await given.writer().revert({ sha: head(given), message: 'Undo the merge', key: `${ours}8` });
      expect(onMain(given)).toBe(START);
    },
  },
  {
    name: 'a protected branch refuses the push: forbidden in our words, and nothing is left behind',
    async check(given) {
      const before = head(given);
      await withHook(given, 'pre-receive', 'echo "secret policy of the house" >&2; exit 1', async () => {
        const refused = await given
          .writer()
          .commit(change(`${ours}9`, 'memory: 9\n'))
          .catch((thrown) => thrown);
        expect(refused).toMatchObject({ kind: 'forbidden', retryable: false });
        expect(refused.safeText).toMatch(/protected branch/);
        expect(refused.safeText).not.toContain('secret');
      });
      expect(head(given)).toBe(before);
      expect(await given.writer().findByKey(`${ours}9`)).toBeUndefined();
    },
  },
  {
    name: 'a commit whose answer was lost is found by its key',
    async check(given) {
      const key = `${ours}10`;
      await withHook(given, 'post-receive', 'kill -9 $PPID', async () => {
        const outcome = await given
          .writer()
          .commit(change(key, 'memory: 10\ncores: 1\n'))
          .catch((thrown) => thrown);
        if (!('sha' in outcome)) expect(outcome).toMatchObject({ kind: 'timeout', retryable: true });
      });
      expect(onMain(given)).toBe('memory: 10\ncores: 1\n');
      expect(await given.writer().findByKey(key)).toBe(head(given));
    },
  },
  {
    name: 'a change that changes nothing, and a path out of the repository, are refused',
    async check(given) {
      const same = given.writer().commit(change(`${ours}12`, onMain(given)));
      await expect(same).rejects.toMatchObject({ kind: 'precondition' });
      const out = { message: 'm', key: `${ours}13`, files: [{ path: '../x', content: 'x' }] };
      await expect(given.writer().commit(out)).rejects.toMatchObject({ kind: 'invalid_input' });
      expect(existsSync(join(given.person.remote, '../x'))).toBe(false);
    },
  },
];
