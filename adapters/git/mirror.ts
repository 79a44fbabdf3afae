import { createHash, randomBytes } from 'node:crypto';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../src/domain/errors.js';
import { gitAddress } from './address.js';
import { type GitDeps, git, runGit } from './command.js';
import { errorOfRemote } from './errors.js';

/** Where a role's clone is, and what its branch points to. */
export interface Clone {
  folder: string;
  head: string;
  branch: string;
}
export interface Mirror {
  /** The bare clone, fetched unless that happened within the last two seconds. */
  fresh(signal?: AbortSignal): Promise<Clone>;
  /** Fetches in any case: what a write must start from. */
  fetched(signal?: AbortSignal): Promise<Clone>;
  /** Makes the clone anew: asked when git could not read from it. False when that was done a short while ago, for then it is no help. */
  healed(): Promise<boolean>;
}

const FETCH_EVERY_MS = 2_000;
const HEAL_EVERY_MS = 600_000;

/** One bare mirror of the remote in the cache folder, shared by all calls; fetches never overlap. */
export function createMirror(deps: GitDeps, now: () => number = Date.now): Mirror {
  if (deps.repository.startsWith('-') || /^[\w-]+::/.test(deps.repository)) {
    throw new AppError('misconfigured', { safeText: 'The repository address can not be used.' });
  }
  if (deps.branch !== undefined && !/^(?![-/.])(?!.*(\.\.|\/\/|@\{))[\w./+#@-]+(?<![/.])$/.test(deps.branch)) {
    throw new AppError('misconfigured', { safeText: 'The name of the branch can not be used.' });
  }
  const name = createHash('sha256').update(gitAddress(deps.repository).address).digest('hex').slice(0, 16);
  const folder = join(deps.cache, `${name}.git`);
  let last: { at: number; done: Promise<void> } | undefined;
  let healedAt: number | undefined;

  /** Callers share the fetch that runs; it belongs to none of them, so no caller's signal stops it. */
  function update(maxAgeMs: number): Promise<void> {
    if (last !== undefined && now() - last.at < maxAgeMs) return last.done;
    const before = last?.done.catch(() => undefined) ?? Promise.resolve();
    const current = { at: now(), done: before.then(() => cloneOrFetch(deps, folder)) };
    last = current;
    current.done.catch(() => {
      if (last === current) last = undefined;
    });
    return current.done;
  }

  async function state(signal?: AbortSignal): Promise<Clone> {
    const branch = await branchOf(deps, folder, signal);
    const head = await git(deps, ['rev-parse', '--verify', '--quiet', `refs/heads/${branch}^{commit}`], {
      cwd: folder,
      signal,
      failure: `The repository has no branch ${branch}.`,
    });
    return { folder, head: head.trim(), branch };
  }

  return {
    async fresh(signal) {
      await update(FETCH_EVERY_MS);
      return state(signal);
    },
    async fetched(signal) {
      await update(0);
      return state(signal);
    },
    async healed() {
      if (healedAt !== undefined && now() - healedAt < HEAL_EVERY_MS) return false;
      healedAt = now();
      await clone(deps, folder);
      return true;
    },
  };
}

async function cloneOrFetch(deps: GitDeps, folder: string): Promise<void> {
  if (!(await exists(join(folder, 'HEAD')))) await clone(deps, folder);
  else if (!(await fetched(deps, folder))) await clone(deps, folder);
  const shallow = await git(deps, ['rev-parse', '--is-shallow-repository'], { cwd: folder });
  if (shallow.trim() === 'true') {
    throw new AppError('misconfigured', {
      safeText: 'The git repository is a shallow clone; its blame would name the wrong commits.',
    });
  }
}

const FETCH = ['fetch', '--quiet', '--prune', '--no-recurse-submodules', '--no-write-fetch-head', 'origin'];

/** False when the clone is at fault and not the way to the remote. @throws AppError when the remote can not be reached. */
async function fetched(deps: GitDeps, folder: string): Promise<boolean> {
  const first = await runGit(deps, FETCH, { cwd: folder });
  // Another process of the role may have been fetching into the same clone and held its locks.
  const result = first.code === 0 ? first : await runGit(deps, FETCH, { cwd: folder });
  if (result.code === 0) return hasItsCommits(deps, folder);
  const { address } = gitAddress(deps.repository);
  const remote = await runGit(deps, ['ls-remote', '--quiet', '--', address, 'HEAD']);
  if (remote.code !== 0) throw unreachable(remote.stderr);
  return false;
}

/** Every branch leads to a commit and its tree: an interrupted write or a full disk would show here. */
async function hasItsCommits(deps: GitDeps, folder: string): Promise<boolean> {
  const format = '--format=%(objecttype) %(tree)';
  const refs = await runGit(deps, ['for-each-ref', format, 'refs/heads'], { cwd: folder });
  if (refs.code !== 0) return false;
  const trees = refs.stdout.split('\n').flatMap((line) => /^commit (\w+)$/.exec(line)?.[1] ?? []);
  const checked = await runGit(deps, ['cat-file', '--batch-check'], { cwd: folder, input: `${trees.join('\n')}\n` });
  return checked.code === 0 && !/ missing$/m.test(checked.stdout);
}

/** Makes the clone, in the place of one that is broken; a reader of the old one is told to ask again. */
async function clone(deps: GitDeps, folder: string): Promise<void> {
  await mkdir(deps.cache, { recursive: true });
  const [building, broken] = ['new', 'broken'].map((end) => `${folder}.${randomBytes(6).toString('hex')}.${end}`);
  if (building === undefined || broken === undefined) return;
  try {
    const args = ['clone', '--quiet', '--mirror', '--', gitAddress(deps.repository).address, building];
    const cloned = await runGit(deps, args);
    if (cloned.code !== 0) throw unreachable(cloned.stderr);
    await rename(folder, broken).catch(() => undefined);
    // Another process of the role may have been first; its clone is as good.
    await rename(building, folder).catch(() => undefined);
  } finally {
    await rm(building, { recursive: true, force: true });
    await rm(broken, { recursive: true, force: true });
  }
}

function unreachable(stderr: string): AppError {
  const away = new AppError('unavailable', { safeText: 'The git repository can not be reached.' });
  return errorOfRemote(stderr, away);
}

/** The configured branch, else the remote's HEAD as cloned, else `main` or `master`. */
async function branchOf(deps: GitDeps, folder: string, signal?: AbortSignal): Promise<string> {
  if (deps.branch !== undefined) return deps.branch;
  const head = await runGit(deps, ['symbolic-ref', '--short', 'HEAD'], { cwd: folder, signal });
  for (const branch of [head.stdout.trim(), 'main', 'master']) {
    const ref = `refs/heads/${branch}`;
    const known = await runGit(deps, ['rev-parse', '--verify', '--quiet', ref], { cwd: folder, signal });
    if (branch !== '' && known.code === 0) return branch;
  }
  throw new AppError('misconfigured', { safeText: 'The git repository has no default branch.' });
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
