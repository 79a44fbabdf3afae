import type { ValueChange } from '../../src/domain/platform-ports.js';
import { type GitDeps, git } from './command.js';
import { logFrom, sinceItsBeginning } from './log.js';
import { valueIn } from './value.js';

/** How far back a value is looked for. */
const MOST_COMMITS = 100;

interface Version {
  sha: string;
  path: string;
}

/** The commits on the way to `head` that changed a value, newest first; each is compared with its first parent. */
export async function valueLog(
  deps: GitDeps,
  start: { folder: string; head: string },
  target: { path: string; key: string; limit: number },
  signal: AbortSignal | undefined,
): Promise<ValueChange[]> {
  const options = ['--follow', '--diff-merges=first-parent', '-n', String(MOST_COMMITS)];
  const commits = sinceItsBeginning(await logFrom(deps, start, options, [target.path], signal));
  const pairs = commits.flatMap(({ commit, changes }) =>
    changes.map(({ status, path, before }) => ({
      commit,
      new: { sha: commit.sha, path },
      old: status === 'A' || status === 'C' ? undefined : { sha: `${commit.sha}^1`, path: before ?? path },
    })),
  );
  const texts = await textsOf(
    deps,
    start.folder,
    pairs.flatMap((pair) => (pair.old ? [pair.new, pair.old] : [pair.new])),
    signal,
  );
  const value = (version: Version | undefined): string | undefined => {
    const text = version && texts.get(`${version.sha}:${version.path}`);
    return text === undefined || version === undefined ? undefined : valueIn(version.path, text, target.key);
  };
  const changed = pairs.map((pair) => ({ commit: pair.commit, before: value(pair.old), after: value(pair.new) }));
  const kept = changed.filter(({ before, after }) => before !== after);
  const shas = kept.map(({ commit }) => commit.sha);
  const merges = await mergesAmong(deps, start.folder, shas, signal);
  // A merge repeats what a commit that it brings has changed.
  const isRepeated = ({ commit, before, after }: ValueChange, index: number): boolean =>
    merges.has(commit.sha) && kept.slice(index + 1).some((older) => older.before === before && older.after === after);
  return kept.filter((change, index) => !isRepeated(change, index)).slice(0, target.limit);
}

async function mergesAmong(
  deps: GitDeps,
  folder: string,
  shas: readonly string[],
  signal: AbortSignal | undefined,
): Promise<Set<string>> {
  if (shas.length === 0) return new Set();
  const args = ['rev-list', '--no-walk', '--min-parents=2', ...shas];
  return new Set((await git(deps, args, { cwd: folder, signal })).split('\n'));
}

/** Contents of many versions in one run of git; what is missing or no file is not among them. */
async function textsOf(
  deps: GitDeps,
  folder: string,
  versions: readonly Version[],
  signal: AbortSignal | undefined,
): Promise<Map<string, string>> {
  const names = versions.map(({ sha, path }) => `${sha}:${path}`).filter((name) => !name.includes('\n'));
  const output = Buffer.from(
    await git(deps, ['cat-file', '--batch'], {
      cwd: folder,
      signal,
      input: `${names.join('\n')}\n`,
      encoding: 'latin1',
    }),
    'latin1',
  );
  const texts = new Map<string, string>();
  let at = 0;
  for (const name of names) {
    const end = output.indexOf(10, at);
    if (end < 0) break;
    const header = /^[0-9a-f]+ (\w+) (\d+)$/.exec(output.subarray(at, end).toString());
    const size = header ? Number(header[2]) : -1;
    if (header?.[1] === 'blob') texts.set(name, output.subarray(end + 1, end + 1 + size).toString('utf8'));
    // Content is followed by a line feed; a missing object has none.
    at = end + 1 + (header ? size + 1 : 0);
  }
  return texts;
}
