import { AppError } from '../../src/domain/errors.js';
import { gitAddress } from './address.js';
import { type GitDeps, runGit } from './command.js';
import { errorOfRemote } from './errors.js';

/**
 * Pushes one commit to a branch, never with force. `moved` means that the remote has newer commits and took nothing.
 * @throws AppError `forbidden` when the remote refuses; `timeout` when it is not known whether the push arrived.
 */
export async function push(deps: GitDeps, folder: string, sha: string, branch: string): Promise<'pushed' | 'moved'> {
  // By address and not by remote name: a mirror's remote would push every ref.
  const args = ['push', '--porcelain', '--', gitAddress(deps.repository).address, `${sha}:refs/heads/${branch}`];
  const result = await runGit(deps, args, { cwd: folder });
  if (result.code === 0) return 'pushed';
  const refusal = result.stdout.split('\n').find((line) => line.startsWith('!'));
  if (refusal === undefined) {
    const broken = new AppError('timeout', {
      safeText: 'The push to the git repository broke off; whether the commit arrived is not known.',
    });
    // A login that is refused is refused before anything is taken.
    throw errorOfRemote(result.stderr, broken);
  }
  if (/\[rejected\]|failed to update ref|cannot lock ref|fetch first|non-fast-forward/.test(refusal)) return 'moved';
  throw new AppError('forbidden', {
    safeText: 'The git repository refuses the push (a protected branch or a server-side check).',
  });
}
