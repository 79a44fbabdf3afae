import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../src/domain/errors.js';
import type { GitWriter } from '../../src/domain/platform-ports.js';
import { checkedPath, checkedRevision, type GitDeps, git, runGit } from './command.js';
import { createMirror, type Mirror } from './mirror.js';
import { push } from './push.js';

export interface GitWriterDeps extends GitDeps {
  /** Who the commits are by. */
  identity: { name: string; email: string };
}

const TRAILER = 'Countersign-Key';
const PUSH_ATTEMPTS = 3;

type Start = Awaited<ReturnType<Mirror['fetched']>>;
/** Makes a commit on top of `head` in the clone, not yet pushed; returns its SHA. */
type Build = (start: Start) => Promise<string>;

/**
 * Commits on the remote's default branch and pushes without force. A push that lost a race was not done and is built again on
 * the new branch, unless a touched file changed: that is a `conflict`. A key that is already on the branch is not committed again.
 */
export function createGitWriter(deps: GitWriterDeps): GitWriter {
  const mirror = createMirror(deps);
  const identity = {
    GIT_AUTHOR_NAME: deps.identity.name,
    GIT_AUTHOR_EMAIL: deps.identity.email,
    GIT_COMMITTER_NAME: deps.identity.name,
    GIT_COMMITTER_EMAIL: deps.identity.email,
  };

  async function deliver(key: string, touched: readonly string[], base: string | undefined, build: Build) {
    let seen = base;
    for (let attempt = 0; attempt < PUSH_ATTEMPTS; attempt += 1) {
      const start = await mirror.fetched();
      const existing = await commitWithKey(deps, start, key);
      if (existing !== undefined) return { sha: existing };
      await refuseWhenTouched(deps, start, seen, touched);
      seen = start.head;
      const sha = await build(start);
      if ((await push(deps, start.folder, sha, start.branch)) === 'pushed') return { sha };
    }
    throw new AppError('conflict', {
      safeText: 'The branch moves faster than it can be pushed to; nothing was pushed.',
    });
  }

  return {
    async commit({ message, key, files, base }) {
      const paths = files.map((file) => checkedPath(file.path));
      if (files.length === 0) throw new AppError('invalid_input', { safeText: 'A commit needs a file.' });
      const text = messageWith(message, key);
      return deliver(key, paths, base === undefined ? undefined : checkedRevision(base), (start) =>
        commitFiles(deps, start, files, text, identity),
      );
    },

    async revert({ sha, message, key }) {
      const text = messageWith(`${message}\n\nThis reverts commit ${checkedRevision(sha)}.`, key);
      // A revert applies to the file as it is now, or conflicts; nothing that was read before is overwritten.
      return deliver(key, [], undefined, (start) => revertCommit(deps, start, sha, text, identity));
    },

    async findByKey(key) {
      return commitWithKey(deps, await mirror.fetched(), key);
    },
  };
}

function messageWith(message: string, key: string): string {
  checkKey(key);
  // The body may hold a person's or a model's words; a trailer among them must not pass for ours.
  const body = message.trim().replaceAll(new RegExp(`^${TRAILER}:`, 'gim'), `> ${TRAILER}:`);
  return `${body}\n\n${TRAILER}: ${key}\n`;
}

function checkKey(key: string): void {
  if (!/^[\w.:-]{1,200}$/.test(key)) {
    throw new AppError('invalid_input', { safeText: 'That is not an idempotency key.' });
  }
}

/** `--grep` only narrows down; the trailer itself must be equal, or `a:1` would find `a:12`. */
async function commitWithKey(deps: GitDeps, start: Start, key: string): Promise<string | undefined> {
  checkKey(key);
  const format = `--format=%H %(trailers:key=${TRAILER},valueonly,separator=%x2C)`;
  const args = ['log', format, '--fixed-strings', `--grep=${TRAILER}: ${key}`, start.head];
  const found = (await git(deps, args, { cwd: start.folder })).split('\n').map((line) => line.split(' '));
  return found.find(([, value]) => value === key)?.[0];
}

