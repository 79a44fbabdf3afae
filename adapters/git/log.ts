import { randomBytes } from 'node:crypto';
import type { CommitInfo } from '../../src/domain/platform-ports.js';
import { type GitDeps, git } from './command.js';

/** A commit with what it did to each file: `M`, `A`, `D`, or `R` with the name before. */
export interface LoggedCommit {
  commit: CommitInfo;
  changes: { status: string; path: string; before: string | undefined }[];
}

/** `git log` from a commit, newest first; `options` may narrow it, `paths` are taken literally. */
export async function logFrom(
  deps: GitDeps,
  start: { folder: string; head: string },
  options: readonly string[],
  paths: readonly string[],
  signal: AbortSignal | undefined,
): Promise<LoggedCommit[]> {
  // Names and subjects are anybody's text; a separator that nobody can guess keeps them from imitating a record.
  const mark = randomBytes(12).toString('hex');
  const format = `--format=${mark}%n%H%n%an%n%ae%n%cI%n%s`;
  const args = ['log', '-z', format, '--name-status', '--no-ext-diff', '--no-textconv', ...options];
  const output = await git(deps, [...args, start.head, '--', ...paths], { cwd: start.folder, signal });
  return output.split(`${mark}\n`).slice(1).map(loggedCommit);
}

function loggedCommit(record: string): LoggedCommit {
  const [header = '', ...names] = record.split('\0');
  const [sha = '', author = '', email = '', at = '', summary = ''] = header.split('\n');
  const changes = changesOf(names.map((name, index) => (index === 0 ? name.replace(/^\n/, '') : name)));
  const files = changes.map(({ path }) => path);
  const address = email === '' ? {} : { email };
  return { commit: { sha, author, ...address, at: new Date(at).toISOString(), summary, files }, changes };
}

/** Status and path take turns; a rename or copy has two paths. */
function changesOf(words: readonly string[]): LoggedCommit['changes'] {
  const changes: LoggedCommit['changes'] = [];
  for (let index = 0; index + 1 < words.length; ) {
    const status = words[index]?.charAt(0) ?? '';
    if (status === '') {
      index += 1;
      continue;
    }
    const moved = status === 'R' || status === 'C';
    const [first = '', second = ''] = [words[index + 1], words[index + 2]];
    changes.push({ status, path: moved ? second : first, before: moved ? first : undefined });
    index += moved ? 3 : 2;
  }
  return changes;
}

/** A log that follows one file, without what lies before it: `--follow` goes on into any file that the first version resembles. */
export function sinceItsBeginning(logged: readonly LoggedCommit[]): readonly LoggedCommit[] {
  const copied = logged.findIndex(({ changes }) => changes.length === 1 && changes[0]?.status === 'C');
  return copied < 0 ? logged : logged.slice(0, copied + 1);
}

/** A fixed text as a pattern of `git log -G`. */
export function literalPattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
