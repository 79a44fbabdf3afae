import { AppError } from '../../src/domain/errors.js';
import type { BlameLine, GitReader } from '../../src/domain/platform-ports.js';
import { blameFile } from './blame.js';
import { checkedPath, checkedRevision, type GitDeps, git, runGit } from './command.js';
import { fileAt } from './file.js';
import { literalPattern, logFrom, sinceItsBeginning } from './log.js';
import { type Clone, createMirror, type Mirror } from './mirror.js';
import { valueLog } from './value-log.js';

/** Reads the remote's default branch through a bare mirror that is fetched at most every two seconds. Times are commit times. */
export function createGitReader(deps: GitDeps & { now?: () => number }): GitReader {
  const mirror = createMirror(deps, deps.now);

  /** Reads from the clone; where that fails because the clone is damaged, once more from a new one. */
  async function reading<T>(signal: AbortSignal | undefined, read: (clone: Clone) => Promise<T>): Promise<T> {
    const clone = await mirror.fresh(signal);
    try {
      return await read(clone);
    } catch (thrown) {
      const broken = thrown instanceof AppError && thrown.kind === 'unavailable' && (await mirror.healed());
      if (!broken) throw thrown;
      return read(await mirror.fresh(signal));
    }
  }

  return {
    async blame(file, lines, signal): Promise<BlameLine[] | undefined> {
      const path = checkedPath(file);
      return reading(signal, (clone) => blameFile(deps, clone, path, lines, signal));
    },

    async log({ file, since, limit, follow }, signal) {
      const paths = file === undefined ? [] : [checkedPath(file)];
      const options = [
        '--diff-merges=first-parent',
        ...(follow && file !== undefined ? ['--follow'] : ['--no-renames']),
      ];
      const logged = await reading(signal, (clone) =>
        logFrom(deps, clone, [...options, ...bounds(limit, since)], paths, signal),
      );
      return sinceItsBeginning(logged).map(({ commit }) => commit);
    },

    async changes({ text, file, since, limit }, signal) {
      const paths = file === undefined ? [] : [checkedPath(file)];
      const pattern = literalPattern(checkedText(text));
      const logged = await reading(signal, (clone) =>
        logFrom(deps, clone, ['--no-merges', '--no-renames', `-G${pattern}`, ...bounds(limit, since)], paths, signal),
      );
      return logged.map(({ commit }) => commit);
    },

    async valueLog(file, key, limit, signal) {
      const target = { path: checkedPath(file), key: checkedText(key), limit };
      return reading(signal, (clone) => valueLog(deps, clone, target, signal));
    },

    async diff(sha, file, maxBytes, signal) {
      const revision = checkedRevision(sha);
      const paths = file === undefined ? [] : [checkedPath(file)];
      const { folder, commit } = await commitNamed(deps, mirror, revision, signal);
      const args = ['show', '--format=', '--no-color', '--no-ext-diff', '--no-textconv', '--diff-merges=first-parent'];
      const result = await runGit(deps, [...args, commit, '--', ...paths], {
        cwd: folder,
        signal,
        maxBytes,
      });
      if (result.code !== 0) throw new AppError('unavailable', { safeText: 'Git could not show the commit.' });
      return result.cut ? `${result.stdout}\n[diff cut at ${maxBytes} bytes]` : result.stdout;
    },

    async file(path, at, signal) {
      const checked = checkedPath(path);
      const named = at === undefined ? undefined : checkedRevision(at);
      if (named !== undefined) {
        const { folder, commit } = await commitNamed(deps, mirror, named, signal);
        return fileAt(deps, folder, commit, checked, signal);
      }
      return reading(signal, ({ folder, head }) => fileAt(deps, folder, head, checked, signal));
    },

    async files(signal) {
      const listed = await reading(signal, ({ folder, head }) =>
        git(deps, ['ls-tree', '-r', '-z', head], { cwd: folder, signal }),
      );
      // A submodule is a commit of another repository, and no file of this one.
      return listed.split('\0').flatMap((entry) => /^\d+ blob \w+\t(.*)$/s.exec(entry)?.[1] ?? []);
    },
  };
}

function bounds(limit: number, since: Date | undefined): string[] {
  return ['-n', String(limit), ...(since ? [`--since=${since.toISOString()}`] : [])];
}

/** One line of text to look for: no pattern, no option, no line end. */
function checkedText(text: string): string {
  if (text.trim() !== '' && text.length <= 200 && !/\p{Cc}/u.test(text.replaceAll('\t', ' '))) return text;
  throw new AppError('invalid_input', {
    field: 'lines',
    safeText: 'A text to look for has 1 to 200 characters on one line.',
  });
}

/** A commit that is not in the clone may be seconds old, so it is looked for once more after a fetch. */
async function commitNamed(
  deps: GitDeps,
  mirror: Mirror,
  rev: string,
  signal?: AbortSignal,
): Promise<{ folder: string; commit: string }> {
  for (const state of [mirror.fresh, mirror.fetched]) {
    const { folder } = await state(signal);
    const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${rev}^{commit}`];
    const found = await runGit(deps, args, { cwd: folder, signal });
    if (found.code === 0) return { folder, commit: found.stdout.trim() };
  }
  throw new AppError('not_found', { safeText: 'The repository has no such commit.' });
}