/** @throws AppError `conflict` when one of the files differs between the commit that was looked at and the branch now. */
async function refuseWhenTouched(
  deps: GitDeps,
  start: Start,
  seen: string | undefined,
  touched: readonly string[],
): Promise<void> {
  if (seen === undefined || seen === start.head || touched.length === 0) return;
  const args = ['diff', '--quiet', '--no-ext-diff', seen, start.head, '--', ...touched];
  const { code } = await runGit(deps, args, { cwd: start.folder });
  if (code === 0) return;
  throw new AppError('conflict', {
    retryable: false,
    safeText: 'Somebody changed the same file meanwhile; nothing was committed.',
  });
}

/** Builds the commit from objects, without a checkout: no symbolic link, filter or attribute of the repository takes part. */
async function commitFiles(
  deps: GitDeps,
  start: Start,
  files: readonly { path: string; content: string }[],
  message: string,
  identity: Record<string, string>,
): Promise<string> {
  const index = join(start.folder, `index.${randomBytes(8).toString('hex')}`);
  const options = { cwd: start.folder, env: { ...identity, GIT_INDEX_FILE: index } };
  try {
    await git(deps, ['read-tree', start.head], options);
    for (const { path, content } of files) {
      const entry = await git(deps, ['ls-tree', start.head, '--', path], options);
      const mode = /^(100644|100755) blob/.exec(entry)?.[1] ?? (entry === '' ? '100644' : undefined);
      if (mode === undefined) {
        throw new AppError('invalid_input', { field: 'file', safeText: 'Only a regular file can be committed.' });
      }
      const blob = (await git(deps, ['hash-object', '-w', '--stdin'], { ...options, input: content })).trim();
      await git(deps, ['update-index', '--add', '--cacheinfo', `${mode},${blob},${path}`], options);
    }
    const tree = (await git(deps, ['write-tree'], options)).trim();
    const before = (await git(deps, ['rev-parse', `${start.head}^{tree}`], options)).trim();
    if (tree === before) {
      throw new AppError('precondition', {
        safeText: 'The files already have these contents; there is nothing to commit.',
      });
    }
    const args = ['commit-tree', tree, '-p', start.head, '-F', '-'];
    return (await git(deps, args, { ...options, input: message })).trim();
  } finally {
    await rm(index, { force: true });
  }
}

/** `git revert` in a throw-away worktree of the fresh branch; a merge is reverted against its first parent. */
async function revertCommit(
  deps: GitDeps,
  start: Start,
  sha: string,
  message: string,
  identity: Record<string, string>,
): Promise<string> {
  const parents = await runGit(deps, ['rev-list', '--parents', '-n', '1', sha, '--'], { cwd: start.folder });
  const count = parents.stdout.trim().split(' ').length - 1;
  if (parents.code !== 0 || count < 1) {
    throw new AppError('not_found', { safeText: 'The repository has no such commit that could be reverted.' });
  }
  const worktree = join(start.folder, 'countersign-worktrees', randomBytes(8).toString('hex'));
  await git(deps, ['worktree', 'add', '--quiet', '--detach', worktree, start.head], { cwd: start.folder });
  try {
    const options = { cwd: worktree, env: identity };
    const mainline = count > 1 ? ['-m', '1'] : [];
    const reverted = await runGit(deps, ['revert', '--no-commit', ...mainline, sha], options);
    if (reverted.code !== 0) {
      throw new AppError('conflict', {
        retryable: false,
        safeText: 'The commit can not be reverted any more: later changes touch the same lines. Nothing was pushed.',
      });
    }
    const { code } = await runGit(deps, ['diff', '--cached', '--quiet'], options);
    if (code === 0) {
      throw new AppError('precondition', {
        safeText: 'The commit is already undone on the branch; there is nothing to revert.',
      });
    }
    await git(deps, ['commit', '--quiet', '--no-verify', '-F', '-'], { ...options, input: message });
    return (await git(deps, ['rev-parse', 'HEAD'], options)).trim();
  } finally {
    await runGit(deps, ['worktree', 'remove', '--force', worktree], { cwd: start.folder });
  }
}
