import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export interface PersonCommit {
  files?: Record<string, string | Buffer>;
  /** From one name to another. */
  moved?: Record<string, string>;
  message: string;
  author?: string;
  email?: string;
  at?: string;
}

/** Somebody with a checkout of their own and the right to push straight to the server's disk, by plain git. */
export interface Person {
  git(args: string[], env?: Record<string, string>): string;
  /** Commits on top of what the remote's main is now, and pushes. @returns the commit. */
  commit(change: PersonCommit): string;
  /** Runs git in the bare repository itself. */
  onServer(args: string[]): string;
  remote: string;
  folder: string;
  leave(): void;
}

const ENV = { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent', GIT_CONFIG_NOSYSTEM: '1', LC_ALL: 'C' };

export function createPerson(remote: string): Person {
  const folder = mkdtempSync(join(tmpdir(), 'git-person-'));
  const run = (cwd: string, args: string[], env: Record<string, string> = {}): string =>
    execFileSync('git', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], env: { ...ENV, ...env } });
  const git = (args: string[], env?: Record<string, string>): string => run(folder, args, env).trim();
  run(folder, ['init', '--quiet', '--initial-branch=main']);
  git(['remote', 'add', 'origin', remote]);
  return {
    git,
    remote,
    folder,
    onServer: (args) => run(remote, args).trim(),
    commit({
      files = {},
      moved = {},
      message,
      author = 'Ana',
      email = 'ana@example.com',
      at = '2026-10-01T00:00:00Z',
    }) {
      const who = {
        ...{ GIT_AUTHOR_NAME: author, GIT_AUTHOR_EMAIL: email, GIT_AUTHOR_DATE: at },
        ...{ GIT_COMMITTER_NAME: author, GIT_COMMITTER_EMAIL: email, GIT_COMMITTER_DATE: at },
      };
      git(['fetch', '--quiet', 'origin']);
      if (git(['for-each-ref', 'refs/remotes/origin/main']) !== '')
        git(['reset', '--quiet', '--hard', 'refs/remotes/origin/main']);
      for (const [from, to] of Object.entries(moved)) git(['mv', from, to]);
      for (const [path, content] of Object.entries(files)) {
        mkdirSync(dirname(join(folder, path)), { recursive: true });
        writeFileSync(join(folder, path), content);
      }
      git(['add', '-A']);
      git(['commit', '--quiet', '--allow-empty', '-m', message], who);
      git(['push', '--quiet', 'origin', 'HEAD:refs/heads/main']);
      return git(['rev-parse', 'HEAD']);
    },
    leave: () => rmSync(folder, { recursive: true, force: true }),
  };
}
