import { randomBytes } from 'node:crypto';
import { AppError } from '../../src/domain/errors.js';
import type { BlameLine, CommitInfo, GitReader } from '../../src/domain/platform-ports.js';
import { parseBlame } from './blame.js';
import { checkedPath, checkedRevision, type GitDeps, git, runGit } from './command.js';
import { createMirror, type Mirror } from './mirror.js';

const LARGEST_FILE = 2_000_000;
const MOST_BLAMED_LINES = 200;

/** Reads the remote's default branch through a bare mirror that is fetched at most every two seconds. Times are commit times. */
export function createGitReader(deps: GitDeps & { now?: () => number }): GitReader {
  const mirror = createMirror(deps, deps.now);

  async function fileAt(folder: string, rev: string, path: string, signal?: AbortSignal): Promise<string | undefined> {
    const spec = `${rev}:${path}`;
    const type = await runGit(deps, ['cat-file', '-t', spec], { cwd: folder, signal });
    if (type.stdout.trim() !== 'blob') return undefined;
    const shown = await runGit(deps, ['cat-file', 'blob', spec], { cwd: folder, signal, maxBytes: LARGEST_FILE });
    if (shown.cut) throw new AppError('too_large', { safeText: 'The file is larger than 2 MB.' });
    return shown.stdout;
  }

  return {
    async blame(file, lines, signal): Promise<BlameLine[] | undefined> {
      const path = checkedPath(file);
      const { folder, head } = await mirror.fresh(signal);
      const text = await fileAt(folder, head, path, signal);
      if (text === undefined) return undefined;
      const wanted = rangesOf(text.split('\n'), lines);
      if (wanted.length === 0) return [];
      const ranges = wanted.flatMap(([from, to]) => ['-L', `${from},${to}`]);
      const args = ['blame', '--line-porcelain', '-w', ...ranges, head, '--', path];
      return parseBlame(await git(deps, args, { cwd: folder, signal })).sort((a, b) => a.line - b.line);
    },

    async log(options, signal): Promise<CommitInfo[]> {
      const paths = options.file === undefined ? [] : [checkedPath(options.file)];
      const { folder, head } = await mirror.fresh(signal);
      // Names and subjects are anybody's text; a separator that nobody can guess keeps them from imitating a record.
      const mark = randomBytes(12).toString('hex');
      const args = [
        'log',
        `--format=${mark}%n%H%n%an%n%cI%n%s`,
        '--name-only',
        '--diff-merges=first-parent',
        '-n',
        String(options.limit),
        ...(options.since ? [`--since=${options.since.toISOString()}`] : []),
        head,
        '--',
        ...paths,
      ];
      return (await git(deps, args, { cwd: folder, signal })).split(`${mark}\n`).slice(1).map(commitOf);
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
        return fileAt(folder, commit, checked, signal);
      }
      const { folder, head } = await mirror.fresh(signal);
      return fileAt(folder, head, checked, signal);
    },

    async files(signal) {
      const { folder, head } = await mirror.fresh(signal);
      const names = await git(deps, ['ls-tree', '-r', '-z', '--name-only', head], { cwd: folder, signal });
      return names.split('\0').filter((name) => name !== '');
    },
  };
}

/** Line ranges to blame; a range past the end is clamped, and a text names every line that holds it (at most 200). */
function rangesOf(
  text: readonly string[],
  lines: { range?: [number, number]; text?: string } | undefined,
): [number, number][] {
  const count = text.at(-1) === '' ? text.length - 1 : text.length;
  const from = Math.max(1, Math.trunc(lines?.range?.[0] ?? 1));
  const to = Math.min(count, Math.trunc(lines?.range?.[1] ?? count));
  if (from > to) return [];
  const wanted = lines?.text;
  if (wanted === undefined) return [[from, to]];
  return text
    .map((line, index): [number, string] => [index + 1, line])
    .filter(([number, line]) => number >= from && number <= to && line.includes(wanted))
    .slice(0, MOST_BLAMED_LINES)
    .map(([number]) => [number, number]);
}

function commitOf(record: string): CommitInfo {
  const [sha = '', author = '', at = '', summary = '', ...rest] = record.split('\n');
  return { sha, author, at: new Date(at).toISOString(), summary, files: rest.filter((name) => name !== '') };
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
