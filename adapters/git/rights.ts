import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { NOTHING, type WriteRight } from '../../src/domain/rights.js';
import { gitAddress } from './address.js';
import { type GitDeps, git, runGit } from './command.js';

/** A remote in a folder asks nobody for a login: what counts there is whose the folder is. */
const isFolder = (repository: string): boolean => /^(\/|\.|file:)/.test(repository);

/**
 * Whether this login may push: a push of an empty commit to a branch of its own, as a dry run. The remote is asked whether it takes
 * pushes from us, and nothing is sent.
 */
export async function mayWrite(deps: GitDeps): Promise<WriteRight> {
  if (isFolder(deps.repository)) {
    return { may: 'unknown', words: 'is a folder of this machine: whoever may write there may push' };
  }
  await mkdir(deps.cache, { recursive: true });
  const folder = await mkdtemp(join(deps.cache, 'rights-'));
  try {
    await git(deps, ['init', '--quiet', '--bare', folder]);
    const tree = (await git(deps, ['hash-object', '-t', 'tree', '-w', '--stdin'], { cwd: folder, input: '' })).trim();
    const who = ['-c', `user.name=${NOTHING}`, '-c', `user.email=${NOTHING}@localhost`];
    const commit = (await git(deps, [...who, 'commit-tree', tree, '-m', NOTHING], { cwd: folder })).trim();
    const { address } = gitAddress(deps.repository);
    const refspec = `${commit}:refs/heads/${NOTHING}`;
    const pushed = await runGit(deps, ['push', '--dry-run', '--quiet', '--', address, refspec], { cwd: folder });
    if (pushed.code === 0) return { may: 'allowed', words: 'may push' };
    // Words of servers, for the decision alone.
    const refused =
      /403|401|denied|not allowed|read.?only|unauthori[sz]ed|forbidden|authentication failed|could not read (user|pass)/i;
    return refused.test(pushed.stderr)
      ? { may: 'refused', words: 'may not push' }
      : { may: 'unknown', words: 'the question about rights was not answered' };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
