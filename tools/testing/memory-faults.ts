import type { MemoryCommit, MemoryWorld } from './memory-world.js';

/** Runs an effect, failing before or after it where the world says so. */
export async function faulty<T>(world: MemoryWorld, name: string, effect: () => T): Promise<T> {
  const fail = (list: Record<string, Error>): void => {
    const error = list[name];
    if (!error) return;
    delete list[name];
    throw error;
  };
  fail(world.failBefore);
  const result = effect();
  fail(world.failAfter);
  return result;
}

/** The content of a file as of a commit, newest when undefined. */
export function fileAt(commits: readonly MemoryCommit[], path: string, at: string | undefined): string | undefined {
  const from = at === undefined ? 0 : commits.findIndex((commit) => commit.sha.startsWith(at));
  return from < 0 ? undefined : commits.slice(from).find((commit) => path in commit.contents)?.contents[path];
}
