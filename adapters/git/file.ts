import { AppError } from '../../src/domain/errors.js';
import { type GitDeps, git, runGit } from './command.js';

const LARGEST_FILE = 2_000_000;

/** Text of a file at a commit; undefined when there is no file of this name. Bytes that are no UTF-8 become replacement characters. */
export async function fileAt(
  deps: GitDeps,
  folder: string,
  commit: string,
  path: string,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const listed = await git(deps, ['ls-tree', '-z', commit, '--', path], { cwd: folder, signal });
  const blob = /^\d+ blob (\w+)\t/.exec(listed)?.[1];
  if (blob === undefined) return undefined;
  const shown = await runGit(deps, ['cat-file', 'blob', blob], { cwd: folder, signal, maxBytes: LARGEST_FILE });
  if (shown.cut) throw new AppError('too_large', { safeText: 'The file is larger than 2 MB.' });
  if (shown.code !== 0) throw new AppError('unavailable', { safeText: 'Git could not read the file.' });
  return shown.stdout;
}
