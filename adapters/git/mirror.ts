import { createHash, randomBytes } from 'node:crypto';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../src/domain/errors.js';
import { gitAddress } from './address.js';
import { type GitDeps, git, runGit } from './command.js';

export interface Mirror {
  /** The bare clone, fetched unless that happened within the last two seconds. */
  fresh(signal?: AbortSignal): Promise<{ folder: string; head: string; branch: string }>;
  /** Fetches in any case: what a write must start from. */
  fetched(signal?: AbortSignal): Promise<{ folder: string; head: string; branch: string }>;
}

const FETCH_EVERY_MS = 2_000;

/** One bare mirror of the remote in the cache folder, shared by all calls; fetches never overlap. */
export function createMirror(deps: GitDeps, now: () => number = Date.now): Mirror {
  if (deps.repository.startsWith('-') || /^[\w-]+::/.test(deps.repository)) {
    throw new AppError('misconfigured', { safeText: 'The repository address can not be used.' });
  }
  const name = createHash('sha256').update(gitAddress(deps.repository).address).digest('hex').slice(0, 16);
  const folder = join(deps.cache, `${name}.git`);
  let last: { at: number; done: Promise<void> } | undefined;

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

  async function state(signal?: AbortSignal): Promise<{ folder: string; head: string; branch: string }> {
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
  };
}

async function cloneOrFetch(deps: GitDeps, folder: string): Promise<void> {
  const failure = 'The git repository can not be reached, or its address or credentials are wrong.';
  if (await exists(join(folder, 'HEAD'))) {
    const fetch = ['fetch', '--quiet', '--prune', 'origin'];
    const first = await runGit(deps, fetch, { cwd: folder });
    // Another process of the role may have been fetching into the same clone and held its locks.
    if (first.code !== 0) await git(deps, fetch, { cwd: folder, failure });
  } else {
    await mkdir(deps.cache, { recursive: true });
    const building = `${folder}.${randomBytes(6).toString('hex')}.new`;
    try {
      await git(deps, ['clone', '--quiet', '--mirror', '--', gitAddress(deps.repository).address, building], {
        failure,
      });
      // Another process of the role may have been first; its clone is as good.
      await rename(building, folder).catch(() => undefined);
    } finally {
      await rm(building, { recursive: true, force: true });
    }
  }
  const shallow = await git(deps, ['rev-parse', '--is-shallow-repository'], { cwd: folder });
  if (shallow.trim() === 'true') {
    throw new AppError('misconfigured', {
      safeText: 'The git repository is a shallow clone; its blame would name the wrong commits.',
    });
  }
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
